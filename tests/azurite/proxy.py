"""A proxy on loopback before Azurite that loses answers, repeats requests, or lets nothing through."""

from __future__ import annotations

import http.client
import threading
from collections.abc import Callable
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, Literal, NamedTuple
from urllib.parse import parse_qs, urlsplit

Fate = Literal["pass", "lost", "twice", "cut", "busy", "denied"]
"""Pass a request; pass it and lose its answer; pass it twice and answer the second; drop it; refuse it."""
_REFUSED = {"busy": (503, "ServerBusy"), "denied": (403, "AuthorizationPermissionMismatch")}


APPEND = "appendblock"


class Seen(NamedTuple):
    """A request: its method, the blob's or container's path, and the kind of call, such as `appendblock`."""

    method: str
    path: str
    comp: str
    action: str


class _Server(ThreadingHTTPServer):
    daemon_threads = True

    def handle_error(self, request: Any, client_address: Any) -> None:
        """A client that went away is what these tests are about."""


class Proxy:
    """Decides over each request by `fate`, which a test may replace at any time."""

    def __init__(self, port: int) -> None:
        self.fate: Callable[[Seen], Fate] = lambda _: "pass"
        self.seen: list[Seen] = []
        self._server = _Server(("127.0.0.1", 0), _handler(self, port))
        self.port = self._server.server_address[1]
        threading.Thread(target=self._server.serve_forever, args=(0.05,), daemon=True).start()

    def count(self, comp: str, action: str = "") -> int:
        return sum(one.comp == comp and one.action == action for one in self.seen)

    def from_nth(self, number: int, fate: Fate, *, times: int = 1_000_000, comp: str = APPEND) -> None:
        """One kind of call, or with an empty `comp` every call, meets a fate from its n-th on."""
        passed = [0]

        def decide(one: Seen) -> Fate:
            passed[0] += one.comp == comp or not comp
            due = number <= passed[0] < number + times
            return fate if due and (one.comp == comp or not comp) else "pass"

        self.fate = decide

    def close(self) -> None:
        self._server.shutdown()
        self._server.server_close()


def _handler(proxy: Proxy, port: int) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def _pass(self) -> None:
            body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
            one = _seen(self)
            fate = proxy.fate(one)
            proxy.seen.append(one)
            times = {"pass": 1, "lost": 1, "twice": 2}.get(fate, 0)
            answers = [self._upstream(body) for _ in range(times)]
            if fate in ("lost", "cut"):
                self.close_connection = True
            elif fate in _REFUSED:
                status, code = _REFUSED[fate]
                self._answer(status, {"x-ms-error-code": code}, b"")
            else:
                self._answer(*answers[-1])

        do_GET = do_PUT = do_DELETE = do_HEAD = _pass  # noqa: N815

        def _upstream(self, body: bytes) -> tuple[int, dict[str, str], bytes]:
            connection = http.client.HTTPConnection("127.0.0.1", port, timeout=30)
            try:
                connection.request(self.command, self.path, body, dict(self.headers))
                answer = connection.getresponse()
                return answer.status, dict(answer.getheaders()), answer.read()
            finally:
                connection.close()

        def _answer(self, status: int, headers: dict[str, str], body: bytes) -> None:
            self.send_response_only(status)
            for name, value in headers.items():
                if name.casefold() not in ("transfer-encoding", "connection", "keep-alive", "content-length"):
                    self.send_header(name, value)
            length = headers.get("content-length") if self.command == "HEAD" else str(len(body))
            self.send_header("Content-Length", length or "0")
            self.end_headers()
            if self.command != "HEAD":
                self.wfile.write(body)

        def log_message(self, format: str, *arguments: object) -> None:
            """Nothing is said about a request."""

    return Handler


def _seen(request: BaseHTTPRequestHandler) -> Seen:
    url = urlsplit(request.path)
    comp = parse_qs(url.query).get("comp", [""])[0]
    return Seen(request.command, url.path, comp, request.headers.get("x-ms-lease-action") or "")
