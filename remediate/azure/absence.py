"""Whether what was read besides proves that a resource is gone whose 404 has a code that proves nothing."""

from __future__ import annotations

from remediate import ids
from remediate.model import ListingKind, World, key

_PRODUCTION = "production"
"""The app itself has an address among its slots, and is not in the list of them."""
_LISTS: dict[str, ListingKind] = {"subnets": "subnets", "slots": "slots"}
"""The list that holds every child of a resource, by the child's type."""


def is_proved(world: World, path: str) -> bool:
    """Whether what a path names is gone: its parent lives without it, or it is part of what is gone.

    Azure Resource Manager and the resource providers answer a 404 with several codes; which one a missing
    subnet or slot gets is not documented [?].
    """
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
