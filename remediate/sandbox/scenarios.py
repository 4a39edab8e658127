"""The worlds that the sandbox can show, each a YAML file in `scenarios/` beside `_base.yaml`."""

from __future__ import annotations

import difflib
import uuid
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import yaml

from remediate.sandbox.clock import SimulatedClock
from remediate.sandbox.resources import (
    APP_SERVICE_LINK,
    WEB_LINK,
    Behavior,
    Delegation,
    DenyAssignment,
    Gateway,
    Governance,
    Group,
    Link,
    Lock,
    Routing,
    ServerFarm,
    Site,
    Subnet,
    Subscription,
    VirtualNetwork,
)
from remediate.sandbox.rules.sites import ROUTING_FIELDS, tier_of
from remediate.sandbox.state import State
from remediate.sandbox.world import Durations, World

SUBSCRIPTION = "00000000-0000-0000-0000-000000000001"
GROUP = f"/subscriptions/{SUBSCRIPTION}/resourceGroups/rg-sandbox"
FOLDER = Path(__file__).parent / "scenarios"
NEVER = "never"
"""How a scenario says that a link never comes."""


class UnknownScenario(ValueError):
    """There is no scenario of that name; the message offers the nearest ones."""


@dataclass(frozen=True)
class Summary:
    """A scenario's name, and its world in one line."""

    name: str
    summary: str


def summaries() -> list[Summary]:
    """Every scenario, by name."""
    return [Summary(name, _read(name)["summary"]) for name in _names()]


def load(name: str, speed: float = 1.0) -> World:
    """The world of a scenario, at the simulated second 0. Raises UnknownScenario."""
    if name not in _names():
        near = difflib.get_close_matches(name, _names(), n=3, cutoff=0.4)
        offer = f"did you mean {', '.join(near)}?" if near else f"there are {', '.join(_names())}"
        raise UnknownScenario(f"there is no scenario {name!r}: {offer}")
    described = _merge(_read("_base"), _read(name))
    return World(
        _state(described),
        SimulatedClock(speed),
        _durations(described.get("durations") or {}),
        faults=described.get("faults") or [],
        graph=_state(_merge(described, described["graph"])) if "graph" in described else None,
        unreachable=frozenset(described.get("unreachable") or []),
    )


@cache
def _names() -> tuple[str, ...]:
    return tuple(sorted(path.stem for path in FOLDER.glob("[!_]*.yaml")))


def _read(name: str) -> dict[str, Any]:
    document: dict[str, Any] = yaml.safe_load((FOLDER / f"{name}.yaml").read_text(encoding="utf-8"))
    return document


def _merge(base: dict[str, Any], change: dict[str, Any]) -> dict[str, Any]:
    """The base with a scenario's changes: mappings are merged, null removes, all else replaces."""
    merged = dict(base)
    for key, value in change.items():
        old = merged.get(key)
        if value is None:
            merged.pop(key, None)
        elif isinstance(old, dict) and isinstance(value, dict):
            merged[key] = _merge(old, value)
        else:
            merged[key] = value
    return merged


def _durations(described: dict[str, Any]) -> Durations:
    named = {key.replace("-", "_"): value for key, value in described.items()}
    if named.get("link") == NEVER:
        named["link"] = None
    return Durations(**named)


def _state(described: dict[str, Any]) -> State:
    state = State()
    state.add(Subscription(SUBSCRIPTION, "Sandbox"))
    location = described["location"]
    state.add(Group(GROUP, location))
    for name, body in described["networks"].items():
        state.add(_network(name, body, location))
    for name, body in described["plans"].items():
        state.add(_plan(name, body, location))
    for name, body in described["apps"].items():
        state.add(*_app(name, body, location))
    state.governance = _governance(described)
    state.behavior = _behavior(described.get("behavior") or {})
    return state


def _behavior(described: dict[str, bool]) -> Behavior:
    return Behavior(**{name.replace("-", "_"): value for name, value in described.items()})


