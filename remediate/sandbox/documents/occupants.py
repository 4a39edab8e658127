"""What else is in a subnet, as its body lists it by kind (azure-facts.md, 1)."""

from __future__ import annotations

from typing import Any

from remediate import ids
from remediate.sandbox.resources import Subnet

SUBNET_TYPE = "Microsoft.Network/virtualNetworks/subnets"
CONFIGURATIONS = "ipConfigurations"
NAVIGATION_LINKS = "resourceNavigationLinks"
_PARTS = {
    "networkinterfaces": (CONFIGURATIONS, "/ipConfigurations/ipconfig1"),
    "virtualnetworkgateways": (CONFIGURATIONS, "/ipConfigurations/default"),
    "loadbalancers": (CONFIGURATIONS, "/frontendIPConfigurations/frontend"),
    "bastionhosts": (CONFIGURATIONS, "/bastionHostIpConfigurations/IpConf"),
    "azurefirewalls": (CONFIGURATIONS, "/azureFirewallIpConfigurations/IpConf"),
    "privateendpoints": ("privateEndpoints", ""),
    "applicationgateways": (
        "applicationGatewayIPConfigurations",
        "/gatewayIPConfigurations/appGatewayIpConfig",
    ),
    "networkprofiles": (
        "ipConfigurationProfiles",
        "/containerNetworkInterfaceConfigurations/eth0/ipConfigurations/ipconfigprofile1",
    ),
}
"""The resources of Microsoft.Network: the property that lists them, and which part of them it names."""


def occupants(subnet: Subnet) -> dict[str, Any]:
    """The properties of a subnet's body that list its occupants; without any of a kind its key is absent."""
    found: dict[str, Any] = {}
    for one in subnet.occupants:
        name, entry = _entry(subnet, one)
        found.setdefault(name, []).append(entry)
    return found


def holders(subnet: Subnet) -> list[str]:
    """What holds a subnet, by the ids that its body has and that Azure's refusals name."""
    return [str(_entry(subnet, one)[1]["id"]) for one in subnet.occupants]


def _entry(subnet: Subnet, occupant: str) -> tuple[str, dict[str, Any]]:
    """The property that lists an occupant, and its entry: other services are named by a navigation link."""
    parsed = ids.parse(occupant)
    if not ids.same(parsed.namespace, "Microsoft.Network"):
        return NAVIGATION_LINKS, _navigation_link(subnet, parsed)
    name, part = _PARTS.get(parsed.path[0][0].casefold(), (CONFIGURATIONS, ""))
    return name, {"id": occupant if len(parsed.path) > 1 else occupant + part}


def _navigation_link(subnet: Subnet, occupant: ids.ResourceId) -> dict[str, Any]:
    return {
        "name": occupant.name,
        "id": f"{subnet.id}/{NAVIGATION_LINKS}/{occupant.name}",
        "etag": f'W/"{subnet.etag}"',
        "type": f"{SUBNET_TYPE}/{NAVIGATION_LINKS}",
        "properties": {
            "provisioningState": "Succeeded",
            "linkedResourceType": occupant.type,
            "link": str(occupant),
        },
    }
