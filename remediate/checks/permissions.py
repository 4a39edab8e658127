"""What Azure would refuse, for locks, permissions or an unregistered provider; and what a policy refused."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence

from remediate import ids
from remediate.checks.advice import ALLOW, assign, command, listed, typed
from remediate.model import (
    Deletion,
    Evidence,
    Finding,
    Integration,
    Lock,
    Permission,
    Question,
    World,
    key,
)

JOIN = "Microsoft.Network/virtualNetworks/subnets/join/action"
"""What a PATCH of a site with another subnet asks of the caller at that subnet (azure-facts.md, 2)."""
DELEGATE = "Microsoft.Network/virtualNetworks/subnets/write"
PURGE = "Microsoft.Web/locations/purgeUnusedVirtualNetworkIntegration/action"
"""What the purge asks of the caller in the network's subscription, by the rule that Resource Manager has for
every POST. Whether the platform asks for more, such as a permission on the subnet, is not documented [?].
"""
_ROLES = {"Microsoft.Web": "Website Contributor", "Microsoft.Network": "Network Contributor"}
"""The smallest built-in roles that hold what is needed."""
_DOUBTFUL = (
    "The lock is on the network, not on the app. Whether it keeps Azure from removing the link and creating "
    "it again is not documented."
)
_FORBIDDEN = {
    "change": "Azure refuses what a lock forbids, also in the middle of a change: an app could be "
    "disconnected, and not be connected again.",
    "leave": "Azure refuses what a lock forbids: the apps could not be disconnected, or not all of them.",
    "purge": "The lock forbids changes of the network. Whether Azure clears a link under a lock is not "
    "documented, so it is not tried.",
    "delete": "Azure refuses a deletion that a lock forbids, also in the middle of it: a resource group can "
    "be left with some of its resources gone. A disconnect or purge that comes before the deletion is "
    "refused, too.",
}
_REMOVE = {
    "change": "Remove it for the time of the change",
    "leave": "If the deletion is meant, remove the lock first",
    "purge": "If the link is meant to go, remove the lock for the time of the change",
    "delete": "If the deletion is meant, remove the lock first",
}
_NEEDED_FOR = {
    "Microsoft.Web": "The subscription that a virtual network is in has to know App Service before an app "
    "can be connected to it, also where the app is in another subscription.",
    "Microsoft.App": "An app on Flex Consumption is connected by the resource provider Microsoft.App; "
    "without its registration Azure answers a connect with an error (500).",
}
_LACKING = {
    "change": "Azure would refuse, possibly when the app is already disconnected.",
    "leave": "Some of the apps could stay connected.",
    "delete": "A disconnect or purge that comes before the deletion would be refused. Whether the account "
    "may delete is not checked.",
    "purge": "What Azure asks for beyond that is not documented.",
}


def locked(world: World, question: Question) -> Finding | None:
    """A management lock forbids one of the writes, or the deletion.

    CanNotDelete stops the DELETE of networkConfig, ReadOnly every write. Whether CanNotDelete on the
    network keeps Azure from taking its own link away is not known [?]: then this is unknown, not an error.
    """
    stops = [lock for lock in world.locks if _stops(lock, world, question)]
    doubtful = [lock for lock in world.locks if lock not in stops and _may_stop(lock, world, question)]
    locks = [*stops, *doubtful]
    if not locks:
        return None
    names = dict.fromkeys(f"{one.name} ({one.level})" for one in locks)
    unlock = typed(["az", "lock", "delete", "--ids", *dict.fromkeys(one.id for one in locks)])
    allow = "" if stops else or_allow(Integration(world, question), "locked")
    return Finding(
        code="locked",
        severity="error" if stops else "unknown",
        title=f"A management lock is in the way: {listed(names)}",
        detail=_FORBIDDEN[question.kind] if stops else _DOUBTFUL,
        action=f"{_REMOVE[question.kind]}: {unlock}{allow}",
        evidence=tuple(Evidence("locks", one.id, one.level) for one in locks),
    )


def _stops(lock: Lock, world: World, question: Question) -> bool:
    """Whether a lock forbids what the question is about."""
    if question.kind == "purge":
        return _on_subnet(lock, question.target)
    if question.kind == "delete":
        return _stops_deletion(lock, Deletion(world, question))
    on_app = _on_apps(lock, question.apps)
    if question.kind == "leave":
        return on_app
    seen, read_only = Integration(world, question), lock.level.casefold() == "readonly"
    if on_app:
        return read_only or (seen.connected and lock.level.casefold() == "cannotdelete")
    return read_only and seen.subnet is not None and _on_subnet(lock, seen.subnet.id)


def _stops_deletion(lock: Lock, deletion: Deletion) -> bool:
    """Whether a lock forbids the deletion, or what has to be done before it."""
    whole = (deletion.question.target, *deletion.taken)
    before = _on_apps(lock, deletion.disconnected) or any(_on_subnet(lock, one) for one in deletion.cleared)
    return before or any(ids.within(one, lock.scope) or ids.within(lock.scope, one) for one in whole)


def _on_apps(lock: Lock, apps: Iterable[str]) -> bool:
    return any(ids.within(f"{one}/networkConfig/virtualNetwork", lock.scope) for one in apps)


def _may_stop(lock: Lock, world: World, question: Question) -> bool:
    if question.kind != "change" or lock.level.casefold() != "cannotdelete":
        return False
    seen = Integration(world, question)
    return seen.connected and seen.subnet is not None and _on_subnet(lock, seen.subnet.id)


def _on_subnet(lock: Lock, subnet: str) -> bool:
    return ids.within(f"{subnet}/serviceAssociationLinks/x", lock.scope)


def or_allow(seen: Integration, code: str) -> str:
    """How to go on without knowing what a finding is about, with the scope that is not refused."""
    if seen.is_elsewhere:
        return ""  # it is not moved, also with everything known
    scope = ("--scope", "link") if seen.link_lost_by_many else ()
    return f". Or go on without knowing: {command(seen, 'reconnect', ALLOW, code, *scope)}"


def no_permission(world: World, question: Question) -> Finding | None:
    """The signed-in account lacks a permission for the change, or for what comes before the deletion."""
    deletes = question.kind == "delete"
    needed = needed_before_deletion(Deletion(world, question)) if deletes else needed_actions(world, question)
    lacks = _lacking(needed, world)
    if not lacks:
        return None
    actions = list(dict.fromkeys(action for _, action in lacks))
    what = "a permission" if len(actions) == 1 else f"{len(actions)} permissions"
    where = " in the subscription of the network" if question.kind == "purge" else ""
    return Finding(
        code="no-permission",
        severity="error",
        title=f"The signed-in account lacks {what} that this takes",
        detail=f"It lacks {listed(actions)}{where}. {_LACKING[question.kind]}",
        action=f"Have the role given to the account that is signed in: {_assign(lacks)}",
        evidence=tuple(Evidence("permissions", scope, f"{action}: not allowed") for scope, action in lacks),
    )


def needed_actions(world: World, question: Question) -> dict[str, tuple[str, ...]]:
    """The actions that the change consists of, by the scope at which each has to be allowed."""
    if question.kind == "purge":
        return _to_purge([question.target])
    if question.kind == "delete":
        deletion = Deletion(world, question)
        deleted = {one: (_deletion_of(one),) for one in (question.target, *deletion.taken)}
        before = needed_before_deletion(deletion)
        return {one: (*deleted.get(one, ()), *before.get(one, ())) for one in (*deleted, *before)}
    if question.kind == "leave":
        return _to_disconnect(question.apps)
    seen = Integration(world, question)
    takes_away = ("networkConfig/delete",) if seen.connected else ()
    needed = {app: on_site(app, "read", "write", *takes_away) for app in question.apps}
    if seen.subnet:
        delegates = () if seen.subnet.delegations else (DELEGATE,)
        needed[seen.subnet.id] = (JOIN, *delegates)
    return needed


def needed_before_deletion(deletion: Deletion) -> dict[str, tuple[str, ...]]:
    """The same for what has to be done before a deletion: disconnect apps, and clear links."""
    return {**_to_disconnect(deletion.disconnected), **_to_purge(deletion.cleared)}


def _to_disconnect(apps: Iterable[str]) -> dict[str, tuple[str, ...]]:
    return {app: on_site(app, "read", "networkConfig/delete") for app in apps}


def _to_purge(subnets: Iterable[str]) -> dict[str, tuple[str, ...]]:
    return {f"/subscriptions/{ids.parse(one).subscription}": (PURGE,) for one in subnets}


def _deletion_of(resource: str) -> str:
    return f"{ids.parse(resource).type or 'Microsoft.Resources/subscriptions/resourceGroups'}/delete"


def on_site(app: str, *actions: str) -> tuple[str, ...]:
    """Actions of a site by their full names; a slot has its own."""
    kind = "Microsoft.Web/sites/slots" if ids.parse(app).named("slots") else "Microsoft.Web/sites"
    return tuple(f"{kind}/{action}" for action in actions)


def _lacking(needed: Mapping[str, Iterable[str]], world: World) -> list[tuple[str, str]]:
    """Each scope with an action that is not allowed there; where permissions were not read, none is."""
    return [
        (scope, action)
        for scope, actions in needed.items()
        for action in actions
        if (held := world.permissions.get(key(scope))) is not None and not allowed(action, held)
    ]


def allowed(action: str, permissions: tuple[Permission, ...]) -> bool:
    """Whether any one assignment allows an action: its actions match, and its own notActions do not."""
    return any(matches(action, one.actions) and not matches(action, one.not_actions) for one in permissions)


def matches(action: str, patterns: tuple[str, ...]) -> bool:
    """Azure's one wildcard is `*`, which stands for any text; case does not count."""
    expressions = (re.escape(pattern).replace(r"\*", ".*") for pattern in patterns)
    return any(re.fullmatch(one, action, re.IGNORECASE | re.DOTALL) for one in expressions)


