"""The address prefixes of subnets, and what Azure refuses about them (azure-facts.md, 4).

The codes and messages are those that users of Azure report for these mistakes.
"""

from __future__ import annotations

import ipaddress
from collections.abc import Iterable, Sequence
from typing import Any

from remediate import ids
from remediate.sandbox import refusal
from remediate.sandbox.resources import Subnet, VirtualNetwork

Network = ipaddress.IPv4Network | ipaddress.IPv6Network


def prefixes_asked(name: str, properties: dict[str, Any]) -> list[str]:
    """The prefixes in the body of a subnet, in either form. Raises 400 for none, and for a wrong one."""
    prefixes = list(properties.get("addressPrefixes") or [properties.get("addressPrefix")])
    if not all(prefixes):
        raise refusal.network(
            400,
            "NoAddressPrefixOrPoolProvided",
            f"Subnet '{name}' does not have address prefix or pool provided.",
        )
    for one in prefixes:
        _parsed(one, name)
    return prefixes


def check_kept(subnet: Subnet, prefixes: list[str]) -> None:
    """A prefix with addresses in use stays; a further one may be added beside it. Raises 400."""
    gone = [one for one in subnet.prefixes if one not in prefixes]
    if gone and (subnet.links or subnet.occupants):
        raise refusal.network(
            400,
            "InUsePrefixCannotBeDeleted",
            f"IpPrefix {gone[0]} on Subnet {ids.name(subnet.id)} has active allocations and cannot be "
            "deleted.",
        )


def check_space(vnet: VirtualNetwork, space: Sequence[str], wanted: dict[str, list[str]]) -> None:
    """Raise 400 where a subnet lies outside the network's address space, or over another one.

    `wanted` has the prefixes of every subnet by its name. A subnet whose prefixes stay is checked only when
    the address space changes.
    """
    own = [_parsed(one, ids.name(vnet.id)) for one in space]
    before = {ids.name(one.id).casefold(): one.prefixes for one in vnet.subnets}
    for name, prefixes in wanted.items():
        if before.get(name.casefold()) == prefixes and list(space) == vnet.prefixes:
            continue
        others = [one for other, each in wanted.items() if other != name for one in each]
        _check_subnet(vnet, name, [_parsed(one, name) for one in prefixes], own, others)


def _check_subnet(
    vnet: VirtualNetwork, name: str, prefixes: list[Network], space: list[Network], others: Iterable[str]
) -> None:
    network = ids.name(vnet.id)
    if not all(any(_inside(one, around) for around in space) for one in prefixes):
        raise refusal.network(
            400,
            "NetcfgSubnetRangeOutsideVnet",
            f"Subnet '{name}' is not valid because its IP address range is outside the IP address range of "
            f"virtual network '{network}'.",
        )
    if any(one.overlaps(_parsed(other, name)) for one in prefixes for other in others):
        raise refusal.network(
            400,
            "NetcfgSubnetRangesOverlap",
            f"Subnet '{name}' is not valid because its IP address range overlaps with that of an existing "
            f"subnet in virtual network '{network}'.",
        )


def _inside(inner: Network, outer: Network) -> bool:
    return inner.version == outer.version and inner.subnet_of(outer)  # type: ignore[arg-type]


def _parsed(prefix: str, name: str) -> Network:
    """A prefix as a network. Raises 400 for what is none."""
    try:
        return ipaddress.ip_network(prefix)
    except ValueError:
        raise refusal.network(
            400,
            "InvalidCIDRNotation",
            f"The address prefix {prefix} in resource {name} has an invalid CIDR notation.",
        ) from None