def _governance(described: dict[str, Any]) -> Governance:
    """Locks lie on the group, or on a resource of it by its path there."""
    governance = Governance(
        unregistered=described.get("unregistered") or [],
        subnet_required=described.get("policy") == "subnet-required",
    )
    for one in described.get("locks") or []:
        scope = f"{GROUP}/providers/{one['resource']}" if "resource" in one else GROUP
        governance.locks.append(Lock(scope, one["level"], one["name"]))
    for one in described.get("deny-assignments") or []:
        lists = (one["actions"], one.get("not-actions") or [], one.get("exclude-principals") or [])
        governance.deny_assignments.append(DenyAssignment(one["name"], one.get("scope", GROUP), *lists))
    if "permissions" in described:
        governance.permissions = [
            {"actions": one["actions"], "notActions": one.get("not-actions") or []}
            for one in described["permissions"]
        ]
    return governance


def _plan_id(name: str) -> str:
    return f"{GROUP}/providers/Microsoft.Web/serverfarms/{name}"


def _network_id(name: str) -> str:
    return f"{GROUP}/providers/Microsoft.Network/virtualNetworks/{name}"


def _subnet_id(path: str) -> str:
    network, _, subnet = path.partition("/")
    return f"{_network_id(network)}/subnets/{subnet}"


def _network(name: str, body: dict[str, Any], location: str) -> VirtualNetwork:
    id_ = _network_id(name)
    guid = str(uuid.uuid5(uuid.NAMESPACE_URL, id_))
    network = VirtualNetwork(id_, body.get("location", location), body["prefixes"], guid)
    network.subnets = [_subnet(f"{name}/{one}", described) for one, described in body["subnets"].items()]
    for subnet in network.subnets:
        subnet.etag = network.etag
    return network


def _subnet(path: str, body: dict[str, Any]) -> Subnet:
    subnet = Subnet(_subnet_id(path), [body["prefix"]])
    if "delegation" in body:
        subnet.delegations.append(Delegation("delegation", body["delegation"]))
    if "link" in body:
        subnet.links.append(_link(subnet, body["link"]))
    return subnet


def _link(subnet: Subnet, body: str | dict[str, str]) -> Link:
    """App Service's link, from the name of its plan; another service's from its own name and type."""
    if isinstance(body, str):
        return Link(APP_SERVICE_LINK, WEB_LINK, _plan_id(body))
    target = _plan_id(body["plan"]) if "plan" in body else None
    named = subnet.id if body.get("names") == "subnet" else target
    link = Link(body.get("name", APP_SERVICE_LINK), body.get("type", WEB_LINK), named)
    link.state = body.get("state", link.state)
    return link


def _plan(name: str, body: dict[str, Any], location: str) -> ServerFarm:
    sku = body["sku"]
    plan = ServerFarm(_plan_id(name), location, sku, tier_of(sku), body.get("workers", 1))
    plan.linux = body.get("linux", False)
    plan.subnet = _subnet_id(body["subnet"]) if "subnet" in body else None
    return plan


def _app(name: str, body: dict[str, Any], location: str) -> list[Site]:
    """The app, and its slots: they are on its plan and of its kind."""
    app = _site(f"{GROUP}/providers/Microsoft.Web/sites/{name}", body, body, location)
    slots = body.get("slots") or {}
    return [app, *(_site(f"{app.id}/slots/{slot}", one, body, location) for slot, one in slots.items())]


def _site(id_: str, body: dict[str, Any], app: dict[str, Any], location: str) -> Site:
    site = Site(id_, app["kind"], location, _plan_id(app["plan"]), config={"alwaysOn": True})
    site.operation = body.get("operation")
    site.routing = Routing(**{ROUTING_FIELDS[one]: True for one in body.get("routing") or []})
    site.network_config_lost = body.get("network-config") == "lost"
    site.tags = dict(body.get("tags") or {})
    if body.get("private-address") == "lost":
        site.addressed_from = None
    if "subnet" in body:
        site.subnet = _subnet_id(body["subnet"])
    if "gateway" in body:
        site.gateway = Gateway(_network_id(body["gateway"]["network"]), body["gateway"]["thumbprint"])
    return site
