"""The execution of a plan: the lock on the link, the journal, progress, questions, and Ctrl-C."""

from __future__ import annotations

import secrets
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from signal import SIGINT, Signals
from typing import NamedTuple

from remediate import ids
from remediate.azure.waiting import Waiter
from remediate.errors import Exit, Interrupted, RemediateError
from remediate.jobs.assessment import Assessment
from remediate.jobs.context import CommandContext
from remediate.jobs.recording import keep_after
from remediate.model import PURPOSES, Finding, Plan, Probe, Purpose, Step, World
from remediate.model.failure import RequestFailed
from remediate.playbook import Playbook
from remediate.run import journal as journals
from remediate.run.assignment import Assignment
from remediate.run.execution import Execution
from remediate.run.fresh_sign_in import SignInAgain
from remediate.run.interruption import Interruption, StopNow
from remediate.run.journal import Journal
from remediate.run.progress import Progress
from remediate.run.state import RunState
from remediate.show.progress import LiveProgress, PlainProgress, SpokenProgress
from remediate.steps import Confirm, kind_of


class RunStopped(RemediateError):
    """A second signal came: the run ended where it was."""

    exit = Exit.NOT_FINISHED
    code = "stopped"


class Proposal(NamedTuple):
    """A plan, by which playbook and from which findings; `replan` makes it anew from a fresh assessment.

    `assessment` is that of the app; a plan for a subnet has none. `world` is what the plan was made from.
    """

    playbook: Playbook
    plan: Plan
    findings: tuple[Finding, ...]
    replan: Callable[[], Plan]
    assessment: Assessment | None = None
    world: World = World()

    @property
    def probes(self) -> tuple[Probe, ...]:
        """What the app's workers answered before the run."""
        return self.assessment.probes if self.assessment else ()


def new_run_id(context: CommandContext) -> str:
    """An id that sorts by time and does not collide when two runs start in the same second."""
    at: datetime = context.session.clock.now().astimezone(UTC)
    return f"{at:%Y%m%dT%H%M%SZ}-{secrets.token_hex(2)}"


@contextmanager
def locked_execution(
    context: CommandContext,
    run: str,
    what: str,
    purpose: Purpose,
    prepare: Callable[[Journal], Assignment],
) -> Iterator[Execution]:
    """Acquire the lock of a subnet, prepare, and yield an execution. Raises LockHeld and RunStopped.

    A signal before the first run ends the command. After a run changed Azure, a signal during the
    preparation of the next one is deferred: the command still has a result to print.
    """
    interruption, progress = context.interruption, _progress(context)
    journal = journals.Journal(context.store, run, context.session.clock)
    holder = journals.holder(run, context.session.clock.now())
    prepared: list[Execution] = []

    def stopped() -> RemediateError:
        return _stopped(journal, prepared[0].state if prepared else None, interruption)

    if interruption.changed:
        interruption.defer(_stop_notice(progress, purpose), stopped)
    try:
        with context.told_otherwise(), context.store.lock(journals.lock_name(what), holder):
            execution = _execution(context, prepare(journal), journal, progress)
            prepared.append(execution)
            interruption.defer(_stop_notice(progress, execution.plan.purpose), stopped)
            with _recording_change(execution, interruption):
                yield execution
        interruption.optionally(lambda: keep_after(context, run, execution.plan, execution.seen.world))
    except StopNow as error:
        interruption.report()
        raise stopped() from error
    finally:
        progress.close()


@contextmanager
def _recording_change(execution: Execution, interruption: Interruption) -> Iterator[None]:
    """Record after the block whether Azure was changed, however the execution ended."""
    try:
        yield
    except BaseException:
        interruption.changed |= execution.announced
        raise
    interruption.changed |= execution.ended is not None and execution.ended.changed


def _execution(
    context: CommandContext, assignment: Assignment, journal: Journal, progress: Progress
) -> Execution:
    options, interruption = context.options, context.interruption
    waiter = Waiter(
        context.session.clock, options.poll_interval, options.timeout, lambda: interruption.requested
    )
    return Execution(
        assignment,
        context.session,
        journal,
        progress,
        interruption,
        _ask(context, progress),
        waiter,
        ephemeral=options.ephemeral,
        sign_in_again=_sign_in_again(context, progress),
    )


def _ask(context: CommandContext, progress: Progress) -> Callable[[Step, Plan], bool]:
    """How a run asks: `--yes` answers yes; in a terminal the operator types the app's name.

    In the wizard the choice of a plan that takes no app's network away was the answer.
    """

    def answer(step: Step, plan: Plan) -> bool:
        if context.options.yes or (context.guided and step.do == Confirm.name and not _takes_away(plan)):
            return True
        progress.close()
        try:
            if kind_of(step.do).needs_name_typed:
                word = ids.app_name(plan.target)
                agreed = context.prompts.confirm_word(word, back=context.guided)
                context.goes_back = not agreed
                return agreed
            return context.prompts.confirm(f"{step.tell}. Go on?")
        except Interrupted:  # the operator left the question: the same as a no
            return False

    return answer


def _sign_in_again(context: CommandContext, progress: Progress) -> SignInAgain:
    """How a run waits for a fresh sign-in while apps are without network: in a terminal, until Enter."""

    def wait(failure: RequestFailed, away: list[str]) -> bool:
        if not context.interactive:
            return False
        progress.close()
        names = ", ".join(ids.app_name(app) for app in away)
        progress.note(failure.message)
        progress.note(f"Without network until somebody signs in again: {names}")
        how = failure.hint if failure.hint.startswith("az ") else "az login"
        try:
            context.prompts.acknowledge(f"Sign in again in another terminal: {how}. Enter tries again")
        except Interrupted:  # the operator left the question
            return False
        return True

    return wait


def _takes_away(plan: Plan) -> bool:
    """Whether an app loses its network: the wizard's operator chose the plan, and types a name for that."""
    return any(kind_of(step.do).takes_away for step in plan.steps)


def _stopped(journal: Journal, state: RunState | None, interruption: Interruption) -> RemediateError:
    """The error after a second signal; it says which apps may be without network."""
    away = [ids.app_name(app) for app in state.disconnected] if state else []
    if not away and not journal.announced:
        if interruption.changed:
            return RunStopped("stopped at once: nothing more was changed")
        return Interrupted("stopped, and nothing was changed")
    apps = f"{', '.join(away)} may be without network" if away else _left_behind(state)
    return RunStopped(f"stopped at once: {apps}", hint=f"remediate resume {journal.run}")


def _left_behind(state: RunState | None) -> str:
    if state is not None and state.traits.disconnects_for_good:
        out = [ids.app_name(app) for app, one in state.outcomes.items() if one.status != "untouched"]
        return f"{', '.join(out) or 'no app'} may be disconnected, as planned"
    if state is not None and state.traits.clears_link:
        return "whether the link is gone was not read"
    return "no app is without its network"


def _stop_notice(progress: Progress, purpose: Purpose) -> Callable[[int], None]:
    def note(signal: int) -> None:
        name = "Ctrl-C" if signal == SIGINT else Signals(signal).name
        progress.note(f"{name}: {PURPOSES[purpose].on_interrupt} A second signal stops at once.")

    return note


def _progress(context: CommandContext) -> Progress:
    clock = context.session.clock
    if context.consoles.live and not context.options.structured:
        return LiveProgress(context.consoles.err, clock.monotonic, brief=context.guided)
    if context.guided:
        return SpokenProgress(context.consoles.err)
    return PlainProgress(context.consoles.err, clock.now)
