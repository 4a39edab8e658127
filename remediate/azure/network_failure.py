"""What kept an answer of Azure away: the host or the proxy by name, in one line, with what to do about it."""

from __future__ import annotations

import html
import os
import re
from collections.abc import Iterator
from typing import Literal
from urllib.parse import urlsplit

from msgspec import Struct
from requests.utils import get_environ_proxies, select_proxy

from remediate.azure.certificate import issuer_of
from remediate.redaction import one_line

NetworkReason = Literal[
    "refused",
    "name-unknown",
    "no-route",
    "silent",  # no answer in time
    "closed",  # the connection ended without an answer
    "untrusted",  # a certificate that this machine does not trust
    "no-tls",
    "proxy-refused",
    "proxy-name-unknown",
    "proxy-silent",
    "proxy-denied",  # the proxy answered, and let nothing through
    "page",  # a web page in the place of Azure's answer
    "other",
]
FINAL: frozenset[NetworkReason] = frozenset({"untrusted", "no-tls", "proxy-denied", "page"})
"""What the same request meets again a second later: there is no use in repeating it."""
_VARIABLES = {"https": ("https_proxy", "HTTPS_PROXY"), "http": ("http_proxy", "HTTP_PROXY")}
_ANY = ("all_proxy", "ALL_PROXY")
_PROXY_WORDS = re.compile(
    r"unable to connect to proxy|cannot connect to proxy|proxyerror|tunnel connection", re.I
)
_WORDS: tuple[tuple[str, NetworkReason], ...] = (
    (r"certificate_verify_failed|certificate verify failed", "untrusted"),
    (r"wrong_version_number|wrong version number|record layer failure|http request", "no-tls"),
    (r"gaierror|nameresolutionerror|failed to resolve|name or service not known|getaddrinfo", "name-unknown"),
    (r"connection refused|winerror 10061|errno 111\b|errno 61\b", "refused"),
    (r"unreachable|no route to host|errno 101\b|errno 113\b", "no-route"),
    (r"timed out|timeout", "silent"),
    (r"reset|aborted|remotedisconnected|closed connection|incomplete|broken pipe|eof occurred", "closed"),
    (r"sslerror|\[ssl", "no-tls"),
)
"""In this order: a text of several lines of cause names the cause that it ends with, too."""


class Proxy(Struct, frozen=True):
    """The proxy that requests to a host go through, and the variable that names it."""

    address: str
    variable: str

    def __str__(self) -> str:
        return f"{self.address} (from {self.variable})"


class NetworkFailure(Struct, frozen=True):
    """Why there was no answer. `summary` is one line that names the host."""

    reason: NetworkReason
    host: str
    summary: str
    hint: str


def diagnose(error: BaseException, url: str) -> NetworkFailure:
    """What an error of the network means for a request to this address.

    For a certificate that is not trusted it connects once more, and sends nothing, to see who issued it.
    """
    parts, proxy = urlsplit(url), proxy_of(url)
    text = " ".join(_texts(error))
    reason = _reason(text, proxy)
    host = parts.netloc or "the host"
    return NetworkFailure(reason, host, *_told(reason, host, proxy, text, url))


def called(url: str) -> str:
    """The host of an address, and the proxy on the way to it."""
    proxy, host = proxy_of(url), urlsplit(url).netloc
    return f"{host} through the proxy {proxy.address}" if proxy else host


def page(text: str, url: str) -> NetworkFailure | None:
    """What a web page in the place of an answer means; None where the text is none."""
    if not re.match(r"\s*(?:<!doctype html|<html|<head|<body)", text, re.IGNORECASE):
        return None
    host, title = urlsplit(url).netloc, title_of(text)
    named = f" with the title {title!r}" if title else ""
    return NetworkFailure(
        "page",
        host,
        f"{host} answered with a web page{named} instead of JSON",
        "a proxy or a captive portal answers in the place of Azure: sign in to the network in a browser, or "
        "check HTTPS_PROXY and NO_PROXY",
    )


def title_of(text: str) -> str:
    """The title of a web page, empty where it has none."""
    found = re.search(r"<title[^>]*>(.*?)</title>", text[:20_000], re.IGNORECASE | re.DOTALL)
    return one_line(html.unescape(found[1]), 80) if found else ""


def proxy_of(url: str) -> Proxy | None:
    """The proxy of the environment that a request to this address goes through, as `requests` finds it."""
    address = select_proxy(url, get_environ_proxies(url))
    if not address:
        return None
    names = (*_VARIABLES.get(urlsplit(url).scheme, ()), *_ANY)
    variable = next((name for name in names if os.environ.get(name) == address), None)
    shown = re.sub(r"//[^/@]*@", "//", str(address))
    return Proxy(one_line(shown, 200), variable or _set(names) or "the system's settings")


