"""Worlds for the tests of the checks: one that is healthy, and what it takes to spoil it."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, NamedTuple

from msgspec.structs import replace

from remediate import ids
from remediate.model import (
    WEB_DELEGATION,
    WEB_LINK,
    App,
    AppServicePlan,
    Connection,
    Connections,
    Delegation,
    Document,
    Integration,
    Link,
    Listing,
    Occupant,
    Question,
    ReadStatus,
    Resource,
    Subnet,
    View,
    VirtualNetwork,
    World,
    key,
    listing_key,
)

SUBSCRIPTION = "11111111-2222-3333-4444-555555555555"
GROUP = f"/subscriptions/{SUBSCRIPTION}/resourceGroups/rg-shop"
VNET = f"{GROUP}/providers/Microsoft.Network/virtualNetworks/vnet-shop"
SUBNET = f"{VNET}/subnets/snet-web"
ELSEWHERE = f"{VNET}/subnets/snet-other"
PLAN = f"{GROUP}/providers/Microsoft.Web/serverfarms/plan-shop"
OTHER_PLAN = f"{GROUP}/providers/Microsoft.Web/serverfarms/plan-other"
TARGET = ids.app(SUBSCRIPTION, "rg-shop", "orders")
NEIGHBOUR = ids.app(SUBSCRIPTION, "rg-shop", "billing")
STRANGER = ids.app(SUBSCRIPTION, "rg-shop", "stranger")

PREMIUM = AppServicePlan(PLAN, "West Europe", "P1v3", "PremiumV3", 2)
DELEGATED = Delegation("web", WEB_DELEGATION)


NOT_VISIBLE = f"404 SubscriptionNotFound: The subscription '{SUBSCRIPTION}' could not be found."
WRONG_TENANT = (
    "401 InvalidAuthenticationTokenTenant: The access token is from the wrong issuer "
    "'https://sts.windows.net/aaaa-1/'. It must match the tenant 'https://sts.windows.net/bbbb-2/' "
    "associated with this subscription."
)
"""What Azure says where the account cannot see something."""


def app(identifier: str = TARGET, subnet: str | None = SUBNET, **other: Any) -> App:
    """An app of the plan, on the subnet unless said otherwise."""
    common = App(identifier, "functionapp", "West Europe", "Running", PLAN, subnet)
    return replace(common, **other)


def link(target: str | None = PLAN, state: str = "Succeeded", type_: str | None = WEB_LINK) -> Link:
    """A service association link, App Service's and finished unless said otherwise."""
    return Link("AppServiceLink", state, type_, target)


NIC = Occupant(
    f"{GROUP}/providers/Microsoft.Network/networkInterfaces/nic-1", "Microsoft.Network/networkInterfaces"
)
NOT_READABLE = Occupant(f"{SUBNET}/ipConfigurations/0", "")


def document(what: str, status: Any = "found", message: str | None = None, body: Any = None) -> Document:
    """One read."""
    return Document(what, f"/read/of/{what}?api-version=2025-05-01", status, body, message)


class Case(NamedTuple):
    """What was read, and what is asked."""

    world: World
    question: Question

    @property
    def integration(self) -> Integration:
        """The target's integration."""
        return Integration(self.world, self.question)

    def reading(self, **changes: Any) -> Case:
        """The same question about another World."""
        return Case(replace(self.world, **changes), self.question)

    def knowing(self, *documents: Document) -> Case:
        """The same with more documents."""
        return self.reading(documents=(*self.world.documents, *documents))

    def asking(self, **changes: Any) -> Case:
        """Another question about the same World."""
        return Case(self.world, replace(self.question, **changes))


class LinkedPlan(NamedTuple):
    """A plan that a link names: its apps on the subnet, None where they could not be listed; and those that
    it has on another subnet.
    """

    id: str
    status: ReadStatus
    apps: tuple[str, ...] | None = None
    workers: int | None = None
    holds: bool = False
    elsewhere: tuple[str, ...] = ()


def resources(*values: App | AppServicePlan | Subnet | VirtualNetwork) -> dict[str, Resource]:
    """What was found."""
    return {key(one.id): Resource(one.id, "found", one) for one in values}


