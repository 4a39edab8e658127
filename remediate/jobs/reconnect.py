"""`remediate reconnect`: assess, plan with a preflight, and apply. The wizard uses the same proposals."""

from __future__ import annotations

from msgspec.structs import replace

from remediate import plan as planning
from remediate.checks import judge
from remediate.errors import Exit
from remediate.jobs.apply import apply, report_run
from remediate.jobs.assessment import Assessment, assess, with_probes
from remediate.jobs.context import CommandContext, open_context
from remediate.jobs.execution import Proposal
from remediate.jobs.invocation import Invocation
from remediate.jobs.open_runs import check_open_runs, warn_unfinished_runs
from remediate.jobs.rereading import fresh_plan
from remediate.jobs.resource import check_subnet, find_optional_subnet
from remediate.jobs.target import resolve_app
from remediate.model import Endpoint, Plan, Scope
from remediate.model.failure import RequestFailed
from remediate.playbook import Playbook, find


def reconnect(
    invocation: Invocation,
    target: str | None,
    group: str | None,
    name: str | None,
    slot: str | None,
    scope: Scope | None,
    subnet: str | None,
    probe: Endpoint | None,
    playbook: str | None,
    allowed: frozenset[str],
) -> int:
    """Reconnect an app, print the result, and return the exit code."""
    check_subnet("--subnet", subnet)
    chosen = find(playbook) if playbook else None
    with open_context(invocation, may_write=True) as context:
        warn_unfinished_runs(context)
        app = resolve_app(context, target, group, name, slot)
        wanted = find_optional_subnet(context, subnet)
        if not context.options.dry_run:
            check_open_runs(context, app, wanted)
        proposal = propose(context, _assess(context, app, wanted), scope, chosen, allowed, probe)
        proposal = with_probes_before(context, proposal)
        return report_run(context, proposal.plan, proposal.playbook, apply(context, proposal))


def _assess(context: CommandContext, app: str, subnet: str | None) -> Assessment:
    """The assessment of an app. An app that cannot be read is refused: nothing of it is changed."""
    try:
        return assess(context, app, subnet)
    except RequestFailed as failure:
        failure.exit = Exit.REFUSED
        raise


def propose(
    context: CommandContext,
    assessment: Assessment,
    scope: Scope | None = None,
    playbook: Playbook | None = None,
    allowed: frozenset[str] = frozenset(),
    probe: Endpoint | None = None,
) -> Proposal:
    """The plan for an assessment, by the playbook that was chosen or the one that fits the scope.

    First a preflight reads every app and slot that the plan is about. `allowed` are the codes of unknown
    findings that refuse nothing; `probe` is what the app has to reach at the end.
    """
    wanted = scope or (
        playbook.scope
        if playbook
        else planning.scope_for(assessment.world, assessment.question, assessment.findings)
    )
    playbook = playbook or find("rebuild-link" if wanted == "link" else "reconnect-app")
    return _proposal(context, assessment, playbook, planning.Options(wanted, allowed, probe))


def _proposal(
    context: CommandContext, assessment: Assessment, playbook: Playbook, options: planning.Options
) -> Proposal:
    """The plan after a preflight of the apps that it is about, whose findings join the assessment's."""
    apps = planning.affected(assessment.world, assessment.question, options.scope)
    question = replace(assessment.question, kind="change", apps=tuple(app.id for app in apps))
    world = context.reader.preflight(assessment.world, question)
    context.check_signed_in()
    findings = judge(world, question, options.allowed)
    plan = planning.make(world, question, findings, playbook, options)

    def replan() -> Plan:
        """The same plan from a fresh assessment, to see whether Azure is still the same."""
        fresh = assess(context, assessment.target, assessment.question.subnet)
        return fresh_plan(plan, _proposal(context, fresh, playbook, replace(options, scope=plan.scope)))

    changed = Assessment(assessment.target, question, world, findings, options.allowed)
    return Proposal(playbook, plan, findings, replan, changed, world)


def with_probes_before(context: CommandContext, proposal: Proposal) -> Proposal:
    """The same proposal with what the workers reach before the change: for comparison, it refuses nothing."""
    if proposal.assessment is None:
        return proposal
    endpoints = dict.fromkeys(step.probe for step in proposal.plan.steps if step.probe)
    assessment = with_probes(context, proposal.assessment, endpoints)
    return proposal._replace(assessment=assessment, findings=assessment.findings)
