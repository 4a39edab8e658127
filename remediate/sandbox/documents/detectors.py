"""What Microsoft's detectors say: who is on a subnet, by the platform's own books (azure-facts.md, 1)."""

from __future__ import annotations

import json
from typing import Any

from remediate import ids
from remediate.sandbox.resources import Site, region
from remediate.sandbox.state import State

USAGE_DETECTOR = "checkSubnetIntegrationUsage"
USAGE_TABLE = "checkSubnetUsageByVnetId"
ERROR = "error"
"""The name of the only column where the detector failed."""


def subnet_usage(state: State, asked: str, vnet_id: str, location: str) -> dict[str, Any]:
    """The answer about a subnet, `vnet_id` being `{network's resourceGuid}_{subnet's name}`.

    Apps of subscriptions that the caller cannot see are in it, too. `asked` is the app that was asked.
    """
    users = [
        _user(one)
        for one in state.sites.values()
        if region(one.location) == region(location) and _vnet_id(state, one) == vnet_id.casefold()
    ]
    column, cell = "sites", json.dumps(users)
    if state.behavior.detector_fails:
        column, cell = ERROR, json.dumps("The detector could not read the usage of the subnet.")
    table = {
        "tableName": USAGE_TABLE,
        "columns": [{"columnName": column, "dataType": "String", "columnType": None}],
        "rows": [[cell]],
    }
    rendering = {"type": 0, "title": None, "description": None, "isVisible": True}
    return {
        "id": f"{asked}/detectors/{USAGE_DETECTOR}",
        "name": USAGE_DETECTOR,
        "type": "Microsoft.Web/sites/detectors",
        "properties": {
            "metadata": {"id": USAGE_DETECTOR, "name": USAGE_DETECTOR},
            "dataset": [{"table": table, "renderingProperties": rendering}],
            "status": None,
        },
    }


def _vnet_id(state: State, site: Site) -> str | None:
    subnet = state.find_subnet(site.subnet)
    if subnet is None:
        return None
    return f"{state.vnet(ids.vnet_of(subnet.id)).guid}_{ids.name(subnet.id)}".casefold()


def _user(site: Site) -> dict[str, str]:
    parsed = ids.parse(site.id)
    return {
        "site_name": site.app,
        "slot_name": site.slot or "Production",
        "subscription_name": parsed.subscription,
        "resource_group_name": parsed.group or "",
    }
