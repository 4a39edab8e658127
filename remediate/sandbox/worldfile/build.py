"""A described world → the world as the sandbox keeps it. What is wrong was found before: see `references`."""

from __future__ import annotations

import uuid
from datetime import UTC, datetime
from typing import Any

from remediate import ids
from remediate.sandbox.clock import SimulatedClock
from remediate.sandbox.governance import Behavior
from remediate.sandbox.resources import (
    APP_SERVICE_LINK,
    WEB_LINK,
    Delegation,
    Gateway,
    Group,
    Link,
    Routing,
    ServerFarm,
    Site,
    Subnet,
    Subscription,
    VirtualNetwork,
)
from remediate.sandbox.rules.sites import ROUTING_FIELDS, tier_of
from remediate.sandbox.state import State, key
from remediate.sandbox.world import Durations, World
from remediate.sandbox.worldfile.governance import governance
from remediate.sandbox.worldfile.layers import Described, graph_of, layers_of, merge, names_of
from remediate.sandbox.worldfile.names import Names
from remediate.sandbox.worldfile.records import records

LOCATION = "westeurope"
NEVER = "never"
"""How a world says that a link never comes."""


def build(changes: Described, speed: float) -> World:
    """The world of these changes, at the simulated second 0."""
    names, layers = names_of(changes), layers_of(changes)
    whole, graph = merge(layers), graph_of(layers)
    return World(
        _state(whole, names),
        SimulatedClock(speed),
        _durations(whole.get("durations") or {}),
        faults=whole.get("faults") or [],
        graph=_state(graph, names) if graph else None,
        unreachable=frozenset(whole.get("unreachable") or []),
    )


def _durations(described: Described) -> Durations:
    named = _underscored(described)
    if named.get("link") == NEVER:
        named["link"] = None
    return Durations(**named)


def _underscored(described: Described) -> Described:
    return {name.replace("-", "_"): value for name, value in described.items()}


def _state(whole: Described, names: Names) -> State:
    state = State()
    location = whole.get("location", LOCATION)
    state.add(Subscription(names.subscription, "Sandbox"), Group(names.group, location))
    for subscription, body in (whole.get("subscriptions") or {}).items():
        state.add(Subscription(subscription, body.get("name", subscription), body.get("visible", True)))
    for name, body in (whole.get("groups") or {}).items():
        group = names.resource_group(name)
        state.add(Group(group, body.get("location", location), dict(body.get("tags") or {})))
    for id_, body in (whole.get("networks") or {}).items():
        state.add(_network(id_, body, location, names))
    for id_, body in (whole.get("plans") or {}).items():
        state.add(_plan(id_, body, location, names))
    for id_, body in (whole.get("apps") or {}).items():
        state.add(*_app(id_, body, location, names))
    _add_missing_groups(state, location)
    state.governance = governance(whole, names)
    state.behavior = Behavior(**_underscored(whole.get("behavior") or {}))
    now = datetime.now(UTC)
    state.activity = records(whole.get("activity"), whole, names, now)
    state.changes = records(whole.get("changes"), whole, names, now)
    return state


def _add_missing_groups(state: State, location: str) -> None:
    """A resource is in a group, and a group in a subscription, also where the file does not name them."""
    tables: tuple[dict[str, Any], ...] = (state.vnets, state.plans, state.sites)
    for group in [ids.group_of(one.id) for table in tables for one in table.values()]:
        if key(group) not in state.groups:
            state.add(Group(group, location))
    for subscription in [ids.parse(one.id).subscription for one in state.groups.values()]:
        if subscription.casefold() not in state.subscriptions:
            state.add(Subscription(subscription, subscription))


def _network(id_: str, body: Described, location: str, names: Names) -> VirtualNetwork:
    guid = str(uuid.uuid5(uuid.NAMESPACE_URL, id_))
    network = VirtualNetwork(id_, body.get("location", location), body["prefixes"], guid)
    network.dns_servers, network.tags = body.get("dns-servers"), body.get("tags")
    subnets = body.get("subnets") or {}
    network.subnets = [_subnet(subnet, described, names) for subnet, described in subnets.items()]
    for subnet in network.subnets:
        subnet.etag = network.etag
    return network


def _subnet(id_: str, body: Described, names: Names) -> Subnet:
    subnet = Subnet(id_, body.get("prefixes") or [body["prefix"]], listed="prefixes" in body)
    services = _as_list(body.get("delegation"))
    subnet.delegations = [
        Delegation(f"delegation{number or ''}", service) for number, service in enumerate(services)
    ]
    subnet.links = [_link(subnet, one, names) for one in _as_list(body.get("link"))]
    subnet.occupants = [str(ids.parse(one)) for one in body.get("occupants") or []]
    return subnet


def _as_list(value: Any) -> list[Any]:
    return value if isinstance(value, list) else [] if value is None else [value]


def _link(subnet: Subnet, body: str | Described, names: Names) -> Link:
    """App Service's link, from its plan; another service's from its own name and type."""
    if isinstance(body, str):
        return Link(APP_SERVICE_LINK, WEB_LINK, names.plan(body))
    target = names.plan(body["plan"]) if body.get("plan") else None
    named = body.get("names")
    if named:
        target = subnet.id if named == "subnet" else str(ids.parse(named))
    link = Link(body.get("name", APP_SERVICE_LINK), body.get("type", WEB_LINK), target)
    link.state = body.get("state", link.state)
    link.allow_delete = body.get("allow-delete", False)
    return link


def _plan(id_: str, body: Described, location: str, names: Names) -> ServerFarm:
    sku = body["sku"]
    tier = body.get("tier") or tier_of(sku)
    plan = ServerFarm(id_, body.get("location", location), sku, tier, int(body.get("workers", 1)))
    plan.elastic_workers = int(body.get("elastic-workers", plan.elastic_workers))
    plan.connections_max = int(body.get("connections-max", plan.connections_max))
    plan.linux = body.get("linux", False)
    plan.windows_containers = body.get("windows-containers", False)
    plan.subnet = "" if body.get("managed-instance") else None
    if "subnet" in body:
        plan.subnet = names.subnet(body["subnet"])
    plan.tags = dict(body.get("tags") or {})
    return plan


def _app(id_: str, body: Described, location: str, names: Names) -> list[Site]:
    """The app, and its slots: they are on its plan and of its kind, unless they say otherwise."""
    location = body.get("location", location)
    slots = body.get("slots") or {}
    inherited: Described = {name: body[name] for name in ("kind", "plan") if name in body}
    return [
        _site(id_, body, location, names),
        *(_site(f"{id_}/slots/{slot}", {**inherited, **one}, location, names) for slot, one in slots.items()),
    ]


def _site(id_: str, body: Described, location: str, names: Names) -> Site:
    site = Site(id_, body.get("kind", "app"), location, names.plan(body["plan"]), config={"alwaysOn": True})
    site.operation = body.get("operation")
    site.state = body.get("state", site.state)
    site.routing = Routing(**{ROUTING_FIELDS[one]: True for one in body.get("routing") or []})
    site.network_config_lost = body.get("network-config") == "lost"
    site.tags = dict(body.get("tags") or {})
    if body.get("private-address") == "lost":
        site.addressed_from = None
    if "subnet" in body:
        site.subnet = names.subnet(body["subnet"])
    if body.get("gateway"):
        gateway = body["gateway"]
        site.gateway = Gateway(names.network(gateway["network"]), gateway["thumbprint"])
    return site
