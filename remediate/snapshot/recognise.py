"""The output of other tools, recognised by its shape and converted to that of ARM.

- raw ARM: Resource Explorer, `az rest`;
- flattened: `az network vnet subnet show`, `az network vnet show` and the like;
- PascalCase: `Get-AzVirtualNetworkSubnetConfig`, `Get-AzVirtualNetwork` through `ConvertTo-Json`, where
  nested parts are objects, or truncated at its depth with a JSON text beside (`ServiceAssociationLinksText`).
"""

from __future__ import annotations

import codecs
from collections.abc import Iterator
from typing import Any, Literal

import msgspec
from msgspec import Struct

from remediate import ids
from remediate.converter import Converter
from remediate.errors import UsageError
from remediate.model import Snapshot

MAX_BYTES = 20 * 1024 * 1024
"""A network with thousands of subnets is much smaller."""
MAX_DEPTH = 60
"""Levels of nesting; Azure's documents have about twelve."""
_TOO_DEEP = "it is nested too deeply"
_SNAPSHOT = Converter(Snapshot)

Shape = Literal["ARM", "az", "PowerShell"]
_KINDS = {
    "microsoft.network/virtualnetworks/subnets": "subnet",
    "microsoft.network/virtualnetworks": "vnet",
    "microsoft.web/sites": "site",
    "microsoft.web/sites/slots": "site",
    "microsoft.web/serverfarms": "plan",
    "microsoft.web/sites/config": "networkConfig",
    "microsoft.web/sites/slots/config": "networkConfig",
    "microsoft.web/sites/networkconfig": "networkConfig",
    "microsoft.web/sites/slots/networkconfig": "networkConfig",
}
_BESIDE = ("id", "name", "type", "etag", "location", "kind", "tags", "sku", "identity", "zones")
"""The fields beside `properties` in a raw ARM document."""
_ENTRIES = (
    "subnets",
    "serviceAssociationLinks",
    "delegations",
    "serviceEndpoints",
    "serviceEndpointPolicies",
    "virtualNetworkPeerings",
)
_OBJECTS = ("networkSecurityGroup", "routeTable", "natGateway", "addressSpace", "dhcpOptions")
_MARKS = {
    "subnet": ("addressPrefix", "addressPrefixes", "serviceAssociationLinks", "delegations"),
    "vnet": ("addressSpace", "subnets"),
    "site": ("virtualNetworkSubnetId", "serverFarmId", "appServicePlanId"),
    "plan": ("numberOfWorkers", "maximumNumberOfWorkers"),
    "networkConfig": ("subnetResourceId",),
}
"""Fields of which each kind has at least one: an id alone is not enough."""


class Unrecognised(UsageError):
    """The file is not the output of a known tool; the message is one line."""

    code = "unrecognised"


class ImportedResource(Struct, frozen=True):
    """One resource in the shape of ARM. PowerShell omits what it does not know."""

    kind: str
    body: dict[str, Any]
    shape: Shape


def recognise(content: bytes) -> Snapshot | tuple[ImportedResource, ...]:
    """A snapshot, or the resources in another tool's output. Raises Unrecognised."""
    document = _decoded(content)
    if isinstance(document, dict) and str(document.get("schema")).startswith("remediate."):
        return _own(document)
    found = tuple(_resources(document))
    if not found:
        wanted = "no subnet, network, app, plan or networkConfig as ARM, az or PowerShell print them"
        other = next((type_ for one in _entries(document) if (type_ := _type(one))), None)
        raise Unrecognised(f"it holds {f'{other!a}, and ' if other and other not in _KINDS else ''}{wanted}")
    return found


def _decoded(content: bytes) -> Any:
    if len(content) > MAX_BYTES:
        raise Unrecognised(f"it is larger than {MAX_BYTES // 1024 // 1024} MB")
    if not content.strip(b"\0 \t\r\n"):
        raise Unrecognised("it is empty")
    try:
        document = msgspec.json.decode(content.decode(_encoding(content)))
    except UnicodeDecodeError as error:
        raise Unrecognised(f"it is not text in {error.encoding.upper()}") from error
    except RecursionError as error:
        raise Unrecognised(_TOO_DEEP) from error
    except ValueError as error:
        raise Unrecognised(f"it is not JSON: {' '.join(str(error).split())[:200]}") from error
    if _depth(document) > MAX_DEPTH:
        raise Unrecognised(_TOO_DEEP)
    return document


def _depth(document: Any) -> int:
    """How deeply lists and objects are nested, counted up to one more than MAX_DEPTH."""
    layer, depth = [document], 0
    while layer and depth <= MAX_DEPTH:
        inner = [
            one.values() if isinstance(one, dict) else one for one in layer if isinstance(one, dict | list)
        ]
        layer, depth = [each for one in inner for each in one], depth + 1
    return depth


def _encoding(content: bytes) -> str:
    """By the byte order mark, else by the zero bytes of UTF-16, which Windows PowerShell writes."""
    if content.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        return "utf-16"
    if content[1:2] == b"\0":
        return "utf-16-le"
    return "utf-16-be" if content[:1] == b"\0" else "utf-8-sig"


