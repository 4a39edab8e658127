"""What a run tells while it goes on, and how the operator can stop it."""

from __future__ import annotations

import signal
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from datetime import datetime
from types import FrameType
from typing import Protocol

from remediate.model import Step, StepResult


class Progress(Protocol):
    """Somebody who shows how far a run is."""

    def step_started(self, step: Step) -> None:
        """A step begins."""
        ...

    def waiting(self, step: Step, reason: str, until: datetime | None) -> None:
        """The step waits for something, until then at the latest."""
        ...

    def step_ended(self, step: Step, result: StepResult) -> None:
        """A step ended, well or not."""
        ...

    def note(self, text: str) -> None:
        """Something worth a line of its own."""
        ...

    def close(self) -> None:
        """The run is over."""
        ...


class Unfailing:
    """Somebody who shows how far a run is, and who cannot end it: a lost terminal brings no app down."""

    def __init__(self, progress: Progress) -> None:
        self._progress = progress

    def step_started(self, step: Step) -> None:
        """A step begins."""
        with suppress(Exception):
            self._progress.step_started(step)

    def waiting(self, step: Step, reason: str, until: datetime | None) -> None:
        """The step waits for something."""
        with suppress(Exception):
            self._progress.waiting(step, reason, until)

    def step_ended(self, step: Step, result: StepResult) -> None:
        """A step ended."""
        with suppress(Exception):
            self._progress.step_ended(step, result)

    def note(self, text: str) -> None:
        """Something worth a line of its own."""
        with suppress(Exception):
            self._progress.note(text)

    def close(self) -> None:
        """The run is over."""
        with suppress(Exception):
            self._progress.close()


class StopNow(BaseException):
    """The operator asked a second time: the run ends where it is, and `resume` goes on."""


_SIGNALS = [number for name in ("SIGINT", "SIGTERM", "SIGHUP") if (number := getattr(signal, name, None))]
"""SIGHUP is a terminal that was closed, or a dropped ssh connection; Windows has none."""


class Interruption:
    """Whether the operator asked to stop. Asking once never ends a request that is under way."""

    def __init__(self) -> None:
        self.requested = False
        self.over = False

    @contextmanager
    def caught(self, tell: Callable[[int], None]) -> Iterator[None]:
        """Within, the signals ask instead of killing; `tell` is called at once, with the signal.

        The second one raises StopNow; once the run is `over` they do nothing more, so that its
        result is told.
        """

        def ask(number: int, _: FrameType | None) -> None:
            if self.over:
                return
            if self.requested:
                raise StopNow
            self.requested = True
            tell(number)

        before = {number: signal.getsignal(number) for number in _SIGNALS}
        for number in before:
            signal.signal(number, ask)
        try:
            yield
        finally:
            for number, handler in before.items():
                signal.signal(number, handler)
