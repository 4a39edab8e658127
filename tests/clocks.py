"""Time in tests: a clock whose time passes only when somebody sleeps, and the machine's with short sleeps."""

from __future__ import annotations

import time
from datetime import UTC, datetime, timedelta

BREATH = 0.05
"""Seconds that the command line waits at once, however long it would in front of the real Azure."""


def sleep_shortly(_: object, seconds: float) -> None:
    """`SystemClock.sleep` for tests of the command line.

    How long it waits for the real Azure is proved on a clock of its own (tests/azure/test_waiting.py).
    """
    time.sleep(min(seconds, BREATH))


class ManualClock:
    def __init__(self) -> None:
        self.seconds = 0.0
        self.slept: list[float] = []

    def now(self) -> datetime:
        return datetime(2026, 1, 1, 3, tzinfo=UTC) + timedelta(seconds=self.seconds)

    def monotonic(self) -> float:
        return self.seconds

    def sleep(self, seconds: float) -> None:
        self.slept.append(seconds)
        self.seconds += seconds

    def real(self, seconds: float) -> float:
        return seconds

    @property
    def least_real(self) -> float:
        return 0.0
