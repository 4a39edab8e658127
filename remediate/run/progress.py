"""How a run reports its progress."""

from __future__ import annotations

from contextlib import suppress
from datetime import datetime
from typing import Protocol

from remediate.model import Step, StepResult


class Progress(Protocol):
    """Shows how far a run is."""

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


class SafeProgress:
    """A Progress whose errors are ignored: a terminal that is lost must not end a run."""

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
