"""What would stop Azure from disconnecting apps for good, seen before any write. Pure."""

from __future__ import annotations

from collections.abc import Callable

from remediate import ids
from remediate.checks.advice import listed
from remediate.checks.obstacles import (
    lacking,
    lock_in_the_way,
    not_read,
    on_site,
    operation_not_over,
    permission_lacking,
    unread,
)
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
    return lock_in_the_way(
        locks,
        severity="error",
        detail="Azure refuses what a lock forbids: the apps could not be disconnected, or not all of them.",
        remove="If the deletion is meant, remove the lock first",
    )


def no_permission(departure: Departure) -> Finding | None:
    """The signed-in account may not disconnect one of the apps."""
    return permission_lacking(
        lacking({app.id: _needed(app) for app in departure.apps}, departure.permissions),
        severity="error",
        detail="Some of the apps could stay connected.",
    )


def operation_in_progress(departure: Departure) -> Finding | None:
    """Azure is at work on one of the apps, and would refuse to change it now."""
    return operation_not_over(
        departure.apps, severity="warning", detail="Azure would refuse to change them now."
    )


def no_read_permission(departure: Departure) -> Finding | None:
    """Locks, permissions or the subnet could not be read: could all leave, and does the link go with them?"""
    facts = unread(one for one in departure.documents if one.status != "found")
    if departure.around.status in ("denied", "failed"):
        facts.append(Evidence("subnet", departure.around.id, departure.around.status))
    return not_read(
        facts,
        severity="unknown",
        detail="Without that nobody can say whether Azure would let all of the apps be disconnected, or "
        "whether the link goes with them.",
        action="Have the role Reader given to the account that is signed in, then try again.",
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
    return on_site(app, "read", "networkConfig/delete")
