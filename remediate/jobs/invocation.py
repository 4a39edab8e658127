"""What the command line hands to a job: the common options, who answers questions, and the interruption."""

from __future__ import annotations

from typing import Literal, NamedTuple, Protocol

from msgspec import Struct

from remediate.run.interruption import Interruption

Output = Literal["table", "json", "yaml"]
CANCELLED = "cancelled, and nothing was changed"
"""The message of Interrupted when the operator leaves a question."""


class Options(Struct, frozen=True):
    """The options that every command has, environment included. Times in seconds."""

    output: Output = "table"
    query: str | None = None
    yes: bool = False
    dry_run: bool = False
    no_color: bool = False
    verbose: bool = False
    debug: bool = False
    poll_interval: float | None = None
    timeout: float | None = None
    subscription: str | None = None
    state: str | None = None
    cloud: str | None = None
    arm_endpoint: str | None = None
    sandbox: str | None = None
    sandbox_speed: float = 60.0

    @property
    def structured(self) -> bool:
        """Whether stdout carries one document and nothing else."""
        return self.output != "table"

    @property
    def ephemeral(self) -> bool:
        """Whether the state is deleted with the private sandbox when the command ends."""
        return self.sandbox is not None and self.state is None


class Prompts(Protocol):
    """How a job asks its operator. Each question raises Interrupted when the operator leaves it."""

    @property
    def available(self) -> bool:
        """Whether there is a terminal to ask on."""
        ...

    def confirm_word(self, word: str, about: str = "", *, back: bool = False) -> bool:
        """True once the operator typed this word; False to go back, where `back` offers that.

        `about` is a sentence in front of the question.
        """
        ...

    def confirm(self, question: str) -> bool:
        """Yes or no; the default is no."""
        ...

    def acknowledge(self, request: str) -> None:
        """Return once the operator pressed Enter, which says that it is done."""
        ...


class Invocation(NamedTuple):
    """One call of a command."""

    options: Options
    prompts: Prompts
    interruption: Interruption
