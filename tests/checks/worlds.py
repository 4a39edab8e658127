"""Topologies for the tests of the checks: one that is healthy, and what it takes to spoil it."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from msgspec.structs import replace

from remediate import ids
from remediate.model import (
    WEB_DELEGATION,
    WEB_LINK,
    App,
    AppServicePlan,
    Connection,
    Delegation,
    Document,
    Link,
    LinkedPlan,
    Subnet,
    Topology,
    View,
    VirtualNetwork,
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


def app(identifier: str = TARGET, subnet: str | None = SUBNET, **other: Any) -> App:
    """An app of the plan, on the subnet unless said otherwise."""
    common = App(identifier, "functionapp", "West Europe", "Running", PLAN, subnet)
    return replace(common, **other)


def link(target: str | None = PLAN, state: str = "Succeeded", type_: str | None = WEB_LINK) -> Link:
    """A service association link, App Service's and finished unless said otherwise."""
    return Link("AppServiceLink", state, type_, target)


def document(what: str, status: Any = "found", message: str | None = None, body: Any = None) -> Document:
    """One read."""
    return Document(what, f"/read/of/{what}?api-version=2025-05-01", status, body, message)


@dataclass
class World:
    """What the topology is made of; the defaults are healthy. `topology()` derives the views from it."""

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
    subnet_status: Any = "found"
    region: str = "westeurope"
    linked_plans: tuple[LinkedPlan, ...] = ()
    graph: View | None = None
    unread: dict[str, Any] = field(default_factory=dict)
    bodies: dict[str, Any] = field(default_factory=dict)
    asked: bool = False

    def topology(self) -> Topology:
        """The topology that reading this world gives."""
        target = replace(self.target, subnet=self.site)
        subnet = Subnet(SUBNET, self.prefixes, self.delegations, self.links, self.state)
        there = self.subnet_id is not None and self.subnet_status == "found"
        return Topology(
            target=target,
            apps=(target, *self.others),
            connections=self.connections,
            plan=self.plan,
            subnet_id=self.subnet_id,
            subnet=subnet if there else None,
            vnet=VirtualNetwork(VNET, self.region) if there else None,
            linked_plans=self.linked_plans,
            views=self._views(there),
            documents=self._documents(),
            subnet_asked=self.asked,
        )

    def _views(self, there: bool) -> dict[str, View]:
        named = next((one.target for one in self.links if one.is_web), None)
        swift = next((one.resource for one in self.connections if one.swift), None)
        link_view = View("found", SUBNET, named) if there else View("absent")
        return {
            "site": View("found", self.site, PLAN),
            "networkConfig": View(self.unread.get("networkConfig", "found"), self.config),
            "connections": View(self.unread.get("connections", "found"), swift),
            "plan": View("found", self.plan.subnet if self.plan else None, detail="1 of 2 connections used"),
            "link": link_view,
            "graph": self.graph or link_view,
        }

    def _documents(self) -> tuple[Document, ...]:
        statuses = {"site": "found", "subnet": self.subnet_status, "graph": "found"} | self.unread
        statuses |= dict.fromkeys(self.bodies, "found")
        return tuple(document(what, status, body=self.bodies.get(what)) for what, status in statuses.items())


def world(**changes: Any) -> Topology:
    """A healthy topology but for these changes."""
    return World(**changes).topology()


NOT_CONNECTED: dict[str, Any] = {"site": None, "config": None, "connections": ()}
"""Changes that make the target connected nowhere."""
ASKED: dict[str, Any] = {**NOT_CONNECTED, "asked": True}
"""The same, looked at with the subnet asked for."""
NOWHERE: dict[str, Any] = {**NOT_CONNECTED, "subnet_id": None}
"""The same, with no subnet to look at."""
