"""What would stop Azure from disconnecting apps for good, seen before any write. Pure."""

from __future__ import annotations

import shlex
from collections.abc import Callable

from remediate import ids
from remediate.checks.advice import listed, typed
from remediate.checks.preflight import allowed, roles
from remediate.model import App, Departure, Evidence, Finding


def judge_departure(departure: Departure) -> tuple[Finding, ...]:
    """What keeps these apps from being disconnected, the most severe first."""
    return tuple(one for check in DEPARTURE for one in [check(departure)] if one)


def managed_instance(departure: Departure) -> Finding | None:
    """A plan holds the subnet itself; what a disconnect of its apps does is not documented [?]."""
    if not departure.held:
        return None
    plans, subnet = listed(ids.name(one) for one in departure.held), ids.name(departure.around.id)
    return Finding(
        code="managed-instance",
        severity="error",
        title=f"{plans} holds {subnet} itself",
        detail="This is a Managed Instance plan: the integration is the plan's own, and no documented "
        "request takes it away. Disconnecting apps would not free the subnet, so none is disconnected.",
        action="Ask Azure support how the plan gives up its subnet.",
        evidence=tuple(
            Evidence("plan", f"{ids.name(one)}.network.virtualNetworkSubnetId", departure.around.id)
            for one in departure.held
        ),
    )


def locked(departure: Departure) -> Finding | None:
    """A lock on an app, or above it, forbids the DELETE of its networkConfig: either level does."""
    locks = [
        lock
        for lock in departure.locks
        if any(ids.within(f"{app.id}/networkConfig/virtualNetwork", lock.scope) for app in departure.apps)
    ]
    if not locks:
        return None
    remove = ["az", "lock", "delete", "--ids", *dict.fromkeys(one.id for one in locks)]
    return Finding(
        code="locked",
        severity="error",
        title=f"A management lock is in the way: {listed(f'{one.name} ({one.level})' for one in locks)}",
        detail="Azure refuses what a lock forbids: the apps could not be disconnected, or not all of them.",
        action=f"If the deletion is meant, remove the lock first: {typed(remove)}",
        evidence=tuple(Evidence("locks", one.id, one.level) for one in locks),
    )


def no_permission(departure: Departure) -> Finding | None:
    """The signed-in account may not disconnect one of the apps."""
    missing = [
        (app.id, action)
        for app in departure.apps
        for action in _needed(app)
        if (given := departure.permissions.get(app.id)) is not None and not allowed(action, given)
    ]
    if not missing:
        return None
    return Finding(
        code="no-permission",
        severity="error",
        title="The signed-in account may not disconnect all of the apps",
        detail=f"It lacks {listed(dict.fromkeys(action for _, action in missing))}. Some of the apps could "
        "stay connected.",
        action=f"Have the role given to the account that is signed in: {roles(missing)}",
        evidence=tuple(Evidence("permissions", app, f"{action}: not allowed") for app, action in missing),
    )


def operation_in_progress(departure: Departure) -> Finding | None:
    """Azure is at work on one of the apps, and would refuse to change it now."""
    busy = [app for app in departure.apps if app.operation]
    if not busy:
        return None
    show = shlex.join(["az", "resource", "show", "--ids", *(app.id for app in busy)])
    return Finding(
        code="operation-in-progress",
        severity="warning",
        title=f"An operation is not finished on {listed(app.name for app in busy)}",
        detail="Azure would refuse to change them now.",
        action="Wait until this prints nothing, then try again: "
        f"`{show} --query properties.inProgressOperationId`",
        evidence=tuple(Evidence("site", f"{app.name}.inProgressOperationId", app.operation) for app in busy),
    )


def no_read_permission(departure: Departure) -> Finding | None:
    """Locks or permissions could not be read, so nobody knows whether all of the apps could leave."""
    documents = [one for one in departure.documents if one.status != "found"]
    if not documents:
        return None
    kinds = listed(dict.fromkeys(one.what.partition(":")[0] for one in documents))
    return Finding(
        code="no-read-permission",
        severity="unknown",
        title=f"Could not read {kinds}",
        detail="Without them nobody can say whether Azure would let all of the apps be disconnected.",
        action="Have the role Reader given to the account that is signed in, then try again.",
        evidence=tuple(
            Evidence(one.what.partition(":")[0], one.path, one.message or one.status) for one in documents
        ),
    )


DEPARTURE: tuple[Callable[[Departure], Finding | None], ...] = (
    managed_instance,
    locked,
    no_permission,
    operation_in_progress,
    no_read_permission,
)
"""Every check before a departure, the most severe first."""


def _needed(app: App) -> tuple[str, ...]:
    kind = "Microsoft.Web/sites/slots" if app.is_slot else "Microsoft.Web/sites"
    return f"{kind}/read", f"{kind}/networkConfig/delete"
