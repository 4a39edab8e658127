"""The steps that stand before a change: a last look, and the operator's answer."""

from __future__ import annotations

from collections.abc import Iterator

from remediate.model import Step
from remediate.steps.context import Resumption, StepExecution
from remediate.steps.kind import ANY, StepKind


class Preflight(StepKind):
    """Reads Azure once more: a plan holds only for what it was made from."""

    name = "preflight"
    purposes = ANY
    guards = True

    def carry_out(self, step: Step, execution: StepExecution) -> None:
        """A token is fetched now, so that no sign-in falls into the time without network."""
        execution.refresh_token()
        execution.check_unchanged()

    def undo(self, step: Step, resumption: Resumption) -> Iterator[Step]:
        """A rollback looks first, too."""
        yield step


class Confirm(StepKind):
    """Asks the operator before anything is changed."""

    name = "confirm"
    purposes = ANY
    once = True
    asks = needs_name_typed = guards = True

    def carry_out(self, step: Step, execution: StepExecution) -> None:
        """Ask."""
        execution.confirm(step)

    def undo(self, step: Step, resumption: Resumption) -> Iterator[Step]:
        """A rollback asks, too."""
        yield step


class Pause(StepKind):
    """Asks the operator whether to go on. Nobody waits for the answer without network."""

    name = "pause"
    purposes = ANY
    asks = needs_all_connected = True

    def carry_out(self, step: Step, execution: StepExecution) -> None:
        """Ask."""
        execution.confirm(step)
