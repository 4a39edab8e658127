"""The objects that other tools print, in the shape of ARM.

- raw ARM: Resource Explorer, `az rest`, `az resource show`, and the rows of Resource Graph;
- flattened: `az network vnet subnet show`, `az network vnet show` and the like;
- PascalCase: `Get-AzVirtualNetworkSubnetConfig`, `Get-AzVirtualNetwork`, printed or through `ConvertTo-Json`,
  where nested parts are objects, or truncated with a JSON text beside (`ServiceAssociationLinksText`); and
  `Get-AzResource`, which has ARM's `properties`.
"""

from __future__ import annotations

from typing import Any, Literal

import msgspec

from remediate import ids
from remediate.snapshot.parsing import MAX_DEPTH, depth

Shape = Literal["ARM", "az", "PowerShell", "Resource Graph", "ARM template"]
SUBNETS = "microsoft.network/virtualnetworks/subnets"
PARTS = {
    f"{SUBNETS}/serviceassociationlinks": ("subnet", "serviceAssociationLinks"),
    f"{SUBNETS}/delegations": ("subnet", "delegations"),
    "microsoft.web/sites/virtualnetworkconnections": ("connections", "connections"),
    "microsoft.web/sites/slots/virtualnetworkconnections": ("connections", "connections"),
}
"""What may be saved without the subnet or app around it: the kind of document, and the property."""
SUBNET_MARKS = ("addressPrefix", "addressPrefixes", "serviceAssociationLinks", "delegations")
"""Fields of which a subnet has at least one: an id alone is not enough."""
_BESIDE = ("id", "name", "type", "etag", "location", "kind", "tags", "sku", "identity", "zones")
"""The fields beside `properties` in a raw ARM document."""
ENTRIES = (
    "subnets",
    "serviceAssociationLinks",
    "delegations",
    "serviceEndpoints",
    "serviceEndpointPolicies",
    "virtualNetworkPeerings",
)
OBJECTS = ("networkSecurityGroup", "routeTable", "natGateway", "addressSpace", "dhcpOptions")


def in_arm_shape(one: dict[str, Any]) -> tuple[dict[str, Any], Shape]:
    """An object in the shape of ARM, and whose shape it had."""
    if "Id" in one and isinstance(one.get("Properties"), dict):
        return _lowered(one), "PowerShell"
    if "Id" in one or ("Name" in one and any(mark in _lowered(one) for mark in SUBNET_MARKS)):
        return _camel(one), "PowerShell"
    if isinstance(one.get("properties"), dict):
        return one, "ARM"
    return _unflattened(one), "az"


def type_of(body: dict[str, Any]) -> str:
    """The resource type from the id, in lower case; empty without an id."""
    named = body.get("id", body.get("Id"))
    try:
        return ids.parse(named).type.casefold() if isinstance(named, str) else ""
    except ids.InvalidId:
        return ""


def unreadable_properties(body: dict[str, Any]) -> list[str]:
    """The properties whose value has the wrong type: it was truncated, or is of another format."""
    properties = body.get("properties", {})
    return [
        key for key in (*ENTRIES, *OBJECTS) if properties.get(key) and not _is_whole(properties[key], key)
    ]


def _named_by_type(inner: dict[str, Any]) -> dict[str, Any]:
    """Lists of links and delegations under their names in ARM: `--query` may have given them others."""
    lists = {key: value for key, value in inner.items() if isinstance(value, list) and value}
    types = {
        key: PARTS.get(type_of(value[0]) if isinstance(value[0], dict) else "")
        for key, value in lists.items()
    }
    return inner | {part[1]: lists[key] for key, part in types.items() if part is not None}


def _unflattened(one: dict[str, Any]) -> dict[str, Any]:
    """The flat output of az with `properties` again, also in its lists."""
    body = {key: value for key, value in one.items() if key in _BESIDE}
    inner = {key: value for key, value in one.items() if key not in (*_BESIDE, "resourceGroup")}
    inner = _named_by_type(inner)
    if "appServicePlanId" in inner:
        inner.setdefault("serverFarmId", inner["appServicePlanId"])
    for key in ENTRIES:
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
    for key in (*ENTRIES, *OBJECTS):
        name = key[:1].upper() + key[1:]
        text = one.get(f"{name}Text", one.get(f"{name.removesuffix('s')}Text"))
        given = _listed(parsed(one[name]) if isinstance(one.get(name), str) else one.get(name))
        if name in one and _is_whole(given, key):
            whole[name] = _deeper(given)
        elif isinstance(text, str) and _is_whole(parsed(text), key):
            whole[name] = _deeper(parsed(text))
        elif text is not None and not isinstance(text, str) and _is_whole(text, key):
            whole[name] = _deeper(text)
    prefixes = _listed(whole.pop("AddressPrefix", None))
    if isinstance(prefixes, list):
        whole["AddressPrefixes"] = prefixes
    elif isinstance(prefixes, str) and not prefixes.startswith("{"):
        whole["AddressPrefix"] = prefixes
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
    if key in OBJECTS:
        return isinstance(value, dict)
    return isinstance(value, list) and all(isinstance(one, dict) for one in value)


def parsed(text: str) -> Any:
    """The document of a JSON text; an empty text for one that is none."""
    try:
        parsed = msgspec.json.decode(text)
    except (ValueError, RecursionError):
        return ""  # not JSON: treated as a class name
    return parsed if depth(parsed) <= MAX_DEPTH else ""
