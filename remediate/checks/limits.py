"""Findings about what Azure would not do now: an operation that is not over, a plan at its limit."""

from __future__ import annotations

import shlex

from remediate import ids
from remediate.checks.advice import command, listed
from remediate.model import App, Evidence, Finding, Integration, Question, World


def operation_in_progress(world: World, question: Question) -> Finding | None:
    """Azure is at work on an app that this is about, or the subnet is in another state than Succeeded."""
    busy = _busy(world, question)
    if not busy:
        return None
    apps = [app for one in question.apps if (app := world.app(one)) and app.operation]
    return Finding(
        code="operation-in-progress",
        severity="warning",
        title=f"An operation on {listed(busy)} is not finished",
        detail="Another operation is changing this, or one has failed. The views may differ in a minute, and "
        "Azure could refuse another change.",
        action=_wait(world, question, apps),
        evidence=tuple(busy.values()),
    )


def _busy(world: World, question: Question) -> dict[str, Evidence]:
    """What is busy, by its name: the target, the subnet looked at, and the apps of a change."""
    wanted = [world.app(one) for one in question.apps]
    busy: dict[str, Evidence] = {}
    if question.kind != "leave":
        seen = Integration(world, question)
        if seen.target.operation:
            busy[seen.target.name] = Evidence("site", "inProgressOperationId", seen.target.operation)
        if seen.subnet and seen.subnet.state.casefold() != "succeeded":
            busy[seen.subnet.name] = Evidence("subnet", "provisioningState", seen.subnet.state)
    for app in wanted:
        if app and app.operation:
            busy.setdefault(app.name, Evidence("site", f"{app.name}.inProgressOperationId", app.operation))
    return busy


def _wait(world: World, question: Question, apps: list[App]) -> str:
    """How it is seen that the operation is over."""
    others = [app for app in apps if question.kind == "leave" or not ids.same(app.id, question.target)]
    if others:
        show = shlex.join(["az", "resource", "show", "--ids", *(app.id for app in others)])
        query = "--query properties.inProgressOperationId"
        return f"Wait until this prints nothing, then try again: `{show} {query}`"
    again = command(Integration(world, question), "verify")
    return (
        f"Wait a minute, then look again: {again}. A state of Failed does not pass by itself: look at the "
        "activity log of the resource."
    )


def plan_limit(world: World, question: Question) -> Finding | None:
    """The plan has all the subnets that it may have, and this one is not among them (azure-facts.md, 4)."""
    seen = Integration(world, question)
    plan = seen.plan
    if plan is None or plan.connections_used is None or plan.connections_max is None:
        return None
    if seen.subnet is None or seen.on_subnet or plan.connections_used < plan.connections_max:
        return None
    return Finding(
        code="plan-limit",
        severity="error",
        title=f"{plan.name} is on {plan.connections_used} subnets, and may be on {plan.connections_max}",
        detail=f"Connecting an app of it to {seen.subnet.name} would be one more, which Azure refuses.",
        action="Use a subnet that the plan is on already, or disconnect the plan's apps from one of the "
        f"others. Which apps there are: `az webapp list --query \"[?appServicePlanId=='{plan.id}'].id\"`",
        evidence=(
            Evidence("plan", "vnetConnectionsUsed", plan.connections_used),
            Evidence("plan", "vnetConnectionsMax", plan.connections_max),
        ),
    )
