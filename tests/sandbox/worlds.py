"""Small worlds for the tests of the platform's rules, with a clock that a test moves by hand."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from remediate.sandbox.clock import SimulatedClock
from remediate.sandbox.refusal import Refusal
from remediate.sandbox.resources import (
    APP_SERVICE_LINK,
    WEB_DELEGATION,
    WEB_LINK,
    Delegation,
    Group,
    Link,
    ServerFarm,
    Site,
    Subnet,
    Subscription,
    VirtualNetwork,
)
from remediate.sandbox.rules.connect import connect
from remediate.sandbox.state import State
from remediate.sandbox.world import Durations, World

SUB = "11111111-1111-1111-1111-111111111111"
OTHER_SUB = "22222222-2222-2222-2222-222222222222"
GROUP = f"/subscriptions/{SUB}/resourceGroups/rg-test"


def plan_id(name: str = "plan-a") -> str:
    return f"{GROUP}/providers/Microsoft.Web/serverfarms/{name}"


def site_id(name: str = "web", slot: str | None = None) -> str:
    app = f"{GROUP}/providers/Microsoft.Web/sites/{name}"
    return f"{app}/slots/{slot}" if slot else app


def vnet_id(subscription: str = SUB) -> str:
    group = f"/subscriptions/{subscription}/resourceGroups/rg-test"
    return f"{group}/providers/Microsoft.Network/virtualNetworks/vnet"


def subnet_id(name: str = "one", subscription: str = SUB) -> str:
    return f"{vnet_id(subscription)}/subnets/{name}"


class HandClock:
    """Seconds that pass when a test says so."""

    def __init__(self) -> None:
        self.seconds = 0.0

    def __call__(self) -> float:
        return self.seconds


class Small:
    """A network with the subnets `one` and `two`, the plans `plan-a` and `plan-b`, and no apps yet."""

    def __init__(self, prefix: str = "10.0.1.0/27", durations: Durations | None = None) -> None:
        self.hand = HandClock()
        state = State()
        state.add(Subscription(SUB, "Test"), Subscription(OTHER_SUB, "Other"))
        network = VirtualNetwork(vnet_id(), "westeurope", ["10.0.0.0/16"])
        network.subnets = [
            delegated("one", prefix),
            delegated("two", "10.0.2.0/27"),
            delegated("three", "10.0.3.0/27"),
        ]
        state.add(Group(GROUP, "westeurope"), network)
        state.add(ServerFarm(plan_id("plan-a"), "westeurope"), ServerFarm(plan_id("plan-b"), "westeurope"))
        self.world = World(state, SimulatedClock(1.0, self.hand), durations)

    def site(
        self, name: str = "web", plan: str = "plan-a", slot: str | None = None, kind: str = "app"
    ) -> Site:
        site = Site(site_id(name, slot), kind, "West Europe", plan_id(plan))
        self.world.state.add(site)
        return site

    def connected(self, name: str = "web", subnet: str = "one", **settings: Any) -> Site:
        site = self.site(name, **settings)
        connect(self.world, site, subnet_id(subnet))
        return site

    def subnet(self, name: str = "one") -> Subnet:
        return self.world.state.subnet(subnet_id(name))

    def links(self, name: str = "one") -> list[str | None]:
        """The plans that the subnet's links name."""
        return [link.target for link in self.subnet(name).links]

    def link(self, name: str = "one", target: str | None = None, type_: str = WEB_LINK) -> None:
        """Put a link on a subnet."""
        self.subnet(name).links = [Link(APP_SERVICE_LINK, type_, target)]

    def later(self, seconds: float = 60) -> None:
        self.hand.seconds += seconds
        self.world.settle()


def delegated(name: str, prefix: str) -> Subnet:
    return Subnet(subnet_id(name), [prefix], [Delegation("delegation", WEB_DELEGATION)])


def refused(action: Callable[[], object]) -> Refusal:
    """The refusal that an action meets."""
    try:
        action()
    except Refusal as refusal:
        return refusal
    raise AssertionError("it was not refused")
