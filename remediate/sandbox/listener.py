"""Loopback over TLS: the sockets, a throw-away certificate, and a thread that serves until it is stopped."""

from __future__ import annotations

import asyncio
import contextlib
import os
import socket
import ssl
import threading
from pathlib import Path

import trustme

from remediate.sandbox.connection import Answer, ClientConnection

START_LIMIT = 10.0
"""Seconds after which a server that does not listen has failed."""
GRACE = 0.05
"""Seconds for requests under way to notice that they are dropped."""


class Listener:
    """Serves these sockets in a thread of its own, from `start` until `stop`."""

    def __init__(self, answer: Answer, sockets: list[socket.socket], tls: ssl.SSLContext) -> None:
        self._answer = answer
        self._sockets = sockets
        self._tls = tls
        self._listening = threading.Event()
        self._loop: asyncio.AbstractEventLoop | None = None
        self._stopped: asyncio.Event | None = None
        self._under_way: dict[asyncio.Task[None], ClientConnection] = {}
        self._thread = threading.Thread(target=lambda: asyncio.run(self._serve()), daemon=True)

    def start(self) -> None:
        """Listen. Raises OSError where that takes too long."""
        self._thread.start()
        if not self._listening.wait(START_LIMIT):
            self.stop()
            raise OSError("the sandbox did not start")

    def stop(self) -> None:
        """End every connection and the thread; may be called from any other thread, and after the end too."""
        if self._loop is not None and self._stopped is not None:
            with contextlib.suppress(RuntimeError):  # the loop has ended by itself
                self._loop.call_soon_threadsafe(self._stopped.set)
        self._thread.join(START_LIMIT)

    async def _serve(self) -> None:
        self._loop, self._stopped = asyncio.get_running_loop(), asyncio.Event()
        servers = [
            await asyncio.start_server(self._connected, sock=one, ssl=self._tls) for one in self._sockets
        ]
        self._listening.set()
        await self._stopped.wait()
        for server in servers:
            server.close()
        await self._drop_all()

    async def _connected(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task, connection = asyncio.current_task(), ClientConnection(reader, writer)
        assert task is not None
        self._under_way[task] = connection
        try:
            await connection.serve(self._answer)
        finally:
            del self._under_way[task]

    async def _drop_all(self) -> None:
        """Close everything at once: nobody's work is lost with a simulation."""
        under_way = dict(self._under_way)
        for task, connection in under_way.items():
            connection.drop()
            task.cancel()
        if under_way:
            await asyncio.wait(under_way, timeout=GRACE)


def certificate(bundle: Path) -> ssl.SSLContext:
    """TLS with a certificate for loopback, from an authority that only the bundle file knows."""
    authority = trustme.CA()
    with os.fdopen(os.open(bundle, os.O_WRONLY | os.O_CREAT, 0o600), "wb") as file:
        file.write(authority.cert_pem.bytes())
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    authority.issue_cert("localhost", "127.0.0.1", "::1").configure_cert(context)
    return context


def loopback(port: int) -> list[socket.socket]:
    """Listening sockets on loopback, IPv4 and where there is IPv6 the same port there: `localhost` is either.

    Port 0 takes a free one. Raises OSError where the port is taken.
    """
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
