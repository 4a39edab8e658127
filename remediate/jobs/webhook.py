"""How a document is posted to the address of `--notify`."""

from __future__ import annotations

import ipaddress
import threading
from typing import Any, NamedTuple
from urllib.parse import urlsplit

import requests

from remediate import __version__
from remediate.errors import UsageError
from remediate.signals import block_signals

LIMIT = 10.0
"""Seconds that the host has for its whole answer."""


class DeliveryError(NamedTuple):
    """Why a document was not delivered, in one line; `answered` says that the host is up."""

    message: str
    answered: bool = False


def check_webhook(url: str) -> str:
    """The address of --notify: HTTPS, or this machine. Raises UsageError."""
    try:
        parsed = urlsplit(url)
        parsed.port  # noqa: B018 - reading it is the check
    except ValueError as error:
        raise UsageError(f"--notify: not an address: {error}") from error
    if not parsed.hostname or parsed.username is not None or parsed.scheme not in ("http", "https"):
        raise UsageError(
            "--notify needs an address such as https://HOST/PATH, without a name or password in it"
        )
    if parsed.scheme == "http" and not _is_loopback(parsed.hostname):
        raise UsageError("--notify needs https:// for any host but this machine")
    return url


def post(url: str, document: bytes) -> DeliveryError | None:
    """Post a JSON document; return what went wrong, None when it was delivered.

    The path of the address is not printed: it is what keeps others from posting there.
    """
    results: list[DeliveryError | None] = []

    # A server that answers a byte now and then meets no timeout of a socket, so that is the longer one.
    def send() -> None:
        block_signals()
        results.append(_post(url, document))

    sending = threading.Thread(target=send, daemon=True)
    sending.start()
    sending.join(LIMIT)
    if results:
        return results[0]
    return DeliveryError(f"the webhook at {urlsplit(url).hostname} did not answer within {LIMIT:g} s")


def _post(url: str, document: bytes) -> DeliveryError | None:
    """Post through requests, as azure-core does: proxies and authorities come from the environment.

    The document is sent to this address only: a redirect is a failure.
    """
    host = urlsplit(url).hostname or ""
    headers = {"Content-Type": "application/json", "User-Agent": f"vnet-remediate/{__version__}"}
    options: dict[str, Any] = {"timeout": 2 * LIMIT, "allow_redirects": False, "stream": True}
    if _is_loopback(host):
        options["proxies"] = {"no_proxy": host}
    try:
        with requests.post(url, document, headers=headers, auth=_no_credentials, **options) as answer:
            status = answer.status_code
    except Exception as error:  # no answer of another server may end the watch
        return DeliveryError(f"the webhook at {host} could not be reached: {type(error).__name__}")
    return None if status < 300 else DeliveryError(f"the webhook at {host} answered {status}", answered=True)


def _no_credentials(request: Any) -> Any:
    """Without an `auth`, requests would send the password that a .netrc holds for the host."""
    return request


def _is_loopback(host: str) -> bool:
    if host.casefold() == "localhost":
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False
