"""Random worlds: one plan, two subnets, up to four apps and slots, with a link or without."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from hypothesis import strategies as st

from remediate.sandbox.clock import SimulatedClock
from remediate.sandbox.resources import (
    APP_SERVICE_LINK,
    WEB_DELEGATION,
    WEB_LINK,
    Delegation,
    Group,
    Link,
    Routing,
    ServerFarm,
    Site,
    Subnet,
    Subscription,
    VirtualNetwork,
)
from remediate.sandbox.state import State
from remediate.sandbox.world import Durations, World
from tests.conftest import GROUP, PLAN, SUBNET
from tests.faults.invariants import APPS

SUBSCRIPTION = GROUP.split("/")[2]
OTHER_PLAN = f"{GROUP}/Microsoft.Web/serverfarms/plan-other"
OTHER_SUBNET = SUBNET.replace("snet-apps", "snet-data")
SUBNETS = (SUBNET, OTHER_SUBNET)
SPEED = 1000
QUICK = Durations(disconnect_last=8, disconnect=2, connect=9, link=1)
SLOW = Durations(disconnect_last=300, disconnect=150, connect=200, link=50)
STUCK = Durations(disconnect_last=8, disconnect=2, connect=9, link=None)

Linked = Literal["own", "missing", "other", "shared"]
"""Whose link is on a subnet; `shared` is another plan's, which has an app there too."""


@dataclass(frozen=True)
class App:
    """An app or a slot: where it is connected, its routing, and whether networkConfig forgot the subnet."""

    id: str
    subnet: str | None
    routing: tuple[bool, ...]
    forgotten: bool = False


@dataclass(frozen=True)
class Described:
    """A world in the few words that a failing example needs."""

    apps: tuple[App, ...]
    links: tuple[Linked, Linked]
    delegated: bool
    pace: Literal["quick", "slow", "stuck"]


@st.composite
def worlds(draw: st.DrawFn) -> Described:
    """Mostly what is met in practice: connected apps, a link that is there or gone."""
    mine = [APPS[0], *draw(st.lists(st.sampled_from(APPS[1:]), unique=True, min_size=1, max_size=3))]
    places = st.sampled_from((*[SUBNET] * 6, OTHER_SUBNET, None))
    flags = st.tuples(*[st.booleans()] * 6)
    forgotten = st.sampled_from((False, False, False, True))
    apps = tuple(App(id_, draw(places), draw(flags), draw(forgotten)) for id_ in mine)
    linked = st.sampled_from((*["missing"] * 5, "own", "own", "own", "other", "shared"))
    links = draw(linked), draw(st.sampled_from(("missing", "own")))
    delegated = draw(st.sampled_from((*[True] * 7, False)))
    pace = draw(st.sampled_from(("quick", "quick", "slow", "stuck")))
    return Described(apps, links, delegated, pace)


def build(described: Described) -> World:
    """The world as the sandbox serves it."""
    state = State()
    state.add(
        Subscription(SUBSCRIPTION, "Sandbox"),
        Group(GROUP.removesuffix("/providers"), "westeurope"),
        _network(described),
    )
    state.add(*(ServerFarm(plan, "westeurope") for plan in (PLAN, OTHER_PLAN)))
    state.add(*(_site(app) for app in described.apps))
    for subnet, linked in zip(SUBNETS, described.links, strict=True):
        if linked == "shared":
            other = f"{GROUP}/Microsoft.Web/sites/other-web"
            state.add(Site(other, "app", "westeurope", OTHER_PLAN, subnet=subnet))
    durations = {"quick": QUICK, "slow": SLOW, "stuck": STUCK}[described.pace]
    return World(state, SimulatedClock(SPEED), durations)


def _network(described: Described) -> VirtualNetwork:
    network = VirtualNetwork(SUBNET.partition("/subnets/")[0], "westeurope", ["10.10.0.0/16"])
    for number, (id_, linked) in enumerate(zip(SUBNETS, described.links, strict=True), 1):
        subnet = Subnet(id_, [f"10.10.{number}.0/{26 if linked == 'shared' else 27}"], etag=network.etag)
        if described.delegated or id_ != SUBNET:
            subnet.delegations.append(Delegation("delegation", WEB_DELEGATION))
        if linked != "missing":
            owner = PLAN if linked == "own" else OTHER_PLAN
            subnet.links.append(Link(APP_SERVICE_LINK, WEB_LINK, owner))
        network.subnets.append(subnet)
    return network


def _site(app: App) -> Site:
    kind = "functionapp" if "orders-func" in app.id else "app"
    lost = app.forgotten and app.subnet is not None
    return Site(
        app.id,
        kind,
        "westeurope",
        PLAN,
        subnet=app.subnet,
        network_config_lost=lost,
        routing=Routing(*app.routing),
        config={"alwaysOn": True},
    )
