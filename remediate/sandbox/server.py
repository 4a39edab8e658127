"""The simulated Azure as a server on loopback: TLS with a throw-away authority, in a thread of its own."""

from __future__ import annotations

import asyncio
import contextlib
import os
import shutil
import signal
import socket
import ssl
import tempfile
import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from types import FrameType, TracebackType
from typing import Any

import trustme
import uvicorn
from starlette.types import ASGIApp, Receive, Scope, Send
from uvicorn.protocols.http.h11_impl import H11Protocol

from remediate.sandbox import running
from remediate.sandbox.app import build
from remediate.sandbox.faults import Faults
from remediate.sandbox.front import Dropped
from remediate.sandbox.log import RequestLog
from remediate.sandbox.login import TENANT, Login
from remediate.sandbox.routes.call import Service
from remediate.sandbox.scenarios import load
from remediate.sandbox.world import World

START_LIMIT = 10.0
"""Seconds after which a server that does not listen has failed."""
GRACE = 0.05
"""Seconds for requests under way to notice that they are dropped."""
WAKE = 0.5
"""Seconds of one wait for the end: an endless wait would keep Ctrl-C from a process on Windows."""


class _Protocol(H11Protocol):
    """HTTP whose connections can be dropped without an answer, by a fault or by the end of the sandbox."""

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        super().connection_made(transport)
        app: ASGIApp = self.app

        async def droppable(scope: Scope, receive: Receive, send: Send) -> None:
            try:
                await app(scope, receive, send)
            except (Dropped, asyncio.CancelledError):
                transport.abort()
                while (await receive())["type"] != "http.disconnect":
                    pass

        self.app = droppable


class _Server(uvicorn.Server):
    """A server that stops when it is told to, without uvicorn's ticks of a tenth of a second."""

    def __init__(self, config: uvicorn.Config) -> None:
        super().__init__(config)
        self.listening = threading.Event()
        self._loop: asyncio.AbstractEventLoop | None = None
        self._stop: asyncio.Event | None = None

    async def main_loop(self) -> None:
        """Wait to be told to stop."""
        self._loop, self._stop = asyncio.get_running_loop(), asyncio.Event()
        self.listening.set()
        await self._stop.wait()

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        """Close everything at once: nobody's work is lost with a simulation."""
        for server in self.servers:
            server.close()
        for connection in list(self.server_state.connections):
            connection.transport.abort()
        pending = list(self.server_state.tasks)
        for task in pending:
            task.cancel()
        if pending:
            await asyncio.wait(pending, timeout=GRACE)

    def stop(self) -> None:
        """Stop; may be called from any thread, and after the end too."""
        if self._loop is not None and self._stop is not None:
            with contextlib.suppress(RuntimeError):  # the loop has ended by itself
                self._loop.call_soon_threadsafe(self._stop.set)


class Sandbox:
    """A simulated Azure, from `with` until the block ends.

    `scenario` is the name of a world, or a world; `port` 0 takes a free one; simulated time runs
    `speed` times faster. `environment` holds what points the SDKs, `az` and `remediate` at it.
    Raises UnknownScenario, and OSError where the port is taken.
    """

    def __init__(self, scenario: str | World, *, port: int = 0, speed: float = 1.0) -> None:
        self.world = load(scenario, speed) if isinstance(scenario, str) else scenario
        self.environment: dict[str, str] = {}
        self._port = port
        self._server: _Server | None = None
        self._thread: threading.Thread | None = None
        self._folder: Path | None = None

    def __enter__(self) -> Sandbox:
        sockets = _listen(self._port)
        self._folder = Path(tempfile.mkdtemp(prefix="sandbox-"))  # made with mode 0700
        bundle = self._folder / "ca.pem"
        service = Service(self.world, Faults(self.world.faults), Login(), RequestLog())
        service.origin = f"https://localhost:{sockets[0].getsockname()[1]}"
        self._server = _Server(_config(service, _tls(bundle)))
        self._thread = threading.Thread(target=self._server.run, args=(sockets,), daemon=True)
        self._thread.start()
        if not self._server.listening.wait(START_LIMIT):
            self.close()
            raise OSError("the sandbox did not start")
        self.environment = self._environment(service, bundle)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        """Stop the server and remove its files. Calling it again does nothing."""
        if self._server is not None and self._thread is not None:
            self._server.stop()
            self._thread.join(START_LIMIT)
        if self._folder is not None:
            shutil.rmtree(self._folder, ignore_errors=True)
        self._server = self._thread = self._folder = None

    def _environment(self, service: Service, bundle: Path) -> dict[str, str]:
        return {
            "REMEDIATE_ARM_ENDPOINT": service.origin,
            "REQUESTS_CA_BUNDLE": str(bundle),
            "AZURE_TENANT_ID": TENANT,
            "AZURE_CLIENT_ID": service.login.client_id,
            "AZURE_CLIENT_SECRET": service.login.secret,
            "AZURE_AUTHORITY_HOST": service.origin,
            "AZURE_SUBSCRIPTION_ID": next(iter(self.world.state.subscriptions)),
        }


