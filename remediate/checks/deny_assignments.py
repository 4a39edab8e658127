"""The finding deny-assignment: what nobody may do at an app, a subnet or above, whatever a role allows."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import NamedTuple

from remediate import ids
from remediate.checks.advice import ALLOW, listed, typed
from remediate.checks.permissions import DELEGATE, matches, needed_actions, or_allow
from remediate.model import (
    CLEARABLE,
    EVERYBODY,
    Deletion,
    DenyAssignment,
    Evidence,
    Finding,
    Integration,
    Occupancy,
    Permission,
    Principal,
    Question,
    World,
    key,
)

API = "2022-04-01"
"""The api-version of the list of deny assignments (azure-facts.md, 4)."""
_CONSEQUENCE = {
    "change": "Azure would refuse, possibly when the app is already disconnected.",
    "leave": "Some of the apps could stay connected.",
    "purge": "Azure would refuse the purge.",
    "delete": "Azure would refuse, also in the middle of a deletion: a resource group can be left with some "
    "of its resources gone.",
}
_WHERE_FROM = (
    "Deployment stacks, blueprints and managed applications make deny assignments, which apply to owners too."
)
_DOUBTFUL = (
    "Whether it holds for the account that is signed in is not known: that depends on groups, on a condition "
    "or on what Azure does not document."
)


class Denied(NamedTuple):
    """An action that a deny assignment forbids at a scope; `certain` says that it does so to the caller."""

    assignment: DenyAssignment
    scope: str
    action: str
    certain: bool


def deny_assignment(world: World, question: Question) -> Finding | None:
    """A deny assignment forbids one of the writes, or the deletion (azure-facts.md, 4).

    It is unknown where it may not concern the signed-in account: as a member of a group, or by a condition.
    """
    denied = [*_denied(world, needed_actions(world, question)), *_doubtful(world, question)]
    if not denied:
        return None
    certain = any(one.certain for one in denied)
    names = listed(dict.fromkeys(one.assignment.name for one in denied))
    return Finding(
        code="deny-assignment",
        severity="error" if certain else "unknown",
        title=f"A deny assignment {'forbids' if certain else 'may forbid'} this: {names}",
        detail=f"It denies {_actions(denied)}. "
        f"{_CONSEQUENCE[question.kind] if certain else _DOUBTFUL} {_WHERE_FROM}",
        action=_ask_owner(world, question, denied[0].scope, certain),
        evidence=tuple(
            Evidence("deny-assignments", one.scope, f"{one.action}: denied by {one.assignment.name}")
            for one in denied
        ),
    )


def is_denied(world: World, scope: str, actions: tuple[str, ...]) -> bool:
    """Whether a deny assignment forbids one of the actions at a scope, or may do so."""
    return any(_denied(world, {scope: actions}))


def _actions(denied: list[Denied]) -> str:
    first, *others = dict.fromkeys(one.action for one in denied)
    return first if not others else f"{first} and {len(others)} more of the actions that this takes"


def _doubtful(world: World, question: Question) -> Iterator[Denied]:
    """Before a purge: a write of the subnet. Azure documents a role for it there, and no action [?]."""
    asked = [question.target] if question.kind == "purge" else []
    purged = Deletion(world, question).cleared if question.kind == "delete" else asked
    for one in _denied(world, dict.fromkeys(purged, (DELEGATE,))):
        yield one._replace(certain=False)


def _denied(world: World, needed: Mapping[str, tuple[str, ...]]) -> Iterator[Denied]:
    """Every action that is needed and denied; where deny assignments were not read, none is."""
    for scope, actions in needed.items():
        for assignment in world.deny_assignments.get(key(scope)) or ():
            concerns = concerns_caller(assignment, world.caller)
            for action in actions:
                if concerns is not False and denies(assignment, action, scope):
                    yield Denied(assignment, scope, action, certain=concerns is True)


def denies(assignment: DenyAssignment, action: str, scope: str) -> bool:
    """Whether a deny assignment is about an action on the resource `scope`."""
    about = any(_covers(one, action) for one in assignment.permissions)
    return about and _reaches(
        assignment, f"{scope}/networkConfig/virtualNetwork" if _is_part(action) else scope
    )


def _covers(permission: Permission, action: str) -> bool:
    return matches(action, permission.actions) and not matches(action, permission.not_actions)


def _is_part(action: str) -> bool:
    """Whether an action is about the networkConfig of a site, which is a resource of its own below it."""
    return "/networkconfig/" in action.casefold()


def _reaches(assignment: DenyAssignment, resource: str) -> bool:
    """Whether it holds for a resource: at its scope, and below it unless it says otherwise.

    What Azure shows for a resource and is in no subscription is on a management group above it. Whether
    networkConfig counts as below its site is not documented [?], so it does not.
    """
    site = resource.removesuffix("/networkConfig/virtualNetwork")
    if assignment.only_there:
        return any(ids.same(assignment.scope, one) for one in (resource, site))
    above = not key(assignment.scope).startswith("subscriptions/")
    return above or ids.within(resource, assignment.scope)


def concerns_caller(assignment: DenyAssignment, caller: str | None) -> bool | None:
    """Whether a deny assignment holds for the account with this object id; None where that is not known."""
    included, excluded = _among(assignment.principals, caller), _among(assignment.excluded, caller)
    if included is False or excluded is True:
        return False
    if included is None or excluded is None or assignment.conditional:
        return None
    return True


def _among(principals: tuple[Principal, ...], caller: str | None) -> bool | None:
    """Whether an account is one of these; None where it may be a member of one, or is not known itself."""
    if any(one.id == EVERYBODY or (caller and one.id.casefold() == caller.casefold()) for one in principals):
        return True
    known = caller is not None and all(one.single for one in principals)
    return False if known or not principals else None


def _ask_owner(world: World, question: Question, scope: str, certain: bool) -> str:
    address = f"{scope}/providers/Microsoft.Authorization/denyAssignments?api-version={API}"
    show = typed(["az", "rest", "--method", "get", "--url", address])
    ask = f"See who made it: {show}. Ask its owner to exclude the account that is signed in"
    if certain or question.kind in ("leave", "delete"):
        return ask
    if question.kind == "purge":
        occupancy = Occupancy(world, question.target)
        if not any(occupancy.use(link) in CLEARABLE for link in occupancy.links):
            return ask  # there is no link that could be cleared
        again = typed(["remediate", "purge", question.target, ALLOW, "deny-assignment"])
        return f"{ask}. Or go on without knowing: {again}"
    return f"{ask}{or_allow(Integration(world, question), 'deny-assignment')}"
