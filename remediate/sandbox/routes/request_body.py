"""The JSON that a client sends: which of its fields are objects, lists or texts; the rest is refused."""

from __future__ import annotations

from typing import Any

from remediate.sandbox import refusal

_FIELDS: dict[type, str] = {
    dict: "properties siteConfig outboundVnetRouting network addressSpace dhcpOptions tags options",
    list: "subnets delegations addressPrefixes dnsServers subscriptions resources",
    str: "location kind name virtualNetworkSubnetId subnetResourceId addressPrefix serviceName "
    "targetSlot targetResourceGroup",
    int: "capacity maximumElasticWorkerCount",
}
_FORMS = {name: form for form, names in _FIELDS.items() for name in names.split()}
"""What a field must be, wherever it stands in a body of the few resources that the sandbox has."""
_ENTRIES = {"subnets": dict, "delegations": dict, "addressPrefixes": str, "dnsServers": str, "tags": str}
"""What the entries of a list, or the values of an object, must be."""


def parse(sent: Any) -> dict[str, Any]:
    """The object that was sent. Raises 400 for anything else, and for a field of another type."""
    if not isinstance(sent, dict):
        raise _refused("it must be a JSON object.")
    _check(sent, "")
    return sent


def _check(body: dict[str, Any], path: str) -> None:
    for name, value in body.items():
        here = f"{path}.{name}" if path else name
        form = _FORMS.get(name)
        if form is None or value is None:
            continue
        if not isinstance(value, form) or isinstance(value, bool):
            raise _refused(f"the value of '{here}' is of another type.")
        inner = value.values() if isinstance(value, dict) else value if isinstance(value, list) else ()
        if name in _ENTRIES and not all(isinstance(one, _ENTRIES[name]) for one in inner):
            raise _refused(f"an entry of '{here}' is of another type.")
        for one in [value] if isinstance(value, dict) else inner:
            if isinstance(one, dict):
                _check(one, here)


def _refused(why: str) -> refusal.Refusal:
    return refusal.arm(
        400,
        "InvalidRequestContent",
        f"The request content was invalid and could not be deserialized: {why}",
    )
