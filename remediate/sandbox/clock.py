"""Simulated time: runs `speed` times faster than the clock on the wall."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable


class SimulatedClock:
    """Seconds since the sandbox started, in simulated time.

    `speed` is how many simulated seconds pass in a real one; `source` is the real clock, in seconds.
    Raises ValueError for a speed that is not above zero.
    """

    def __init__(self, speed: float = 1.0, source: Callable[[], float] = time.monotonic) -> None:
        if not speed > 0:
            raise ValueError("the speed must be above zero")
        self.speed = speed
        self._source = source
        self._start = source()

    def now(self) -> float:
        """Simulated seconds since the start."""
        return (self._source() - self._start) * self.speed

    async def sleep(self, seconds: float) -> None:
        """Wait for that many simulated seconds, without holding up other requests."""
        await asyncio.sleep(seconds / self.speed)
