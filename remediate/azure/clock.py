"""Time, handed in: the real clock, and one that runs in step with a sandbox's simulated time."""

from __future__ import annotations

import time
from datetime import UTC, datetime, timedelta
from typing import Protocol


class Clock(Protocol):
    """What everything that waits or measures is given. Seconds throughout."""

    def now(self) -> datetime:
        """The time of day, aware and in UTC."""
        ...

    def monotonic(self) -> float:
        """Seconds that only ever grow."""
        ...

    def sleep(self, seconds: float) -> None:
        """Let that much time pass."""
        ...

    def real(self, seconds: float) -> float:
        """How long that is on the wall, for what cannot be given a clock: sockets."""
        ...

    @property
    def least_real(self) -> float:
        """Real seconds that a request has at least, where the clock runs faster than the machine."""
        ...


class SystemClock:
    """The machine's own clock."""

    def now(self) -> datetime:
        """The time of day, in UTC."""
        return datetime.now(UTC)

    def monotonic(self) -> float:
        """Seconds since some point in the past."""
        return time.monotonic()

    def sleep(self, seconds: float) -> None:
        """Sleep, and go on sleeping after a signal was handled."""
        time.sleep(seconds)

    def real(self, seconds: float) -> float:
        """The same seconds."""
        return seconds

    @property
    def least_real(self) -> float:
        """Nothing: a request takes time of this clock."""
        return 0.0


class ScaledClock:
    """A clock that runs `speed` times faster, for a private sandbox whose time does the same."""

    def __init__(self, speed: float, least_real: float = 3.0) -> None:
        self._speed = speed
        self._least_real = least_real
        self._started = time.monotonic()
        self._began = datetime.now(UTC)

    def now(self) -> datetime:
        """Simulated time of day: real at the start, then `speed` times faster."""
        return self._began + timedelta(seconds=self.monotonic())

    def monotonic(self) -> float:
        """Simulated seconds since the clock was made."""
        return (time.monotonic() - self._started) * self._speed

    def sleep(self, seconds: float) -> None:
        """Let simulated seconds pass."""
        time.sleep(seconds / self._speed)

    def real(self, seconds: float) -> float:
        """Real seconds in which so many simulated ones pass."""
        return seconds / self._speed

    @property
    def least_real(self) -> float:
        """Real seconds that a request always has: what this machine takes for it is not simulated."""
        return self._least_real
