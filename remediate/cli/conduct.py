"""Carrying out a plan for somebody: the lock on the link, the journal, progress, and what Ctrl-C does."""

from __future__ import annotations

import secrets
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from signal import SIGINT, Signals
from typing import NamedTuple

from remediate import ids
from remediate.azure.patience import Patience
from remediate.cli import ask
from remediate.cli.desk import Desk
from remediate.cli.keeping import keep_after, keep_before
from remediate.cli.sight import Sight
from remediate.errors import Exit, Interrupted, RemediateError
from remediate.model import PURPOSES, Finding, Plan, Probe, Purpose
from remediate.playbook import Playbook
from remediate.run import journal as journals
from remediate.run.execution import Assignment, Execution
from remediate.run.interruption import Interruption, StopNow
from remediate.run.journal import Journal, read_open
from remediate.run.progress import Progress
from remediate.run.state import RunState, untouched
from remediate.show.console import warn
from remediate.show.progress import LiveProgress, PlainProgress
from remediate.show.words import place
from remediate.state.store import StoreError


class UnfinishedRun(RemediateError):
    """An earlier run on the same link was cut off: it is finished first."""

    exit = Exit.REFUSED
    code = "unfinished"


class RunStopped(RemediateError):
    """The operator asked a second time: the run ended where it was."""

    exit = Exit.NOT_FINISHED
    code = "stopped"


class Job(NamedTuple):
    """What is to be carried out, whatever it is for; `replan` makes the plan anew from a fresh look.

    `sight` is the look at the app that it is about, where it is about one.
    """

    playbook: Playbook
    plan: Plan
    findings: tuple[Finding, ...]
    replan: Callable[[], Plan]
    sight: Sight | None = None

    @property
    def probes(self) -> tuple[Probe, ...]:
        """What the workers of an app said before."""
        return self.sight.probes if self.sight else ()


@contextmanager
def new_execution(desk: Desk, job: Job, announce: Callable[[], None]) -> Iterator[Execution]:
    """Within, a new run is ready: announced after the lock is acquired, and journaled from its plan on.

    Raises LockHeld when somebody else is at work on the link.
    """
    plan = job.plan

    def prepare(journal: Journal) -> Assignment:
        check_open_runs(desk, plan.target, plan.subnet, lock_held=True)
        announce()
        journal.begin(plan, job.findings, desk.session.signed_in.who, desk.session.cloud.arm)
        keep_before(desk, journal.run, plan, job.sight)
        return Assignment(plan, job.findings, job.replan, untouched(plan))

    with locked_execution(desk, run_id(desk), plan.subnet or plan.target, plan.purpose, prepare) as execution:
        yield execution


def tell_unfinished(desk: Desk) -> None:
    """Say on stderr which runs did not end, before anything else is looked at."""
    console = desk.look.err
    try:
        journals = read_open(desk.store)
    except StoreError as error:  # a look needs no state; a change will be refused for it
        warn(console, str(error))
        return
    for record in journals.unfinished(desk.session.cloud.arm):
        begun, plan = record.begin, record.begin.plan
        where = place(plan.subnet) if plan.subnet else ids.app_name(plan.target)
        warn(
            console,
            f"Run {begun.run} on {where} by {begun.who} has not ended. "
            f"To finish it: remediate resume {begun.run}",
        )
    for told in journals.damaged.values():
        warn(console, told)


def check_open_runs(desk: Desk, target: str, subnet: str | None, *, lock_held: bool = False) -> None:
    """Whether a run that was cut off, or is still at work, is about this app or subnet.

    With the lock of the subnet in hand, whoever left an open journal behind is dead. Raises UnfinishedRun,
    and LockHeld.
    """
    for record in read_open(desk.store).unfinished(desk.session.cloud.arm):
        begun, plan = record.begin, record.begin.plan
        ours = ids.same(plan.subnet, subnet) or any(ids.same(app.id, target) for app in plan.apps)
        if not ours or record.end is not None:
            continue
        if not lock_held:
            _check_free(desk, plan.subnet or plan.target)
        raise UnfinishedRun(
            f"run {begun.run} on this link was cut off and is not finished",
            hint=f"remediate resume {begun.run}",
        )


