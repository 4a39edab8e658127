"""What a step is given: the execution of its plan, or a run that is taken up again."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any, Protocol

from msgspec import Struct

from remediate.model import CurrentState, Finding, Plan, Request, Step, TargetStatus
from remediate.steps.observations import AppOutcome, Observations

if TYPE_CHECKING:
    from remediate.azure.clock import Clock
    from remediate.azure.reader import Reader
    from remediate.azure.waiting import Waiter


class StepRunState(Protocol):
    """Where a run stands (run/state.py), as its steps see it."""

    outcomes: dict[str, AppOutcome]
    delegated: bool
    link_remains: bool
    repaired: bool

    @property
    def touched(self) -> bool:
        """Whether any app may be different from before."""

    def update_from(self, seen: dict[str, TargetStatus]) -> None:
        """Take what a last look saw."""


class StepExecution(Protocol):
    """The execution of a plan (run/execution.py), as its steps see it."""

    plan: Plan
    before: tuple[Finding, ...]
    seen: Observations
    reader: Reader
    waiter: Waiter
    clock: Clock

    @property
    def state(self) -> StepRunState:
        """Where the run stands."""

    @property
    def announced(self) -> bool:
        """Whether this process announced a write."""

    @property
    def settles(self) -> bool:
        """Whether a look may wait until the views agree."""

    def write(self, step: Step, request: Request, done: Callable[[], bool]) -> None:
        """Carry out a write whose effect `done` can see; after a transient failure it is sent again."""

    def send(self, step: Step, request: Request) -> None:
        """Announce a write in the journal, send it once, and keep the answer."""

    def until(
        self, step: Step, look: Callable[[], Any], enough: Callable[[Any], bool], what: str, timeout: float
    ) -> Any:
        """Look until it is enough, and return what was seen then. Raises StepFailed when time is up."""

    def confirm(self, step: Step) -> bool:
        """Whether the operator goes on."""

    def refresh_token(self) -> None:
        """Fetch a token now."""

    def replan(self) -> Plan:
        """The plan made anew from a fresh look."""

    def check_unchanged(self) -> None:
        """A plan holds only for what it was made from. Raises StateChanged and StateUnknown."""


class Resumption(Struct, frozen=True):
    """A run that is taken up again, as its steps see it.

    `for_good` says that it disconnects its apps for good, `returning` that the apps are coming back: then
    nothing more is disconnected. `changed` are the apps that it may have disconnected or connected; a write
    that was refused or not sent changed none. `unconnected_before` are those that it connects without having
    disconnected them: they had no network. `connect_announced` are those whose connect is in the journal,
    whatever came of it.
    """

    now: CurrentState
    for_good: bool
    returning: bool
    changed: frozenset[str]
    unconnected_before: frozenset[str]
    connect_announced: frozenset[str]
