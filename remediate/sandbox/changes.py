"""Which resources a write created, changed and deleted, as Resource Graph tells (azure-facts.md, 6)."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from remediate import ids
from remediate.sandbox.documents.graph import Resource, has_row, row_of
from remediate.sandbox.resources import VirtualNetwork
from remediate.sandbox.state import State, key

COMPARED = ("kind", "location", "sku", "tags", "properties")
UNNOTICED = ("etag", "lastModifiedTimeUtc", "inProgressOperationId", "provisioningState")
"""Fields whose change is no change of a resource."""


def changes(before: State, after: State, written: str) -> Iterator[dict[str, Any]]:
    """What differs between two states, as records of a world file: `resource`, `type` and `changes`.

    A network is told of only where it was written itself: whether its subnets' links show is not known [?].
    """
    old, new = _tables(before), _tables(after)
    for one in old.keys() - new.keys():
        yield {"resource": old[one].id, "type": "Delete"}
    for one in new.keys() - old.keys():
        yield {"resource": new[one].id, "type": "Create"}
    for one in old.keys() & new.keys():
        noticed = not isinstance(new[one], VirtualNetwork) or ids.within(written, new[one].id)
        if noticed and old[one] != new[one] and has_row(before, old[one]) and has_row(after, new[one]):
            changed = dict(_differences(row_of(before, old[one]), row_of(after, new[one])))
            if changed:
                yield {"resource": new[one].id, "type": "Update", "changes": changed}


def leaves(state: State, written: str) -> Iterator[dict[str, Any]]:
    """The network that a write has begun to delete: it is gone only later."""
    vnet = state.vnets.get(key(written))
    if vnet is not None and key(written) in state.leaving:
        yield {"resource": vnet.id, "type": "Delete"}


def _tables(state: State) -> dict[str, Resource]:
    return {**state.sites, **state.plans, **state.vnets}


def _differences(old: dict[str, Any], new: dict[str, Any]) -> Iterator[tuple[str, list[Any]]]:
    before, after = (dict(_flat({name: row[name] for name in COMPARED})) for row in (old, new))
    for path in sorted(before.keys() | after.keys()):
        values = [one.get(path) for one in (before, after)]
        if values[0] != values[1] and path.rpartition(".")[2] not in UNNOTICED:
            yield path, values


def _flat(value: Any, path: str = "") -> Iterator[tuple[str, Any]]:
    """Every value of a document by its path, such as `properties.subnets[0].name`."""
    if isinstance(value, dict):
        for name, inner in value.items():
            yield from _flat(inner, f"{path}.{name}" if path else name)
    elif isinstance(value, list):
        for at, inner in enumerate(value):
            yield from _flat(inner, f"{path}[{at}]")
    else:
        yield path, value
