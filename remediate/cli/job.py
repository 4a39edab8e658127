"""The one job, as the wizard and `reconnect` both do it: look, plan, confirm, carry out, tell."""

from __future__ import annotations

from collections.abc import Callable
from typing import Literal

from msgspec import Struct

from remediate import ids
from remediate import plan as planning
from remediate.checks import judge, judge_preflight, ordered
from remediate.cli.conduct import begin, run_id
from remediate.cli.desk import Desk, ask_for_terminal
from remediate.cli.problem import Exit, Problem
from remediate.model import Finding, Plan, Requests, Run, Scope, Step, StepResult, TargetResult, Topology
from remediate.playbook import Playbook, find
from remediate.show import plan as show_plan
from remediate.show.documents import BadQuery, render
from remediate.show.run import run as show_run


class Sight(Struct, frozen=True):
    """One look at an app: what was read, and what it means."""

    target: str
    topology: Topology
    findings: tuple[Finding, ...]


class Proposal(Struct, frozen=True):
    """A plan, and the look that it was made from; `allowed` are the unknown findings to go on with."""

    sight: Sight
    playbook: Playbook
    plan: Plan
    allowed: frozenset[str] = frozenset()


def look_at(desk: Desk, target: str, subnet: str | None = None) -> Sight:
    """Read everything about an app and judge it. Raises Problem when there is no such app."""
    from remediate.azure.failure import Failure

    try:
        topology = desk.reader.topology(target, subnet)
    except Failure as failure:
        if failure.kind == "absent":
            raise Problem(f"there is no app {ids.app_name(target)}: {failure}", code="not-found") from failure
        raise
    return Sight(target, topology, judge(topology))


def propose(
    desk: Desk,
    sight: Sight,
    scope: Scope | None,
    playbook: str | None,
    allowed: frozenset[str] = frozenset(),
) -> Proposal:
    """The plan for what was seen, by the playbook asked for or the one that fits the scope.

    Before it is made, the preflight looks at every app and slot that it is about.
    """
    chosen = find(playbook) if playbook else None
    wanted = scope or (chosen.scope if chosen else planning.scope_for(sight.topology, sight.findings))
    chosen = chosen or find("rebuild-link" if wanted == "link" else "reconnect-app")
    return _cleared(desk, sight, chosen, wanted, allowed)


def _cleared(desk: Desk, sight: Sight, playbook: Playbook, scope: Scope, allowed: frozenset[str]) -> Proposal:
    """The plan after a preflight of the apps that it is about; its findings join those of the look."""
    apps = planning.affected(sight.topology, scope)
    topology = desk.reader.preflight(sight.topology, apps)
    findings = ordered((*sight.findings, *judge_preflight(topology, apps)))
    plan = planning.make(topology, findings, playbook, scope, allowed)
    return Proposal(Sight(sight.target, topology, findings), playbook, plan, allowed)


def carry_out(desk: Desk, proposal: Proposal) -> Run:
    """Refuse, preview or do it, and say so on stderr; the result is for `conclude`. Raises Problem."""
    plan = proposal.plan
    if plan.refusals:
        return _not_run(desk, proposal, "refused")
    if desk.options.dry_run:
        return _not_run(desk, proposal, "planned")
    if not desk.options.yes and not desk.interactive:
        raise ask_for_terminal("--yes to do it, or --dry-run to see what would be done")

    def announce() -> None:
        if not desk.options.structured:
            show_plan.plan(desk.look.err, plan, proposal.playbook)

    return begin(desk, plan, proposal.sight, _replan(desk, proposal), announce)


def conclude(desk: Desk, proposal: Proposal, run: Run) -> int:
    """Print the result on stdout, and return the exit code."""
    if desk.options.output != "table":
        put_document(desk, run, desk.options.output)
    elif run.status == "refused":
        show_plan.plan(desk.look.out, proposal.plan, proposal.playbook)
    elif run.status == "planned":
        show_plan.plan(desk.look.out, proposal.plan, proposal.playbook)
        show_plan.dry_run(desk.look.out, proposal.plan)
    else:
        show_run(desk.look.out, run)
    return int(exit_of(run))


def put_document(desk: Desk, run: Run, output: Literal["json", "yaml"]) -> None:
    """What was done is told, even when the query turns out not to fit it."""
    try:
        text = render(run, output, desk.options.query)
    except BadQuery as error:
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
    return Exit.INTERRUPTED if run.status == "interrupted" else Exit.UNEXPECTED


def _replan(desk: Desk, proposal: Proposal) -> Callable[[], Plan]:
    """Make the same plan from a fresh look, to see whether Azure is still as it was."""
    asked = proposal.sight.topology.subnet_id if proposal.sight.topology.subnet_asked else None

    def replan() -> Plan:
        fresh = look_at(desk, proposal.sight.target, asked)
        return _cleared(desk, fresh, proposal.playbook, proposal.plan.scope, proposal.allowed).plan

    return replan


def _not_run(desk: Desk, proposal: Proposal, status: str) -> Run:
    plan = proposal.plan
    return Run(
        run=run_id(desk),
        status="refused" if status == "refused" else "planned",
        dry_run=desk.options.dry_run,
        scope=plan.scope,
        playbook=plan.playbook,
        targets=tuple(
            TargetResult(app.id, plan.subnet, "untouched", routing_before=app.routing) for app in plan.apps
        ),
        steps=tuple(_planned(step) for step in plan.steps),
        findings_before=proposal.sight.findings,
        findings_after=(),
        requests=Requests(desk.session.requests.reads, desk.session.requests.writes),
        started=desk.session.clock.now(),
        seconds=0.0,
        message="\n".join(f"{one.title}. {one.action}".strip() for one in plan.refusals) or None,
    )


def _planned(step: Step) -> StepResult:
    return StepResult(step.n, step.do, step.target, "planned", request=step.request)
