"""The job before a deletion, as the wizard and `guard` both do it: look, disconnect if asked, look again."""

from __future__ import annotations

from collections.abc import Callable
from typing import Literal, NamedTuple

from msgspec import Struct

from remediate import ids
from remediate import plan as planning
from remediate.checks.deletion import order
from remediate.checks.departure import judge_departure
from remediate.checks.guard import judge_deletion, safe
from remediate.checks.holders import holders, leaving
from remediate.cli.conduct import check_open_runs
from remediate.cli.desk import Desk
from remediate.cli.job import exit_of, not_run, perform, put_document
from remediate.cli.problem import Exit, Problem
from remediate.model import App, Deletable, Estate, Finding, Guard, Plan, Run, Surroundings
from remediate.playbook import Playbook, find
from remediate.show import plan as show_plan
from remediate.show.guard import guard as show_guard
from remediate.show.run import run as show_run


class Sight(Struct, frozen=True):
    """One look at what is to be deleted: what was read, and what it means."""

    estate: Estate
    findings: tuple[Finding, ...]


class Departed(NamedTuple):
    """The plan for one subnet, and how its run ended."""

    plan: Plan
    run: Run


def look(desk: Desk, target: str, kind: Deletable) -> Sight:
    """Read what the deletion takes and touches. Raises Problem when there is no such thing."""
    from remediate.azure import estate
    from remediate.azure.failure import Failure

    try:
        found = estate.read(desk.session, target, kind)
    except Failure as failure:
        if failure.kind == "absent":
            raise Problem(f"there is no {ids.name(target)}: {failure}", code="not-found") from failure
        raise
    return Sight(found, judge_deletion(found))


def judged(desk: Desk, sight: Sight, runs: tuple[Run, ...] = ()) -> Guard:
    """The verdict as the document `remediate.guard/1`."""
    found = holders(sight.estate)
    return Guard(
        target=sight.estate.target,
        kind=sight.estate.kind,
        safe=safe(found, sight.findings),
        takes=sight.estate.taken,
        holders=found,
        findings=sight.findings,
        order=order(sight.estate, sight.findings),
        requests=desk.session.requests,
        runs=runs,
    )


def make_safe(desk: Desk, sight: Sight) -> tuple[Departed, ...]:
    """Disconnect everybody who has to leave, one run a subnet, and how each ended. Raises Problem.

    Nothing is sent while any of the subnets is refused, one that a plan holds itself among them; and what
    goes wrong on one keeps the others as they are.
    """
    estate, playbook = sight.estate, find("before-delete")
    subnets = [one for one in estate.around if _to_leave(estate, one) or estate.holding(one)]
    plans = [_plan(desk, estate, one, playbook) for one in subnets]
    refused = any(plan.refusals for plan, _ in plans)
    if refused or desk.options.dry_run:
        status: Literal["refused", "planned"] = "refused" if refused else "planned"
        return tuple(Departed(plan, not_run(desk, plan, found, status)) for plan, found in plans)
    ended: list[Departed] = []
    for plan, found in plans:
        check_open_runs(desk, estate.target, plan.subnet)
        replan = _replan(desk, plan, playbook, estate)
        ended.append(Departed(plan, perform(desk, plan, playbook, found, replan)))
        if ended[-1].run.status != "succeeded":
            break
    return tuple(ended)


def conclude(desk: Desk, sight: Sight, departed: tuple[Departed, ...]) -> int:
    """Print the verdict on stdout, read again after any change, and return the exit code."""
    runs = tuple(one.run for one in departed)
    if any(run.changed for run in runs):
        sight = look(desk, sight.estate.target, sight.estate.kind)
    result = judged(desk, sight, runs)
    if desk.options.output == "table":
        _show_departed(desk, departed)
        show_guard(desk.look.out, result)
    else:
        put_document(desk, result, desk.options.output)
    return int(_exit_of(result))


def _plan(
    desk: Desk, estate: Estate, around: Surroundings, playbook: Playbook
) -> tuple[Plan, tuple[Finding, ...]]:
    """The plan for one subnet, after a preflight of the apps that leave it. Raises Problem."""
    from remediate.azure.estate import departure

    apps = _to_leave(estate, around)
    findings = judge_departure(departure(desk.session, estate, around, apps))
    return planning.leave(around, apps, findings, playbook, target=estate.target), findings


def _to_leave(estate: Estate, around: Surroundings) -> tuple[App, ...]:
    return next((apps for one, apps in leaving(estate) if one.id == around.id), ())


def _replan(desk: Desk, plan: Plan, playbook: Playbook, before: Estate) -> Callable[[], Plan]:
    """Make the same plan from a fresh look, to see whether Azure is still as it was."""

    def replan() -> Plan:
        estate = look(desk, before.target, before.kind).estate
        around = estate.surroundings(plan.subnet)
        return _plan(desk, estate, around, playbook)[0] if around else plan

    return replan


def _show_departed(desk: Desk, departed: tuple[Departed, ...]) -> None:
    """What was done, or would be, subnet by subnet."""
    for plan, run in departed:
        if run.status in ("planned", "refused"):
            show_plan.plan(desk.look.out, plan, find(plan.playbook))
        if run.status == "planned":
            show_plan.dry_run(desk.look.out, plan)
        elif run.status != "refused":
            show_run(desk.look.out, run)
        desk.look.out.print()


def _exit_of(result: Guard) -> Exit:
    """What a run ended with, else whether it is safe now: a dry run made nothing safe."""
    ends = [exit_of(run) for run in result.runs]
    worst = next((one for one in ends if one is not Exit.DONE), None)
    return worst or (Exit.DONE if result.safe else Exit.FOUND_SOMETHING)
