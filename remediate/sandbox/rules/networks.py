"""Writing virtual networks and subnets (azure-facts.md, 2)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from remediate import ids
from remediate.sandbox import refusal
from remediate.sandbox.documents import occupants
from remediate.sandbox.resources import (
    WEB_DELEGATION,
    WEB_LINK,
    Delegation,
    Subnet,
    VirtualNetwork,
    region,
)
from remediate.sandbox.rules.location import check_location
from remediate.sandbox.rules.prefixes import check_kept, check_space, prefixes_asked
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


def check_etag(expected: str | None, etag: str, id_: str) -> None:
    """Raise 412 where an If-Match header names another version; the detail's code was reported."""
    if expected not in (None, "*", f'W/"{etag}"', f'"{etag}"'):
        refused = refusal.network(412, "PreconditionFailed", "Precondition failed.")
        message = f'Etag provided in if-match header {expected} does not match etag W/"{etag}" of {id_}.'
        refused.body["error"]["details"] = [{"code": "PreconditionFailedEtagMismatch", "message": message}]
        raise refused


def check_idle(world: World, vnet: VirtualNetwork) -> None:
    """Raise 409 while another operation on the network is under way, as recorded (azure-facts.md, 3).

    The recorded `uri` of that operation leads nowhere here. A 429 `RetryableError` is what a resource meets
    whose dependency is under way: a rule of misbehaviour can answer it.
    """
    whole: list[VirtualNetwork | Subnet] = [vnet, *vnet.subnets]
    busy = [one for one in whole if world.is_busy(one)]
    if busy:
        scope = f"/subscriptions/{ids.parse(vnet.id).subscription}/providers/Microsoft.Network"
        operation = f"{scope}/locations/{region(vnet.location)}/operations/{busy[0].etag}"
        raise refusal.network(
            409,
            "AnotherOperationInProgress",
            "Another operation on this or dependent resource is in progress. To retrieve status of the "
            f"operation use uri: https://sandbox.invalid{operation}.",
        )


def put_vnet(
    world: World, vnet_id: str, body: dict[str, Any], if_match: str | None = None
) -> tuple[VirtualNetwork, bool]:
    """Create or replace a network; returns it, and if it is new.

    Raises 400 if a subnet in use would go, 409 for another region, 412 for another version.
    """
    properties = body.get("properties") or {}
    old = world.state.vnets.get(key(vnet_id))
    check_location(vnet_id, body, old.location if old else None)
    vnet = old or VirtualNetwork(vnet_id, body.get("location") or "", [])
    prefixes = list((properties.get("addressSpace") or {}).get("addressPrefixes") or [])
    if old:
        check_etag(if_match, old.etag, old.id)
        check_idle(world, old)
        _check_ipv6(world, old, prefixes)
    vnet.subnets = _subnets(vnet, prefixes, properties.get("subnets") or [])
    vnet.prefixes = prefixes
    dns = properties.get("dhcpOptions")
    vnet.dns_servers = None if dns is None else list(dns.get("dnsServers") or [])
    vnet.tags = body.get("tags")
    _begin_write(world, vnet)
    world.state.add(vnet)
    return vnet, old is None


def _begin_write(world: World, vnet: VirtualNetwork) -> None:
    """A network and its subnets get a new version together, and are busy until the write is done."""
    vnet.busy_until = world.clock.now() + world.durations.subnet
    vnet.touch()
    for subnet in vnet.subnets:
        subnet.etag, subnet.busy_until = vnet.etag, vnet.busy_until


