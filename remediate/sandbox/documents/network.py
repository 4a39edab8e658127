"""Networks, subnets and service association links as Microsoft.Network shows them (azure-facts.md, 1)."""

from __future__ import annotations

from typing import Any

from remediate import ids
from remediate.sandbox.documents.occupants import occupants
from remediate.sandbox.resources import Delegation, Link, Subnet, VirtualNetwork

SUBNET_TYPE = "Microsoft.Network/virtualNetworks/subnets"
SUBNET_ID_SINCE = "2023-05-01"
"""From this api-version on a link says the GUID of its subnet (azure-facts.md, 1)."""
ENDPOINT_POLICIES_SINCE = "2024-07-01"
"""The first api-version with `privateEndpointVNetPolicies` that was recorded; 2022-01-01 has none."""


def etag(value: str) -> str:
    """An etag as Microsoft.Network writes it."""
    return f'W/"{value}"'


def vnet(network: VirtualNetwork, now: float, api_version: str) -> dict[str, Any]:
    """A virtual network with its subnets; `now` is the simulated time."""
    properties: dict[str, Any] = {
        "provisioningState": _provisioning(network, now),
        "resourceGuid": network.guid,
        "addressSpace": {"addressPrefixes": network.prefixes},
        "subnets": [subnet(one, now, api_version) for one in network.subnets],
        "virtualNetworkPeerings": [],
        "enableDdosProtection": False,
    }
    if api_version >= ENDPOINT_POLICIES_SINCE:
        properties["privateEndpointVNetPolicies"] = "Disabled"
    if network.dns_servers is not None:
        properties["dhcpOptions"] = {"dnsServers": network.dns_servers}
    body = {
        "name": ids.name(network.id),
        "id": network.id,
        "etag": etag(network.etag),
        "type": "Microsoft.Network/virtualNetworks",
        "location": network.location,
        "properties": properties,
    }
    return {**body, "tags": network.tags} if network.tags is not None else body


def subnet(one: Subnet, now: float, api_version: str) -> dict[str, Any]:
    """A subnet. Without a link the key `serviceAssociationLinks` is absent."""
    properties: dict[str, Any] = {"provisioningState": _provisioning(one, now)}
    if one.listed:
        properties["addressPrefixes"] = one.prefixes
    else:
        properties["addressPrefix"] = one.prefixes[0]
    if one.links:
        properties["serviceAssociationLinks"] = links(one, api_version)
    properties |= occupants(one)
    return {
        "name": ids.name(one.id),
        "id": one.id,
        "etag": etag(one.etag),
        "properties": {
            **properties,
            "delegations": [_delegation(one, delegation) for delegation in one.delegations],
            "privateEndpointNetworkPolicies": "Disabled",
            "privateLinkServiceNetworkPolicies": "Enabled",
            **one.extra,
        },
        "type": SUBNET_TYPE,
    }


def links(one: Subnet, api_version: str) -> list[dict[str, Any]]:
    """A subnet's service association links."""
    return [_link(one, link, api_version) for link in one.links]


def _link(one: Subnet, link: Link, api_version: str) -> dict[str, Any]:
    properties: dict[str, Any] = {"provisioningState": link.state, "linkedResourceType": link.type}
    if link.target is not None:
        properties["link"] = link.target
    if api_version >= SUBNET_ID_SINCE:
        properties["subnetId"] = one.guid
    return {
        "name": link.name,
        "id": f"{one.id}/serviceAssociationLinks/{link.name}",
        "etag": etag(one.etag),
        "type": f"{SUBNET_TYPE}/serviceAssociationLinks",
        "properties": {
            **properties,
            "enabledForArmDeployments": False,
            "allowDelete": link.allow_delete,
            "locations": [],
        },
    }


def _delegation(one: Subnet, delegation: Delegation) -> dict[str, Any]:
    return {
        "name": delegation.name,
        "id": f"{one.id}/delegations/{delegation.name}",
        "etag": etag(one.etag),
        "properties": {
            "provisioningState": "Succeeded",
            "serviceName": delegation.service,
            "actions": ["Microsoft.Network/virtualNetworks/subnets/action"],
        },
        "type": f"{SUBNET_TYPE}/delegations",
    }


def _provisioning(one: Subnet | VirtualNetwork, now: float) -> str:
    if one.deleting:
        return "Deleting"
    return "Updating" if one.busy_until > now else "Succeeded"
