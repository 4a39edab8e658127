"""Carrying out a plan for somebody: the lock on the link, the journal, progress, and what Ctrl-C does."""

from __future__ import annotations

import secrets
from collections.abc import Callable
from datetime import UTC, datetime
from signal import SIGINT, Signals
from typing import TYPE_CHECKING, NamedTuple

from msgspec.structs import replace

from remediate import ids
from remediate.cli import ask
from remediate.cli.problem import Exit, Problem
from remediate.model import Finding, Plan, Purpose, Run, RunStatus
from remediate.show.console import warn
from remediate.show.progress import LiveProgress, PlainProgress
from remediate.show.words import place

if TYPE_CHECKING:
    from remediate.cli.desk import Desk
    from remediate.cli.job import Job
    from remediate.run.course import Course
    from remediate.run.executor import Executor
    from remediate.run.journal import Journal
    from remediate.run.progress import Interruption, Progress

_STOPPING: dict[Purpose, str] = {
    "reconnect": "nothing more is disconnected; what is disconnected is connected again first.",
    "disconnect": "nothing more is disconnected; what is disconnected stays so, and is read first.",
    "purge": "Azure is not asked again; the subnet is read first.",
}
"""What a first Ctrl-C leads to."""


class Prepared(NamedTuple):
    """What is to be carried out, decided once the link is ours."""

    plan: Plan
    findings: tuple[Finding, ...]
    replan: Callable[[], Plan]
    course: Course | None = None
    whole: RunStatus = "succeeded"


def begin(desk: Desk, job: Job, announce: Callable[[], None]) -> Run:
    """A new run: announced once the link is ours, and journaled from its plan on.

    Raises Problem when somebody else is at work on the link.
    """
    from remediate.cli.keeping import keep_before

    plan = job.plan

    def prepare(journal: Journal) -> Prepared:
        check_open_runs(desk, plan.target, plan.subnet, lock_held=True)
        announce()
        journal.begin(plan, job.findings, desk.session.signed_in.who, desk.session.cloud.arm)
        keep_before(desk, journal.run, plan, job.sight)
        return Prepared(plan, job.findings, job.replan)

    return conduct(desk, run_id(desk), plan.subnet or plan.target, prepare)


def tell_unfinished(desk: Desk) -> None:
    """Say on stderr which runs did not end, before anything else is looked at."""
    from remediate.run.journal import read_open
    from remediate.state.store import StoreError

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
    """Whether a run that was cut off, or is still at work, is about this app or subnet. Raises Problem.

    With the lock of the subnet in hand, whoever left an open journal behind is dead.
    """
    from remediate.run.journal import read_open

    for record in read_open(desk.store).unfinished(desk.session.cloud.arm):
        begun, plan = record.begin, record.begin.plan
        ours = ids.same(plan.subnet, subnet) or any(ids.same(app.id, target) for app in plan.apps)
        if not ours or record.end is not None:
            continue
        if not lock_held:
            _check_free(desk, plan.subnet or plan.target)
        raise Problem(
            f"run {begun.run} on this link was cut off and is not finished",
            hint=f"remediate resume {begun.run}",
            exit_=Exit.REFUSED,
            code="unfinished",
        )


def _check_free(desk: Desk, what: str) -> None:
    """Whether nobody holds a link's lock. Raises Problem."""
    from remediate.run import journal as journals
    from remediate.state.store import Held

    holder = journals.holder("none", desk.session.clock.now())
    try:
        with desk.store.lock(journals.lock_name(what), holder):
            return
    except Held as held:
        raise _held(held) from held


def _held(held: Exception) -> Problem:
    hint = "wait for it to end; remediate runs list shows it"
    return Problem(str(held), hint=hint, exit_=Exit.SOMEBODY_ELSE, code="held")


def run_id(desk: Desk) -> str:
    """Sorts by time, and does not collide when two start in the same second."""
    at: datetime = desk.session.clock.now().astimezone(UTC)
    return f"{at:%Y%m%dT%H%M%SZ}-{secrets.token_hex(2)}"


def conduct(desk: Desk, run: str, what: str, prepare: Callable[[Journal], Prepared]) -> Run:
    """Hold the lock of a subnet, prepare within, and carry out. Raises Problem."""
    from remediate.cli.keeping import keep_after
    from remediate.run import journal as journals
    from remediate.run.progress import Interruption, StopNow
    from remediate.state.store import Held

    interruption, progress = Interruption(), _progress(desk)
    journal = journals.Journal(desk.store, run, desk.session.clock)
    executor = _executor(desk, journal, progress, interruption)
    holder = journals.holder(run, desk.session.clock.now())
    try:
        with desk.store.lock(journals.lock_name(what), holder):
            prepared = prepare(journal)
            # Until the command ends, so that its result is told whatever is pressed.
            desk.keep(interruption.caught(_told(progress, prepared.plan)))
            ended = executor.run(
                prepared.plan, prepared.findings, prepared.replan, prepared.course, whole=prepared.whole
            )
        keep_after(desk, run, prepared.plan, executor.seen)
        return replace(ended, resume=None) if desk.options.passing else ended
    except Held as held:
        raise _held(held) from held
    except StopNow as stopped:
        raise _stopped(journal, executor.course) from stopped
    finally:
        progress.close()


def _executor(
    desk: Desk,
    journal: Journal,
    progress: Progress,
    interruption: Interruption,
) -> Executor:
    from remediate.run.executor import Executor

    return Executor(
        desk.session,
        journal,
        progress,
        interruption,
        ask.for_run(desk, progress),
        every=desk.options.poll_interval,
        ceiling=desk.options.timeout,
    )


def _stopped(journal: Journal, course: Course | None) -> Problem:
    """The second signal: nothing more is done, and what is open is said."""
    away = [ids.app_name(app) for app in course.disconnected] if course else []
    if not away and not journal.announced:
        return Problem("stopped, and nothing was changed", exit_=Exit.INTERRUPTED)
    apps = f"{', '.join(away)} may be without network" if away else _left_behind(course)
    return Problem(
        f"stopped at once: {apps}",
        hint=f"remediate resume {journal.run}",
        exit_=Exit.NOT_FINISHED,
        code="stopped",
    )


def _left_behind(course: Course | None) -> str:
    if course is not None and course.purpose == "disconnect":
        out = [ids.app_name(app) for app, toll in course.tolls.items() if toll.status != "untouched"]
        return f"{', '.join(out) or 'no app'} may be disconnected, as it was meant"
    if course is not None and course.purpose == "purge":
        return "whether the link is gone was not read"
    return "no app is without its network"


def _told(progress: Progress, plan: Plan) -> Callable[[int], None]:
    def tell(signal: int) -> None:
        name = "Ctrl-C" if signal == SIGINT else Signals(signal).name
        progress.note(f"{name}: {_STOPPING[plan.purpose]} Once more stops at once.")

    return tell


def _progress(desk: Desk) -> Progress:
    clock = desk.session.clock
    if desk.look.live and not desk.options.structured:
        return LiveProgress(desk.look.err, clock.monotonic)
    return PlainProgress(desk.look.err, clock.now)
