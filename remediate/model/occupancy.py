"""Who is on a subnet, by every view that was read, and whether somebody may be there who was not seen."""

from __future__ import annotations

from functools import cached_property
from typing import Literal

from msgspec import Struct

from remediate import ids
from remediate.model.azure import App, AppServicePlan
from remediate.model.network import ENVIRONMENT, Link, Occupant
from remediate.model.world import World, key, once, root_key

LinkUse = Literal["used", "orphaned", "unused", "former-id", "other-plan", "unknown", "foreign"]
"""Whose a link is.

`used`: of a plan that is on the subnet. While nobody is there: `orphaned`, of a plan that is gone, and
`unused`, of one that lives. While somebody is there: `former-id`, of a plan that is gone or has no app, so
that it may be the former id of theirs, and `other-plan`, of one that has its apps elsewhere. Else `unknown`;
or `foreign`, not App Service's.
"""
CLEARABLE: tuple[LinkUse, ...] = ("orphaned", "unused")
"""The uses of a link that may be cleared."""
BESIDE_APPS: tuple[LinkUse, ...] = ("former-id", "other-plan")
"""The uses of a link that becomes nobody's when the last app has left the subnet."""


class Occupancy(Struct, frozen=True, dict=True):
    """The one answer to who is on `subnet`; it holds nothing that the World does not."""

    world: World
    subnet: str | None

    @cached_property
    def apps(self) -> tuple[App, ...]:
        """Every app and slot on it, whatever view named it."""
        return self.world.apps_on(self.subnet)

    @cached_property
    def holders(self) -> tuple[AppServicePlan, ...]:
        """The plans that hold the subnet themselves, as a Managed Instance does."""
        return self.world.plans_holding(self.subnet)

    @cached_property
    def plans(self) -> tuple[str, ...]:
        """The ids of all plans on it, but those of Flex Consumption, which integrates in a way of its own."""
        of_apps = [plan for app in self.apps if not app.flex and (plan := self.world.plan_of(app))]
        linked = [link.target for link in self.links if link.is_web and link.target]
        here = [one for one in linked if self.has(one)]
        return tuple(sorted(once([*of_apps, *(one.id for one in self.holders), *here]), key=key))

    @cached_property
    def links(self) -> tuple[Link, ...]:
        """The links on it, of every service."""
        return self.world.links(self.subnet)

    @cached_property
    def foreign_links(self) -> tuple[Link, ...]:
        """The links of other services. A Flex link without a Flex app is one of them: a Container Apps
        environment has a link of the same type [?].
        """
        return tuple(one for one in self.links if not one.is_web and not self.apps_using(one))

    @cached_property
    def others(self) -> tuple[Occupant, ...]:
        """What else is in it: network interfaces, private endpoints, gateways, other services.

        A Container Apps environment has a link of the same kind as Flex Consumption, so Resource Graph tells
        of it [?]; one that ARM says is gone is none.
        """
        found = self.world.subnet(self.subnet)
        listed = self.world.listing("environments-in-graph", self.subnet).ids
        there = (Occupant(one, ENVIRONMENT) for one in listed if self.world.status(one) != "absent")
        known = {key(one.id): one for one in (*(found.occupants if found else ()), *there)}
        return tuple(known.values())

    @cached_property
    def may_hide(self) -> bool:
        """Whether an app may be on the subnet that was not seen, because a read failed or its plan is not
        known.
        """
        listed = self.world.listing("apps-in-graph", self.subnet).status in ("found", "not-asked")
        return not listed or bool(self.unseen or self.without_plan)

    @cached_property
    def unseen(self) -> tuple[str, ...]:
        """The apps that Resource Graph or Azure's detector names, and that could not be read."""
        graph = self.world.listing("apps-in-graph", self.subnet)
        detector = self.world.listing("apps-in-detector", self.subnet)
        return tuple(one for one in once([*graph.ids, *detector.ids]) if self.world.is_unseen(one))

    @cached_property
    def without_plan(self) -> tuple[App, ...]:
        """The slots on the subnet whose plan nothing tells."""
        slots = (app for app in self.apps if root_key(app.id) != key(app.id))
        return tuple(slot for slot in slots if self.world.plan_of(slot) is None)

    def has(self, plan: str | None) -> bool | None:
        """Whether a plan is on the subnet, itself or with an app or slot; None where that is not known."""
        found, apps = self.world.plan(plan), self.world.apps_of(plan)
        if found is None:
            return None
        if ids.same(found.subnet, self.subnet) or self.apps_of(plan):
            return True
        roots = once(ids.production(app.id) for app in apps)
        lists = [self.world.listing("apps", plan), *(self.world.listing("slots", one) for one in roots)]
        complete = all(one.status == "found" for one in lists)
        return False if complete and not any(self.world.is_unseen(app.id) for app in apps) else None

    def apps_of(self, plan: str | None) -> tuple[App, ...]:
        """The apps and slots of a plan on the subnet, also a slot of which only the app is of the plan."""
        theirs = {one for app in self.world.apps_of(plan) for one in (key(app.id), root_key(app.id))}
        return tuple(app for app in self.apps if key(app.id) in theirs or root_key(app.id) in theirs)

    def apps_using(self, link: Link) -> tuple[App, ...]:
        """The apps and slots on the subnet that a link is there for; none for another service's."""
        if link.is_flex:
            return tuple(app for app in self.apps if app.flex)
        own = (app for app in self.apps if link.is_web and not app.flex)
        return tuple(app for app in own if ids.same(self.world.plan_of(app), link.target))

    def use(self, link: Link) -> LinkUse:
        """Whose a link is. What could not be read is unknown, also where it concerns another app there.

        Microsoft's own test for an orphan (the plan is 404, or nothing of it is on the subnet) takes a link
        for nobody's that names the former id of a plan, or of an app's plan (azure-facts.md, 1 and 2).
        """
        if not link.is_web:
            return "foreign"
        there = self.has(link.target)
        if there or self.apps_using(link):
            return "used"
        gone = self.world.status(link.target) == "absent"
        if self.may_hide or (there is None and not gone):
            return "unknown"
        if self.apps or self.holders:
            return "former-id" if gone or self._is_empty(link.target) else "other-plan"
        return "orphaned" if gone else "unused"

    def _is_empty(self, plan: str | None) -> bool:
        """Whether a plan that was found has no app at all."""
        return self.world.listing("apps", plan).status == "found" and not self.world.apps_of(plan)