def _assign(lacks: Sequence[tuple[str, str]]) -> str:
    wanted = {scope: _ROLES[action.partition("/")[0]] for scope, action in lacks}
    return listed(assign(role, scope) for scope, role in wanted.items())


def provider_unregistered(world: World, question: Question) -> Finding | None:
    """A resource provider that a connect needs is not registered (azure-facts.md, 4)."""
    needed = Integration(world, question).registrations_needed
    states = {one: state for one in needed if (state := world.registrations.get(one)) is not None}
    missing = {one: state for one, state in states.items() if state.casefold() != "registered"}
    if not missing:
        return None
    namespaces = list(dict.fromkeys(namespace for _, namespace in missing))
    verb = "is" if len(namespaces) == 1 else "are"
    return Finding(
        code="provider-unregistered",
        severity="error",
        title=f"{listed(namespaces)} {verb} not registered in the subscription",
        detail=" ".join(_NEEDED_FOR[one] for one in namespaces),
        action=listed(_register(*one) for one in missing),
        evidence=tuple(
            Evidence("provider", f"{namespace} in {subscription}", state)
            for (subscription, namespace), state in missing.items()
        ),
    )


def _register(subscription: str, namespace: str) -> str:
    return typed(
        ["az", "provider", "register", "--namespace", namespace, "--subscription", subscription, "--wait"]
    )


