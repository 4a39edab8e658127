"""ARM and Resource Graph → who is on a subnet: the reads behind `Occupancy`, alike for every command."""

from __future__ import annotations

from collections.abc import Iterable
from typing import NamedTuple

from remediate import ids
from remediate.azure.documents import Read
from remediate.azure.expansion import Expansion
from remediate.model import CLEARABLE, App, Occupancy, once


class PlanNames(NamedTuple):
    """What the documents of a plan and of its list of apps are called, of another plan than the target's."""

    plan: str
    apps: str


def beside_target(plan: str) -> PlanNames:
    """The names where an app is looked at, whose own plan is `plan`."""
    return PlanNames(f"linked-plan:{ids.name(plan)}", f"linked-plan:{ids.name(plan)}:apps")


def on_subnet(plan: str) -> PlanNames:
    """The names where a subnet is looked at."""
    return PlanNames(f"plan:{plan}", "plan-apps")


def read_occupancy(
    expansion: Expansion, subnet: str, *, for_app: bool = False, for_deletion: bool = False
) -> None:
    """A subnet, the plans that its links name, and every app and slot on it as it is now.

    Resource Graph and the lists of plans name apps and plans; each of them is then read by itself. `for_app`:
    an app is looked at, so the size of every plan on the subnet counts. `for_deletion`: the subnet is to be
    deleted, so what Resource Graph does not show is looked for, too.
    """
    expansion.make(first_reads(expansion, subnet))
    names = beside_target if for_app else on_subnet
    linked = once(one.target for one in expansion.world.links(subnet) if one.is_web and one.target)
    for plan in linked:
        _linked_plan(expansion, plan, names(plan))
    _read_apps(expansion, subnet)
    slots = _occupancy(expansion, subnet).without_plan
    each_by_itself(expansion, [ids.production(slot.id) for slot in slots])
    elsewhere = (one for one in linked if _occupancy(expansion, subnet).has(one) is False)
    each_by_itself(expansion, [app for plan in elsewhere for app in _with_slots(expansion, plan)])
    _read_plans(expansion, subnet, for_app=for_app)
    environments = expansion.world.listing("environments-in-graph", subnet).ids
    expansion.make(expansion.environment(one) for one in environments if not expansion.is_read(one))
    if _has_clearable_link(expansion, subnet) or (for_deletion and expansion.world.subnet(subnet)):
        _read_beside_graph(expansion, subnet)


def _read_plans(expansion: Expansion, subnet: str, *, for_app: bool) -> None:
    """The plans that hold the subnet themselves, and for an app all others on it."""
    held = expansion.world.listing("plans-in-graph", subnet).ids
    plans = (*held, *(_occupancy(expansion, subnet).plans if for_app else ()))
    expansion.make(
        expansion.plan(one, f"other-plan:{ids.name(one)}" if for_app else f"plan:{one}")
        for one in once(plans)
        if not expansion.is_read(one)
    )


def _has_clearable_link(expansion: Expansion, subnet: str) -> bool:
    occupancy = _occupancy(expansion, subnet)
    return any(occupancy.use(link) in CLEARABLE for link in occupancy.links)


def first_reads(expansion: Expansion, subnet: str) -> list[Read]:
    """The subnet, its network, and who names it by Resource Graph; what was read is not read again."""
    vnet = ids.vnet_of(subnet)
    there = [expansion.subnet(subnet)] if not expansion.is_read(subnet) else []
    around = [expansion.vnet(vnet)] if not expansion.is_read(vnet) else []
    naming = [expansion.apps_named_on(subnet)] if not expansion.is_listed("apps-in-graph", subnet) else []
    return [*there, *around, *naming]


def each_by_itself(expansion: Expansion, apps: Iterable[str]) -> None:
    """Each app as it is now, site and networkConfig, for a list may lag behind."""
    wanted = [one for one in once(apps) if not expansion.is_configured(one)]
    expansion.make([*_sites(expansion, wanted), *(expansion.network_config(one) for one in wanted)])


def slots_of(expansion: Expansion, apps: Iterable[App]) -> None:
    """The slots of these apps; whether a plan's list holds slots is not known [?]."""
    roots = once(ids.production(app.id) for app in apps)
    expansion.make(expansion.slots(one) for one in roots if not expansion.is_listed("slots", one))


def _occupancy(expansion: Expansion, subnet: str) -> Occupancy:
    return Occupancy(expansion.world, subnet)


def _read_apps(expansion: Expansion, subnet: str) -> None:
    """Whoever a list names, by itself; its networkConfig where its site does not name the subnet."""
    here = [app.id for app in expansion.world.apps_on(subnet)]
    wanted = once([*expansion.world.listing("apps-in-graph", subnet).ids, *here])
    expansion.make(_sites(expansion, wanted))
    sites = ((one, expansion.world.app(one)) for one in wanted if not expansion.is_configured(one))
    elsewhere = [one for one, site in sites if site is None or not ids.same(site.subnet, subnet)]
    expansion.make(expansion.network_config(one) for one in elsewhere)


def _sites(expansion: Expansion, apps: Iterable[str]) -> list[Read]:
    return [expansion.app(one, f"site:{ids.app_name(one)}") for one in apps if not expansion.is_read(one)]


def _linked_plan(expansion: Expansion, plan: str, names: PlanNames) -> None:
    """Microsoft's own test for an orphan: is the plan there, and is any app or slot of it on the subnet?"""
    there = [expansion.plan(plan, names.plan)] if not expansion.is_read(plan) else []
    apps = [expansion.apps_of(plan, names.apps)] if not expansion.is_listed("apps", plan) else []
    expansion.make([*there, *apps])
    if expansion.world.status(plan) == "found":
        slots_of(expansion, expansion.world.apps_of(plan))


def _with_slots(expansion: Expansion, plan: str) -> list[str]:
    """The apps and slots of a plan: a networkConfig may name a subnet that the site does not."""
    apps = [app.id for app in expansion.world.apps_of(plan)]
    return [*apps, *(slot for app in apps for slot in expansion.world.listing("slots", app).ids)]


def _read_beside_graph(expansion: Expansion, subnet: str) -> None:
    """The apps that Azure's detector names; without its answer, the apps that ARM lists.

    Resource Graph may lag behind, which must not cost a connected app its link or its subnet.
    """
    _ask_detector(expansion, subnet)
    if expansion.world.listing("apps-in-detector", subnet).status == "found":
        return
    named = (one.target for one in expansion.world.links(subnet) if one.is_web and one.target)
    plans = [one for one in named if expansion.world.status(one) in ("found", "absent")]
    scopes = once(f"/subscriptions/{ids.parse(one).subscription}" for one in (subnet, *plans))
    expansion.make(expansion.apps_in(one) for one in scopes if not expansion.is_listed("apps", one))
    _read_apps(expansion, subnet)


def _ask_detector(expansion: Expansion, subnet: str) -> None:
    """Every app that Azure's detector names; it also knows those that the account cannot see.

    The request goes to any app. No answer proves nothing (azure-facts.md, 1).
    """
    network = expansion.world.vnet_of(subnet)
    if network is None or network.guid is None or expansion.is_listed("apps-in-detector", subnet):
        return
    known = next((one for one in expansion.world.app_ids if expansion.world.was_read(one)), None)
    if site := known or expansion.some_app(ids.parse(subnet).subscription):
        expansion.make([expansion.detector(site, subnet, network)])
        each_by_itself(expansion, expansion.world.listing("apps-in-detector", subnet).ids)
