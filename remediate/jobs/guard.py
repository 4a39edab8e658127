"""`remediate guard`: assess a deletion, disconnect the holders on request, and assess it again.

The wizard uses the same functions.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import NamedTuple

from msgspec import Struct
from msgspec.structs import replace

from remediate import ids
from remediate import plan as planning
from remediate.checks import judge, ordered
from remediate.checks.holders import holders, is_safe
from remediate.checks.order import order
from remediate.errors import Exit, NotFound, RemediateError
from remediate.jobs.apply import apply, exit_code, report_run, unsent_run
from remediate.jobs.context import CommandContext, open_context
from remediate.jobs.execution import Proposal
from remediate.jobs.invocation import Invocation
from remediate.jobs.open_runs import check_open_runs, runs_beside_deletion, warn_unfinished_runs
from remediate.jobs.output import print_run_document
from remediate.jobs.rereading import check_read, fresh_plan
from remediate.jobs.resource import check_deletable, find_deletable
from remediate.model import Deletion, Evidence, Finding, Guard, Plan, Question, Run, World
from remediate.model.failure import RequestFailed
from remediate.playbook import Playbook, find
from remediate.show.console import print_error
from remediate.show.guard import print_guard
from remediate.show.words import subnet_name

_NOTHING_CHANGED = (Exit.UNEXPECTED, Exit.WRONG_USE, Exit.REFUSED, Exit.INTERRUPTED)
"""The exit codes that say that nothing was changed."""


class DeletionAssessment(Struct, frozen=True):
    """The question about a deletion, what was read, and the findings."""

    question: Question
    world: World
    findings: tuple[Finding, ...]

    @property
    def deletion(self) -> Deletion:
        """What the deletion takes and touches, as it was read."""
        return Deletion(self.world, self.question)


class SubnetRun(NamedTuple):
    """The proposal for one subnet, and how its run ended."""

    proposal: Proposal
    run: Run


class DisconnectResult(NamedTuple):
    """How the run of each subnet ended; `stopped` is the error that kept the next one from starting."""

    subnets: tuple[SubnetRun, ...] = ()
    stopped: RemediateError | None = None


class NextSubnetFailed(RemediateError):
    """The command changed a subnet, and then could not start the run of the next one."""

    code = "not-finished"
    hint = "run `remediate guard RESOURCE_ID` again to see what is left"

    def __init__(self, cause: RemediateError) -> None:
        super().__init__(f"{cause}; the next subnet was not changed")
        self.exit = Exit.CONFLICT if cause.exit is Exit.CONFLICT else Exit.NOT_FINISHED


class SubnetsSkipped(RemediateError):
    """The operator interrupted the command: the runs of these subnets were not started."""

    exit = Exit.NOT_FINISHED
    code = "interrupted"
    hint = "run the same command again to disconnect the remaining apps"

    def __init__(self, skipped: list[Proposal]) -> None:
        subnets = ", ".join(subnet_name(one.plan.subnet) for one in skipped if one.plan.subnet)
        super().__init__(f"interrupted: nothing was disconnected from {subnets}")


class AssessmentSkipped(RemediateError):
    """The operator interrupted the command after the disconnects, before the deletion was assessed again."""

    exit = Exit.NOT_FINISHED
    code = "interrupted"

    def __init__(self, target: str) -> None:
        super().__init__("interrupted: whether the deletion is safe now was not read")
        self.hint = f"look again: `remediate guard {target}`"


def guard(invocation: Invocation, resource: str | None, disconnect: bool) -> int:
    """Assess a deletion, with `disconnect` make it safe, print the verdict, and return the exit code."""
    named = check_deletable(resource)
    with open_context(invocation, may_write=disconnect) as context:
        warn_unfinished_runs(context)
        assessment = assess_deletion(context, find_deletable(context, named))
        result = disconnect_holders(context, assessment) if disconnect else DisconnectResult()
        return report_guard(context, assessment, result)


def assess_deletion(context: CommandContext, target: str, left: tuple[str, ...] = ()) -> DeletionAssessment:
    """Read what the deletion takes and touches, and the subnets that apps left for it.

    Raises NotFound when there is no such resource.
    """
    question = Question("delete", target, left=left)
    try:
        world = context.reader.read(question)
    except RequestFailed as failure:
        if failure.kind == "absent":
            raise NotFound(f"there is no {ids.name(target)}: {failure}") from failure
        raise
    context.check_signed_in()
    beside = runs_beside_deletion(context, Deletion(world, question))
    return DeletionAssessment(question, world, ordered((*judge(world, question), *beside)))


def build_guard(context: CommandContext, assessment: DeletionAssessment, runs: tuple[Run, ...] = ()) -> Guard:
    """The document `remediate.guard/1` of an assessment."""
    deletion = assessment.deletion
    found = holders(deletion)
    return Guard(
        target=deletion.target,
        kind=deletion.kind,
        safe=is_safe(found, assessment.findings),
        takes=deletion.taken,
        holders=found,
        findings=assessment.findings,
        order=order(deletion, assessment.findings),
        requests=context.session.requests,
        runs=runs,
    )


def disconnect_holders(context: CommandContext, assessment: DeletionAssessment) -> DisconnectResult:
    """Disconnect every app that holds the resource, one run for each subnet. Raises UsageError.

    If the plan of any subnet is refused, nothing is sent. If the run of one subnet fails, those after it
    are not started.
    """
    deletion, playbook = assessment.deletion, find("before-delete")
    proposals = [_propose(context, assessment, one, playbook) for one in deletion.occupied]
    if refused := [one for one in proposals if one.plan.refusals]:
        return DisconnectResult(tuple(SubnetRun(one, unsent_run(context, one, "refused")) for one in refused))
    if context.options.dry_run:
        return DisconnectResult(
            tuple(SubnetRun(one, unsent_run(context, one, "planned")) for one in proposals)
        )
    for one in proposals:
        check_open_runs(context, deletion.target, one.plan.subnet)
    return _apply_in_turn(context, proposals)


def _apply_in_turn(context: CommandContext, proposals: list[Proposal]) -> DisconnectResult:
    """After a subnet was changed, an error on the next one is part of the result; before, it is raised."""
    ended: list[SubnetRun] = []
    for proposal in proposals:
        if ended and context.interruption.requested:
            return DisconnectResult(tuple(ended), SubnetsSkipped(proposals[len(ended) :]))
        try:
            ended.append(SubnetRun(proposal, apply(context, proposal)))
        except RemediateError as error:
            if not context.interruption.changed or not ended:
                raise
            return DisconnectResult(tuple(ended), _after_changes(error))
        if ended[-1].run.status != "succeeded":
            break
    return DisconnectResult(tuple(ended))


def _after_changes(error: RemediateError) -> RemediateError:
    """The error of the next subnet, with an exit code that does not say that nothing was changed."""
    return error if error.exit is Exit.NOT_FINISHED else NextSubnetFailed(error)


def report_guard(context: CommandContext, assessment: DeletionAssessment, result: DisconnectResult) -> int:
    """Print the verdict on stdout, read again after any change, and return the exit code."""
    runs = tuple(one.run for one in result.subnets)
    if any(run.changed for run in runs):
        left = tuple(one.proposal.plan.subnet or "" for one in result.subnets if one.run.changed)
        assessment, skipped = _assess_again(context, assessment, left)
        result = result._replace(stopped=result.stopped or skipped)
    document = build_guard(context, assessment, runs)
    if context.options.output == "table":
        for proposal, run in result.subnets:
            report_run(context, proposal.plan, proposal.playbook, run)
            context.consoles.out.print()
        if not context.guided:  # the wizard says what is safe now, and asks
            print_guard(context.consoles.out, document)
    else:
        print_run_document(context.options, context.consoles, document)
    if result.stopped:
        print_error(context.consoles.err, result.stopped)
    return int(_exit_code(document, result))


def _assess_again(
    context: CommandContext, assessment: DeletionAssessment, left: tuple[str, ...]
) -> tuple[DeletionAssessment, AssessmentSkipped | None]:
    """The assessment after a change; if it cannot be read, the earlier one with an unknown finding.

    Also the error that ends the command when the operator interrupted it before that was read.
    """
    target = assessment.question.target
    skipped = None
    try:
        if fresh := context.interruption.optionally(lambda: assess_deletion(context, target, left)):
            return fresh, None
        why, skipped = "interrupted before it was read", AssessmentSkipped(target)
    except RemediateError as error:
        why = str(error)
    return replace(assessment, findings=(*assessment.findings, _not_read_again(target, why))), skipped


def _not_read_again(target: str, why: str) -> Finding:
    return Finding(
        code="no-read-permission",
        severity="unknown",
        title="Could not look again after the change",
        detail="The holders that are listed are those from before the change.",
        evidence=(Evidence("target", target, why),),
        action=f"Look again: `remediate guard {target}`",
    )


def _new(fresh: Iterable[Finding], before: Iterable[Finding]) -> list[Finding]:
    """The findings with evidence that was not there before."""
    known = {(fact.view, fact.field) for one in before for fact in one.evidence}
    return [one for one in fresh if any((fact.view, fact.field) not in known for fact in one.evidence)]


def _propose(
    context: CommandContext, assessment: DeletionAssessment, subnet: str, playbook: Playbook
) -> Proposal:
    """The plan for one subnet, after a preflight of the apps that are disconnected from it."""
    apps = tuple(app.id for app in dict(assessment.deletion.leaving).get(subnet, ()))
    question = Question("leave", assessment.deletion.target, subnet, apps)
    world = context.reader.preflight(assessment.world, question)
    findings = judge(world, question)
    plan = planning.make(world, question, findings, playbook)
    before = _merged(findings, assessment.findings, judge(world, Question("purge", subnet)))

    def replan() -> Plan:
        """The same plan from a fresh assessment, to see whether Azure is still the same."""
        fresh = assess_deletion(context, assessment.question.target)
        there = next((one for one in fresh.deletion.touched if ids.same(one, subnet)), None)
        check_read(_new(fresh.findings, assessment.findings), fresh.world)
        if there is None:
            return fresh_plan(
                plan, own._replace(plan=replace(plan, apps=()), world=fresh.world), fresh.findings
            )
        return fresh_plan(plan, _propose(context, fresh, there, playbook), fresh.findings)

    own = Proposal(playbook, plan, before, replan, world=world)
    return own


def _merged(*several: tuple[Finding, ...]) -> tuple[Finding, ...]:
    """All that was there before: each code once, in the words of the first question that found it."""
    found: dict[str, Finding] = {}
    for findings in several:
        for one in findings:
            found.setdefault(one.code, one)
    return ordered(found.values())


def _exit_code(document: Guard, result: DisconnectResult) -> Exit:
    """How the runs ended, else whether the deletion is safe now: a dry run makes nothing safe.

    The codes that say that nothing was changed are used only when no run of the command changed anything.
    """
    if result.stopped:
        code = result.stopped.exit
    else:
        ends = [exit_code(run) for run in document.runs]
        safe = Exit.DONE if document.safe else Exit.FOUND_SOMETHING
        code = next((one for one in ends if one is not Exit.DONE), safe)
    changed = any(run.changed for run in document.runs)
    return Exit.NOT_FINISHED if changed and code in _NOTHING_CHANGED else code
