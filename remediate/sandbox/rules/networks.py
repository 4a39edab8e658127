"""Writing virtual networks and subnets (azure-facts.md, 2)."""

from __future__ import annotations

from typing import Any

from remediate import ids
from remediate.sandbox import refusal
from remediate.sandbox.documents import occupants
from remediate.sandbox.resources import WEB_DELEGATION, WEB_LINK, Delegation, Subnet, VirtualNetwork
from remediate.sandbox.rules.remove import check_subnet_free
from remediate.sandbox.state import key
from remediate.sandbox.world import World

STORED = (
    "networkSecurityGroup",
    "routeTable",
    "natGateway",
    "serviceEndpoints",
    "serviceEndpointPolicies",
    "privateEndpointNetworkPolicies",
    "privateLinkServiceNetworkPolicies",
    "defaultOutboundAccess",
)
"""Subnet properties that are kept as they were written."""


def check_etag(expected: str | None, etag: str) -> None:
    """Raise 412 where an If-Match header names another version."""
    if expected not in (None, "*", f'W/"{etag}"', f'"{etag}"'):
        raise refusal.arm(
            412, "PreconditionFailed", f'Precondition If-Match failed: the current etag is W/"{etag}".'
        )


def check_idle(world: World, vnet: VirtualNetwork) -> None:
    """Raise 429 RetryableError while another operation on the network is under way (azure-facts.md, 3)."""
    if world.is_busy(vnet) or any(world.is_busy(one) for one in vnet.subnets):
        raise refusal.arm(
            429,
            "RetryableErrorDueToAnotherOperation",
            f"Operation on resource {vnet.id} could not be started: another operation is in progress.",
        )


def put_vnet(world: World, vnet_id: str, body: dict[str, Any]) -> tuple[VirtualNetwork, bool]:
    """Create or replace a network; returns it, and if it is new. Raises 400 if a subnet in use would go."""
    properties = body.get("properties") or {}
    old = world.state.vnets.get(key(vnet_id))
    vnet = old or VirtualNetwork(vnet_id, body.get("location") or "", [])
    prefixes = list((properties.get("addressSpace") or {}).get("addressPrefixes") or [])
    if old:
        check_idle(world, old)
        _check_ipv6(world, old, prefixes)
    vnet.subnets = _subnets(vnet, properties.get("subnets") or [])
    vnet.prefixes = prefixes
    dns = properties.get("dhcpOptions")
    vnet.dns_servers = None if dns is None else list(dns.get("dnsServers") or [])
    vnet.tags = body.get("tags")
    vnet.busy_until = world.clock.now() + world.durations.subnet
    vnet.touch()
    for subnet in vnet.subnets:
        subnet.etag, subnet.busy_until = vnet.etag, vnet.busy_until
    world.state.add(vnet)
    return vnet, old is None


def put_subnet(
    world: World, subnet_id: str, body: dict[str, Any], if_match: str | None
) -> tuple[Subnet, bool]:
    """Create or replace a subnet; returns it, and if it is new. Links are no property to write: they stay.

    Raises 412 for another version, 429 while the network is busy, 400 where a link needs its delegation.
    """
    vnet = world.state.vnet(ids.vnet_of(subnet_id))
    old = world.state.find_subnet(subnet_id)
    if old:
        check_etag(if_match, old.etag)
    check_idle(world, vnet)
    subnet = old or Subnet(f"{vnet.id}/subnets/{ids.name(subnet_id)}", [])
    _write(subnet, body.get("properties") or {})
    if old is None:
        vnet.subnets.append(subnet)
    subnet.busy_until = world.clock.now() + world.durations.subnet
    vnet.touch(subnet)
    return subnet, old is None


def _subnets(vnet: VirtualNetwork, bodies: list[dict[str, Any]]) -> list[Subnet]:
    named = {ids.name(one.id).casefold(): one for one in vnet.subnets}
    wanted = {str(body.get("name")).casefold() for body in bodies}
    for name, subnet in named.items():
        if name not in wanted:
            check_subnet_free(subnet)
    subnets = []
    for body in bodies:
        name = str(body.get("name"))
        subnet = named.get(name.casefold()) or Subnet(f"{vnet.id}/subnets/{name}", [])
        _write(subnet, body.get("properties") or {})
        subnets.append(subnet)
    return subnets


def _write(subnet: Subnet, properties: dict[str, Any]) -> None:
    delegations = [_delegation(one) for one in properties.get("delegations") or []]
    listed = properties.get("addressPrefixes")
    prefixes = list(listed or [properties.get("addressPrefix")])
    _check_unoccupied(subnet, delegations)
    _check_delegation(subnet, delegations)
    _check_prefixes(subnet, prefixes)
    subnet.listed, subnet.prefixes = bool(listed), prefixes
    subnet.delegations = delegations
    subnet.extra = {name: properties[name] for name in STORED if properties.get(name) is not None}


def _delegation(body: dict[str, Any]) -> Delegation:
    service = (body.get("properties") or {}).get("serviceName") or body.get("serviceName") or ""
    return Delegation(str(body.get("name")), service)


def _check_ipv6(world: World, vnet: VirtualNetwork, prefixes: list[str]) -> None:
    """Where IPv6 and links exclude each other, a network with links gets no IPv6 (azure-docs 53088)."""
    added = any(":" in one for one in prefixes) and not any(":" in one for one in vnet.prefixes)
    if world.state.behavior.ipv6_refused and added and any(one.links for one in vnet.subnets):
        raise refusal.arm(
            400,
            "IPv6AddressesNotSupportedWithResourceNavigationLinks",
            f"Cannot add IPv6 addreses on vnet {vnet.id} since vnet has resource navigation links.",
        )


def _check_prefixes(subnet: Subnet, prefixes: list[str]) -> None:
    """A prefix with addresses in use stays; a further one may be added beside it (azure-facts.md, 4)."""
    gone = [one for one in subnet.prefixes if one not in prefixes]
    if gone and (subnet.links or subnet.occupants):
        raise refusal.arm(
            400,
            "InUsePrefixCannotBeDeleted",
            f"IpPrefix {gone[0]} on Subnet {ids.name(subnet.id)} has active allocations and cannot be "
            "deleted.",
        )


def _check_unoccupied(subnet: Subnet, delegations: list[Delegation]) -> None:
    """Delegations change only while nothing is in the subnet but links (azure-facts.md, 1)."""
    before, after = ([one.service for one in each] for each in (subnet.delegations, delegations))
    if subnet.occupants and {*map(str.casefold, before)} != {*map(str.casefold, after)}:
        raise refusal.arm(
            400,
            "SubnetDelegationsCannotChangeWhenSubnetUsedByResource",
            f"Delegations of subnet {subnet.id} cannot be changed from [{', '.join(before)}] to "
            f"[{', '.join(after)}] because it is being used by the resource {occupants.holders(subnet)[0]}.",
        )


def _check_delegation(subnet: Subnet, delegations: list[Delegation]) -> None:
    """A link keeps the delegation to its own service."""
    wanted = {one.service.casefold() for one in delegations}
    for link in subnet.links:
        needed = WEB_DELEGATION if link.type.casefold() == WEB_LINK.casefold() else link.type
        if subnet.delegated_to(needed) and needed.casefold() not in wanted:
            raise refusal.arm(
                400,
                "SubnetMissingRequiredDelegation",
                f"Subnet {subnet.id} requires any of the following delegation(s) [{needed}] to "
                f"reference service association link {subnet.id}/serviceAssociationLinks/{link.name}.",
            )