_NO_OTHER_WAY = "If another request has the same effect, it was tried."


def policy_denies(world: World, question: Question) -> Finding | None:
    """Azure answered RequestDisallowedByPolicy to a write (azure-facts.md, 3).

    Policy is decided when a request arrives, and no read shows it beforehand. The built-in ones deny a site
    write that leaves the site without a subnet, which this tool never sends; a custom policy may deny
    anything [?].
    """
    denials = world.denials
    if not denials:
        return None
    avoided = all(one.other_way for one in denials)
    methods = listed(dict.fromkeys(f"{one.request.method} of {ids.app_name(one.target)}" for one in denials))
    return Finding(
        code="policy-denies",
        severity="warning" if avoided else "error",
        title=f"Azure Policy denies {methods}",
        detail="A policy on the management group, the subscription or the resource group refuses this "
        "request from everybody. Azure reports that only once the request is sent. "
        + ("Another request with the same effect was sent in its place." if avoided else _NO_OTHER_WAY),
        action="Nothing to do where the app is connected now. Other tools that send this request are refused "
        "as well: the owner of the policy can exempt the app."
        if avoided
        else "Ask the owner of the policy that Azure names for an exemption of the app for the time of the "
        "change, then try again.",
        evidence=tuple(
            Evidence("policy", f"{one.request.method} {one.request.path}", one.said) for one in denials
        ),
    )