def occupying(plan: LinkedPlan, subnet: str = SUBNET) -> World:
    """What was read of a plan that a link names."""
    if plan.status != "found":
        return World(resources={key(plan.id): Resource(plan.id, plan.status)})
    holds = subnet if plan.holds else None
    found = AppServicePlan(plan.id, "West Europe", "P1v3", "PremiumV3", plan.workers or 0, subnet=holds)
    apps = [app(one, subnet, plan=plan.id) for one in plan.apps or ()]
    apps += [app(one, ELSEWHERE, plan=plan.id) for one in plan.elsewhere]
    listed = Listing("denied" if plan.apps is None else "found", tuple(one.id for one in apps))
    lists = {listing_key("apps", plan.id): listed}
    lists |= {listing_key("slots", one.id): Listing("found") for one in apps}
    return World(resources=resources(found, *apps), listings=lists)


@dataclass
class Scene:
    """What the World is made of; the defaults are healthy, and the question is a look at the target."""

    target: App = field(default_factory=app)
    site: str | None = SUBNET
    config: str | None = SUBNET
    connections: tuple[Connection, ...] = (Connection("guid_snet-web", SUBNET, True),)
    others: tuple[App, ...] = ()
    plan: AppServicePlan | None = PREMIUM
    subnet_id: str | None = SUBNET
    links: tuple[Link, ...] = (link(),)
    delegations: tuple[Delegation, ...] = (DELEGATED,)
    state: str = "Succeeded"
    prefixes: tuple[str, ...] = ("10.1.0.0/27",)
    occupants: tuple[Occupant, ...] = ()
    subnet_status: Any = "found"
    region: str = "westeurope"
    space: tuple[str, ...] = ("10.1.0.0/16",)
    linked_plans: tuple[LinkedPlan, ...] = ()
    other_plans: tuple[AppServicePlan, ...] = ()
    graph: tuple[ReadStatus, tuple[Link, ...]] | None = None
    unread: dict[str, Any] = field(default_factory=dict)
    bodies: dict[str, Any] = field(default_factory=dict)
    asked: bool = False

    def case(self) -> Case:
        """What reading this gives, and a look at it."""
        target = replace(self.target, subnet=self.site)
        linked = [occupying(one) for one in self.linked_plans]
        found: dict[str, Resource] = {}
        for one in linked:
            found |= one.resources
        own = [one for one in (self.plan,) if one]
        found |= resources(target, *own, *self.others, *self.other_plans)
        found |= self._network()
        world = World(
            resources=found,
            listings={name: one for known in linked for name, one in known.listings.items()},
            network_configs={key(target.id): View(self.unread.get("networkConfig", "found"), self.config)},
            connections={
                key(target.id): Connections(self.unread.get("connections", "found"), self.connections)
            },
            cached=self._cached(),
            documents=self._documents(),
        )
        return Case(world, Question("look", target.id, self.subnet_id if self.asked else None))

    def _network(self) -> dict[str, Resource]:
        if self.subnet_id is None:
            return {}
        if self.subnet_status != "found":
            return {key(self.subnet_id): Resource(self.subnet_id, self.subnet_status)}
        of_subnet = (self.prefixes, self.delegations, self.links, self.state, self.occupants)
        subnet = Subnet(self.subnet_id, *of_subnet)
        vnet = VirtualNetwork(
            self.subnet_id.rpartition("/subnets/")[0] or VNET, self.region, prefixes=self.space
        )
        return resources(subnet, vnet)

    def _cached(self) -> dict[str, Resource]:
        """Resource Graph, which shows what ARM does unless said otherwise."""
        if self.subnet_id is None:
            return {}
        status, links = self.graph or (self.subnet_status, self.links)
        copy = Subnet(self.subnet_id, self.prefixes, self.delegations, links, self.state)
        return {key(self.subnet_id): Resource(self.subnet_id, status, copy if status == "found" else None)}

    def _documents(self) -> tuple[Document, ...]:
        statuses = {"site": "found", "subnet": self.subnet_status, "graph": "found"} | self.unread
        statuses |= dict.fromkeys(self.bodies, "found")
        return tuple(document(what, status, body=self.bodies.get(what)) for what, status in statuses.items())


def case(**changes: Any) -> Case:
    """A look at a healthy world but for these changes."""
    return Scene(**changes).case()


NOT_CONNECTED: dict[str, Any] = {"site": None, "config": None, "connections": ()}
"""Changes that make the target connected nowhere."""
ASKED: dict[str, Any] = {**NOT_CONNECTED, "asked": True}
"""The same, looked at with the subnet asked for."""
NOWHERE: dict[str, Any] = {**NOT_CONNECTED, "subnet_id": None}
"""The same, with no subnet to look at."""
