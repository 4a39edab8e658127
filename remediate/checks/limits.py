"""Findings about what Azure would not do now: an operation that is not over, a plan at its limit."""

from __future__ import annotations

from remediate import ids
from remediate.checks.advice import command, listed, typed
from remediate.model import App, Deletion, Evidence, Finding, Integration, Question, Subnet, World, once


def operation_in_progress(world: World, question: Question) -> Finding | None:
    """Azure is at work on an app that this is about, or the subnet is in another state than Succeeded."""
    apps, subnet = _busy_apps(world, question), _busy_subnet(world, question)
    if not apps and subnet is None:
        return None
    facts = [Evidence("site", f"{app.name}.inProgressOperationId", app.operation) for app in apps]
    facts += [Evidence("subnet", "provisioningState", subnet.state)] if subnet else []
    return Finding(
        code="operation-in-progress",
        severity="warning",
        title=f"An operation on {listed([*(app.name for app in apps), *([subnet.name] if subnet else [])])} "
        "is not finished",
        detail="Another operation is changing this, or one has failed. The views may differ in a minute, and "
        "Azure could refuse another change.",
        action=_wait(world, question, apps),
        evidence=tuple(facts),
    )


def _busy_apps(world: World, question: Question) -> list[App]:
    """The apps that Azure is at work on: the target, and those of a change or to be disconnected."""
    if question.kind == "delete":
        apps = [app for _, leaving in Deletion(world, question).leaving for app in leaving]
    else:
        target = [] if question.kind == "leave" else [question.target]
        apps = [app for one in once((*target, *question.apps)) if (app := world.app(one))]
    return [app for app in apps if app.operation]


def _busy_subnet(world: World, question: Question) -> Subnet | None:
    subnet = Integration(world, question).subnet if question.kind in ("look", "change") else None
    return subnet if subnet and subnet.state.casefold() != "succeeded" else None


def _wait(world: World, question: Question, apps: list[App]) -> str:
    """How it is seen that the operation is over."""
    if apps and (question.kind in ("leave", "delete") or not _is_target_alone(apps, question)):
        # What `az` makes of several ids is a list.
        query = f"{'[].' if len(apps) > 1 else ''}properties.inProgressOperationId"
        words = ["az", "resource", "show", "--ids", *(app.id for app in apps), "--query", query]
        return f"Wait until this prints nothing, then try again: {typed([*words, '--output', 'tsv'])}"
    again = command(Integration(world, question), "verify")
    return (
        f"Wait a minute, then look again: {again}. A state of Failed does not pass by itself: look at the "
        "activity log of the resource."
    )


def _is_target_alone(apps: list[App], question: Question) -> bool:
    return all(ids.same(app.id, question.target) for app in apps)


def plan_limit(world: World, question: Question) -> Finding | None:
    """The plan has all the subnets that it may have, and this one is not among them (azure-facts.md, 4)."""
    seen = Integration(world, question)
    plan = seen.plan
    if plan is None or not plan.is_at_limit or seen.subnet is None or seen.on_subnet:
        return None
    return Finding(
        code="plan-limit",
        severity="error",
        title=f"{plan.name} is on {plan.connections_used} subnets, and may be on {plan.connections_max}",
        detail=f"Connecting an app of it to {seen.subnet.name} would be one more, which Azure refuses.",
        action="Use a subnet that the plan is on already, or disconnect the plan's apps from one of the "
        f"others. Which apps there are: {_apps_of(plan.id)}",
        evidence=(
            Evidence("plan", "vnetConnectionsUsed", plan.connections_used),
            Evidence("plan", "vnetConnectionsMax", plan.connections_max),
        ),
    )


def _apps_of(plan: str) -> str:
    """The command that lists the apps of a plan and their subnets; a plan's name needs no quoting."""
    query = f"[?appServicePlanId=='{plan}'].[id, virtualNetworkSubnetId]"
    return f'`az webapp list --subscription {ids.parse(plan).subscription} --query "{query}"`'
