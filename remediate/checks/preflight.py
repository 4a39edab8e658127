"""Findings of the preflight: what would stop Azure from letting a change through, seen before any write.

Each takes the topology that `Reader.preflight` made, and the apps and slots that the change is about.
"""

from __future__ import annotations

import re
import shlex

from remediate import ids
from remediate.checks.advice import command, listed
from remediate.model import App, Evidence, Finding, Lock, Permission, Topology

Apps = tuple[App, ...]
JOIN = "Microsoft.Network/virtualNetworks/subnets/join/action"
"""What a PATCH of a site with another subnet asks of the caller at that subnet (azure-facts.md, 2)."""
DELEGATE = "Microsoft.Network/virtualNetworks/subnets/write"
ALLOW = "--allow-unknown"
"""The option of `reconnect` that lets it go on without knowing."""
_ROLES = {"Microsoft.Web": "Website Contributor", "Microsoft.Network": "Network Contributor"}
"""The smallest built-in roles that hold what is needed."""
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
    if not stops and not doubtful:
        return None
    locks = (*stops, *doubtful)
    names = listed(dict.fromkeys(f"{one.name} ({one.level})" for one in locks))
    remove = f"`{shlex.join(['az', 'lock', 'delete', '--ids', *dict.fromkeys(one.id for one in locks)])}`"
    return Finding(
        code="locked",
        severity="error" if stops else "unknown",
        title=f"A management lock is in the way: {names}",
        detail=_FORBIDDEN if stops else _DOUBTFUL,
        action=f"Remove it for the time of the change: {remove}"
        + ("" if stops else _or_allow(topology, "locked")),
        evidence=tuple(Evidence("locks", one.id, one.level) for one in locks),
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
    missing = [
        (scope, action)
        for scope, actions in _needed(topology, apps).items()
        for action in actions
        if (given := topology.permissions.get(scope)) is not None and not allowed(action, given)
    ]
    if not missing:
        return None
    actions = list(dict.fromkeys(action for _, action in missing))
    lacks = "a permission" if len(actions) == 1 else f"{len(actions)} permissions"
    return Finding(
        code="no-permission",
        severity="error",
        title=f"The signed-in account lacks {lacks} that this takes",
        detail=f"It lacks {listed(actions)}. Azure would refuse, possibly when the app is already "
        "disconnected.",
        action=f"Have the role given to the account that is signed in: {roles(missing)}",
        evidence=tuple(Evidence("permissions", scope, f"{action}: not allowed") for scope, action in missing),
    )


def _needed(topology: Topology, apps: Apps) -> dict[str, tuple[str, ...]]:
    """The actions that the change consists of, by the scope at which each has to be allowed."""
    needed = {app.id: _on_site(app, topology.connected) for app in apps}
    if topology.subnet:
        delegates = () if topology.subnet.delegations else (DELEGATE,)
        needed[topology.subnet.id] = (JOIN, *delegates)
    return needed


def _on_site(app: App, connected: bool) -> tuple[str, ...]:
    kind = "Microsoft.Web/sites/slots" if app.is_slot else "Microsoft.Web/sites"
    disconnects = (f"{kind}/networkConfig/delete",) if connected else ()
    return (f"{kind}/read", f"{kind}/write", *disconnects)


def allowed(action: str, permissions: tuple[Permission, ...]) -> bool:
    """Whether any one assignment allows an action: its actions match, and its own notActions do not."""
    return any(_matches(action, one.actions) and not _matches(action, one.not_actions) for one in permissions)


def _matches(action: str, patterns: tuple[str, ...]) -> bool:
    """Azure's one wildcard is `*`, which stands for any text; case does not count."""
    expressions = (re.escape(pattern).replace(r"\*", ".*") for pattern in patterns)
    return any(re.fullmatch(one, action, re.IGNORECASE | re.DOTALL) for one in expressions)


def roles(missing: list[tuple[str, str]]) -> str:
    """One command for each scope at which something is missing."""
    wanted = {scope: _ROLES[action.partition("/")[0]] for scope, action in missing}
    commands = (
        ["az", "role", "assignment", "create", "--assignee", "ACCOUNT", "--role", role, "--scope", scope]
        for scope, role in wanted.items()
    )
    return listed(f"`{shlex.join(one)}`" for one in commands)


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
    busy = [app for app in apps if app.operation and not ids.same(app.id, topology.target.id)]
    if not busy:
        return None
    return Finding(
        code="operation-in-progress",
        severity="warning",
        title=f"An operation is not finished on {listed(app.name for app in busy)}",
        detail="This change is about these apps too, and Azure would refuse to change them now.",
        action="Wait until this prints nothing, then try again: `az resource show --ids "
        f"{shlex.join(app.id for app in busy)} --query properties.inProgressOperationId`",
        evidence=tuple(Evidence("site", f"{app.name}.inProgressOperationId", app.operation) for app in busy),
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
    kinds = listed(dict.fromkeys(words[one.what.partition(":")[0]] for one in documents))
    scope = documents[0].path.partition("/providers/Microsoft.")[0]
    return Finding(
        code="no-read-permission",
        severity="unknown",
        title=f"Could not read {kinds}",
        detail="Without them nobody can say whether Azure would let the app be connected again once it is "
        "disconnected.",
        action="Have the role given to the account that is signed in: "
        f"`az role assignment create --assignee ACCOUNT --role Reader --scope {scope}`, then look again: "
        f"{command(topology, 'reconnect', '--dry-run')}{_or_allow(topology, 'no-read-permission')}",
        evidence=tuple(
            Evidence(one.what.partition(":")[0], one.path, one.message or one.status) for one in documents
        ),
    )


def _or_allow(topology: Topology, code: str) -> str:
    return f". Or go on without knowing: {command(topology, 'reconnect', ALLOW, code)}"
