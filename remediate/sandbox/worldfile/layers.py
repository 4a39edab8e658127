"""A world as it is described: the base world, the scenario that it extends, and its own changes, as one."""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import Any

import yaml

from remediate import ids
from remediate.sandbox.worldfile.names import Names

FOLDER = Path(__file__).parent.parent / "scenarios"
SUBSCRIPTION = "00000000-0000-0000-0000-000000000001"
GROUP = f"/subscriptions/{SUBSCRIPTION}/resourceGroups/rg-sandbox"
BASE = "_base"
Described = dict[str, Any]


@cache
def scenario_names() -> tuple[str, ...]:
    """Every shipped scenario."""
    return tuple(sorted(path.stem for path in FOLDER.glob("[!_]*.yaml")))


def shipped(name: str) -> Described:
    """A shipped scenario as its file has it, or the base world."""
    document: Described = yaml.safe_load((FOLDER / f"{name}.yaml").read_text(encoding="utf-8"))
    return document


def layers_of(changes: Described) -> list[Described]:
    """What a world is made of: what it extends, the base first, and its own changes last.

    Networks, subnets, plans and apps are under their ids, however each layer names them.
    """
    names = names_of(changes)
    return [_by_id(one, names) for one in _chain(changes)]


def names_of(changes: Described) -> Names:
    """What plain names stand for in a world."""
    return Names(str(ids.parse(changes.get("group") or GROUP)))


def _chain(changes: Described) -> list[Described]:
    parent = changes.get("extends", BASE)
    if parent is None:
        return [changes]
    return [*([shipped(BASE)] if parent == BASE else _chain(shipped(parent))), changes]


def _by_id(layer: Described, names: Names) -> Described:
    """A layer with its resources under their ids."""
    kinds = {"networks": names.network, "plans": names.plan, "apps": names.app}
    made = dict(layer)
    for kind, id_of in kinds.items():
        if made.get(kind):
            made[kind] = {id_of(name): body for name, body in made[kind].items()}
    for network, body in (made.get("networks") or {}).items():
        if body and body.get("subnets"):
            subnets = {names.subnet_in(network, name): one for name, one in body["subnets"].items()}
            made["networks"][network] = {**body, "subnets": subnets}
    if made.get("graph"):
        made["graph"] = _by_id(made["graph"], names)
    return made


def merge(layers: list[Described]) -> Described:
    """All layers as one, without `graph`: mappings are merged, null takes away, all else replaces."""
    whole: Described = {}
    for layer in layers:
        whole = _merge(whole, {name: value for name, value in layer.items() if name != "graph"})
    return whole


def graph_of(layers: list[Described]) -> Described | None:
    """The world that Resource Graph goes on showing; None where it shows the real one."""
    changes: list[Described] = []
    for layer in layers:
        if "graph" in layer:
            changes = [*changes, layer["graph"]] if layer["graph"] is not None else []
    return merge([merge(layers), *changes]) if changes else None


def _merge(base: Described, change: Described) -> Described:
    merged = dict(base)
    spelled = {name.casefold(): name for name in base}
    for name, value in change.items():
        key = spelled.setdefault(name.casefold(), name)
        old = merged.get(key)
        if value is None:
            merged.pop(key, None)
        elif isinstance(value, dict):
            merged[key] = _merge(old if isinstance(old, dict) else {}, value)
        else:
            merged[key] = value
    return merged
