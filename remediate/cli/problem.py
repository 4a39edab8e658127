"""Everything that can go wrong, as one line, one hint and one exit code."""

from __future__ import annotations

from enum import IntEnum
from typing import TYPE_CHECKING

from remediate.model import ErrorReport
from remediate.redaction import redacted

if TYPE_CHECKING:
    from rich.console import Console


class Exit(IntEnum):
    """The exit codes of contract.md."""

    DONE = 0
    UNEXPECTED = 1
    WRONG_USE = 2
    FOUND_SOMETHING = 3
    REFUSED = 4
    NOT_FINISHED = 5
    SOMEBODY_ELSE = 6
    INTERRUPTED = 130


class Problem(Exception):
    """Ends the command: what happened, what to do about it, and the exit code."""

    def __init__(self, message: str, *, hint: str = "", exit_: Exit = Exit.WRONG_USE, code: str = "") -> None:
        super().__init__(message)
        self.message = message
        self.hint = hint
        self.exit = exit_
        self.code = code or exit_.name.lower().replace("_", "-")

    @property
    def report(self) -> ErrorReport:
        """The same as the document `remediate.error/1`."""
        return ErrorReport(code=self.code, message=self.message, hint=self.hint, exit=int(self.exit))


def put(console: Console, problem: Problem) -> None:
    """Print what happened, without secrets, and what to do about it."""
    from remediate.show.console import safe, signs

    for line in _lines(problem):
        console.print(f"{signs(console).error} {safe(line)}", style="error", soft_wrap=True)
    if problem.hint:
        console.print(f"  {signs(console).next} {safe(problem.hint)}", soft_wrap=True)


def _lines(problem: Problem) -> list[str]:
    """One line, but for a playbook: there every error is told at once."""
    lines = redacted(problem.message).splitlines() or [""]
    return lines if problem.code == "playbook" else [" ".join(lines)]
