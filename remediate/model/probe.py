"""What an app's own workers say about the network: has each an address there, and does it reach a port?

ARM can call an integration healthy while a worker has no address in the subnet (azure-facts.md, 1).
"""

from __future__ import annotations

import ipaddress
import re
from collections.abc import Iterable
from typing import Literal

from msgspec import Struct

from remediate.errors import UsageError

Means = Literal["tcpping", "tcpPingCheck"]
"""How it is found out: a command of Kudu's on each Windows instance, or what Linux and containers have."""

HOST = (
    r"[A-Za-z0-9_](?:[A-Za-z0-9_-]{0,61}[A-Za-z0-9_])?(?:\.[A-Za-z0-9_](?:[A-Za-z0-9_-]{0,61}[A-Za-z0-9_])?)*"
)
"""A host name or an IPv4 address; nothing in it means anything to a command line."""
PORT = r"[1-9][0-9]{0,4}"
LONGEST_HOST, HIGHEST_PORT = 253, 65_535


class InvalidEndpoint(UsageError):
    """The text names no host and port; the message is one line and says what is wrong with it."""


class Endpoint(Struct, frozen=True):
    """A host and a port that an app is to reach."""

    host: str
    port: int

    def __str__(self) -> str:
        return f"{self.host}:{self.port}"


class Worker(Struct, frozen=True):
    """One instance of an app. None stands for what could not be found out.

    `instance` is None where Azure does not say which one answered. `status` and `detail` are Azure's own
    words, or the reason why there are none.
    """

    instance: str | None
    addressed: bool | None = None
    address: str | None = None
    reached: bool | None = None
    status: str = ""
    detail: str = ""


class Probe(Struct, frozen=True):
    """One look at a port from every instance of an app; `message` says why none could be asked."""

    app: str
    host: str
    port: int
    by: Means
    workers: tuple[Worker, ...] = ()
    message: str | None = None

    @property
    def endpoint(self) -> Endpoint:
        """What was to be reached."""
        return Endpoint(self.host, self.port)

    @property
    def addressed(self) -> bool | None:
        """Whether every instance has a private address; `tcpPingCheck` never tells."""
        return _all(worker.addressed for worker in self.workers)

    @property
    def reached(self) -> bool | None:
        """Whether every instance reaches the port."""
        return _all(worker.reached for worker in self.workers)

    @property
    def good(self) -> bool:
        """Whether everything was seen that can be, and is as it should be."""
        return self.reached is True and (self.by == "tcpPingCheck" or self.addressed is True)


def endpoint(text: str) -> Endpoint:
    """`HOST:PORT` taken apart: a host name or an IPv4 address, and a port. Raises InvalidEndpoint.

    Regional integration has no IPv6 (azure-facts.md, 1), so an IPv6 address is none either.
    """
    host, colon, port = text.rpartition(":")
    if not colon or "/" in text:
        raise InvalidEndpoint(f"{text[:80]!r} is not HOST:PORT, such as sql.contoso.com:1433")
    if not re.fullmatch(PORT, port) or int(port) > HIGHEST_PORT:
        raise InvalidEndpoint(f"{port[:80]!r} is not a port from 1 to {HIGHEST_PORT}")
    if not is_host(host):
        raise InvalidEndpoint(f"{host[:80]!r} is neither a host name nor an IPv4 address")
    return Endpoint(host, int(port))


def is_host(text: str) -> bool:
    """Whether this is a host name or an IPv4 address; digits and dots alone have to be an address."""
    if len(text) > LONGEST_HOST or not re.fullmatch(HOST, text):
        return False
    if text.replace(".", "").isdecimal():
        try:
            ipaddress.IPv4Address(text)
        except ValueError:
            return False
    return True


def _all(answers: Iterable[bool | None]) -> bool | None:
    """False with any no, else None with anything unknown or without any answer, else True."""
    seen = set(answers)
    if False in seen:
        return False
    return True if seen == {True} else None
