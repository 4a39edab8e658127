"""The types of the fields in the JSON that a client sends; a field of another type is refused."""

from __future__ import annotations

from typing import Any

from remediate.sandbox import refusal

_NAMES: dict[type, str] = {
    dict: "properties siteConfig outboundVnetRouting network addressSpace dhcpOptions tags options",
    list: "subnets delegations addressPrefixes dnsServers subscriptions resources",
    str: "location kind name virtualNetworkSubnetId subnetResourceId addressPrefix serviceName "
    "targetSlot targetResourceGroup",
    int: "capacity maximumElasticWorkerCount",
}
_TYPES = {name: type_ for type_, names in _NAMES.items() for name in names.split()}
"""The type of a field by its name: the sandbox has so few resources that a name means the same in all."""
_ENTRY_TYPES = {"subnets": dict, "delegations": dict, "addressPrefixes": str, "dnsServers": str, "tags": str}
"""The type of the entries of a list, or of the values of an object."""


def check(sent: Any) -> dict[str, Any]:
    """The object that was sent. Raises 400 for anything else, and for a field of another type."""
    if not isinstance(sent, dict):
        raise _refused("it must be a JSON object.")
    _check(sent, "")
    return sent


def _check(body: dict[str, Any], path: str) -> None:
    for name, value in body.items():
        type_ = _TYPES.get(name)
        if type_ is None or value is None:
            continue
        here = f"{path}.{name}" if path else name
        if not isinstance(value, type_) or isinstance(value, bool):
            raise _refused(f"the value of '{here}' is of another type.")
        if name in _ENTRY_TYPES and not all(isinstance(one, _ENTRY_TYPES[name]) for one in _entries(value)):
            raise _refused(f"an entry of '{here}' is of another type.")
        for one in [value] if isinstance(value, dict) else _entries(value):
            if isinstance(one, dict):
                _check(one, here)


def _entries(value: Any) -> list[Any]:
    """The values of an object, or the entries of a list; none of anything else."""
    if isinstance(value, dict):
        return list(value.values())
    return value if isinstance(value, list) else []


def _refused(why: str) -> refusal.Refusal:
    return refusal.arm(
        400,
        "InvalidRequestContent",
        f"The request content was invalid and could not be deserialized: {why}",
    )
