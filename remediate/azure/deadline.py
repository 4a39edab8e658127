"""When a wait ends, known to everything below it: repetition, polling, azure-core's retries and sockets.

A deadline is in force within `bounded_by`; inner ones can only be sooner. Each wait makes one. Two rules go
with it: no request begins after it, and a read is given half of what is left, so that another view can
still be read when the first one hangs.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar

from remediate.azure.clock import Clock

MINIMUM = 10.0
"""Seconds from the start of a wait that a look or a write that has begun may take, however short it is."""
READ = 120.0
"""Seconds that one read may take, retries included, where no wait is shorter."""
NO_ANSWER = 25.0
"""Seconds after which a read is given up that nobody answers, while nothing is changed; so long does a
sign-in take at most, too.
"""
READ_WHILE_AWAY = 20.0
"""Seconds that one read may take while an app is without its network."""


class Deadline:
    """A moment of a clock, `seconds` from now.

    For requests it also leaves the real seconds that they take on a clock that runs faster than this machine.
    """

    def __init__(self, clock: Clock, seconds: float) -> None:
        self._clock = clock
        self._moment = clock.monotonic() + seconds
        self._requests_end = time.monotonic() + clock.least_real

    @property
    def left(self) -> float:
        """Seconds of the clock until then, never less than 0."""
        return max(0.0, self._moment - self._clock.monotonic())

    @property
    def real_seconds_left(self) -> float:
        """The same in real seconds, for sockets; a sandbox's clock runs faster than those."""
        return max(self._clock.real(self.left), self._requests_end - time.monotonic(), 0.0)

    @property
    def passed(self) -> bool:
        """Whether nothing is left, for a request either."""
        return self.real_seconds_left <= 0

    def earlier_of(self, other: Deadline | None) -> Deadline:
        """Whichever of the two is first."""
        return self if other is None or self._moment <= other._moment else other

    def minus(self, seconds: float) -> Deadline:
        """A deadline that leaves so many seconds until this one."""
        return Deadline(self._clock, self.left - seconds)


class Silence:
    """How long a read goes on that nobody answers. An answer, whatever it says, begins it anew."""

    def __init__(self, clock: Clock, seconds: float) -> None:
        self._clock = clock
        self._seconds = seconds
        self._heard = False
        self._ends = Deadline(clock, seconds)

    def heard(self) -> None:
        """Somebody answered."""
        self._heard = True
        self._ends = Deadline(self._clock, self._seconds)

    def unheard(self) -> None:
        """Somebody was asked, and did not answer."""
        self._heard = False

    def paused(self) -> None:
        """A pause is over: after an answer, which may have asked for it, it was no silence."""
        if self._heard:
            self._ends = Deadline(self._clock, self._seconds)

    @property
    def real_seconds_left(self) -> float:
        """Real seconds until the read is given up."""
        return self._ends.real_seconds_left

    @property
    def passed(self) -> bool:
        """Whether nobody answered for so long."""
        return self._ends.passed


class Allowance:
    """Seconds that several waits share: each takes from it what it waited in vain."""

    def __init__(self, seconds: float) -> None:
        self.left = seconds

    def spend(self, seconds: float) -> None:
        """Take so many seconds, if there are as many."""
        self.left = max(0.0, self.left - seconds)


_SILENCE_LIMIT: ContextVar[float | None] = ContextVar("silence_limit", default=None)
_SILENCE: ContextVar[Silence | None] = ContextVar("silence", default=None)
_DEADLINE: ContextVar[Deadline | None] = ContextVar("deadline", default=None)
_READ_LIMIT: ContextVar[Callable[[], float]] = ContextVar("read_limit", default=lambda: READ)


def current_deadline() -> Deadline | None:
    """The deadline of whatever is being waited for; None outside a wait."""
    return _DEADLINE.get()


@contextmanager
def bounded_by(deadline: Deadline) -> Iterator[Deadline]:
    """Within, nothing goes on past this deadline or one that is in force already; yields the sooner."""
    token = _DEADLINE.set(deadline.earlier_of(current_deadline()))
    try:
        yield _DEADLINE.get() or deadline
    finally:
        _DEADLINE.reset(token)


@contextmanager
def read_limit(limit: Callable[[], float]) -> Iterator[None]:
    """Within, one read takes at most so many seconds, retries included; asked anew for each read."""
    outer = _READ_LIMIT.get()
    token = _READ_LIMIT.set(lambda: min(outer(), limit()))
    try:
        yield
    finally:
        _READ_LIMIT.reset(token)


def read_deadline(clock: Clock) -> Deadline:
    """The deadline of a read that begins now."""
    wait = current_deadline()
    limit = _READ_LIMIT.get()()
    return Deadline(clock, limit if wait is None else min(limit, wait.left / 2))


@contextmanager
def silence_limit(seconds: float | None) -> Iterator[None]:
    """Within, a read that nobody answers is given up after so many seconds; with None, at its deadline."""
    token = _SILENCE_LIMIT.set(seconds)
    try:
        yield
    finally:
        _SILENCE_LIMIT.reset(token)


@contextmanager
def listening(clock: Clock) -> Iterator[None]:
    """Within is one read: its silence begins."""
    limit = _SILENCE_LIMIT.get()
    token = _SILENCE.set(None if limit is None else Silence(clock, limit))
    try:
        yield
    finally:
        _SILENCE.reset(token)


def current_silence() -> Silence | None:
    """The silence of the read that is under way; None where none is limited."""
    return _SILENCE.get()