def _tls(bundle: Path) -> ssl.SSLContext:
    """A certificate for loopback, from an authority that only the bundle file knows."""
    authority = trustme.CA()
    with os.fdopen(os.open(bundle, os.O_WRONLY | os.O_CREAT, 0o600), "wb") as file:
        file.write(authority.cert_pem.bytes())
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    authority.issue_cert("localhost", "127.0.0.1", "::1").configure_cert(context)
    return context


def _config(service: Service, tls: ssl.SSLContext) -> uvicorn.Config:
    config = uvicorn.Config(
        build(service),
        http=_Protocol,
        loop="asyncio",
        ws="none",
        lifespan="off",
        log_config=None,
        access_log=False,
        server_header=False,
        date_header=False,
        proxy_headers=False,
        timeout_keep_alive=600,
    )
    config.load()
    config.ssl = tls
    return config


def _listen(port: int) -> list[socket.socket]:
    """Loopback, and where there is IPv6 the same port there: `localhost` may mean either."""
    first = _bound(socket.AF_INET, "127.0.0.1", port)
    sockets = [first]
    with contextlib.suppress(OSError):  # no IPv6 here, or the port is taken there: IPv4 is enough
        sockets.append(_bound(socket.AF_INET6, "::1", first.getsockname()[1]))
    return sockets


def _bound(family: socket.AddressFamily, host: str, port: int) -> socket.socket:
    """A listening socket. Raises OSError where the port is taken.

    asyncio turns Nagle's delay off only where the protocol is named, which `socket.create_server` does
    not do; with the delay every answer would take 40 ms.
    """
    made = socket.socket(family, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    try:
        if os.name == "posix":
            made.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        if family == socket.AF_INET6:
            made.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 1)
        made.bind((host, port))
        made.listen()
    except OSError:
        made.close()
        raise
    return made


def serve(
    scenario: str,
    *,
    port: int = 0,
    speed: float = 1.0,
    ready_file: Path | None = None,
    state_file: Path | None = None,
    on_ready: Callable[[dict[str, str]], None] = lambda environment: None,
) -> None:
    """Serve a scenario until SIGTERM or Ctrl-C.

    Both files appear once it listens, and go at the end: `ready_file` with the environment, `state_file`
    with the process id too. Then `on_ready` is called with the environment. Raises as `Sandbox` does.
    """
    with _ending() as told, Sandbox(scenario, port=port, speed=speed) as sandbox:
        note = {"pid": os.getpid(), "environment": sandbox.environment}
        written: list[tuple[Path | None, dict[str, Any]]] = [
            (ready_file, dict(sandbox.environment)),
            (state_file, note),
        ]
        try:
            for file, content in written:
                if file is not None:
                    running.write(file, content)
            on_ready(dict(sandbox.environment))
            while not told.wait(WAKE):
                pass
        finally:
            for file, content in written:
                if file is not None:
                    running.remove(file, content)


@contextlib.contextmanager
def _ending() -> Iterator[threading.Event]:
    """An event that SIGTERM and Ctrl-C set; afterwards they mean again what they meant before."""
    told = threading.Event()

    def tell(number: int, frame: FrameType | None) -> None:
        told.set()

    before = {one: signal.signal(one, tell) for one in (signal.SIGTERM, signal.SIGINT)}
    try:
        yield told
    finally:
        for one, handler in before.items():
            signal.signal(one, handler)
