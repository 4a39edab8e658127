"""The one decision whether something is gone, for all of the product; everything else that fails is unread.

Azure Resource Manager answers 404 also for what the account cannot see (azure-facts.md, 2). A 404 proves an
absence by its code: `ResourceNotFound`, or `ResourceGroupNotFound` in a visible subscription. With any other
code or none, such as `NotFound`, it proves nothing by itself; which one a missing subnet or slot gets is not
documented [?]. There only what was read besides can prove it.
"""

from __future__ import annotations

from collections.abc import Callable

from remediate import ids
from remediate.model import App, ListingKind, ReadStatus, Subnet, World, key
from remediate.model.failure import RequestFailed

GROUP_GONE = "resourcegroupnotfound"
"""The code that proves an absence only in a visible subscription: in any other one every group is missing."""
_PRODUCTION = "production"
"""The app itself has an address among its slots, and is not in the list of them."""
_LISTS: dict[str, ListingKind] = {"subnets": "subnets", "slots": "slots"}
"""The list that holds every child of a resource, by the child's type."""
_LISTED_BELOW = ("/slots", "/sites")
"""The lists that every app (`/slots`) or plan (`/sites`) has."""
_VIEWS = ("/networkconfig/virtualnetwork", "/virtualnetworkconnections")
"""The views that every connected app or plan has. One that is not connected answers 200, too (azure-facts.md,
1); but only for one whose site names a subnet is a 404 known to be wrong.
"""


def status_of(failure: RequestFailed, path: str, is_visible: Callable[[str], bool | None]) -> ReadStatus:
    """How a read of a path ended that failed.

    `is_visible` tells of a subscription whether the account sees it, None where that could not be read.
    """
    if failure.kind == "not-visible":
        return "not-visible"
    if failure.kind in ("absent", "unproved"):
        return _status_of_missing(failure, path, is_visible)
    return "denied" if failure.kind == "denied" else "failed"


def _status_of_missing(
    failure: RequestFailed, path: str, is_visible: Callable[[str], bool | None]
) -> ReadStatus:
    """The same for a 404, and for a row that Resource Graph does not have, which no answer says."""
    if failure.status is None:
        return "absent"
    root, _, rest = path.strip("/").partition("/")
    if root.casefold() != "subscriptions":
        return "denied"  # the service itself, such as Resource Graph, is not a resource
    if failure.azure_code.casefold() != GROUP_GONE:
        return "absent" if failure.kind == "absent" else "denied"
    visible = is_visible(rest.partition("/")[0])
    if visible is None:
        return "denied"
    return "absent" if visible else "not-visible"


def may_be_proved(failure: RequestFailed, status: ReadStatus) -> bool:
    """Whether what is read besides may still prove that this is gone: see `is_proved`."""
    return failure.status == 404 and status != "absent"


def is_proved(world: World, path: str) -> bool:
    """Whether what a path names is gone: its parent lives without it, or it is part of what is gone."""
    named = path.partition("?")[0]
    absent = (one.id for one in world.resources.values() if one.status == "absent")
    return _is_left_out(world, named) or any(ids.within(named, one) for one in absent)


def _is_left_out(world: World, id_: str) -> bool:
    """Whether the parent of a subnet or slot was read by itself, with all its children, and this is none."""
    around, _, name = key(id_).rpartition("/")
    parent, _, kind = around.rpartition("/")
    if kind not in _LISTS or (kind == "slots" and name == _PRODUCTION):
        return False
    children = world.listing(_LISTS[kind], parent)
    held = {ids.name(key(one)) for one in children.ids}
    return world.was_read(parent) and children.status == "found" and name not in held


def is_contradicted(world: World, path: str) -> bool:
    """Whether what a path names cannot be gone, although Azure answered so.

    What was read by itself has to have it: an app or plan its lists, a connected app its views, an app its
    plan, a subnet its network.
    """
    named = key(path.partition("?")[0])
    for part in _LISTED_BELOW:
        if named.endswith(part):
            return world.was_read(named.removesuffix(part))
    for part in _VIEWS:
        if named.endswith(part):
            return _has_views(world, named.removesuffix(part))
    return named in _parents(world)


def _has_views(world: World, owner: str) -> bool:
    app = world.app(owner)
    return world.was_read(owner) and (app is None or bool(app.subnet))


def _parents(world: World) -> set[str]:
    """The keys of the plans of apps, and of the networks of subnets, that were read by themselves."""
    found = [one.value for one in world.resources.values() if one.status == "found" and not one.listed]
    plans = {key(one.plan) for one in found if isinstance(one, App) and one.plan}
    return plans | {key(ids.vnet_of(one.id)) for one in found if isinstance(one, Subnet)}
