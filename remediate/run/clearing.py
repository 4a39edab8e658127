"""The steps after which a link is to be gone: the purge, and the look with which such a run ends."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from typing import Any

from remediate import ids
from remediate.azure.failure import RequestFailed
from remediate.azure.patience import PURGE, PURGE_AGAIN, Patience, WaitTimedOut
from remediate.azure.reader import Reader
from remediate.checks import judge
from remediate.errors import RemediateError
from remediate.model import Finding, Plan, Question, Step, TargetStatus, World
from remediate.run.sending import Sender

Agreed = Callable[[Step, Callable[[], Any], Callable[[Any], bool]], Any]
"""How a look is repeated until its views agree, as `Steps.agreed` does."""


class StepFailed(RemediateError):
    """A step did not reach what it is for; the message says what was seen instead."""

    code = "step-failed"


class LinkRemains(StepFailed):
    """The link was read as it was, again and again, until the patience for a purge ended."""

    code = "link-remains"


class Clearing:
    """The steps of one run that disconnects for good or purges.

    Each raises StepFailed, RequestFailed or StoreError. `seen` is what the last look made of
    each app, or of the subnet; what was not read is not in it.
    """

    def __init__(
        self,
        reader: Reader,
        sender: Sender,
        patience: Patience,
        plan: Plan,
    ) -> None:
        self._read = reader
        self._sender = sender
        self._patience = patience
        self._plan = plan
        self.seen: dict[str, TargetStatus] = {}
        self.findings_after: tuple[Finding, ...] = ()

    def purge(self, step: Step) -> None:
        """Ask Azure to clear the link until the subnet is read without it: its answer proves nothing."""
        request = step.request
        if request is None:
            raise StepFailed("the plan holds no request for this step")
        try:
            self._patience.repeatedly(
                lambda: self._sender.send(step, request),
                self._is_gone,
                ceiling=step.timeout or PURGE,
                again=step.every or PURGE_AGAIN,
            )
        except WaitTimedOut as ran_out:
            told = f"after {ran_out.waited:.0f} s the link is still there, whatever Azure answered"
            raise (StepFailed if self._patience.hurried() else LinkRemains)(told) from ran_out

    def verify(self, step: Step, agreed: Agreed | None) -> None:
        """Read every app and the subnet again; with `agreed`, until nothing is left or time is up."""
        wrong: list[str] = []

        def look() -> bool:
            question = Question("purge", step.target)
            world = self._read.read(question)
            self.findings_after = judge(world, question)
            self.seen = dict(self._standing(world))
            wrong[:] = self._wrong(world)
            return not wrong

        if agreed is None:
            look()
        else:
            with suppress(StepFailed):  # what was seen last says more than that time is up
                agreed(step, look, bool)
        if wrong:
            raise StepFailed("; ".join(wrong))

    def _is_gone(self) -> bool:
        links = self._read.subnet(self._plan.subnet or "").links
        return not any(ids.same(link.target, one) for link in links for one in self._plan.links)

    def _standing(self, world: World) -> list[tuple[str, TargetStatus]]:
        if self._plan.purpose == "purge":
            status: TargetStatus = "untouched" if self._left(world) else "purged"
            return [(one, status) for one in self._plan.changes if self._is_known(world)]
        return [(app.id, status) for app in self._plan.apps for status in self._app(app.id)]

    def _app(self, app: str) -> list[TargetStatus]:
        """Where one app is, read by itself; nothing where that cannot be told."""
        try:
            named = self._read.connected_to(app)
        except RequestFailed as failure:
            return ["disconnected"] if failure.kind == "absent" else []
        return ["untouched"] if ids.same(named, self._plan.subnet) else ["disconnected"]

    def _wrong(self, world: World) -> list[str]:
        """What is not as the run is to leave it, or could not be read."""
        wrong = [] if self._is_known(world) else [f"could not read {ids.name(self._plan.subnet)}"]
        wrong += [f"the link still names {ids.name(one)}" for one in self._left(world)]
        if self._plan.purpose == "purge":
            return wrong
        staying = [app for app in self._plan.apps if self.seen.get(app.id) == "untouched"]
        unclear = [app for app in self._plan.apps if app.id not in self.seen]
        wrong += [f"{app.name} is still connected" for app in staying]
        return wrong + [f"where {app.name} is could not be read" for app in unclear]

    def _left(self, world: World) -> list[str]:
        links = world.links(self._plan.subnet)
        return [one for one in self._plan.links if any(ids.same(link.target, one) for link in links)]

    def _is_known(self, world: World) -> bool:
        """Whether the subnet was read, or is gone together with its links."""
        return world.status(self._plan.subnet) in ("found", "absent")
