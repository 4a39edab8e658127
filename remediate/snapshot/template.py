"""The resources in an ARM template, exported or compiled from Bicep, in the shape of ARM but without ids.

A template names its resources, and says nothing about the subscription and the group: the names are matched
with those of the app and its subnet. What is known only when the template is deployed is left out.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

from remediate.snapshot.expressions import Scope, Unresolved
from remediate.snapshot.resources import KINDS, MARKS, ImportedResource, Path

_NESTED = "microsoft.resources/deployments"
_UNCOMPARED = ("locations", "location", "tags", "type")
"""Fields of which no fact is made: an expression there does not matter."""


def resources_of_template(document: dict[str, Any]) -> list[ImportedResource] | None:
    """The resources of a template; None for another document."""
    if not _is_template(document):
        return None
    return list(_resources(document, Scope(document)))


def _is_template(document: dict[str, Any]) -> bool:
    schema = str(document.get("$schema")).casefold()
    declared = isinstance(document.get("resources"), dict | list)
    return declared and ("deploymenttemplate.json" in schema or "contentVersion" in document)


def _resources(template: dict[str, Any], scope: Scope) -> Iterator[ImportedResource]:
    for one in _entries(template.get("resources")):
        if str(one.get("type")).casefold() == _NESTED:
            yield from _of_deployment(one, scope)
        else:
            yield from _resource(one, scope, "", ())


def _entries(value: Any) -> Iterable[dict[str, Any]]:
    """The resources: a list, or by symbolic name, where `existing` ones are not the template's own."""
    entries = value.values() if isinstance(value, dict) else value if isinstance(value, list) else ()
    return [one for one in entries if isinstance(one, dict) and one.get("existing") is not True]


def _of_deployment(one: dict[str, Any], scope: Scope) -> Iterator[ImportedResource]:
    properties = one.get("properties")
    template = properties.get("template") if isinstance(properties, dict) else None
    if not isinstance(properties, dict) or not isinstance(template, dict):
        return
    given = {}
    parameters = properties.get("parameters")
    for name, value in (parameters if isinstance(parameters, dict) else {}).items():
        held = _known(value, scope)
        if isinstance(held, dict) and "value" in held:
            given[name] = held["value"]
    yield from _resources(template, Scope(template, given))


def _resource(one: dict[str, Any], scope: Scope, kinds: str, names: Path) -> Iterator[ImportedResource]:
    """A resource, and those that are nested in it."""
    type_ = str(one.get("type"))
    type_ = f"{kinds}/{type_}" if kinds else type_
    path = _path(type_, one.get("name"), scope, names)
    body = {"name": path[-1][1] or "", **_beside(one, scope), "properties": _properties(one, scope)}
    kind = KINDS.get(type_.casefold())
    if kind is not None and any(mark in body["properties"] for mark in MARKS[kind]):
        yield ImportedResource(kind, body, "ARM template", path=path)
    if kind == "vnet":
        for subnet in _entries(body["properties"].get("subnets")):
            inner = {"name": str(subnet.get("name")), "properties": subnet.get("properties")}
            if isinstance(inner["properties"], dict):
                inside = (*path, ("subnets", inner["name"]))
                yield ImportedResource("subnet", inner, "ARM template", path=inside)
    for child in _entries(one.get("resources")):
        yield from _resource(child, scope, type_, path)


def _path(type_: str, name: Any, scope: Scope, around: Path) -> Path:
    """The types and names of a resource; the name of a nested one is relative to those around it."""
    kinds = type_.split("/")[1:] or [type_]
    text = _known(name, scope)
    names: list[str | None] = list(text.split("/")) if isinstance(text, str) else _partial(name, len(kinds))
    if around and len(names) == 1:
        return (*around, (kinds[-1], names[0]))
    names = names if len(names) == len(kinds) else [None] * len(kinds)
    return tuple(zip(kinds, names, strict=True))


def _partial(name: Any, length: int) -> list[str | None]:
    """The names where a parameter has no value: the last one may still be a text in the expression."""
    unknown: list[str | None] = [None] * length
    if isinstance(name, str) and name.startswith("[") and length > 1:
        last = name.rstrip(")]").rpartition("'")[0].rpartition("'")[2].rpartition("/")[2]
        if name.rstrip(")]").endswith("'") and last and "{" not in last:
            unknown[-1] = last
    return unknown


def _beside(one: dict[str, Any], scope: Scope) -> dict[str, Any]:
    held = {key: _known(one[key], scope) for key in ("location", "kind", "sku") if key in one}
    return {key: value for key, value in held.items() if value is not None}


def _properties(one: dict[str, Any], scope: Scope) -> dict[str, Any]:
    """The properties of which every fact is known."""
    properties = one.get("properties")
    if not isinstance(properties, dict):
        return {}
    held = {str(key): _settled(value, scope) for key, value in properties.items() if key != "subnets"}
    found = {key: value for key, value in held.items() if value is not None}
    subnets = properties.get("subnets")
    if isinstance(subnets, list):
        found["subnets"] = [
            {"name": _known(entry.get("name"), scope), "properties": _properties(entry, scope)}
            for entry in subnets
            if isinstance(entry, dict)
        ]
    return found


def _settled(value: Any, scope: Scope) -> Any:
    if isinstance(value, list):
        entries = [_settled(_compared(one), scope) for one in value]
        return None if any(one is None for one in entries) else entries
    return _known(_compared(value), scope)


def _compared(value: Any) -> Any:
    """The value without fields of which no fact is made; a part with properties needs no id."""
    if not isinstance(value, dict):
        return value
    left_out = (*_UNCOMPARED, "id") if "properties" in value else _UNCOMPARED
    return {key: _compared(one) for key, one in value.items() if key not in left_out}


def _known(value: Any, scope: Scope) -> Any:
    """The value, None where it is known only when the template is deployed."""
    try:
        return scope.resolve(value)
    except Unresolved:
        return None
