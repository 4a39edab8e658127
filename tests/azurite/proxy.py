"""A proxy on loopback before Azurite that loses answers, repeats requests, or lets nothing through."""

from __future__ import annotations

import http.client
import threading
from collections.abc import Callable
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Literal, NamedTuple
from urllib.parse import parse_qs, urlsplit

Fate = Literal["pass", "lost", "twice", "cut", "busy"]
"""Pass a request; pass it and lose its answer; pass it twice and answer the second; drop it; answer 503."""


class Seen(NamedTuple):
    """A request: its method, the blob's or container's path, and the kind of call, such as `appendblock`."""

    method: str
    path: str
    comp: str
    action: str


class Proxy:
    """Decides over each request by `fate`, which a test may replace at any time."""

    def __init__(self, port: int) -> None:
        self.fate: Callable[[Seen], Fate] = lambda _: "pass"
        self.seen: list[Seen] = []
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), _handler(self, port))
        self._server.daemon_threads = True
        self.port = self._server.server_address[1]
        threading.Thread(target=self._server.serve_forever, args=(0.05,), daemon=True).start()

    def count(self, comp: str, action: str = "") -> int:
        return sum(one.comp == comp and one.action == action for one in self.seen)

    def nth(self, comp: str, number: int, fate: Fate, times: int = 1, action: str = "") -> None:
        """One kind of call meets a fate from its n-th on, counted from now, so many times."""
        passed = [0]

        def decide(one: Seen) -> Fate:
            if (one.comp, one.action) != (comp, action):
                return "pass"
            passed[0] += 1
            return fate if number <= passed[0] < number + times else "pass"

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
            answers = [self._upstream(body) for _ in range({"cut": 0, "busy": 0, "twice": 2}.get(fate, 1))]
            if fate in ("lost", "cut"):
                self.close_connection = True
            elif fate == "busy":
                self._answer(503, {"x-ms-error-code": "ServerBusy"}, b"")
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