def _set(names: tuple[str, ...]) -> str | None:
    return next((name for name in names if os.environ.get(name)), None)


def _texts(error: BaseException) -> Iterator[str]:
    """What an error and all that it was raised from say: type and text of each."""
    todo: list[object] = [error]
    seen: set[int] = set()
    while todo:
        one = todo.pop(0)
        if not isinstance(one, BaseException) or id(one) in seen:
            continue
        seen.add(id(one))
        yield f"{type(one).__name__}: {one}"
        inner = (getattr(one, name, None) for name in ("inner_exception", "reason", "original_error"))
        todo += [*inner, one.__cause__, one.__context__, *one.args]


def _reason(text: str, proxy: Proxy | None) -> NetworkReason:
    found = [reason for words, reason in _WORDS if re.search(words, text, re.IGNORECASE)]
    reason = found[0] if found else "other"
    if proxy is None:
        return reason
    if re.search(r"tunnel connection failed|\b407 proxy authentication", text, re.IGNORECASE):
        return "proxy-denied"
    through: dict[NetworkReason, NetworkReason] = {"silent": "proxy-silent"}
    if _PROXY_WORDS.search(text):
        through |= {
            "refused": "proxy-refused",
            "name-unknown": "proxy-name-unknown",
            "no-route": "proxy-refused",
        }
        through |= {"closed": "proxy-denied"}
    return through.get(reason, reason)


def _told(reason: NetworkReason, host: str, proxy: Proxy | None, text: str, url: str) -> tuple[str, str]:
    """The summary and the hint of a reason."""
    if reason == "untrusted":
        return _untrusted(host, text, url)
    if reason.startswith("proxy"):
        return _of_proxy(reason, host, proxy)
    path = f" through the proxy {proxy}" if proxy else ""
    way, direct = "the firewall on the way", "HTTPS_PROXY names the proxy where one is needed"
    told: dict[NetworkReason, tuple[str, str]] = {
        "refused": (
            f"{host} refuses connections{path}",
            f"check the address, and {way}; {direct}",
        ),
        "name-unknown": (
            f"the name {host} cannot be resolved{path}",
            f"check the spelling, the DNS server, and the VPN; {direct}",
        ),
        "no-route": (f"there is no route to {host}{path}", f"check the network and the VPN; {direct}"),
        "silent": (f"{host} did not answer in time{path}", f"check {way}; {direct}"),
        "closed": (
            f"{host} closed the connection without an answer{path}",
            "try again; where it happens each time, a firewall or proxy on the way does it",
        ),
        "no-tls": (f"{host} does not speak TLS{path}", "check the address and the port, and HTTPS_PROXY"),
    }
    other = one_line(text.partition(": ")[2], 300)
    unknown = f"no answer from {host}{path}: {other}", "check the network, then try again"
    return told.get(reason, unknown)


def _of_proxy(reason: NetworkReason, host: str, proxy: Proxy | None) -> tuple[str, str]:
    did: dict[NetworkReason, str] = {
        "proxy-refused": "refuses connections",
        "proxy-name-unknown": "has a name that cannot be resolved",
        "proxy-silent": f"did not answer in time for {host}",
        "proxy-denied": f"did not let a request to {host} through",
    }
    named = proxy.variable if proxy else "HTTPS_PROXY"
    past = f"NO_PROXY={host.partition(':')[0]} goes past it"
    cure = f"correct {named}, or unset it where no proxy is needed; {past}"
    if reason == "proxy-denied":
        cure = f"have {host} allowed there, with a name and password in {named} where it asks for them"
    return f"the proxy {proxy} {did[reason]}", cure


def _untrusted(host: str, text: str, url: str) -> tuple[str, str]:
    """Of a certificate: who issued it, and where the trusted ones are read from."""
    proxy = proxy_of(url)
    issuer = issuer_of(url, proxy.address if proxy else None)
    whose = f"the certificate of {host}" + (f", issued by {issuer!r}," if issuer else "")
    if re.search(r"expired|not yet valid", text):
        return f"{whose} is not valid at this machine's time", "set this machine's clock"
    if re.search(
        r"hostname mismatch|doesn't match|is not valid for|ip address mismatch", text, re.IGNORECASE
    ):
        return f"{whose} is for another host", "check the address, and HTTPS_PROXY"
    names = ("REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE")
    bundle = next((os.environ[name] for name in names if os.environ.get(name)), "not set")
    return (
        f"{whose} is not trusted here: something on the way decrypts TLS",
        f"name a PEM file with that issuer's certificate in REQUESTS_CA_BUNDLE (now: {bundle})",
    )
