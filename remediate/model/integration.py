"""One app's integration in a World: its plan, the subnet looked at, its links, and what each view says."""

from __future__ import annotations

from functools import cached_property

from msgspec import Struct

from remediate import ids
from remediate.model.azure import App, AppServicePlan, Connection, Connections, View
from remediate.model.network import (
    FLEX_SERVICE,
    WEB_DELEGATION,
    Link,
    Subnet,
    VirtualNetwork,
    is_subnet,
)
from remediate.model.occupancy import Occupancy
from remediate.model.world import Question, World, key


class Integration(Struct, frozen=True, dict=True):
    """Questions about the app of a `look` or a `change`. It holds nothing that the World does not."""

    world: World
    question: Question

    @cached_property
    def target(self) -> App:
        """The app. Raises LookupError where it was not read: then there is nothing to say about it."""
        found = self.world.app(self.question.target)
        if found is None:
            raise LookupError(f"{self.question.target} was not read")
        return found

    @cached_property
    def app_id(self) -> str:
        """The app's id as its own document has it, or as it was asked for where that was not read."""
        found = self.world.app(self.question.target)
        return found.id if found else self.question.target

    @cached_property
    def plan(self) -> AppServicePlan | None:
        """The app's plan."""
        return self.world.plan(self.target.plan)

    @cached_property
    def subnet_asked(self) -> bool:
        """Whether the operator named the subnet."""
        return self.question.subnet is not None

    @cached_property
    def subnet_id(self) -> str | None:
        """The subnet looked at: the one asked for, else the one that a view names, else the plan's own.

        Whether the apps of a Managed Instance plan name the plan's subnet is not known [?].
        """
        if self.question.subnet is not None:
            return self.question.subnet
        named = self.target.subnet or self.network_config.subnet or next(iter(self._regional), None)
        held = self.plan.subnet if self.plan else None
        return next((one for one in (named, held) if one and is_subnet(one)), None)

    @cached_property
    def subnet(self) -> Subnet | None:
        """The subnet looked at."""
        return self.world.subnet(self.subnet_id)

    @cached_property
    def vnet(self) -> VirtualNetwork | None:
        """The virtual network around it."""
        return self.world.vnet_of(self.subnet_id)

    @cached_property
    def network_config(self) -> View:
        """What the app's networkConfig says."""
        return self.world.network_configs.get(key(self.question.target), View("not-asked"))

    @cached_property
    def connections(self) -> tuple[Connection, ...]:
        """The app's connections, regional ones and those through a gateway."""
        return self._connections.entries

    @cached_property
    def gateways_in_plan(self) -> tuple[Connection, ...]:
        """The gateway connections of the plan that are not the target's, where a preflight read them."""
        own = {key(one.resource) for one in self.connections if one.resource}
        listed = self.world.connections.get(key(self.target.plan or ""), Connections("not-asked")).entries
        return tuple(one for one in listed if not one.swift and key(one.resource or "") not in own)

    @cached_property
    def _connections(self) -> Connections:
        return self.world.connections.get(key(self.question.target), Connections("not-asked"))

    @cached_property
    def _regional(self) -> tuple[str, ...]:
        """The subnets of the regional connections, in an order that does not depend on Azure's."""
        return tuple(
            sorted((one.resource for one in self.connections if one.swift and one.resource), key=key)
        )

    @cached_property
    def connected(self) -> bool:
        """Whether the site or its network configuration names the subnet looked at."""
        named = (self.target.subnet, self.network_config.subnet)
        return any(ids.same(one, self.subnet_id) for one in named)

    @cached_property
    def other_subnets(self) -> tuple[str, ...]:
        """The subnets that the app names where the operator asked for another one: mostly one, or none."""
        return self.world.places(self.target.id) if self.subnet_asked and not self.connected else ()

    @cached_property
    def has_lost_subnet(self) -> bool:
        """Whether each of them is proved to be gone: then the app has no network that it could lose."""
        gone = [self.world.status(one) == "absent" for one in self.other_subnets]
        return bool(gone) and all(gone)

    @cached_property
    def is_elsewhere(self) -> bool:
        """Whether the app has a network which is not the one asked for; not where that could not be read."""
        read = (self.world.resource(one) for one in self.other_subnets)
        return any(one is None or not (one.unread or one.status == "absent") for one in read)

    @cached_property
    def apps(self) -> tuple[App, ...]:
        """The plan's apps and slots, the target first."""
        others = (app for app in self.world.apps_of(self.target.plan) if not ids.same(app.id, self.target.id))
        return (self.target, *others)

    @cached_property
    def on_subnet(self) -> tuple[App, ...]:
        """The plan's apps and slots on this subnet, the target first."""
        here = {key(app.id) for app in self.world.apps_on(self.subnet_id)}
        target, *others = self.apps
        return (*([target] if self.connected else []), *(app for app in others if key(app.id) in here))

    @cached_property
    def flex(self) -> bool:
        """Whether the target is on Flex Consumption, which links and delegates in its own way."""
        return self.plan.flex if self.plan else self.target.flex

    @cached_property
    def service(self) -> str:
        """The service that the subnet has to be delegated to."""
        return FLEX_SERVICE if self.flex else WEB_DELEGATION

    @cached_property
    def registrations_needed(self) -> tuple[tuple[str, str], ...]:
        """The resource providers that a connect needs, each with its subscription (azure-facts.md, 4).

        The network's subscription has to know Microsoft.Web. Flex Consumption needs Microsoft.App; in which
        of the two subscriptions is not documented [?], so in both.
        """
        if self.subnet is None:
            return ()
        network, app = (ids.parse(one).subscription.casefold() for one in (self.subnet.id, self.target.id))
        flex = [(one, "Microsoft.App") for one in dict.fromkeys((app, network))] if self.flex else []
        return ((network, "Microsoft.Web"), *flex)

    @cached_property
    def delegated(self) -> bool:
        """Whether the subnet is delegated to the service that the target needs."""
        return self.subnet is not None and self.subnet.delegated_to(self.service)

    @cached_property
    def held_by_plan(self) -> bool:
        """Whether the plan itself holds the subnet looked at, as a Managed Instance does."""
        return self.plan is not None and ids.same(self.plan.subnet, self.subnet_id)

    @cached_property
    def links(self) -> tuple[Link, ...]:
        """Every link on the subnet."""
        return self.world.links(self.subnet_id)

    @cached_property
    def own_links(self) -> tuple[Link, ...]:
        """The links on the subnet that are of the kind that the target's plan has."""
        return tuple(one for one in self.links if (one.is_flex if self.flex else one.is_web))

    @property
    def link_lost_by_many(self) -> bool:
        """Whether a reconnect of the app alone would not bring the lost link back: others stay."""
        return not self.flex and self.subnet is not None and not self.own_links and len(self.on_subnet) > 1

    @cached_property
    def unready_links(self) -> tuple[Link, ...]:
        """Those of them that Azure has not finished, or that name nothing."""
        return tuple(one for one in self.own_links if one.state.casefold() != "succeeded" or not one.target)

    @cached_property
    def keeping_link(self) -> tuple[App, ...]:
        """The other apps and slots on the subnet while which are connected the link is not made anew
        (azure-facts.md, 2): those of the plan; with Flex Consumption, whose link names the subnet, all of it.
        """
        there = (app for app in self.occupancy.apps if app.flex) if self.flex else self.on_subnet
        return tuple(one for one in there if not ids.same(one.id, self.target.id))

    @cached_property
    def needs_all_disconnected(self) -> bool:
        """Whether the link is missing or unfinished, and other apps keep Azure from making it anew."""
        broken = self.subnet is not None and bool(self.unready_links or not self.own_links)
        return broken and bool(self.keeping_link)

    @cached_property
    def other_links(self) -> tuple[Link, ...]:
        """App Service's links that name another plan than the target's."""
        return tuple(
            one
            for one in self.links
            if one.is_web and one.target and not ids.same(one.target, self.target.plan)
        )

    @cached_property
    def occupancy(self) -> Occupancy:
        """Who is on the subnet looked at."""
        return Occupancy(self.world, self.subnet_id)

    @cached_property
    def beside(self) -> tuple[str, ...]:
        """The other plans on the subnet; none beside Flex Consumption, which shares no link with them."""
        others = () if self.flex else self.occupancy.plans
        return tuple(one for one in others if not ids.same(one, self.target.plan))

    @cached_property
    def shared_links(self) -> tuple[Link, ...]:
        """The links that name another plan that is on the subnet too."""
        return tuple(
            one for one in self.other_links if any(ids.same(one.target, plan) for plan in self.beside)
        )

    @cached_property
    def apps_beside(self) -> tuple[App, ...]:
        """The apps and slots of other plans on the subnet."""
        theirs = {key(app.id) for plan in self.beside for app in self.occupancy.apps_of(plan)}
        return tuple(app for app in self.occupancy.apps if key(app.id) in theirs)

    @cached_property
    def views(self) -> dict[str, View]:
        """What each view says: `site`, `networkConfig`, `connections`, `plan`, `link`, `graph`."""
        plan = self.plan
        used = f"{plan.connections_used} of {plan.connections_max} connections used" if plan else None
        return {
            "site": View("found", subnet=self.target.subnet, plan=self.target.plan),
            "networkConfig": self.network_config,
            "connections": self._connections_view(),
            "plan": View(
                self.world.status(self.target.plan) or "not-asked",
                subnet=plan.subnet if plan else None,
                detail=used,
            ),
            "link": self._link_view(),
            "graph": self._graph_view(),
        }

    def _connections_view(self) -> View:
        looked_at = (one for one in self._regional if ids.same(one, self.subnet_id))
        regional = next(looked_at, next(iter(self._regional), None))
        gateway = next((f"gateway connection {one.name}" for one in self.connections if not one.swift), None)
        return View(self._connections.status, subnet=regional, detail=gateway)

    def _link_view(self) -> View:
        if self.subnet is None:
            return View(self.world.status(self.subnet_id) or "not-asked")
        return self._link_of(self.subnet)

    def _graph_view(self) -> View:
        row = self.world.cached.get(key(self.subnet_id)) if self.subnet_id else None
        if row is None or not isinstance(row.value, Subnet):
            return View(row.status if row else "not-asked")
        return self._link_of(row.value)

    def _link_of(self, found: Subnet) -> View:
        """The plan that the subnet's link names, the app's own if one does.

        The link of Flex Consumption names the subnet and no plan, so its name is all that there is to tell.
        """
        if self.flex:
            named = next((f"{link.name} names the subnet" for link in found.links if link.is_flex), None)
            return View("found", subnet=found.id, detail=named)
        targets = [link.target for link in found.links if link.is_web]
        mine = (one for one in targets if ids.same(one, self.target.plan))
        return View("found", subnet=found.id, plan=next(mine, targets[0] if targets else None))
