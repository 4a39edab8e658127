"""Which subnet an app could be connected to, as far as a list tells: for choosing, not for deciding."""

from __future__ import annotations

from collections.abc import Iterable

from msgspec import Struct

from remediate import ids
from remediate.checks.addresses import SHAREABLE, usable_addresses
from remediate.checks.advice import listed
from remediate.model import Integration, ListedSubnet, region


class SubnetChoice(Struct, frozen=True):
    """A subnet to choose. `addresses` says what is free; `against` says why it does not fit, or is empty."""

    id: str
    addresses: str
    delegation: str
    against: str


def subnet_choices(seen: Integration, subnets: Iterable[ListedSubnet]) -> tuple[SubnetChoice, ...]:
    """The subnets for an app: those that fit first, then those that do not, each with the reason."""
    found = [SubnetChoice(one.id, _addresses(one), _delegation(one), _against(seen, one)) for one in subnets]
    return tuple(sorted(found, key=lambda one: bool(one.against)))


def _addresses(one: ListedSubnet) -> str:
    usable = usable_addresses(one.subnet.prefixes)
    if usable is None:
        return "addresses unknown"
    taken = one.instances
    return f"up to {usable} free" if taken is None else f"{max(0, usable - taken)} of {usable} free"


def _delegation(one: ListedSubnet) -> str:
    return "delegated" if one.subnet.delegations else "not delegated"


def _against(seen: Integration, one: ListedSubnet) -> str:
    """Why the app cannot be connected there as it is; "" where nothing is known against it."""
    subnet, target = one.subnet, seen.target
    if target.location and one.location and region(target.location) != region(one.location):
        return f"in {region(one.location)}, the app is in {region(target.location)}"
    if subnet.delegations and not subnet.delegated_to(seen.service):
        return f"delegated to {listed(sorted({each.service for each in subnet.delegations}))}"
    if not subnet.delegations and subnet.occupants:
        return "other resources are in it"
    return _link_against(seen, one) or _too_small(seen, one)


def _link_against(seen: Integration, one: ListedSubnet) -> str:
    """A link that names another plan leaves room for this one on a large subnet (azure-facts.md, 1)."""
    own = [link for link in one.subnet.links if link.is_web and ids.same(link.target, seen.target.plan)]
    others = [link for link in one.subnet.links if link not in own]
    if not others or seen.flex:
        return ""
    if not all(link.is_web for link in others):
        return "another service holds it"
    large = usable_addresses(one.subnet.prefixes) or 0
    names = listed(sorted({ids.name(link.target) for link in others}))
    return "" if large >= _SHAREABLE_ADDRESSES else f"its link names {names}"


def _too_small(seen: Integration, one: ListedSubnet) -> str:
    usable, needed = usable_addresses(one.subnet.prefixes), seen.plan.workers if seen.plan else 0
    if usable is None or seen.flex or usable - (one.instances or 0) >= needed:
        return ""
    own = any(ids.same(link.target, seen.target.plan) for link in one.subnet.links)
    return "" if own else f"too few addresses for {needed} instances"


_SHAREABLE_ADDRESSES = 2 ** (32 - SHAREABLE) - 5
"""The usable addresses of the smallest subnet that several plans may share."""
