"""An app's integration as Microsoft.Web shows it in its two other views (azure-facts.md, 1)."""

from __future__ import annotations

from typing import Any

from remediate import ids
from remediate.sandbox.documents.regions import display_name
from remediate.sandbox.resources import Site
from remediate.sandbox.state import State


def network_config(site: Site) -> dict[str, Any]:
    """GET networkConfig/virtualNetwork: 200 also for an app that is not connected, with a null subnet."""
    return {
        "id": f"{site.id}/config/virtualNetwork",
        "name": "virtualNetwork",
        "type": "Microsoft.Web/sites/config",
        "location": display_name(site.location),
        "properties": {
            "subnetResourceId": None if site.network_config_lost else site.subnet,
            "swiftSupported": True,
        },
    }


def connections(state: State, site: Site) -> list[dict[str, Any]]:
    """GET virtualNetworkConnections: a bare array of the subnet (`isSwift`) and of a gateway connection."""
    entries = []
    if site.subnet:
        subnet = state.find_subnet(site.subnet)
        guid = state.vnet(ids.vnet_of(subnet.id)).guid if subnet else "00000000-0000-0000-0000-000000000000"
        entries.append(_entry(site, f"{guid}_{ids.name(site.subnet)}", site.subnet, swift=True))
    if site.gateway:
        vnet = site.gateway.vnet
        entry = _entry(site, ids.name(vnet), vnet, swift=False)
        entry["properties"]["certThumbprint"] = site.gateway.thumbprint
        entry["properties"]["resyncRequired"] = site.gateway.resync_required
        entries.append(entry)
    return entries


def _entry(site: Site, name: str, resource: str, swift: bool) -> dict[str, Any]:
    return {
        "id": f"{site.id}/virtualNetworkConnections/{name}",
        "name": name,
        # A slot's entry has this type too, as recorded.
        "type": "Microsoft.Web/sites/virtualNetworkConnections",
        "location": display_name(site.location),
        "properties": {
            "vnetResourceId": resource,
            "certThumbprint": None,
            "certBlob": None,
            "routes": None,
            "resyncRequired": False,
            "dnsServers": None,
            "isSwift": swift,
        },
    }


def plan_connections(state: State, plan: str) -> list[dict[str, Any]]:
    """GET serverfarms/P/virtualNetworkConnections: the subnets that the plan's apps use, a bare array."""
    seen: dict[str, dict[str, Any]] = {}
    for site in state.all_of(plan):
        for entry in connections(state, site):
            entry["id"] = f"{plan}/virtualNetworkConnections/{entry['name']}"
            entry["type"] = "Microsoft.Web/serverfarms/virtualNetworkConnections"
            seen[entry["name"].casefold()] = entry
    return list(seen.values())
