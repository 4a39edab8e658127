"""Carries out a plan, step by step, and whatever happens brings back what it took away."""

from __future__ import annotations

import logging
from collections.abc import Callable

from msgspec.structs import replace

from remediate import ids
from remediate.azure.deadline import READ, READ_WHILE_AWAY, read_limit
from remediate.azure.patience import Patience
from remediate.azure.reader import Reader
from remediate.azure.session import Session
from remediate.azure.write import Writer
from remediate.checks import ordered
from remediate.errors import RemediateError, StateChanged
from remediate.model import Finding, Plan, Run, RunStatus, Step, StepResult, World
from remediate.run.clearing import Clearing
from remediate.run.course import Course, begun, result
from remediate.run.effects import Effects
from remediate.run.interruption import Interruption
from remediate.run.journal import Journal
from remediate.run.progress import Progress, Unfailing
from remediate.run.sending import Sender
from remediate.run.steps import Steps
from remediate.run.support import support_request
from remediate.state.store import StoreError

_QUESTIONS = ("confirm", "pause")
_LOOKING = ("check-routing", "verify", "probe")
_BRINGING_BACK = frozenset({"reconnect", *_LOOKING})
"""The steps that still run once something went wrong or the operator asked to stop."""
_ANSWERED_AT_ONCE = 1.0
"""Seconds within which an answer is `--yes`, or as good as."""

Ask = Callable[[Step, Plan], bool]
"""How the operator is asked whether to go on with a step; `--yes` answers yes."""