def _check_free(desk: Desk, what: str) -> None:
    """Whether nobody holds a link's lock. Raises LockHeld."""
    holder = journals.holder("none", desk.session.clock.now())
    with desk.store.lock(journals.lock_name(what), holder):
        return


def run_id(desk: Desk) -> str:
    """Sorts by time, and does not collide when two start in the same second."""
    at: datetime = desk.session.clock.now().astimezone(UTC)
    return f"{at:%Y%m%dT%H%M%SZ}-{secrets.token_hex(2)}"


@contextmanager
def locked_execution(
    desk: Desk, run: str, what: str, purpose: Purpose, prepare: Callable[[Journal], Assignment]
) -> Iterator[Execution]:
    """Within, the lock of a subnet is held, and an execution is ready to run. Raises LockHeld and RunStopped.

    A signal before the first run ends the command. Once a run changed Azure, the preparation of the next
    one is as good as a part of it: the command still has a result to print.
    """
    interruption, progress = desk.interruption, _progress(desk)
    journal = journals.Journal(desk.store, run, desk.session.clock)
    holder = journals.holder(run, desk.session.clock.now())
    prepared: list[Execution] = []

    def stopped() -> RemediateError:
        return _stopped(journal, prepared[0].state if prepared else None, interruption)

    if interruption.changed:
        interruption.defer(_told(progress, purpose), stopped)
    try:
        with desk.store.lock(journals.lock_name(what), holder):
            execution = _execution(desk, prepare(journal), journal, progress)
            prepared.append(execution)
            interruption.defer(_told(progress, execution.plan.purpose), stopped)
            with _noting_change(execution, interruption):
                yield execution
        interruption.optionally(lambda: keep_after(desk, run, execution.plan, execution.seen.world))
    except StopNow as error:
        interruption.report()
        raise stopped() from error
    finally:
        progress.close()


@contextmanager
def _noting_change(execution: Execution, interruption: Interruption) -> Iterator[None]:
    """Within, a plan is carried out; afterwards it is known whether Azure was changed, however it ended."""
    try:
        yield
    except BaseException:
        interruption.changed |= execution.announced
        raise
    interruption.changed |= execution.ended is not None and execution.ended.changed


def _execution(desk: Desk, assignment: Assignment, journal: Journal, progress: Progress) -> Execution:
    options, interruption = desk.options, desk.interruption
    waits = Patience(
        desk.session.clock, options.poll_interval, options.timeout, lambda: interruption.requested
    )
    return Execution(
        assignment,
        desk.session,
        journal,
        progress,
        interruption,
        ask.for_run(desk, progress),
        waits,
        ephemeral=options.passing,
    )


def _stopped(journal: Journal, state: RunState | None, interruption: Interruption) -> RemediateError:
    """The second signal: nothing more is done, and what is open is said."""
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
        return f"{', '.join(out) or 'no app'} may be disconnected, as it was meant"
    if state is not None and state.traits.clears_link:
        return "whether the link is gone was not read"
    return "no app is without its network"


def _told(progress: Progress, purpose: Purpose) -> Callable[[int], None]:
    def tell(signal: int) -> None:
        name = "Ctrl-C" if signal == SIGINT else Signals(signal).name
        progress.note(f"{name}: {PURPOSES[purpose].on_interrupt} Once more stops at once.")

    return tell


def _progress(desk: Desk) -> Progress:
    clock = desk.session.clock
    if desk.look.live and not desk.options.structured:
        return LiveProgress(desk.look.err, clock.monotonic)
    return PlainProgress(desk.look.err, clock.now)
