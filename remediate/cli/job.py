"""The one job, as the wizard and `reconnect` both do it: look, plan, confirm, carry out, tell."""

from __future__ import annotations

from collections.abc import Callable
from typing import Literal

from msgspec import Struct
from msgspec.structs import replace

from remediate import plan as planning
from remediate.checks import judge
from remediate.checks.content_share import expectation
from remediate.cli.conduct import Job, begin, run_id
from remediate.cli.desk import Desk, ask_for_terminal
from remediate.cli.sight import Sight, look_at, probed
from remediate.errors import Exit
from remediate.model import (
    Endpoint,
    Guard,
    Plan,
    Run,
    RunStatus,
    Scope,
    Step,
    StepResult,
    TargetResult,
)
from remediate.playbook import Playbook, find
from remediate.show import plan as show_plan
from remediate.show.documents import InvalidQuery, render
from remediate.show.probes import probes as show_probes
from remediate.show.run import run as show_run


class Proposal(Struct, frozen=True):
    """A plan, and the look that it was made from; `allowed` are the unknown findings to go on with.

    `probe` is what the app is to reach in the end.
    """

    sight: Sight
    playbook: Playbook
    plan: Plan
    allowed: frozenset[str] = frozenset()
    probe: Endpoint | None = None


def propose(
    desk: Desk,
    sight: Sight,
    scope: Scope | None,
    playbook: str | None,
    allowed: frozenset[str] = frozenset(),
    probe: Endpoint | None = None,
) -> Proposal:
    """The plan for what was seen, by the playbook asked for or the one that fits the scope.

    Before it is made, the preflight looks at every app and slot that it is about.
    """
    chosen = find(playbook) if playbook else None
    wanted = scope or (
        chosen.scope if chosen else planning.scope_for(sight.world, sight.question, sight.findings)
    )
    chosen = chosen or find("rebuild-link" if wanted == "link" else "reconnect-app")
    return _cleared(desk, sight, chosen, wanted, allowed, probe)


def compared(desk: Desk, proposal: Proposal) -> Proposal:
    """The same proposal with what the workers reach before the change, for comparison: it refuses nothing."""
    endpoints = dict.fromkeys(step.probe for step in proposal.plan.steps if step.probe)
    return replace(proposal, sight=probed(desk, proposal.sight, endpoints))


def _cleared(
    desk: Desk,
    sight: Sight,
    playbook: Playbook,
    scope: Scope,
    allowed: frozenset[str],
    probe: Endpoint | None,
) -> Proposal:
    """The plan after a preflight of the apps that it is about; its findings join those of the look."""
    apps = planning.affected(sight.world, sight.question, scope)
    question = replace(sight.question, kind="change", apps=tuple(app.id for app in apps))
    world = desk.reader.preflight(sight.world, question)
    findings = judge(world, question)
    plan = planning.make(world, question, findings, playbook, planning.Options(scope, allowed, probe))
    return Proposal(Sight(sight.target, question, world, findings), playbook, plan, allowed, probe)


def carry_out(desk: Desk, proposal: Proposal) -> Run:
    """Refuse, preview or do what was proposed for an app; the result is for `conclude`. Raises UsageError."""
    sight = proposal.sight
    replan = _replan(desk, proposal)
    return perform(desk, Job(proposal.playbook, proposal.plan, sight.findings, replan, sight))


def perform(desk: Desk, job: Job) -> Run:
    """Refuse, preview or do it, and say so on stderr; the result is for `tell`. Raises UsageError."""
    plan = job.plan
    if plan.refusals:
        return unsent(desk, job, "refused")
    if desk.options.dry_run:
        return unsent(desk, job, "planned")
    if not desk.options.yes and not desk.interactive:
        raise ask_for_terminal("--yes to do it, or --dry-run to see what would be done")

    def announce() -> None:
        if not desk.options.structured:
            show_plan.plan(desk.look.err, plan, job.playbook)
            show_probes(desk.look.err, job.probes)

    run = begin(desk, job, announce)
    return replace(run, probes_before=job.probes)


def conclude(desk: Desk, proposal: Proposal, run: Run) -> int:
    """Print the result on stdout, and return the exit code."""
    return tell(desk, proposal.plan, proposal.playbook, run)


def tell(desk: Desk, plan: Plan, playbook: Playbook, run: Run) -> int:
    """Print the result of a plan on stdout, and return the exit code."""
    if desk.options.output != "table":
        put_document(desk, run, desk.options.output)
    elif run.status == "refused":
        show_plan.plan(desk.look.out, plan, playbook)
    elif run.status == "planned":
        show_plan.plan(desk.look.out, plan, playbook)
        show_probes(desk.look.out, run.probes_before)
        show_plan.dry_run(desk.look.out, plan)
    else:
        show_run(desk.look.out, run)
    return int(exit_of(run))


def put_document(desk: Desk, run: Run | Guard, output: Literal["json", "yaml"]) -> None:
    """What was done is told, even when the query turns out not to fit it."""
    try:
        text = render(run, output, desk.options.query)
    except InvalidQuery as error:
        desk.look.err.print(f"{error}; the whole document follows", style="warning")
        text = render(run, output)
    desk.look.out.out(text, highlight=False)


def exit_of(run: Run) -> Exit:
    """The exit code of a run (contract.md)."""
    if run.status in ("succeeded", "planned"):
        return Exit.DONE
    if run.status == "refused":
        return Exit.REFUSED
    if run.changed:
        return Exit.NOT_FINISHED
    if run.purpose == "purge" and run.status == "failed" and run.findings_after:
        return Exit.FOUND_SOMETHING  # the link was read, and it is still there
    return Exit.INTERRUPTED if run.status == "interrupted" else Exit.UNEXPECTED


def _replan(desk: Desk, proposal: Proposal) -> Callable[[], Plan]:
    """Make the same plan from a fresh look, to see whether Azure is still as it was."""

    def replan() -> Plan:
        fresh = look_at(desk, proposal.sight.target, proposal.sight.question.subnet)
        return _cleared(
            desk, fresh, proposal.playbook, proposal.plan.scope, proposal.allowed, proposal.probe
        ).plan

    return replan


def unsent(desk: Desk, job: Job, status: RunStatus) -> Run:
    """The document of a run that sends nothing: refused, only planned, or with nothing to do."""
    plan = job.plan
    return Run(
        run=run_id(desk),
        status=status,
        dry_run=desk.options.dry_run,
        scope=plan.scope,
        playbook=plan.playbook,
        targets=_untouched(plan),
        steps=tuple(_planned(step) for step in plan.steps),
        findings_before=job.findings,
        findings_after=(),
        probes_before=job.probes,
        requests=desk.session.requests,
        started=desk.session.clock.now(),
        seconds=0.0,
        message="\n".join(f"{one.title}. {one.action}".strip() for one in plan.refusals) or None,
        purpose=plan.purpose,
    )


def _untouched(plan: Plan) -> tuple[TargetResult, ...]:
    if plan.purpose == "purge":
        return tuple(TargetResult(one, plan.subnet, "untouched") for one in plan.changes)
    return tuple(
        TargetResult(app.id, plan.subnet, "untouched", routing_before=app.routing, expect=expectation(app))
        for app in plan.apps
    )


def _planned(step: Step) -> StepResult:
    return StepResult(step.n, step.do, step.target, "planned", request=step.request)
