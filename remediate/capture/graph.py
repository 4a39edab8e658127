"""What Resource Graph shows otherwise than ARM, as the `graph` of a world file."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

from remediate import ids
from remediate.capture.bodies import GRAPH, Body, entries, properties
from remediate.capture.names import Shortening
from remediate.capture.networks import Networks
from remediate.model import Document, World, is_subnet, key


def graph(world: World, networks: Body, apps: Body, names: Shortening, build: Networks) -> Body:
    """The differences from the described networks and apps; empty where there is none."""
    shown = {"networks": _networks(world, networks, names, build), "apps": _apps(world, apps, names)}
    return {kind: changes for kind, changes in shown.items() if changes}


def _networks(world: World, described: Body, names: Shortening, build: Networks) -> Body:
    """Network by network and subnet by subnet; null takes away what Graph does not show."""
    changes: Body = {}
    rows = {key(str(one.body["id"])): one.body for one in _answers(world.documents, GRAPH)}
    for id_ in {key(ids.vnet_of(one.id)): ids.vnet_of(one.id) for one in world.cached.values()}.values():
        name = _same(names.resource(id_), described)
        row = rows.get(key(id_))
        if name is None or any(one.unread for one in world.cached.values() if ids.within(one.id, id_)):
            continue
        listed = entries(properties(row).get("subnets"))
        difference = None if row is None else _subnets(described[name]["subnets"], listed, build)
        if difference is None or difference:
            changes[name] = difference and {"subnets": difference}
    return changes


def _subnets(described: Body, rows: list[Body], build: Networks) -> Body:
    shown = {ids.name(str(one.get("id"))): build.subnet(one) for one in rows}
    changes: Body = {}
    for name, entry in described.items():
        there = _same(name, shown)
        difference = None if there is None else _difference(entry, shown[there])
        if difference is None or difference:
            changes[name] = difference
    return changes


def _difference(entry: Body, shown: Body) -> dict[str, Any]:
    return {name: shown.get(name) for name in {**entry, **shown} if entry.get(name) != shown.get(name)}


def _apps(world: World, described: Body, names: Shortening) -> Body:
    """Apps and slots that Graph shows on another subnet than their site names, or on none."""
    changes: Body = {}
    for document in (one for one in world.documents if one.kind == GRAPH and one.status == "found"):
        subnet = document.what.partition(":")[2]
        if is_subnet(subnet):
            listed = {key(str(row["id"])) for row in document.body}
            for id_, entry in _described_apps(described, names):
                there = key(id_) in listed
                if there != (entry.get("subnet") == names.subnet(subnet)):
                    _put(changes, id_, names, names.subnet(subnet) if there else None)
    return changes


def _described_apps(described: Body, names: Shortening) -> Iterator[tuple[str, Body]]:
    for name, entry in described.items():
        id_ = name if name.startswith("/") else f"{names.group}/providers/Microsoft.Web/sites/{name}"
        yield id_, entry
        yield from ((f"{id_}/slots/{slot}", one) for slot, one in entry.get("slots", {}).items())


def _put(changes: Body, id_: str, names: Shortening, subnet: str | None) -> None:
    at = changes.setdefault(names.resource(ids.production(id_)), {})
    slot = ids.parse(id_).named("slots")
    (at.setdefault("slots", {}).setdefault(slot, {}) if slot else at)["subnet"] = subnet


def _answers(documents: Iterable[Document], what: str) -> Iterator[Document]:
    return (one for one in documents if one.what == what and one.status == "found")


def _same(name: str, known: Body) -> str | None:
    """The name as it is spelled among those that are known."""
    return next((one for one in known if one.casefold() == name.casefold()), None)
