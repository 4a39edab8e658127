"""The last look, which says whether a run reached what it is for."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import suppress
from typing import Any

from msgspec.structs import replace

from remediate import ids
from remediate.checks import judge
from remediate.model import Finding, Plan, PlaybookStep, Question, Step, TargetStatus, World
from remediate.model.failure import RequestFailed
from remediate.steps.context import Resumption, StepExecution
from remediate.steps.kind import ANY, SETTLE, Layout, StepFailed, StepKind, from_playbook
from remediate.steps.observations import question_of


class Verify(StepKind):
    """Reads everything again: the integration of an app that came back, else who is still on the subnet."""

    name = "verify"
    purposes = ANY
    looks = proves = essential = interruptible = True

    def plan(self, step: PlaybookStep, layout: Layout) -> Iterator[Step]:
        """It is about the app that came back, else about the subnet."""
        yield from_playbook(step, layout.checked)

    def carry_out(self, step: Step, execution: StepExecution) -> None:
        """Look, until the views agree where there is time for it."""
        if execution.plan.brings_back:
            _look_at_integration(step, execution)
            return
        try:
            _look_at_subnet(step, execution)
        finally:  # what was read counts, whatever was answered before
            execution.state.update_from(execution.seen.at_subnet)

    def undo(self, step: Step, resumption: Resumption) -> Iterator[Step]:
        """What looks wrong afterwards may have been so before."""
        yield replace(step, on_failure="continue")


def _look_at_integration(step: Step, execution: StepExecution) -> None:
    """Read everything about the app and judge it."""
    question, unread = question_of(execution.plan), list[str]()

    def look() -> tuple[Finding, ...]:
        world = execution.seen.world = execution.reader.read(question)
        # Who else is on the subnet, which only Resource Graph finds, does not say how this app is connected.
        unread[:] = [one.what for one in world.unread if not one.about_others]
        return judge(world, question)

    findings = _until_agreed(step, execution, look, _is_final) if execution.settles else look()
    problems = [one.title for one in findings if one.severity == "error"]
    problems += [f"could not read {what}" for what in unread]
    if problems:
        raise StepFailed("; ".join(problems))


def _look_at_subnet(step: Step, execution: StepExecution) -> None:
    """Read every app and the subnet, until nothing is left there."""
    plan, wrong = execution.plan, list[str]()

    def look() -> bool:
        question = Question("purge", step.target)
        world = execution.reader.read(question)
        execution.seen.findings_at_subnet = judge(world, question)
        execution.seen.at_subnet = dict(_statuses(world, execution))
        wrong[:] = _wrong(world, plan, execution.seen.at_subnet)
        return not wrong

    if execution.settles:
        with suppress(StepFailed):  # what was seen last says more than that time is up
            _until_agreed(step, execution, look, bool)
    else:
        look()
    if wrong:
        raise StepFailed("; ".join(wrong))


def _until_agreed(
    step: Step, execution: StepExecution, look: Callable[[], Any], enough: Callable[[Any], bool]
) -> Any:
    return execution.until(step, look, enough, "Azure's answers to agree", SETTLE)


def _is_final(findings: tuple[Finding, ...]) -> bool:
    """Whether looking again could not make it better."""
    return not any(one.severity == "error" or one.code == "views-disagree" for one in findings)


def _statuses(world: World, execution: StepExecution) -> list[tuple[str, TargetStatus]]:
    plan = execution.plan
    if plan.clears_link:
        status: TargetStatus = "untouched" if _remaining(world, plan) else "purged"
        return [(one, status) for one in plan.changes if _is_known(world, plan)]
    return [(app.id, status) for app in plan.apps for status in _status_of(app.id, execution)]


def _status_of(app: str, execution: StepExecution) -> list[TargetStatus]:
    """Where one app is, read by itself; nothing where that cannot be told."""
    try:
        named = execution.reader.connected_to(app)
    except RequestFailed as failure:
        return ["disconnected"] if failure.kind == "absent" else []
    return ["untouched"] if ids.same(named, execution.plan.subnet) else ["disconnected"]


def _wrong(world: World, plan: Plan, seen: dict[str, TargetStatus]) -> list[str]:
    """What is not as the run is to leave it, or could not be read."""
    wrong = [] if _is_known(world, plan) else [f"could not read {ids.name(plan.subnet)}"]
    wrong += [f"the link still names {ids.name(one)}" for one in _remaining(world, plan)]
    staying = [app for app in plan.apps if seen.get(app.id) == "untouched"]
    unclear = [app for app in plan.apps if app.id not in seen]
    wrong += [f"{app.name} is still connected" for app in staying]
    return wrong + [f"where {app.name} is could not be read" for app in unclear]


def _remaining(world: World, plan: Plan) -> list[str]:
    """What the links still name that are to go."""
    links = world.links(plan.subnet)
    return [one for one in plan.links if any(ids.same(link.target, one) for link in links)]


def _is_known(world: World, plan: Plan) -> bool:
    """Whether the subnet was read, or is gone together with its links."""
    return world.status(plan.subnet) in ("found", "absent")
