"""Container Apps environments, as Resource Graph shows them: nothing else of them is simulated."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from remediate import ids
from remediate.sandbox.state import State

TYPE = "Microsoft.App/managedEnvironments"


def documents(state: State) -> Iterator[dict[str, Any]]:
    """Every environment that is in a subnet."""
    for vnet in state.vnets.values():
        for subnet in vnet.subnets:
            for one in subnet.occupants:
                if ids.parse(one).is_type(TYPE):
                    yield _document(one, subnet.id, vnet.location)


def _document(id_: str, subnet: str, location: str) -> dict[str, Any]:
    return {
        "id": id_,
        "name": ids.name(id_),
        "type": TYPE,
        "location": location,
        "properties": {
            "provisioningState": "Succeeded",
            "vnetConfiguration": {"infrastructureSubnetId": subnet, "internal": False},
        },
    }
