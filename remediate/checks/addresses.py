"""Findings about the subnet's addresses: are there enough for every instance of the plans on it."""

from __future__ import annotations

import ipaddress

from remediate.checks.advice import command
from remediate.model import Evidence, Finding, Integration, Question, World

KEPT = 5
"""Addresses of every subnet that Azure keeps for itself (azure-facts.md, 4)."""

SHAREABLE = 26
"""The longest prefix of a subnet that several plans may share (azure-facts.md, 1)."""


def subnet_full(world: World, question: Question) -> Finding | None:
    """The plans on the subnet have more instances than it has addresses (azure-facts.md, 4)."""
    seen = Integration(world, question)
    usable, workers = _usable(seen), _workers(seen)
    if usable is None or seen.subnet is None or workers <= usable:
        return None
    return Finding(
        code="subnet-full",
        severity="error",
        title=f"{seen.subnet.name} has {usable} addresses for {workers} instances",
        detail="Every instance of an App Service plan takes one address of the subnet, and Azure keeps "
        f"{KEPT} for itself. Instances that get none have no network, and an app that is disconnected now "
        "may not be let in again.",
        action=_make_room(seen, usable),
        evidence=_evidence(seen),
    )


def subnet_tight(world: World, question: Question) -> Finding | None:
    """Enough addresses for today's instances, not for scaling, which doubles them for a while."""
    seen = Integration(world, question)
    usable, workers = _usable(seen), _workers(seen)
    if usable is None or seen.subnet is None or workers > usable or _at_most(seen) <= usable:
        return None
    return Finding(
        code="subnet-tight",
        severity="warning",
        title=f"{seen.subnet.name} has {usable} addresses; scaling may take {_at_most(seen)}",
        detail=f"The {workers} instances of today fit. While a plan scales up or down it takes twice as many "
        "addresses, and an elastic plan may grow to its maximum; then there would not be enough.",
        action="Use a larger subnet before the plan is scaled. A reconnect is possible as it is: "
        + command(seen, "reconnect"),
        evidence=_evidence(seen),
    )


def _usable(seen: Integration) -> int | None:
    """How many IPv4 addresses instances can have, over all prefixes; None where no prefix was read.

    None also for Flex Consumption, whose use of addresses we have no facts about [?].
    """
    if seen.flex:
        return None
    prefixes = [one for one in (_network(text) for text in _prefixes(seen)) if one is not None]
    return sum(max(0, one.num_addresses - KEPT) for one in prefixes) if prefixes else None


def _prefixes(seen: Integration) -> tuple[str, ...]:
    return seen.subnet.prefixes if seen.subnet else ()


def shareable(seen: Integration) -> bool:
    """Whether a prefix of the subnet is large enough for several plans (azure-facts.md, 1)."""
    networks = (_network(text) for text in _prefixes(seen))
    return any(one is not None and one.prefixlen <= SHAREABLE for one in networks)


def _network(prefix: str) -> ipaddress.IPv4Network | None:
    """The network of an IPv4 prefix; an IPv6 prefix gives instances no address."""
    try:
        return ipaddress.IPv4Network(prefix, strict=False)
    except ValueError:
        return None


def _workers(seen: Integration) -> int:
    """The instances of every plan that is known to be on the subnet, the target's own included."""
    return (seen.plan.workers if seen.plan else 0) + _others(seen)


def _others(seen: Integration) -> int:
    beside = (seen.world.plan(one) for one in seen.beside)
    return sum(one.workers for one in beside if one)


def _at_most(seen: Integration) -> int:
    """What the plans can come to need: twice today's instances, or an elastic plan's maximum."""
    elastic = seen.plan.elastic_workers if seen.plan else 0
    return max(2 * _workers(seen), elastic + _others(seen))


def _make_room(seen: Integration, usable: int) -> str:
    """How every instance gets an address: by a smaller plan, beside the instances of the other plans."""
    larger = "a larger subnet: the prefix of this one cannot grow while apps are on it."
    room = usable - _others(seen)
    if seen.plan is None or room < 1:
        return f"Use {larger}"
    few = "1 instance" if room == 1 else f"{room} instances or fewer"
    scale = f"`az appservice plan update --ids {seen.plan.id} --number-of-workers {room}`"
    return f"Scale the plan in to {few}: {scale}. Or use {larger}"


def _evidence(seen: Integration) -> tuple[Evidence, ...]:
    plan = seen.plan
    own = (
        (
            Evidence("plan", "numberOfWorkers", plan.workers),
            Evidence("plan", "maximumElasticWorkerCount", plan.elastic_workers),
        )
        if plan
        else ()
    )
    return (Evidence("subnet", "addressPrefixes", list(_prefixes(seen))), *own)
