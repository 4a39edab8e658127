"""Where the apps of a run are now, and what of that somebody else did."""

from __future__ import annotations

from functools import partial
from typing import Literal

from remediate import ids
from remediate.azure.deadline import READ_WHILE_AWAY, read_limit
from remediate.azure.reader import Reader
from remediate.azure.waiting import Waiter
from remediate.model import App, CurrentState, Plan, Subnet, Where
from remediate.model.failure import RequestFailed, WaitTimedOut
from remediate.run.journal import Record
from remediate.steps import SETTLE, kind_of

Verb = Literal["resume", "rollback"]


def read_current_state(reader: Reader, plan: Plan, waiter: Waiter) -> CurrentState:
    """Read where every app of a run is now; waits while Azure is still at work on one.

    An app may be without its network, so each read is short. Raises RequestFailed when the subnet of a plan
    with a delegation cannot be read.
    """
    delegating = any(kind_of(step.do).delegates for step in plan.steps)
    with read_limit(lambda: READ_WHILE_AWAY):
        places = {app.id: _where(reader, app, plan, waiter) for app in plan.apps}
        subnet, gone = _subnet(reader, plan, needed=delegating)
    return CurrentState(
        apps={app: where for app, (where, _) in places.items()},
        delegated=not delegating or (subnet is not None and subnet.delegated_to(plan.service)),
        found={app: found for app, (_, found) in places.items() if found},
        subnet_gone=gone,
        other_links=_other_links(plan, subnet),
    )


def _subnet(reader: Reader, plan: Plan, *, needed: bool) -> tuple[Subnet | None, bool]:
    """The subnet, None where it could not be read, and whether it was deleted."""
    try:
        return reader.subnet_by_any_view(plan.subnet or ""), False
    except RequestFailed as failure:
        if failure.kind != "absent" and needed:
            raise
        return None, failure.kind == "absent"


def _other_links(plan: Plan, subnet: Subnet | None) -> tuple[str, ...]:
    """Plans that App Service's links name, and that were not on the subnet when the plan was made."""
    if not plan.brings_back or subnet is None:
        return ()
    named = [link.target for link in subnet.links if link.is_web and link.target]
    return tuple(one for one in named if not any(ids.same(one, known) for known in plan.links))


def _where(reader: Reader, before: App, plan: Plan, waiter: Waiter) -> tuple[Where, str | None]:
    """Where an app is, and the subnet or the plan that was found instead of the run's own.

    An app that still names the subnet that was gone before the run has no network: it is disconnected.
    """
    app = before.id
    try:
        now = waiter.until(partial(reader.app, app), lambda one: one.operation is None, timeout=SETTLE)
        found = waiter.until(lambda: (reader.connected_to(app),), bool, timeout=SETTLE)[0]
    except RequestFailed as failure:
        return ("gone" if failure.kind == "absent" else "unclear"), None
    except WaitTimedOut:
        return "unclear", None
    if before.plan and now.plan and not ids.same(before.plan, now.plan):
        return "other-plan", now.plan
    if found is None or (ids.same(found, before.subnet) and _had_no_network(before, plan)):
        return "disconnected", None
    return ("connected", None) if ids.same(found, plan.subnet) else ("elsewhere", found)


def _had_no_network(app: App, plan: Plan) -> bool:
    """Whether the run connects an app that was not on the subnet, without disconnecting it from another."""
    taken = any(kind_of(step.do).takes_away and step.target == app.id for step in plan.steps)
    return plan.brings_back and not taken and not ids.same(app.subnet, plan.subnet)


def unexplained(record: Record, now: CurrentState, verb: Verb) -> tuple[str, ...]:
    """What neither the state before the run nor the one that it is to reach explains, one line each.

    An app that was to leave for good and is deleted, or its subnet, is what the run was for. Whose a link was
    is not known where something could not be read before the run.
    """
    plan = record.begin.plan
    leaving = plan.disconnects_for_good and verb == "resume"
    lines = [
        _described(app, now.apps[app], now.found.get(app))
        for app in now.lost
        if not (leaving and now.apps[app] == "gone")
    ]
    if now.subnet_gone and not leaving:
        lines.append(f"the subnet {ids.name(plan.subnet)} is deleted")
    lines += [
        f"the link of {ids.name(plan.subnet)} names the plan {ids.name(one)}" for one in now.other_links
    ]
    return tuple(lines)


def unclear_since(before: CurrentState, now: CurrentState) -> list[str]:
    """The apps of which it was known where they are, and is not any more, one line each."""
    apps = (app for app, where in now.apps.items() if where == "unclear" and before.apps[app] != "unclear")
    return [f"where {ids.app_name(app)} is could not be read" for app in apps]


def _described(app: str, where: Where, found: str | None) -> str:
    name = ids.app_name(app)
    if where == "elsewhere":
        return f"{name} is on another subnet: {found}"
    return f"{name} is on another plan: {found}" if where == "other-plan" else f"{name} is deleted"