class Executor:
    """Carries out one plan."""

    def __init__(
        self,
        session: Session,
        journal: Journal,
        progress: Progress,
        interruption: Interruption,
        ask: Ask,
        *,
        every: float | None = None,
        ceiling: float | None = None,
    ) -> None:
        self._session = session
        self._clock = session.clock
        self._journal = journal
        self._progress = Unfailing(progress)
        self._interruption = interruption
        self._ask = ask
        self._replan: Callable[[], Plan] | None = None
        self.course: Course | None = None
        self.seen: World | None = None
        self._patience = Patience(session.clock, every, ceiling, lambda: interruption.requested)

    def run(
        self,
        plan: Plan,
        findings: tuple[Finding, ...],
        replan: Callable[[], Plan],
        course: Course | None = None,
        *,
        whole: RunStatus = "succeeded",
    ) -> Run:
        """Carry out the plan, and journal how it ended. Raises StateChanged before the first write only.

        `replan` makes the plan anew from a fresh look, to see whether Azure moved; `course` is where an
        earlier part of the run left off; `whole` is what it is called when everything worked.
        """
        self._replan = replan
        course = self.course = course or begun(plan)
        course.started, course.began = self._clock.now(), self._clock.monotonic()
        sender = Sender(Writer(self._session), self._journal, self._progress.note)
        reader = Reader(self._session)
        clearing = Clearing(reader, sender, self._patience, plan)
        steps = Steps(reader, sender, self._patience, plan, self._progress.waiting)
        effects = Effects(plan, course, steps, clearing, self._clock, self._journal, self._interruption)
        if not any(step.do == "confirm" for step in plan.steps):
            self._release()  # nobody is asked, so there is no answer to wait for
        for step in plan.steps:
            course.results.append(self._step(step, effects, course, plan))
        self._last_resort(plan, effects, course)
        self.seen = steps.seen
        status = course.ended = course.status(interrupted=self._interruption.requested)
        after = _seen_after(steps, clearing)
        run = self._report(plan, findings, after, steps, course, whole if status == "succeeded" else status)
        closed = self._close(run, course)
        self._interruption.report()
        return run if closed else replace(run, resume=self._resume, message=course.unclosed(plan, status))

    def _report(
        self,
        plan: Plan,
        before: tuple[Finding, ...],
        after: tuple[Finding, ...],
        steps: Steps,
        course: Course,
        status: RunStatus,
    ) -> Run:
        azures = self._journal.announced and _is_azures(status, course, after)
        support = support_request(self._journal, plan, after) if azures else None
        return Run(
            run=self._journal.run,
            status=status,
            dry_run=False,
            scope=plan.scope,
            playbook=plan.playbook,
            targets=course.targets(plan, steps.routing_after),
            steps=tuple(sorted(course.results, key=lambda one: one.n)),
            findings_before=before,
            findings_after=after,
            requests=self._session.requests,
            started=course.started or self._clock.now(),
            seconds=round(self._clock.monotonic() - course.began, 3),
            message=course.message(plan, status),
            probes_after=steps.probes,
            support=support,
            resume=self._resume if course.open else None,
            purpose=plan.purpose,
            changed=course.changed,
        )

    def _step(self, step: Step, effects: Effects, course: Course, plan: Plan) -> StepResult:
        if self._passed_over(step, course):
            return result(step, "skipped")
        self._progress.step_started(step)
        began = self._clock.monotonic()
        try:
            with read_limit(lambda: READ_WHILE_AWAY if course.disconnected else READ):
                self._carry_out(step, effects, course, plan)
        except StateChanged:
            raise
        except Exception as error:  # whatever it was, the apps come back first
            ended = result(step, "failed", self._clock.monotonic() - began, _told(error))
            if step.on_failure != "continue" and course.failed is None:
                course.failed = step
        else:
            seconds = self._clock.monotonic() - began
            ended = result(step, "skipped" if course.declined is step else "succeeded", seconds)
        self._note_ended(step, ended, course)
        return ended

    def _passed_over(self, step: Step, course: Course) -> bool:
        """Forward, every step runs; otherwise only those that bring back and look."""
        if step.do == "probe" and course.disconnected:
            return True  # first everybody comes back
        backwards = course.failed is not None or course.declined is not None or self._interruption.requested
        if not backwards:
            return False
        if self._left_alone(course) or step.do not in _BRINGING_BACK or not course.touched:
            return True
        return step.do == "reconnect" and step.target not in course.disconnected

    def _left_alone(self, course: Course) -> bool:
        """Whether the operator said no before this command sent anything."""
        return course.declined is not None and not self._journal.announced

    def _carry_out(self, step: Step, effects: Effects, course: Course, plan: Plan) -> None:
        if step.do == "preflight":
            self._session.refresh()
            self._check_still(plan)
        elif step.do in _QUESTIONS:
            self._confirm(step, course, plan)
        elif step.do != "delegate" or self._confirm(step, course, plan):
            effects.carry_out(step)

    def _confirm(self, step: Step, course: Course, plan: Plan) -> bool:
        """Whether the operator goes on. An answer may take long, so Azure is looked at again after it."""
        asked = self._clock.monotonic()
        if not self._ask(step, plan):
            course.declined = step
            return False
        if self._clock.monotonic() - asked > _ANSWERED_AT_ONCE and not self._journal.announced:
            self._check_still(plan)
        self._release()
        return True

    def _release(self) -> None:
        try:
            self._journal.release()
        except StoreError as error:
            self._progress.note(str(error))

    def _check_still(self, plan: Plan) -> None:
        """A plan is bound to what it saw."""
        if self._replan is not None and self._replan() != plan:
            raise StateChanged("Azure is no longer as it was when the plan was made; nothing was changed")

    def _last_resort(self, plan: Plan, effects: Effects, course: Course) -> None:
        """Whatever is still without its network is connected once more, and everything is looked at again."""
        if not course.disconnected or self._left_alone(course):
            return
        for step in plan.steps:
            if step.do == "reconnect" and step.target in course.disconnected:
                self._progress.note(f"{ids.app_name(step.target)} is not back yet: connecting it once more")
                course.replace(self._step(step, effects, course, plan))
        for step in plan.steps:
            if step.do in _LOOKING:
                course.replace(self._step(step, effects, course, plan))

    def _note_ended(self, step: Step, ended: StepResult, course: Course) -> None:
        """A journal that cannot be written stops the run, but not the way back."""
        self._progress.step_ended(step, ended)
        try:
            self._journal.step(ended)
        except StoreError as error:
            self._progress.note(str(error))
            course.failed = course.failed or step
            course.unkept = course.unkept or str(error)

    @property
    def _resume(self) -> str:
        return f"remediate resume {self._journal.run}"

    def _close(self, run: Run, course: Course) -> bool:
        """Whether the journal says how the run ended; where it does not, `resume` has to settle that."""
        try:
            self._journal.end(run.status, run.message, left_open=course.open)
        except StoreError as error:
            self._progress.note(str(error))
            return not self._journal.announced
        return True


def _seen_after(steps: Steps, clearing: Clearing) -> tuple[Finding, ...]:
    return ordered((*steps.findings_after, *clearing.findings_after))


def _is_azures(status: RunStatus, course: Course, after: tuple[Finding, ...]) -> bool:
    """Whether support could help: not with a port that is not reached, nor where our own state failed."""
    probing = course.failed is not None and course.failed.do == "probe"
    return (
        status == "failed"
        and course.unkept is None
        and course.moved is None
        and not (probing and all(one.code == "probe-failed" for one in after))
    )


def _told(error: Exception) -> str:
    if isinstance(error, RemediateError):
        return str(error)
    logging.getLogger(__name__).debug("unexpected", exc_info=error)
    return f"unexpected: {type(error).__name__}: {error}"