def _own(document: dict[str, Any]) -> Snapshot:
    if document["schema"] != "remediate.snapshot/1":
        raise Unrecognised(f"it is a {str(document['schema'])[:60]!a}, not a remediate.snapshot/1")
    try:
        return _SNAPSHOT.convert(document)
    except (msgspec.ValidationError, RecursionError) as error:
        raise Unrecognised(f"it is a damaged snapshot: {error}") from error


def unreadable_properties(body: dict[str, Any]) -> list[str]:
    """The properties whose value has the wrong type: it was truncated, or is of another format."""
    properties = body.get("properties", {})
    return [
        key for key in (*_ENTRIES, *_OBJECTS) if properties.get(key) and not _is_whole(properties[key], key)
    ]


def _resources(document: Any) -> Iterator[ImportedResource]:
    """The resources in a document."""
    for one in _entries(document):
        resource = _resource(one)
        if resource is not None:
            yield resource


def _entries(document: Any) -> Iterator[dict[str, Any]]:
    """The objects in a document: itself, those in a list, or those of a listing's `value`."""
    if isinstance(document, dict) and isinstance(document.get("value"), list):
        document = document["value"]
    entries = document if isinstance(document, list) else [document]
    return (one for one in entries if isinstance(one, dict))


def _resource(one: dict[str, Any]) -> ImportedResource | None:
    if isinstance(one.get("Id"), str):
        return _checked(_camel(one), "PowerShell")
    if isinstance(one.get("properties"), dict):
        return _checked(one, "ARM")
    return _checked(_unflattened(one), "az")


def _checked(body: dict[str, Any], shape: Shape) -> ImportedResource | None:
    kind = _KINDS.get(_type(body))
    properties = body["properties"]
    if kind is None or not any(mark in properties for mark in _MARKS[kind]):
        return None
    return ImportedResource(kind, body, shape)


def _type(body: dict[str, Any]) -> str:
    """The resource type from the id, in lower case; empty without an id."""
    named = body.get("id", body.get("Id"))
    try:
        return ids.parse(named).type.casefold() if isinstance(named, str) else ""
    except ids.InvalidId:
        return ""


def _unflattened(one: dict[str, Any]) -> dict[str, Any]:
    """The flat output of az with `properties` again, also in its lists."""
    body = {key: value for key, value in one.items() if key in _BESIDE}
    inner = {key: value for key, value in one.items() if key not in (*_BESIDE, "resourceGroup")}
    if "appServicePlanId" in inner:
        inner.setdefault("serverFarmId", inner["appServicePlanId"])
    for key in _ENTRIES:
        if isinstance(inner.get(key), list):
            inner[key] = [_unflattened(entry) if isinstance(entry, dict) else entry for entry in inner[key]]
    return {**body, "properties": inner}


def _camel(one: dict[str, Any]) -> dict[str, Any]:
    """PowerShell's object with ARM's spelling and `properties`."""
    return _unflattened(_lowered(_whole(one)))


def _lowered(value: Any) -> Any:
    if isinstance(value, dict):
        return {key[:1].lower() + key[1:]: _lowered(one) for key, one in value.items()}
    return [_lowered(one) for one in value] if isinstance(value, list) else value


def _whole(one: dict[str, Any]) -> dict[str, Any]:
    """The object, with parts that ConvertTo-Json truncated restored from their JSON text, if there is one."""
    whole = dict(one)
    for key in (*_ENTRIES, *_OBJECTS):
        name = key[:1].upper() + key[1:]
        text = one.get(f"{name}Text", one.get(f"{name.removesuffix('s')}Text"))
        given = _listed(_parsed(one[name]) if isinstance(one.get(name), str) else one.get(name))
        if name in one and _is_whole(given, key):
            whole[name] = _deeper(given)
        elif isinstance(text, str) and _is_whole(_parsed(text), key):
            whole[name] = _deeper(_parsed(text))
    if isinstance(_listed(one.get("AddressPrefix")), list):
        whole["AddressPrefixes"] = _listed(whole.pop("AddressPrefix"))
    return {key: value for key, value in whole.items() if not key.endswith("Text")}


def _deeper(value: Any) -> Any:
    return (
        [_whole(one) if isinstance(one, dict) else one for one in value] if isinstance(value, list) else value
    )


def _listed(value: Any) -> Any:
    """Windows PowerShell writes some lists as `{"value": [...], "Count": n}`."""
    if isinstance(value, dict) and set(value) == {"value", "Count"}:
        return value["value"]
    return value


def _is_whole(value: Any, key: str) -> bool:
    """Whether it has the right type: beyond its depth ConvertTo-Json writes only class names."""
    if value is None:
        return True
    if key in _OBJECTS:
        return isinstance(value, dict)
    return isinstance(value, list) and all(isinstance(one, dict) for one in value)


def _parsed(text: str) -> Any:
    try:
        parsed = msgspec.json.decode(text)
    except (ValueError, RecursionError):
        return ""  # not JSON: treated as a class name
    return parsed if _depth(parsed) <= MAX_DEPTH else ""
