"""What each step of a plan does to its target, and what the course of the run keeps of it."""

from __future__ import annotations

from collections.abc import Callable

from remediate.azure.clock import Clock
from remediate.errors import StateChanged
from remediate.model import Plan, Step
from remediate.model.failure import RequestFailed
from remediate.run.clearing import Clearing, LinkRemains, StepFailed
from remediate.run.course import Course
from remediate.run.interruption import Interruption
from remediate.run.journal import Journal
from remediate.run.steps import Steps
from remediate.state.store import StoreError


class Effects:
    """The effects of one run's steps."""

    def __init__(
        self,
        plan: Plan,
        course: Course,
        steps: Steps,
        clearing: Clearing,
        clock: Clock,
        journal: Journal,
        interruption: Interruption,
    ) -> None:
        self._plan = plan
        self._course = course
        self._steps = steps
        self._clearing = clearing
        self._clock = clock
        self._journal = journal
        self._interruption = interruption
        self._ways: dict[str, Callable[[Step], None]] = {
            "delegate": self._delegate,
            "disconnect": self._disconnect,
            "wait-link-gone": steps.wait_link_gone,
            "reconnect": self._reconnect,
            "wait-link-ready": steps.wait_link_ready,
            "check-routing": steps.check_routing,
            "probe": steps.probe,
            "purge": self._purge,
            "verify": self._verify if plan.purpose == "reconnect" else self._look_at_the_end,
        }

    def carry_out(self, step: Step) -> None:
        """Do what a step says. Raises StateChanged, StepFailed, RequestFailed or StoreError."""
        way = self._ways.get(step.do)
        if way is None:
            raise StepFailed(f"no way to carry out {step.do}")
        way(step)

    def _delegate(self, step: Step) -> None:
        self._course.delegated = True
        try:
            self._steps.delegate(step)
        except RequestFailed as failure:
            self._course.delegated = False
            if failure.kind == "moved" and not self._course.touched:
                raise StateChanged(
                    "somebody changed the subnet since it was read; nothing was changed"
                ) from failure
            raise

    def _disconnect(self, step: Step) -> None:
        """Until it is known that nothing was done, the app may be without its network."""
        toll = self._course.tolls[step.target]
        toll.left, toll.status = self._clock.monotonic(), "unknown"
        try:
            self._steps.disconnect(step)
        except (RequestFailed, StoreError):
            toll.left, toll.status = None, "untouched"
            raise
        toll.status = "disconnected"

    def _reconnect(self, step: Step) -> None:
        toll = self._course.tolls[step.target]
        read_back = self._steps.reconnect(step)
        toll.back, toll.status = self._clock.monotonic(), "unknown"
        read_back()
        toll.status = "reconnected"

    def _purge(self, step: Step) -> None:
        """Until the subnet is read, nobody knows whether the link is gone."""
        toll = self._course.tolls[step.target]
        before, toll.status = toll.status, "unknown"
        try:
            self._clearing.purge(step)
        except LinkRemains:
            self._course.stays = True
            raise
        except RequestFailed:
            toll.status = before
            raise
        except StoreError:
            toll.status = "unknown" if self._journal.announced else before
            raise
        toll.status = "purged"

    @property
    def _settles(self) -> bool:
        """Whether a look may wait until the views agree; where it is all that is left, there is no reason."""
        only_looks = all(step.do == "verify" for step in self._plan.steps)
        return self._course.failed is None and not self._interruption.requested and not only_looks

    def _verify(self, step: Step) -> None:
        self._steps.verify(step, settle=self._settles)

    def _look_at_the_end(self, step: Step) -> None:
        """What was read counts, whatever was answered before."""
        try:
            self._clearing.verify(step, self._steps.agreed if self._settles else None)
        finally:
            self._course.take_note(self._clearing.seen)
