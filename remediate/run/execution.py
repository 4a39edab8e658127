"""Carries out a plan, step by step, and whatever happens brings back what it took away."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial
from typing import Any

from msgspec.structs import replace

from remediate import ids
from remediate.azure.deadline import READ, READ_WHILE_AWAY, read_limit, silence_limit
from remediate.azure.failure import from_error
from remediate.azure.reader import Reader
from remediate.azure.session import Session
from remediate.azure.waiting import Waiter
from remediate.azure.write import Answer, Writer
from remediate.errors import StateChanged, StateUnknown, StoreError
from remediate.model import Denial, Plan, Request, Run, RunStatus, Step, StepResult
from remediate.model.failure import NotSent, RequestFailed, WaitTimedOut
from remediate.run.assignment import Ask, Assignment
from remediate.run.fresh_sign_in import FreshSignIn, SignInAgain
from remediate.run.interruption import Interruption
from remediate.run.journal import Journal
from remediate.run.plan_check import check_plan, plan_again
from remediate.run.progress import Progress, SafeProgress
from remediate.run.state import failure_text, result
from remediate.run.support import support_request, with_next_steps
from remediate.steps import Observations, StepFailed, StepKind, kind_of

_ANSWERED_AT_ONCE = 1.0
"""Seconds within which an answer is `--yes`, or as good as."""


class Execution:
    """One plan being carried out. Its steps are given this object; `state` and `seen` hold what they did."""

    def __init__(
        self,
        assignment: Assignment,
        session: Session,
        journal: Journal,
        progress: Progress,
        interruption: Interruption,
        ask: Ask,
        waiter: Waiter,
        *,
        ephemeral: bool = False,
        sign_in_again: SignInAgain = lambda failure, away: False,
    ) -> None:
        """`ephemeral` says that the journal is gone with the process, so that nobody can resume the run.

        `sign_in_again` returns whether somebody signed in again.
        """
        self.plan, self.before, self._replan, self.state, self._success_status = assignment
        self.clock = session.clock
        self.reader = Reader(session)
        self.waiter = waiter
        self.seen = Observations()
        self.ended: Run | None = None
        self._session = session
        self._writer = Writer(session)
        self._journal = journal
        self._progress = SafeProgress(progress)
        self._interruption = interruption
        self._ask = ask
        self._signed_in = FreshSignIn(session, sign_in_again, lambda: self.state.disconnected)
        self._resume = None if ephemeral else f"remediate resume {journal.run}"

    def run(self) -> Run:
        """Carry out the plan, and journal how it ended. Raises StateChanged before the first write only."""
        state, plan = self.state, self.plan
        state.started, state.began = self.clock.now(), self.clock.monotonic()
        if not any(kind_of(step.do).asks for step in plan.steps):
            self._release_journal()  # nobody is asked, so there is no answer to wait for
        with self._ending_after_a_trial():
            for step in plan.steps:
                state.results.append(self._step(state.preferred(step)))
        self._reconnect_the_rest()
        status = state.ended = state.status(interrupted=self._interruption.requested)
        run = self._report(self._success_status if status == "succeeded" else status)
        if not self._close(run.status, run.message, left_open=state.open):
            run = replace(run, resume=self._resume, message=state.unclosed(plan, status))
        self.ended = run
        self._interruption.report()
        return run

    @contextmanager
    def _ending_after_a_trial(self) -> Iterator[None]:
        """Journal the end where Azure changed and only trials were sent: there is nothing to resume."""
        try:
            yield
        except (StateChanged, StateUnknown) as ended:
            if self.announced and not self.state.touched:
                self._close("failed", str(ended), left_open=False)
            raise

    def write(self, step: Step, request: Request, done: Callable[[], bool]) -> None:
        """Carry out a write whose effect `done` can see; after a transient failure it is sent again.

        Raises the RequestFailed of a write that was surely not carried out, OutcomeUnknown, or StoreError.
        """
        kind = kind_of(step.do)

        def send() -> None:
            for attempt in self.waiter.attempts(done, bringing_back=kind.brings_back, shows=not kind.tries):
                with attempt, self._noting_denial(step, request):
                    self.send(step, request)

        self._signed_in.make(send)

    def send(self, step: Step, request: Request) -> None:
        """Announce a write in the journal, send it once, and keep the answer.

        Raises RequestFailed; StoreError when it was not sent. What brings an app back is sent even when the
        journal cannot be written: an app without its network is worse than a gap in the journal. Nothing else
        is sent once the operator interrupted the command, which may be while the announcement is kept.
        """
        self._announce(step, request)
        if self._interruption.requested and not kind_of(step.do).brings_back:
            not_sent = NotSent()
            self._keep_answer(step, Answer(sent=False), str(not_sent))
            raise not_sent
        answers: list[Answer] = []
        try:
            self._writer.operation(request, answers.append)()
        except Exception as error:
            failure = from_error(error)
            ids_ = failure.request_id, failure.correlation_id
            self._keep_answer(step, Answer(failure.status, *ids_), str(failure))
            if failure is error:
                raise
            raise failure from error
        self._keep_answer(step, answers[0] if answers else Answer(), None)

    def until(
        self, step: Step, look: Callable[[], Any], enough: Callable[[Any], bool], what: str, timeout: float
    ) -> Any:
        """Look until it is enough, and return what was seen then. Raises StepFailed when time is up.

        `timeout` is in seconds, for a step that names no timeout itself.
        """
        limit = step.timeout or timeout
        self._progress.waiting(step, f"waiting for {what}", self.waiter.ends(limit))
        try:
            return self._signed_in.make(
                lambda: self.waiter.until(
                    partial(self._signed_in.look, look, enough), enough, timeout=limit, interval=step.every
                )
            )
        except WaitTimedOut as timed_out:
            raise StepFailed(f"timed out after {timed_out.waited:.0f} s waiting for {what}") from timed_out

    def confirm(self, step: Step) -> bool:
        """Whether the operator goes on. An answer may take long, so Azure is looked at again after it."""
        asked = self.clock.monotonic()
        agreed = self._ask(step, self.plan)
        took = self.clock.monotonic() - asked
        self.state.answering += took
        if not agreed:
            self.state.declined = step
            return False
        if took > _ANSWERED_AT_ONCE and not self._journal.changes:
            self.check_unchanged()
        self._release_journal()
        return True

    def refresh_token(self) -> None:
        """Fetch a token now, so that no sign-in falls into the time without network."""
        self._session.refresh()

    def check_unchanged(self) -> None:
        """A plan holds only for what it was made from. Raises StateChanged and StateUnknown."""
        check_plan(self.plan, self._replan, self.waiter, self._resume if self.state.touched else None)

    def replan(self) -> Plan:
        """The plan made anew. Raises the RequestFailed of a read that keeps failing."""
        return plan_again(self.plan, self._replan, self.waiter)

    @property
    def announced(self) -> bool:
        """Whether this process announced a write."""
        return self._journal.announced

    @property
    def settles(self) -> bool:
        """Whether a look may wait until the views agree; where it is all that is left, there is no reason."""
        only_looks = all(kind_of(step.do).proves for step in self.plan.steps)
        return self.state.failed is None and not self._interruption.requested and not only_looks

    def _step(self, step: Step) -> StepResult:
        kind, state = kind_of(step.do), self.state
        if self._is_skipped(step, kind):
            return result(step, "skipped")
        self._progress.step_started(step)
        began = self._worked()
        try:
            with silence_limit(None), read_limit(lambda: READ_WHILE_AWAY if state.disconnected else READ):
                kind.carry_out(step, self)
        except StateChanged:
            raise
        except NotSent:
            ended = result(step, "skipped")
        except Exception as error:  # whatever it was, the apps come back first
            if isinstance(error, StateUnknown) and not state.disconnected:
                raise
            ended = result(step, "failed", self._worked() - began, failure_text(error))
            if step.on_failure != "continue" and state.failed is None:
                state.failed = step
        else:
            seconds = self._worked() - began
            ended = result(step, "skipped" if state.declined is step else "succeeded", seconds)
        self._keep_result(step, ended)
        return ended

    def _worked(self) -> float:
        """The clock's seconds without those in which the operator was asked."""
        return self.clock.monotonic() - self.state.answering

    def _is_skipped(self, step: Step, kind: StepKind) -> bool:
        """Forward, every step runs; after a failure only those that bring back and look."""
        state = self.state
        if state.repaired or (kind.skipped_while_disconnected and state.disconnected):
            return True
        if not (state.failed or state.declined or self._interruption.requested):
            return False
        if self._is_left_alone() or not (kind.brings_back or kind.looks) or not state.touched:
            return True
        return kind.brings_back and step.target not in state.disconnected

    def _is_left_alone(self) -> bool:
        """Whether the operator said no before this command sent anything."""
        return self.state.declined is not None and not self.announced

    def _reconnect_the_rest(self) -> None:
        """Whatever is still without its network is connected once more, and everything is looked at again."""
        state, steps = self.state, self.plan.steps
        if not state.disconnected or self._is_left_alone():
            return
        for step in steps:
            if kind_of(step.do).brings_back and step.target in state.disconnected:
                app = ids.app_name(step.target)
                self._progress.note(f"{app} is still disconnected: sending the connect request again")
                state.replace(self._step(state.preferred(step)))
        for step in steps:
            if kind_of(step.do).looks:
                state.replace(self._step(step))

    def _announce(self, step: Step, request: Request) -> None:
        """An app that is away is connected even without a line; nothing else is sent without one."""
        try:
            self._journal.intent(step, request)
        except StoreError as error:
            if step.target not in self.state.disconnected or not kind_of(step.do).brings_back:
                raise
            self._progress.note(f"{error}; the app is connected anyway")

    def _keep_answer(self, step: Step, answer: Answer, error: str | None) -> None:
        """The intent is on disk, so a lost answer costs a look at Azure and no more."""
        try:
            self._journal.outcome(step, answer, error)
        except StoreError as lost:
            self._progress.note(f"{lost}; going on without")

    @contextmanager
    def _noting_denial(self, step: Step, request: Request) -> Iterator[None]:
        """Within, a refusal by Azure Policy becomes a finding of the report."""
        try:
            yield
        except RequestFailed as failure:
            if failure.kind == "policy":
                other_way = step.fallback is not None and request is not step.fallback
                self.seen.denials.append(Denial(step.target, request, str(failure), other_way))
            raise

    def _keep_result(self, step: Step, ended: StepResult) -> None:
        """A journal that cannot be written stops the run, but not the way back."""
        self._progress.step_ended(step, ended)
        try:
            self._journal.step(ended)
        except StoreError as error:
            self._progress.note(str(error))
            self.state.failed = self.state.failed or step
            self.state.journal_error = self.state.journal_error or str(error)

    def _release_journal(self) -> None:
        try:
            self._journal.release()
        except StoreError as error:
            self._progress.note(str(error))

    def _close(self, status: RunStatus, message: str | None, *, left_open: bool) -> bool:
        """Whether the journal says how the run ended; where it does not, `resume` has to settle that."""
        try:
            self._journal.end(status, message, left_open=left_open)
        except StoreError as error:
            self._progress.note(str(error))
            return not self.announced
        return True

    def _report(self, status: RunStatus) -> Run:
        state, plan = self.state, self.plan
        after = with_next_steps(self.seen.findings(plan), plan, open_=state.open)
        return Run(
            run=self._journal.run,
            status=status,
            dry_run=False,
            scope=plan.scope,
            playbook=plan.playbook,
            targets=state.targets(plan, self.seen.routing),
            steps=tuple(sorted(state.results, key=lambda one: one.n)),
            findings_before=self.before,
            findings_after=after,
            requests=self._session.requests,
            started=state.started or self.clock.now(),
            seconds=round(self._worked() - state.began, 3),
            message=state.message(plan, status),
            probes_after=tuple(self.seen.probes.values()),
            support=support_request(self._journal, plan, state, status, after),
            resume=self._resume if state.open else None,
            purpose=plan.purpose,
            changed=state.changed,
        )
