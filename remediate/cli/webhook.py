"""Telling somebody else: one document posted to an address, without any token of ours."""

from __future__ import annotations

import ipaddress
import threading
import urllib.error
import urllib.request
from typing import Any
from urllib.parse import urlsplit

from remediate import __version__
from remediate.errors import UsageError

LIMIT = 10.0
"""Seconds that the other side has for all of its answer."""


class _NoRedirects(urllib.request.HTTPRedirectHandler):
    """What was meant for one address goes to no other."""

    def redirect_request(self, *_: Any) -> None:
        """Follow nothing: the answer counts as the failure that it is."""


def checked(url: str) -> str:
    """An address that may be told: HTTPS, or this machine. Raises UsageError."""
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


def post(url: str, document: bytes) -> str | None:
    """Post a JSON document; returns what went wrong in one line, None when it was taken.

    The path of the address is not told: it is what keeps others from posting there.
    """
    outcome: list[str | None] = []
    # A server that answers a byte now and then meets no timeout of a socket, so that is the longer one.
    sending = threading.Thread(target=lambda: outcome.append(_sent(url, document)), daemon=True)
    sending.start()
    sending.join(LIMIT)
    late = f"the webhook at {urlsplit(url).hostname} did not answer within {LIMIT:g} s"
    return outcome[0] if outcome else late


def _sent(url: str, document: bytes) -> str | None:
    host = urlsplit(url).hostname or ""
    headers = {"Content-Type": "application/json", "User-Agent": f"vnet-remediate/{__version__}"}
    handlers: list[urllib.request.BaseHandler] = [_NoRedirects()]
    if _is_loopback(host):
        handlers.append(urllib.request.ProxyHandler({}))
    try:
        request = urllib.request.Request(url, document, headers, method="POST")
        with urllib.request.build_opener(*handlers).open(request, timeout=2 * LIMIT):
            return None
    except urllib.error.HTTPError as error:
        return f"the webhook at {host} answered {error.code}"
    except Exception as error:  # whatever a stranger's server does must not end the watch
        reason = getattr(error, "reason", None) or error
        return f"the webhook at {host} could not be told: {type(reason).__name__}"


def _is_loopback(host: str) -> bool:
    if host.casefold() == "localhost":
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False
