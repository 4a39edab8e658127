"""The way from this machine to Azure Resource Manager: proxy, address, issuer of the certificate, time."""

from __future__ import annotations

import time
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import Any

from azure.core import PipelineClient
from azure.core.pipeline import policies
from azure.core.rest import HttpRequest
from msgspec import Struct

from remediate.azure.failure import accepted, from_error
from remediate.azure.network_failure import Proxy, proxy_of
from remediate.azure.transport import BoundedTransport

_METADATA = "/metadata/endpoints?api-version=2022-09-01"
"""What Resource Manager answers without a sign-in (azure-facts.md, 5)."""


class NetworkPath(Struct, frozen=True):
    """How ARM answered. `seconds` until its answer; None for what was not seen.

    `ahead` is by how many seconds ARM's clock is ahead of ours.
    """

    seconds: float
    proxy: Proxy | None = None
    address: str | None = None
    issuer: str | None = None
    ahead: float | None = None


def network_path(arm: str, timeout: float) -> NetworkPath:
    """Ask ARM for what it tells everybody, once. Raises RequestFailed."""
    retry = policies.RetryPolicy(retry_total=0)
    client: PipelineClient[HttpRequest, Any] = PipelineClient(
        arm, policies=[retry], transport=BoundedTransport()
    )
    limits = {"connection_timeout": timeout, "read_timeout": timeout}
    begun = time.monotonic()
    with client:
        try:
            answer = client.send_request(HttpRequest("GET", f"{arm}{_METADATA}"), stream=True, **limits)
            accepted(answer)
            seconds, date = time.monotonic() - begun, answer.headers.get("Date")
            socket = _socket(answer)
        except Exception as error:
            raise from_error(error) from error
        proxy = proxy_of(arm)
        address = None if proxy else _address(socket)
        return NetworkPath(seconds, proxy, address, _issuer(socket), _ahead(date))


def _socket(answer: Any) -> Any:
    """The socket of an answer that is still being received; no public name leads to it."""
    raw = getattr(getattr(answer, "_internal_response", None), "raw", None)
    return getattr(getattr(raw, "connection", None), "sock", None)


def _address(socket: Any) -> str | None:
    try:
        return str(socket.getpeername()[0])
    except (AttributeError, OSError, IndexError):
        return None


def _issuer(socket: Any) -> str | None:
    """Who issued the certificate that ARM, or what is in between, showed."""
    try:
        parts = dict(pair for one in socket.getpeercert()["issuer"] for pair in one)
    except (AttributeError, OSError, KeyError, TypeError, ValueError):
        return None
    return parts.get("commonName") or parts.get("organizationName")


def _ahead(date: str | None) -> float | None:
    """Seconds from our time to the one of a `Date` header, which has no fractions."""
    try:
        return (parsedate_to_datetime(date or "") - datetime.now(UTC)).total_seconds()
    except (ValueError, TypeError):
        return None
