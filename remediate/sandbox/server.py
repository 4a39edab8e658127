"""The simulated Azure as a server on loopback, and the command that keeps one up."""

from __future__ import annotations

import contextlib
import os
import shutil
import signal
import tempfile
import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from types import FrameType, TracebackType
from typing import Any

from remediate.sandbox import running
from remediate.sandbox.app import Application
from remediate.sandbox.faults import Faults
from remediate.sandbox.listener import Listener, certificate, loopback
from remediate.sandbox.log import RequestLog
from remediate.sandbox.login import TENANT, Login
from remediate.sandbox.routes.call import RouteContext
from remediate.sandbox.scenarios import load
from remediate.sandbox.world import World

WAKE = 0.5
"""Seconds of one wait for the end: an endless wait would keep Ctrl-C from a process on Windows."""


class Sandbox:
    """A simulated Azure, from `with` until the block ends.

    `scenario` is the name of a world, the path of a world file, or a world; `port` 0 takes a free one;
    simulated time runs `speed` times faster. `environment` holds what points the SDKs, `az` and `remediate`
    at it.
    Raises what `load` raises, and OSError where the port is taken.
    """

    def __init__(self, scenario: str | World, *, port: int = 0, speed: float = 1.0) -> None:
        self.world = load(scenario, speed) if isinstance(scenario, str) else scenario
        self.environment: dict[str, str] = {}
        self._port = port
        self._listener: Listener | None = None
        self._folder: Path | None = None

    def __enter__(self) -> Sandbox:
        sockets = loopback(self._port)
        self._folder = Path(tempfile.mkdtemp(prefix="sandbox-"))  # made with mode 0700
        bundle = self._folder / "ca.pem"
        service = RouteContext(self.world, Faults(self.world.faults), Login(), RequestLog())
        service.origin = f"https://localhost:{sockets[0].getsockname()[1]}"
        self._listener = Listener(Application(service).answer, sockets, certificate(bundle))
        try:
            self._listener.start()
        except OSError:
            self.close()
            raise
        self.environment = self._environment(service, bundle)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        """Stop the server and remove its files. Calling it again does nothing."""
        if self._listener is not None:
            self._listener.stop()
        if self._folder is not None:
            shutil.rmtree(self._folder, ignore_errors=True)
        self._listener = self._folder = None

    def _environment(self, service: RouteContext, bundle: Path) -> dict[str, str]:
        return {
            "REMEDIATE_ARM_ENDPOINT": service.origin,
            "REQUESTS_CA_BUNDLE": str(bundle),
            "AZURE_TENANT_ID": TENANT,
            "AZURE_CLIENT_ID": service.login.client_id,
            "AZURE_CLIENT_SECRET": service.login.secret,
            "AZURE_AUTHORITY_HOST": service.origin,
            "AZURE_SUBSCRIPTION_ID": next(iter(self.world.state.subscriptions.values())).id,
        }


def serve(
    scenario: str,
    *,
    port: int = 0,
    speed: float = 1.0,
    ready_file: Path | None = None,
    state_file: Path | None = None,
    on_ready: Callable[[dict[str, str]], None] = lambda environment: None,
) -> None:
    """Serve a scenario or a world file until SIGTERM or Ctrl-C.

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
