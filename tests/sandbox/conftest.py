"""Sandboxes for the tests of the sandbox itself."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import ExitStack

import pytest

from remediate.sandbox.server import Sandbox
from remediate.sandbox.world import World
from tests.sandbox.clients import Clients


@pytest.fixture
def clients(monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[..., Clients]]:
    """Start a sandbox of a scenario or a world, and return the clients that talk to it."""
    with ExitStack() as stack:

        def serve(scenario: str | World = "healthy", speed: float = 1000) -> Clients:
            sandbox = stack.enter_context(Sandbox(scenario, speed=speed))
            for name, value in sandbox.environment.items():
                monkeypatch.setenv(name, value)
            return Clients(sandbox)

        yield serve
