"""What no schema finds: names that stand for nothing, resources that are named twice, wrong fault rules."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Set

import yaml

from remediate import ids
from remediate.sandbox.faults import MalformedRule
from remediate.sandbox.faults import parse as parse_rules
from remediate.sandbox.worldfile.errors import ContentError, Path, WorldError
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

_TWICE = "%r is here twice, under another spelling"


def reference_errors(root: yaml.Node, changes: Described, omitted: Set[Path]) -> list[WorldError]:
    """Every error of a file that its schema does not find.

    `changes` is the file without the parts that the schema rejects; `omitted` are the paths of these parts.
    An error that may only come from their absence is not reported.
    """
    found = list(_faults(root, changes))
    if ("group",) not in omitted:
        names = names_of(changes)
        twice = [*_twice(root, names)]
        found += [ContentError(WorldError(line_of(key), _TWICE % key.value)) for key, _ in twice]
        omitted = omitted | {path for _, paths in twice for path in paths}
        found += _unknown_parent(root, changes) or _unknown_names(root, changes, names, omitted)
    return [one.error for one in found if not one.may_come_from(omitted)]


def _unknown_parent(root: yaml.Node, changes: Described) -> list[ContentError]:
    """What is wrong with `extends`. Without a known parent no other name of the world can be judged."""
    parent = changes.get("extends")
    if parent is None or parent in scenario_names():
        return []
    near = suggestion(parent, scenario_names()) or f"; there are {', '.join(scenario_names())}"
    return [ContentError(WorldError(line_at(root, ["extends"]), f"there is no scenario {parent!r}{near}"))]


def _unknown_names(
    root: yaml.Node, changes: Described, names: Names, omitted: Set[Path]
) -> Iterator[ContentError]:
    """What the resources name that is not in the world; in `graph` only once the resources are right."""
    if ("extends",) in omitted:
        return
    layers = layers_of(changes)
    whole, graph, subnets = merge(layers), graph_of(layers), _subnets_named(layers)
    found = list(Resources(root, whole, subnets, names).errors())
    yield from found
    if graph is not None and not found:
        yield from Resources(child(root, "graph") or root, graph, subnets, names, ("graph",)).errors()
    for kind in ("activity", "changes"):
        for at, one in enumerate(changes.get(kind) or []):
            if (kind, at) not in omitted and resource(one["resource"], whole, names) is None:
                message = f"there is no app, plan or network {one['resource']!r} in this world"
                error = WorldError(line_at(root, [kind, at, "resource"]), message)
                yield ContentError(error, (("apps",), ("plans",), ("networks",)))


def _subnets_named(layers: list[Described]) -> set[str]:
    """Every subnet that any layer names, also to take it away, by its id in lower case."""
    parts = [*layers, *(layer["graph"] for layer in layers if layer.get("graph"))]
    networks = [body for part in parts for body in (part.get("networks") or {}).values() if body]
    return {name.casefold() for body in networks for name in body.get("subnets") or {}}


def _faults(root: yaml.Node, changes: Described) -> Iterator[ContentError]:
    for at, rule in enumerate(changes.get("faults") or []):
        try:
            parse_rules([rule])
        except MalformedRule as error:
            message = f"entry {at + 1} of 'faults': {str(error).removeprefix('rule 1: ')}"
            yield ContentError(WorldError(line_at(root, ["faults", at]), message), (("faults", at),))


def _twice(root: yaml.Node, names: Names) -> Iterator[tuple[yaml.Node, set[Path]]]:
    """What the file names twice, by name and id or in another case: the second key, and both paths."""
    kinds: dict[str, Callable[[str], str]] = {
        "networks": names.network,
        "plans": names.plan,
        "apps": names.app,
        "groups": names.resource_group,
        "subscriptions": str,
    }
    graph = child(root, "graph")
    for part, above in ((root, ()), (graph, ("graph",))):
        for kind, id_of in kinds.items():
            yield from _twice_in(child(part, kind), id_of, (*above, kind))
        networks = child(part, "networks")
        for key, body in networks.value if isinstance(networks, yaml.MappingNode) else ():
            network = key.value
            path = (*above, "networks", network, "subnets")
            yield from _twice_in(child(body, "subnets"), lambda name: names.subnet_in(network, name), path)  # noqa: B023


def _twice_in(
    node: yaml.Node | None, id_of: Callable[[str], str], path: Path
) -> Iterator[tuple[yaml.Node, set[Path]]]:
    seen: dict[str, str] = {}
    for key, _ in node.value if isinstance(node, yaml.MappingNode) else ():
        try:
            spelled = id_of(key.value).casefold()
        except ids.InvalidId:
            continue
        first = seen.setdefault(spelled, key.value)
        if first != key.value:
            yield key, {(*path, first), (*path, key.value)}
