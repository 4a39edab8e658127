"""The job before a deletion, as the wizard and `guard` both do it: look, disconnect if asked, look again."""

from __future__ import annotations

from typing import NamedTuple

from msgspec import Struct
from msgspec.structs import replace

from remediate import ids
from remediate import plan as planning
from remediate.azure.failure import RequestFailed
from remediate.checks import judge
from remediate.checks.holders import holders, is_safe
from remediate.checks.order import order
from remediate.cli.conduct import Job, check_open_runs
from remediate.cli.desk import Desk
from remediate.cli.error import print_error
from remediate.cli.job import exit_of, perform, put_document, tell, unsent
from remediate.errors import Exit, NotFound, RemediateError
from remediate.model import Deletion, Evidence, Finding, Guard, Plan, Question, Run, World
from remediate.playbook import Playbook, find
from remediate.show.guard import guard as show_guard
from remediate.show.words import place

_UNCHANGED = (Exit.UNEXPECTED, Exit.WRONG_USE, Exit.REFUSED, Exit.INTERRUPTED)
"""The exit codes that say that nothing was changed."""


class Sight(Struct, frozen=True):
    """One look at what is to be deleted: what was read, and what it means."""

    question: Question
    world: World
    findings: tuple[Finding, ...]

    @property
    def deletion(self) -> Deletion:
        """What the deletion takes and touches, as it was read."""
        return Deletion(self.world, self.question)


class SubnetsLeft(RemediateError):
    """The command changed a subnet, and then could not begin the next one."""

    code = "not-finished"
    hint = "look again, and decide anew"

    def __init__(self, cause: RemediateError) -> None:
        super().__init__(f"{cause}; the next subnet was left as it is")
        self.exit = Exit.SOMEBODY_ELSE if cause.exit is Exit.SOMEBODY_ELSE else Exit.NOT_FINISHED


class Departed(NamedTuple):
    """The job of one subnet, and how its run ended."""

    job: Job
    run: Run


class Outcome(NamedTuple):
    """What became of the disconnects; `stopped` is what kept the next one from being begun."""

    departed: tuple[Departed, ...] = ()
    stopped: RemediateError | None = None


def look(desk: Desk, target: str) -> Sight:
    """Read what the deletion takes and touches. Raises UsageError when there is no such thing."""
    question = Question("delete", target)
    try:
        world = desk.reader.read(question)
    except RequestFailed as failure:
        if failure.kind == "absent":
            raise NotFound(f"there is no {ids.name(target)}: {failure}") from failure
        raise
    return Sight(question, world, judge(world, question))


def judged(desk: Desk, sight: Sight, runs: tuple[Run, ...] = ()) -> Guard:
    """The verdict as the document `remediate.guard/1`."""
    deletion = sight.deletion
    found = holders(deletion)
    return Guard(
        target=deletion.target,
        kind=deletion.kind,
        safe=is_safe(found, sight.findings),
        takes=deletion.taken,
        holders=found,
        findings=sight.findings,
        order=order(deletion, sight.findings),
        requests=desk.session.requests,
        runs=runs,
    )


def make_safe(desk: Desk, sight: Sight) -> Outcome:
    """Disconnect everybody who has to leave, one run a subnet, and how each ended. Raises UsageError.

    Nothing is sent while any of the subnets is refused, one that a plan holds itself among them; and what
    goes wrong on one keeps the others as they are.
    """
    deletion, playbook = sight.deletion, find("before-delete")
    leaving = {subnet for subnet, _ in deletion.leaving}
    subnets = [one for one in deletion.touched if one in leaving or deletion.holding(one)]
    jobs = [_job(desk, sight, one, playbook) for one in subnets]
    if refused := [job for job in jobs if job.plan.refusals]:
        return Outcome(tuple(Departed(job, unsent(desk, job, "refused")) for job in refused))
    if desk.options.dry_run:
        return Outcome(tuple(Departed(job, unsent(desk, job, "planned")) for job in jobs))
    for job in jobs:
        check_open_runs(desk, deletion.target, job.plan.subnet)
    return _one_after_the_other(desk, jobs)


def _one_after_the_other(desk: Desk, jobs: list[Job]) -> Outcome:
    """Once a subnet was changed, what stops the next one must not hide it: before that it is raised."""
    ended: list[Departed] = []
    for job in jobs:
        if ended and desk.interruption.requested:
            return Outcome(tuple(ended), SubnetsSkipped(jobs[len(ended) :]))
        try:
            ended.append(Departed(job, perform(desk, job)))
        except RemediateError as error:
            if not desk.interruption.changed or not ended:
                raise
            return Outcome(tuple(ended), _after_changes(error))
        if ended[-1].run.status != "succeeded":
            break
    return Outcome(tuple(ended))


