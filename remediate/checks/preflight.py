"""Findings of the preflight: what would stop Azure from letting a change through, seen before any write.

Each takes the topology that `Reader.preflight` made, and the apps and slots that the change is about.
"""

from __future__ import annotations

from remediate import ids
from remediate.checks.advice import command, listed
from remediate.checks.obstacles import (
    ALLOW,
    assign,
    lacking,
    lock_in_the_way,
    on_site,
    operation_not_over,
    permission_lacking,
    unread,
)
from remediate.model import App, Evidence, Finding, Lock, Topology

Apps = tuple[App, ...]
JOIN = "Microsoft.Network/virtualNetworks/subnets/join/action"
"""What a PATCH of a site with another subnet asks of the caller at that subnet (azure-facts.md, 2)."""
DELEGATE = "Microsoft.Network/virtualNetworks/subnets/write"
_FORBIDDEN = (
    "Azure refuses what a lock forbids, also half way: an app could be disconnected, and not be connected "
    "again."
)
_DOUBTFUL = (
    "The lock is on the network, not on the app. Whether it keeps Azure from taking the link away and making "
    "it anew is not documented."
)


def locked(topology: Topology, apps: Apps) -> Finding | None:
    """A management lock forbids one of the writes.

    CanNotDelete stops the DELETE of networkConfig, ReadOnly every write. Whether CanNotDelete on the
    network keeps Azure from taking its own link away is not known [?]: then this is unknown, not an error.
    """
    stops = [lock for lock in topology.locks if _stops(lock, topology, apps)]
    doubtful = [lock for lock in topology.locks if _may_stop(lock, topology) and lock not in stops]
    return lock_in_the_way(
        (*stops, *doubtful),
        detail=_FORBIDDEN if stops else _DOUBTFUL,
        remove="Remove it for the time of the change",
        then="" if stops else _or_allow(topology, "locked"),
        severity="error" if stops else "unknown",
    )


def _stops(lock: Lock, topology: Topology, apps: Apps) -> bool:
    read_only = lock.level.casefold() == "readonly"
    on_app = any(ids.within(f"{app.id}/networkConfig/virtualNetwork", lock.scope) for app in apps)
    if on_app:
        return read_only or (topology.connected and lock.level.casefold() == "cannotdelete")
    return read_only and _on_subnet(lock, topology)


def _may_stop(lock: Lock, topology: Topology) -> bool:
    return topology.connected and lock.level.casefold() == "cannotdelete" and _on_subnet(lock, topology)


def _on_subnet(lock: Lock, topology: Topology) -> bool:
    subnet = topology.subnet
    return subnet is not None and ids.within(f"{subnet.id}/serviceAssociationLinks/x", lock.scope)


def no_permission(topology: Topology, apps: Apps) -> Finding | None:
    """The signed-in account may not do what the change consists of."""
    return permission_lacking(
        lacking(_needed(topology, apps), topology.permissions),
        severity="error",
        detail="Azure would refuse, possibly when the app is already disconnected.",
    )


def _needed(topology: Topology, apps: Apps) -> dict[str, tuple[str, ...]]:
    """The actions that the change consists of, by the scope at which each has to be allowed."""
    needed = {app.id: _on_site(app, topology.connected) for app in apps}
    if topology.subnet:
        delegates = () if topology.subnet.delegations else (DELEGATE,)
        needed[topology.subnet.id] = (JOIN, *delegates)
    return needed


def _on_site(app: App, connected: bool) -> tuple[str, ...]:
    return on_site(app, "read", "write", *(["networkConfig/delete"] if connected else []))


def provider_unregistered(topology: Topology, apps: Apps) -> Finding | None:
    """Microsoft.Web is not registered in the network's subscription (azure-facts.md, 4)."""
    state = topology.registration
    if state is None or topology.subnet is None or state.casefold() == "registered":
        return None
    subscription = ids.parse(topology.subnet.id).subscription
    return Finding(
        code="provider-unregistered",
        severity="error",
        title="Microsoft.Web is not registered in the subscription of the network",
        detail="The subscription that a virtual network is in has to know App Service before an app can be "
        "connected to it, also where the app is in another subscription.",
        action=f"`az provider register --namespace Microsoft.Web --subscription {subscription} --wait`",
        evidence=(Evidence("provider", "registrationState", state),),
    )


def operation_in_progress(topology: Topology, apps: Apps) -> Finding | None:
    """Azure is at work on another app or slot of the change; the target's own is seen by a look."""
    return operation_not_over(
        [app for app in apps if not ids.same(app.id, topology.target.id)],
        severity="warning",
        detail="This change is about these apps too, and Azure would refuse to change them now.",
    )


def plan_limit(topology: Topology, apps: Apps) -> Finding | None:
    """The plan has all the subnets that it may have, and this one is not among them (azure-facts.md, 4)."""
    plan = topology.plan
    if plan is None or plan.connections_used is None or plan.connections_max is None:
        return None
    if topology.subnet is None or topology.on_subnet or plan.connections_used < plan.connections_max:
        return None
    return Finding(
        code="plan-limit",
        severity="error",
        title=f"{plan.name} is on {plan.connections_used} subnets, and may be on {plan.connections_max}",
        detail=f"Connecting an app of it to {topology.subnet.name} would be one more, which Azure refuses.",
        action="Use a subnet that the plan is on already, or disconnect the plan's apps from one of the "
        f"others. Which apps there are: `az webapp list --query \"[?appServicePlanId=='{plan.id}'].id\"`",
        evidence=(
            Evidence("plan", "vnetConnectionsUsed", plan.connections_used),
            Evidence("plan", "vnetConnectionsMax", plan.connections_max),
        ),
    )


def no_read_permission(topology: Topology, apps: Apps) -> Finding | None:
    """Locks, permissions or the registration could not be read, so nobody knows if the change would pass."""
    documents = [one for one in topology.documents if one.preflight and one.status != "found"]
    if not documents:
        return None
    words = {"locks": "locks", "permissions": "permissions", "provider": "resource providers"}
    kinds = listed(dict.fromkeys(words[one.kind] for one in documents))
    scope = documents[0].path.partition("/providers/Microsoft.")[0]
    return Finding(
        code="no-read-permission",
        severity="unknown",
        title=f"Could not read {kinds}",
        detail="Without them nobody can say whether Azure would let the app be connected again once it is "
        "disconnected.",
        action=f"Have the role given to the account that is signed in: {assign('Reader', scope)}, then look "
        f"again: {command(topology, 'reconnect', '--dry-run')}{_or_allow(topology, 'no-read-permission')}",
        evidence=tuple(unread(documents)),
    )


def _or_allow(topology: Topology, code: str) -> str:
    return f". Or go on without knowing: {command(topology, 'reconnect', ALLOW, code)}"