def put_subnet(
    world: World, subnet_id: str, body: dict[str, Any], if_match: str | None
) -> tuple[Subnet, bool]:
    """Create or replace a subnet; returns it, and if it is new. Links are no property to write: they stay.

    Raises 412 for another version, 409 while the network is busy, 400 where a link needs its delegation or
    its prefix, and for a prefix that is wrong.
    """
    vnet = world.state.vnet(ids.vnet_of(subnet_id))
    old = world.state.find_subnet(subnet_id)
    if old:
        check_etag(if_match, old.etag, old.id)
    check_idle(world, vnet)
    subnet = old or Subnet(f"{vnet.id}/subnets/{ids.name(subnet_id)}", [])
    wanted = _wanted(subnet, body.get("properties") or {})
    named = {ids.name(one.id): one.prefixes for one in vnet.subnets}
    check_space(vnet, vnet.prefixes, {**named, ids.name(subnet.id): wanted.prefixes})
    wanted.write(subnet)
    if old is None:
        vnet.subnets.append(subnet)
    subnet.busy_until = world.clock.now() + world.durations.subnet
    vnet.touch(subnet)
    return subnet, old is None


def _subnets(vnet: VirtualNetwork, space: list[str], bodies: list[dict[str, Any]]) -> list[Subnet]:
    """The subnets that a body names; those that it leaves out go. All of it is written, or nothing."""
    named = {ids.name(one.id).casefold(): one for one in vnet.subnets}
    kept = {str(body.get("name")).casefold() for body in bodies}
    for name, subnet in named.items():
        if name not in kept:
            check_subnet_free(subnet)
    pairs = []
    for body in bodies:
        name = str(body.get("name"))
        subnet = named.get(name.casefold()) or Subnet(f"{vnet.id}/subnets/{name}", [])
        pairs.append((subnet, _wanted(subnet, body.get("properties") or {})))
    check_space(vnet, space, {ids.name(subnet.id): wanted.prefixes for subnet, wanted in pairs})
    for subnet, wanted in pairs:
        wanted.write(subnet)
    return [subnet for subnet, _ in pairs]


@dataclass(frozen=True)
class _Wanted:
    """What the body of a subnet asks for, once it is checked."""

    prefixes: list[str]
    listed: bool
    delegations: list[Delegation]
    extra: dict[str, Any]

    def write(self, subnet: Subnet) -> None:
        subnet.listed, subnet.prefixes = self.listed, self.prefixes
        subnet.delegations, subnet.extra = self.delegations, self.extra


def _wanted(subnet: Subnet, properties: dict[str, Any]) -> _Wanted:
    """Raises 400 where what is in the subnet does not let it be written so."""
    delegations = [_delegation(one) for one in properties.get("delegations") or []]
    prefixes = prefixes_asked(ids.name(subnet.id), properties)
    _check_unoccupied(subnet, delegations)
    _check_delegation(subnet, delegations)
    check_kept(subnet, prefixes)
    extra = {name: properties[name] for name in STORED if properties.get(name) is not None}
    return _Wanted(prefixes, bool(properties.get("addressPrefixes")), delegations, extra)


def _delegation(body: dict[str, Any]) -> Delegation:
    service = (body.get("properties") or {}).get("serviceName") or body.get("serviceName") or ""
    return Delegation(str(body.get("name")), service)


def _check_ipv6(world: World, vnet: VirtualNetwork, prefixes: list[str]) -> None:
    """Where IPv6 and links exclude each other, a network with links gets no IPv6 (azure-docs 53088)."""
    added = any(":" in one for one in prefixes) and not any(":" in one for one in vnet.prefixes)
    if world.state.behavior.ipv6_refused and added and any(one.links for one in vnet.subnets):
        raise refusal.network(
            400,
            "IPv6AddressesNotSupportedWithResourceNavigationLinks",
            f"Cannot add IPv6 addreses on vnet {vnet.id} since vnet has resource navigation links.",
        )


def _check_unoccupied(subnet: Subnet, delegations: list[Delegation]) -> None:
    """Delegations change only while nothing is in the subnet but links (azure-facts.md, 1)."""
    before, after = ([one.service for one in each] for each in (subnet.delegations, delegations))
    if subnet.occupants and {*map(str.casefold, before)} != {*map(str.casefold, after)}:
        raise refusal.network(
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
            raise refusal.network(
                400,
                "SubnetMissingRequiredDelegation",
                f"Subnet {subnet.id} requires any of the following delegation(s) [{needed}] to "
                f"reference service association link {subnet.id}/serviceAssociationLinks/{link.name}.",
            )
