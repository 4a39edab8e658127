"""What every kind of step has and says about itself, and what its place in a plan depends on."""

from __future__ import annotations

from collections.abc import Iterator
from typing import ClassVar

from msgspec import Struct

from remediate.errors import RemediateError
from remediate.model import PURPOSES, PlaybookStep, Purpose, Request, Step
from remediate.steps.context import Resumption, StepExecution

SETTLE = 60.0
"""Seconds in which the views may still disagree after a write."""
ANY: frozenset[Purpose] = frozenset(PURPOSES)
"""Plans of every purpose may hold the step."""


class StepFailed(RemediateError):
    """A step did not reach what it is for; the message says what was seen instead."""

    code = "step-failed"


class Layout(Struct, frozen=True):
    """Which apps leave and come back, and what is awaited and looked at. All are ids.

    `target` is what the operator is asked about. `leaving` are the apps to disconnect, `returning` those to
    connect, each in their order. `awaited` is the subnet that is to lose its link, or the app whose
    disconnect is to show; None where nothing leaves. `checked` is what the last look is about.
    `delegation` is the write that delegates the subnet, None where that is not needed; `purge` is the one
    that clears its link.
    """

    target: str
    subnet: str
    checked: str
    leaving: tuple[str, ...] = ()
    returning: tuple[str, ...] = ()
    awaited: str | None = None
    delegation: Request | None = None
    purge: Request | None = None


def from_playbook(
    step: PlaybookStep, target: str, request: Request | None = None, fallback: Request | None = None
) -> Step:
    """A step of a plan from one of a playbook, still without a number."""
    return Step(
        n=0,
        do=step.do,
        target=target,
        tell=step.tell,
        request=request,
        fallback=fallback,
        timeout=step.timeout,
        every=step.every,
        on_failure=step.on_failure,
        probe=step.probe,
    )


class StepKind:
    """One kind of step: how it is planned, carried out, taken up again and undone. Holds no state."""

    name: ClassVar[str] = ""
    """The `do` of its steps."""
    purposes: ClassVar[frozenset[Purpose]] = frozenset()
    """What the plans are for that may hold it."""
    usually: ClassVar[str] = ""
    """How long it usually takes, in words for the operator who waits; "" where nothing is known."""
    once: ClassVar[bool] = False
    """A playbook holds it once at the most."""
    takes_away: ClassVar[bool] = False
    """Its write leaves an app without its network."""
    leaves: ClassVar[bool] = False
    """It belongs to the way out: it has no place once the apps come back."""
    brings_back: ClassVar[bool] = False
    """Its write connects an app. It goes out after any failure, even where the journal cannot be written."""
    tries: ClassVar[bool] = False
    """Its write asks an app to connect where it already is, before anything is disconnected."""
    clears_link: ClassVar[bool] = False
    """Its write has Azure clear a link."""
    waits_for_link: ClassVar[bool] = False
    """It waits until the link is gone, or is ready."""
    restarts: ClassVar[bool] = False
    """It restarts an app and does nothing else."""
    asks: ClassVar[bool] = False
    """It waits for the operator's answer."""
    needs_name_typed: ClassVar[bool] = False
    """The operator answers it by typing the name of the run's target."""
    guards: ClassVar[bool] = False
    """It stands before the first change, also of a rollback."""
    looks: ClassVar[bool] = False
    """It reads and compares. It is carried out after a failure too."""
    proves: ClassVar[bool] = False
    """It is the last look, which says whether the run reached what it is for."""
    compares: ClassVar[bool] = False
    """It compares the apps with how they were before the run."""
    reaches: ClassVar[bool] = False
    """It tries to reach a host and a port, which its step names."""
    skipped_while_disconnected: ClassVar[bool] = False
    """It is left out while an app is without its network."""
    essential: ClassVar[bool] = False
    """A run that left it out is not complete."""
    interruptible: ClassVar[bool] = False
    """When it fails after the operator asked to stop, the run was interrupted, and did not fail."""
    delegates: ClassVar[bool] = False
    """Its write delegates a subnet. The request holds what was read, so `resume` reads the subnet again."""
    after_first_app: ClassVar[bool] = False
    """It stands between the return of the first app and that of the others."""
    needs_all_connected: ClassVar[bool] = False
    """It is planned after every app is connected again."""

    @property
    def changes(self) -> bool:
        """Whether it changes anything in Azure."""
        return self.per_app or self.delegates or self.clears_link or self.restarts

    @property
    def per_app(self) -> bool:
        """Whether one step of a playbook becomes one for each app."""
        return self.takes_away or self.brings_back or self.tries

    def plan(self, step: PlaybookStep, layout: Layout) -> Iterator[Step]:
        """The steps of a plan that one of a playbook becomes, still without numbers."""
        yield from_playbook(step, layout.target)

    def carry_out(self, step: Step, execution: StepExecution) -> None:
        """Do what the step says, and read back that it worked.

        Raises StepFailed, RequestFailed, OutcomeUnknown, StoreError, or StateChanged before the first write.
        """
        raise StepFailed(f"no way to carry out {step.do}")

    def is_left(self, step: Step, resumption: Resumption) -> bool:
        """Whether a run that is taken up again still has this step to do."""
        return True

    def undo(self, step: Step, resumption: Resumption) -> Iterator[Step]:
        """The steps that a rollback carries out in place of this one."""
        return iter(())

    def writes(self, step: Step) -> Iterator[tuple[str, tuple[Request, ...]]]:
        """What a run of this step, or its rollback, may send: the kind of step and its requests."""
        if step.request:
            yield self.name, tuple(one for one in (step.request, step.fallback) if one)


def request_of(step: Step) -> Request:
    """The planned request of a step. Raises StepFailed without one."""
    if step.request is None:
        raise StepFailed("the plan holds no request for this step")
    return step.request
