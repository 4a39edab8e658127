"""What is being waited for right now: which host has not answered yet, and for how long."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import NamedTuple

GAP = 0.2
"""Seconds between two requests that still count as one piece of reading."""


class Waiting(NamedTuple):
    """Whom the oldest request waits for, for how many seconds, and for how many Azure is being read."""

    whom: str
    seconds: float
    reading: float


class Outstanding:
    """The requests that are under way, from any thread. `on_idle` is called when the last one has ended."""

    def __init__(self, now: Callable[[], float] = time.monotonic) -> None:
        self.on_idle: Callable[[], None] = lambda: None
        self._now = now
        self._lock = threading.Lock()
        self._requests: dict[int, tuple[str, float]] = {}
        self._key = 0
        self._began = self._ended = now() - 2 * GAP

    @contextmanager
    def waiting(self, whom: str) -> Iterator[None]:
        """Within, somebody is waited for."""
        key = self._begin(whom)
        try:
            yield
        finally:
            self._end(key)

    def longest(self) -> Waiting | None:
        """The request that is longest under way; None where there is none."""
        with self._lock:
            if not self._requests:
                return None
            whom, began = min(self._requests.values(), key=lambda one: one[1])
            return Waiting(whom, self._now() - began, self._now() - self._began)

    def _begin(self, whom: str) -> int:
        with self._lock:
            now = self._now()
            if not self._requests and now - self._ended > GAP:
                self._began = now
            self._key += 1
            self._requests[self._key] = whom, now
            return self._key

    def _end(self, key: int) -> None:
        with self._lock:
            del self._requests[key]
            self._ended = self._now()
            idle = not self._requests
        if idle:
            self.on_idle()


OUTSTANDING = Outstanding()
"""Those of this process, which is one command."""