class SubnetsSkipped(RemediateError):
    """The operator asked to stop: the subnets that were not begun stay as they are."""

    exit = Exit.NOT_FINISHED
    code = "interrupted"
    hint = "the same command again disconnects what is left"

    def __init__(self, left: list[Job]) -> None:
        subnets = ", ".join(place(job.plan.subnet) for job in left if job.plan.subnet)
        super().__init__(f"interrupted: nothing was disconnected from {subnets}")


class LookSkipped(RemediateError):
    """The operator asked to stop after the disconnects, before anybody saw whether it is safe now."""

    exit = Exit.NOT_FINISHED
    code = "interrupted"

    def __init__(self, target: str) -> None:
        super().__init__("interrupted: whether it is safe now was not read again")
        self.hint = f"look again: `remediate guard {target}`"


def _after_changes(error: RemediateError) -> RemediateError:
    """What kept the next subnet from being changed; the ones before it are done and stay so."""
    return error if error.exit is Exit.NOT_FINISHED else SubnetsLeft(error)


def conclude(desk: Desk, sight: Sight, outcome: Outcome) -> int:
    """Print the verdict on stdout, read again after any change, and return the exit code."""
    runs = tuple(one.run for one in outcome.departed)
    if any(run.changed for run in runs):
        sight, cut_off = _look_again(desk, sight)
        outcome = outcome._replace(stopped=outcome.stopped or cut_off)
    result = judged(desk, sight, runs)
    if desk.options.output == "table":
        for job, run in outcome.departed:
            tell(desk, job.plan, job.playbook, run)
            desk.look.out.print()
        show_guard(desk.look.out, result)
    else:
        put_document(desk, result, desk.options.output)
    if outcome.stopped:
        print_error(desk.look.err, outcome.stopped)
    return int(_exit_of(result, outcome))


def _look_again(desk: Desk, sight: Sight) -> tuple[Sight, LookSkipped | None]:
    """The verdict after a change; where nobody can look any more, the earlier one, and that it is unknown.

    Also what the command ends with where the operator asked to stop before the verdict was read.
    """
    target = sight.question.target
    cut_off = None
    try:
        if fresh := desk.interruption.optionally(lambda: look(desk, target)):
            return fresh, None
        why, cut_off = "stopped before it was read", LookSkipped(target)
    except RemediateError as error:
        why = str(error)
    return replace(sight, findings=(*sight.findings, _unseen(target, why))), cut_off


def _unseen(target: str, why: str) -> Finding:
    return Finding(
        code="no-read-permission",
        severity="unknown",
        title="Could not look again after the change",
        detail="The holders that are named here are those from before it.",
        evidence=(Evidence("target", target, why),),
        action=f"Look again: `remediate guard {target}`",
    )


def _job(desk: Desk, sight: Sight, subnet: str, playbook: Playbook) -> Job:
    """The plan for one subnet, after a preflight of the apps that leave it."""
    apps = tuple(app.id for app in dict(sight.deletion.leaving).get(subnet, ()))
    question = Question("leave", sight.question.target, subnet, apps)
    world = desk.reader.preflight(sight.world, question)
    findings = judge(world, question)
    plan = planning.make(world, question, findings, playbook)

    def replan() -> Plan:
        """From a fresh look, to see whether Azure is still as it was."""
        fresh = look(desk, sight.question.target)
        there = next((one for one in fresh.deletion.touched if ids.same(one, subnet)), None)
        return _job(desk, fresh, there, playbook).plan if there else replace(plan, apps=())

    return Job(playbook, plan, findings, replan)


def _exit_of(result: Guard, outcome: Outcome) -> Exit:
    """What a run ended with, else whether it is safe now: a dry run made nothing safe.

    The codes that say that nothing was changed are those of a command none of whose runs changed anything.
    """
    if outcome.stopped:
        code = outcome.stopped.exit
    else:
        ends = [exit_of(run) for run in result.runs]
        safe = Exit.DONE if result.safe else Exit.FOUND_SOMETHING
        code = next((one for one in ends if one is not Exit.DONE), safe)
    changed = any(run.changed for run in result.runs)
    return Exit.NOT_FINISHED if changed and code in _UNCHANGED else code
