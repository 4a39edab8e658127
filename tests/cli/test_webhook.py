"""The webhook is reached as Azure is: with the authorities and proxies that the environment names."""

from __future__ import annotations

import json
import os
import select
import socket
import ssl
import threading
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest
import trustme

from remediate.jobs import webhook
from tests.conftest import Azure, Ran

HOST = "hooks.example.test"
"""A name that no resolver knows: only a proxy can lead there."""
Seen = list[tuple[dict[str, str], Any]]


@contextmanager
def serving(handler: type[BaseHTTPRequestHandler], context: ssl.SSLContext | None = None) -> Iterator[int]:
    """A server on loopback; yields its port."""
    server = ThreadingHTTPServer(("127.0.0.1", 0), handler)
    server.daemon_threads = True
    if context is not None:
        server.socket = context.wrap_socket(server.socket, server_side=True)
    threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True).start()
    try:
        yield server.server_address[1]
    finally:
        server.shutdown()
        server.server_close()


def receiver(seen: Seen) -> type[BaseHTTPRequestHandler]:
    class Receiver(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            seen.append((dict(self.headers), json.loads(body)))
            self.send_response(204)
            self.end_headers()

        def log_message(self, *_: Any) -> None:
            """Say nothing."""

    return Receiver


def proxy(asked: list[str], port: int) -> type[BaseHTTPRequestHandler]:
    """Tunnels every CONNECT to a port of this machine, whatever it asks for."""

    class Proxy(BaseHTTPRequestHandler):
        def do_CONNECT(self) -> None:
            asked.append(self.path)
            with socket.create_connection(("127.0.0.1", port)) as upstream:
                self.send_response(200)
                self.end_headers()
                _tunnel(self.connection, upstream)
            self.close_connection = True

        def log_message(self, *_: Any) -> None:
            """Say nothing."""

    return Proxy


def _tunnel(one: socket.socket, other: socket.socket) -> None:
    to = {one: other, other: one}
    while True:
        for ready in select.select([one, other], [], [], 20)[0] or [None]:
            if ready is None or not (data := ready.recv(65536)):
                return
            to[ready].sendall(data)


@pytest.fixture(autouse=True)
def no_proxies(monkeypatch: pytest.MonkeyPatch) -> None:
    """The proxies of whoever runs the tests; the names in small letters would win."""
    for name in (
        "http_proxy",
        "https_proxy",
        "all_proxy",
        "no_proxy",
        "HTTP_PROXY",
        "HTTPS_PROXY",
        "ALL_PROXY",
    ):
        monkeypatch.delenv(name, raising=False)


@pytest.fixture
def authority() -> trustme.CA:
    return trustme.CA()


def tls(authority: trustme.CA, name: str) -> ssl.SSLContext:
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    authority.issue_cert(name).configure_cert(context)
    return context


def trust(authority: trustme.CA, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """One bundle for the simulated Azure and for the webhook, as an operator would make it."""
    bundle = tmp_path / "authorities.pem"
    azures = Path(os.environ["REQUESTS_CA_BUNDLE"]).read_bytes()
    bundle.write_bytes(azures + authority.cert_pem.bytes())
    monkeypatch.setenv("REQUESTS_CA_BUNDLE", str(bundle))


@pytest.mark.parametrize("trusted", [True, False])
def test_a_private_authority_is_trusted_where_the_environment_names_it(
    remediate: Callable[..., Ran],
    azure: Callable[..., Azure],
    authority: trustme.CA,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    trusted: bool,
) -> None:
    azure("link-missing")
    seen: Seen = []
    if trusted:
        trust(authority, tmp_path, monkeypatch)
    with serving(receiver(seen), tls(authority, "localhost")) as port:
        ran = remediate("watch", "orders-func", "--once", "--notify", f"https://localhost:{port}/x")
    assert (ran.code, len(seen)) == (3, int(trusted))
    assert ("could not be reached: SSLError" in ran.err) is not trusted


def test_a_proxy_that_the_environment_names_is_used(
    remediate: Callable[..., Ran],
    azure: Callable[..., Azure],
    authority: trustme.CA,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    azure("link-missing")
    seen: Seen = []
    asked: list[str] = []
    trust(authority, tmp_path, monkeypatch)
    with ExitStack() as stack:
        port = stack.enter_context(serving(receiver(seen), tls(authority, HOST)))
        between = stack.enter_context(serving(proxy(asked, port)))
        monkeypatch.setenv("HTTPS_PROXY", f"http://127.0.0.1:{between}")
        ran = remediate("watch", "orders-func", "--once", "--notify", f"https://{HOST}/x")
    assert (ran.code, asked, ran.err.count("could not be reached")) == (3, [f"{HOST}:443"], 0)
    assert [body["schema"] for _, body in seen] == ["remediate.watch/1"]


def test_this_machine_is_reached_without_a_proxy_and_without_a_password(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    netrc = tmp_path / "netrc"
    netrc.write_text("machine 127.0.0.1 login somebody password word")
    netrc.chmod(0o600)
    monkeypatch.setenv("NETRC", str(netrc))
    monkeypatch.setenv("HTTP_PROXY", "http://127.0.0.1:9")
    monkeypatch.delenv("NO_PROXY")
    seen: Seen = []
    with serving(receiver(seen)) as port:
        assert webhook.post(f"http://127.0.0.1:{port}/x", b"{}") is None
    [(headers, _)] = seen
    assert "Authorization" not in headers
