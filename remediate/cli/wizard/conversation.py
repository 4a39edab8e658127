"""What all paths of the conversation share: its questions, the ways out of them, and how it ends."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, TypeVar

from remediate.cli import prompts
from remediate.cli.choices import Title
from remediate.cli.prompts import Back
from remediate.errors import Exit, Interrupted, RemediateError
from remediate.jobs.context import CommandContext
from remediate.jobs.invocation import CANCELLED
from remediate.show.console import print_error

Answer = TypeVar("Answer")
Choice = tuple[Title, Any]
Offer = tuple[str, Callable[[], None]]
"""Something that the operator can choose, and what is done then."""


class SomethingElse(Exception):
    """The operator wants to begin with another entry."""


class Ended(Exception):
    """Nothing is left to ask: the conversation ends with an exit code."""

    def __init__(self, code: int) -> None:
        super().__init__(code)
        self.code = code


class Conversation:
    """One sitting at the wizard. `code` is the exit code of the last job, None while there was none."""

    def __init__(self, context: CommandContext) -> None:
        context.guided = True
        self.context = context
        self.console = context.consoles.err
        self.color = not context.options.no_color
        self.code: int | None = None

    def choose(self, question: str, choices: Sequence[Choice], **settings: Any) -> Any:
        """The value of one of several choices. Raises Interrupted, and Back where `back` is set."""
        self._check_interrupted()
        return prompts.choose(question, choices, color=self.color, **settings)

    def text(self, question: str, validate: Callable[[str], Answer]) -> Answer:
        """What `validate` makes of a typed line. Raises Interrupted and Back."""
        self._check_interrupted()
        return prompts.text(question, validate, back=True, color=self.color)

    def ways_out(self) -> list[Choice]:
        """The choice that ends the conversation."""
        return [("Leave", prompts.LEAVE)]

    def asking(self, ask: Callable[[], Answer], then: Callable[[Answer], None]) -> None:
        """Ask, and go on with the answer; from the next question one can come back to this one."""
        while True:
            answer = ask()
            try:
                return then(answer)
            except Back:
                continue

    def what_now(
        self,
        show: Callable[[], None],
        offers: Sequence[Offer],
        details: Callable[[], None] | None = None,
        *,
        back: bool = True,
        leave: bool = True,
    ) -> None:
        """Show what it is about, ask what to do, and do it. Without `leave` an offer is the way out.

        After the details it is shown and asked again. Raises Ended, SomethingElse, Interrupted and Back.
        """
        looking: list[Offer] = (
            [("Details: everything that was read, and every step", details)] if details else []
        )
        out = self.ways_out() if leave else []
        choices: list[Choice] = [*offers, *looking, ("Something else", _something_else), *out]
        while True:
            show()
            chosen = self.choose("What now?", choices, back=back)
            try:
                chosen()
            except Back:
                continue
            if chosen is not details:
                return

    def trying(self, path: Callable[[Conversation], None]) -> None:
        """Follow a path. An error is printed, and one can try again. Raises Ended, Interrupted."""
        while True:
            try:
                return path(self)
            except (Back, SomethingElse):
                return None
            except RemediateError as error:
                if isinstance(error, Interrupted) or self.context.interruption.requested:
                    raise
                self._after_error(error)

    def check_back(self) -> None:
        """After a run: raise Back where the operator left its question for the one before."""
        if self.context.goes_back:
            self.context.goes_back = False
            raise Back(CANCELLED)

    def end(self, code: int) -> None:
        """End the conversation with the exit code of its last job. Raises Ended."""
        raise Ended(code)

    def leave(self) -> int:
        """The exit code when the operator leaves: that of the last job, or that of an interruption."""
        if self.code is not None:
            return self.code
        self.console.print("Nothing was changed.")
        return int(Exit.INTERRUPTED)

    def _after_error(self, error: RemediateError) -> None:
        """Print an error, and return to try again. Raises SomethingElse and Interrupted."""
        print_error(self.console, error)
        changed = self.context.interruption.changed and error.exit is Exit.UNEXPECTED
        self.code = int(Exit.NOT_FINISHED if changed else error.exit)
        choices: list[Choice] = [("Try again", None), ("Something else", _something_else), *self.ways_out()]
        if again := self.choose("What now?", choices):
            again()

    def _check_interrupted(self) -> None:
        """After a signal nothing more is asked."""
        if self.context.interruption.requested:
            raise Interrupted(CANCELLED)


def _something_else() -> None:
    raise SomethingElse
