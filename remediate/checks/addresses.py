"""Findings about the subnet's addresses: are there enough for every instance of the plans on it."""

from __future__ import annotations

import ipaddress
from collections.abc import Iterable

from remediate.checks.advice import command
from remediate.model import App, AppServicePlan, Evidence, Finding, Integration, Question, World, key

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
        title=f"{seen.subnet.name} has {usable} addresses for {_needed(seen)}",
        detail=f"Every instance of an App Service plan takes one address of the subnet{_also(seen)}, and "
        f"Azure keeps {KEPT} for itself. Instances that get none have no network, and an app that is "
        "disconnected now may not be let in again.",
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
        detail=f"The {_needed(seen)} of today fit. While a plan scales up or down it takes twice as many "
        "addresses, and an elastic plan may grow to its maximum; then there would not be enough.",
        action="Use a larger subnet before the plan is scaled. A reconnect is possible as it is: "
        + command(seen, "reconnect"),
        evidence=_evidence(seen),
    )


def _needed(seen: Integration) -> str:
    """What takes the addresses: the instances, which with Windows containers need several each."""
    plans = [seen.plan, *(seen.world.plan(one) for one in seen.beside)]
    instances = sum(one.workers for one in plans if one)
    needed = _workers(seen)
    more = f", which take {needed} addresses" if needed != instances else ""
    return f"{instances} instances{more}"


def _also(seen: Integration) -> str:
    """The addresses of Windows containers, where a plan has some."""
    plans = [seen.plan, *(seen.world.plan(one) for one in seen.beside)]
    windows = any(one.windows_containers for one in plans if one)
    return ", with Windows containers one more for each app" if windows else ""


def _usable(seen: Integration) -> int | None:
    """How many IPv4 addresses instances can have, over all prefixes; None where no prefix was read.

    None also for Flex Consumption, whose use of addresses we have no facts about [?].
    """
    if seen.flex:
        return None
    return usable_addresses(_prefixes(seen))


def usable_addresses(prefixes: Iterable[str]) -> int | None:
    """How many addresses prefixes have beside those that Azure keeps; None without an IPv4 prefix."""
    networks = [one for one in (_network(text) for text in prefixes) if one is not None]
    return sum(max(0, one.num_addresses - KEPT) for one in networks) if networks else None


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
    """The addresses that the instances of every plan on the subnet take, the target's own plan included."""
    return _own(seen) + _others(seen)


def _own(seen: Integration) -> int:
    return _taken(seen, seen.plan, seen.target)


def _others(seen: Integration) -> int:
    return sum(_taken(seen, seen.world.plan(one)) for one in seen.beside)


def _taken(seen: Integration, plan: AppServicePlan | None, coming: App | None = None) -> int:
    """One address for each instance; with Windows containers one more for each app and instance
    (azure-facts.md, 4). `coming` counts whether or not it is on the subnet already.
    """
    return plan.workers * (1 + _containers(seen, plan, coming)) if plan else 0


def _containers(seen: Integration, plan: AppServicePlan, coming: App | None) -> int:
    """How many apps and slots of a plan take addresses of their own on the subnet."""
    if not plan.windows_containers:
        return 0
    apps = {key(app.id) for app in seen.occupancy.apps_of(plan.id)}
    return len(apps | ({key(coming.id)} if coming else set()))


def _at_most(seen: Integration) -> int:
    """What the plans can come to need: twice today's addresses, or an elastic plan's maximum."""
    elastic = seen.plan.elastic_workers if seen.plan else 0
    return max(2 * _workers(seen), elastic + _others(seen))


def _make_room(seen: Integration, usable: int) -> str:
    """How every instance gets an address: by a smaller plan, beside the instances of the other plans."""
    larger = "a larger subnet: the prefix of this one cannot grow while apps are on it."
    if seen.plan is None:
        return f"Use {larger}"
    room = (usable - _others(seen)) // (1 + _containers(seen, seen.plan, seen.target))
    if room < 1:
        return f"Use {larger}"
    few = "1 instance" if room == 1 else f"{room} instances or fewer"
    scale = f"`az appservice plan update --ids {seen.plan.id} --number-of-workers {room}`"
    return f"Scale the plan in to {few}: {scale}. Or use {larger}"


def _evidence(seen: Integration) -> tuple[Evidence, ...]:
    own = (
        [
            Evidence("plan", "numberOfWorkers", seen.plan.workers),
            Evidence("plan", "maximumElasticWorkerCount", seen.plan.elastic_workers),
        ]
        if seen.plan
        else []
    )
    plans = [plan for one in seen.beside if (plan := seen.world.plan(one))]
    others = [Evidence("plan", f"{one.name}.numberOfWorkers", one.workers) for one in plans]
    all_of_them = [*([seen.plan] if seen.plan else []), *plans]
    containers = [
        Evidence("plan", f"{one.name}.hyperV", True) for one in all_of_them if one.windows_containers
    ]
    return (Evidence("subnet", "addressPrefixes", list(_prefixes(seen))), *own, *others, *containers)
