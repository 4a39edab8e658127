"""What only the whole of a world shows: names that stand for nothing, and what is there twice."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import yaml

from remediate.sandbox.faults import MalformedRule
from remediate.sandbox.faults import parse as parse_rules
from remediate.sandbox.worldfile.errors import WorldError
from remediate.sandbox.worldfile.layers import (
    Described,
    graph_of,
    layers_of,
    merge,
    names_of,
    scenario_names,
)
from remediate.sandbox.worldfile.names import Names, suggestion
from remediate.sandbox.worldfile.records import resource
from remediate.sandbox.worldfile.resources import Resources
from remediate.sandbox.worldfile.text import child, line_at, line_of


def reference_errors(root: yaml.Node, changes: Described) -> list[WorldError]:
    """Everything that is wrong with a file which is right by its schema."""
    parent = changes.get("extends")
    if parent is not None and parent not in scenario_names():
        near = suggestion(parent, scenario_names()) or f"; there are {', '.join(scenario_names())}"
        return [WorldError(line_at(root, ["extends"]), f"there is no scenario {parent!r}{near}")]
    names = names_of(changes)
    return list(_twice(root, names)) or [*_whole(root, changes, names), *_faults(root, changes)]


def _whole(root: yaml.Node, changes: Described, names: Names) -> Iterator[WorldError]:
    layers = layers_of(changes)
    whole, graph, subnets = merge(layers), graph_of(layers), _subnets_named(layers)
    found = list(Resources(root, whole, subnets, names).errors())
    yield from found
    if graph is not None and not found:
        yield from Resources(child(root, "graph") or root, graph, subnets, names).errors()
    for kind in ("activity", "changes"):
        for at, one in enumerate(changes.get(kind) or []):
            if resource(one["resource"], whole, names) is None:
                message = f"there is no app, plan or network {one['resource']!r} in this world"
                yield WorldError(line_at(root, [kind, at, "resource"]), message)


def _subnets_named(layers: list[Described]) -> set[str]:
    """Every subnet that any layer names, also to take it away, by its id in lower case."""
    parts = [*layers, *(layer["graph"] for layer in layers if layer.get("graph"))]
    networks = [body for part in parts for body in (part.get("networks") or {}).values() if body]
    return {name.casefold() for body in networks for name in body.get("subnets") or {}}


def _faults(root: yaml.Node, changes: Described) -> Iterator[WorldError]:
    for at, rule in enumerate(changes.get("faults") or []):
        try:
            parse_rules([rule])
        except MalformedRule as error:
            message = str(error).removeprefix("rule 1: ")
            yield WorldError(line_at(root, ["faults", at]), f"entry {at + 1} of 'faults': {message}")


def _twice(root: yaml.Node, names: Names) -> Iterator[WorldError]:
    """Resources that the file names twice: by name and by id, or in another case."""
    kinds: dict[str, Callable[[str], str]] = {
        "networks": names.network,
        "plans": names.plan,
        "apps": names.app,
        "groups": names.resource_group,
        "subscriptions": str,
    }
    for part in (root, child(root, "graph")):
        for kind, id_of in kinds.items():
            yield from _twice_in(child(part, kind), id_of)
        networks = child(part, "networks")
        for key, body in networks.value if isinstance(networks, yaml.MappingNode) else ():
            network = key.value
            yield from _twice_in(child(body, "subnets"), lambda name: names.subnet_in(network, name))  # noqa: B023


def _twice_in(node: yaml.Node | None, id_of: Callable[[str], str]) -> Iterator[WorldError]:
    seen: set[str] = set()
    for key, _ in node.value if isinstance(node, yaml.MappingNode) else ():
        spelled = id_of(key.value).casefold()
        if spelled in seen:
            yield WorldError(line_of(key), f"{key.value!r} is here twice, under another spelling")
        seen.add(spelled)
