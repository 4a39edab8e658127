"""The recorded order of events, replayed: the sandbox gives the recorded statuses and the recorded state."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from tests.conformance.recordings import NAMES, Pair, needs_recordings, replayed

pytestmark = needs_recordings

ROUTING = (
    "vnetRouteAllEnabled",
    "vnetImagePullEnabled",
    "vnetContentShareEnabled",
    "vnetBackupRestoreEnabled",
)


def site_state(body: dict[str, Any]) -> dict[str, Any]:
    """Where a site is connected, and what it routes there."""
    properties = body["properties"]
    flags = {flag: properties[flag] for flag in ROUTING if flag in properties}
    names = ("virtualNetworkSubnetId", "serverFarmId", "state", "inProgressOperationId", "defaultHostName")
    fields = {name: properties[name] for name in names}
    return {
        "id": body["id"],
        "name": body["name"],
        "type": body["type"],
        "kind": body["kind"],
        **flags,
        **fields,
    }


def plan_state(body: dict[str, Any]) -> dict[str, Any]:
    """What a plan is, and how many subnets its apps use."""
    properties = body["properties"]
    names = ("numberOfSites", "numberOfWorkers", "vnetConnectionsUsed", "vnetConnectionsMax")
    return {"id": body["id"], "sku": body["sku"], **{name: properties.get(name) for name in names}}


def subnet_state(body: dict[str, Any]) -> dict[str, Any]:
    """A subnet's prefix, delegations and links."""
    properties = body["properties"]
    links = properties.get("serviceAssociationLinks", "absent")
    if isinstance(links, list):
        links = [(link["id"], link["type"], without_etag(link["properties"])) for link in links]
    return {
        "id": body["id"],
        "prefix": properties["addressPrefix"],
        "delegations": [(one["id"], without_etag(one["properties"])) for one in properties["delegations"]],
        "links": links,
    }


def vnet_state(body: dict[str, Any]) -> dict[str, Any]:
    """A network's address space and subnets."""
    properties = body["properties"]
    subnets = [subnet_state(one) for one in properties["subnets"]]
    return {
        "id": body["id"],
        "location": body["location"],
        "space": properties["addressSpace"],
        "subnets": subnets,
    }


def connections_state(body: list[Any]) -> list[Any]:
    """The connections, without the network's GUID in their names."""
    return [(one["name"].partition("_")[2], one["type"], one["location"], one["properties"]) for one in body]


def without_etag(properties: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in properties.items() if name != "etag"}


STATES: dict[str, Callable[[Any], Any]] = {
    "site": site_state,
    "slot": site_state,
    "plan": plan_state,
    "subnet": subnet_state,
    "vnet": vnet_state,
    "connections": connections_state,
}


def state(pair_kind: str, body: Any) -> Any:
    return STATES[pair_kind](body) if pair_kind in STATES else body


@pytest.mark.parametrize("recording", NAMES)
def test_every_request_is_answered_with_the_recorded_status(recording: str) -> None:
    pairs = replayed(recording)
    assert pairs
    wrong = [f"{pair.event.label}: {pair.event.status}, not {pair.status}" for pair in pairs if differs(pair)]
    assert wrong == []


def differs(pair: Pair) -> bool:
    return pair.status != pair.event.status


@pytest.mark.parametrize("recording", NAMES)
def test_every_read_shows_the_recorded_state(recording: str) -> None:
    reads = [pair for pair in replayed(recording) if pair.event.method == "GET" and pair.event.kind in STATES]
    assert reads
    for pair in reads:
        expected = state(pair.event.kind, pair.event.response)
        assert state(pair.event.kind, pair.body) == expected, pair.event.label


@pytest.mark.parametrize("recording", NAMES)
def test_every_write_of_an_app_answers_with_the_recorded_integration(recording: str) -> None:
    writes = [
        pair
        for pair in replayed(recording)
        if pair.event.method == "PUT" and pair.event.kind in ("site", "slot") and pair.event.status == 200
    ]
    assert writes
    for pair in writes:
        recorded, answered = (site_state(body) for body in (pair.event.response, pair.body))
        assert {name: answered[name] for name in recorded} == recorded, pair.event.label


@pytest.mark.parametrize("recording", NAMES)
def test_a_disconnect_answers_with_no_body_as_recorded(recording: str) -> None:
    disconnects = [pair for pair in replayed(recording) if pair.event.kind == "networkConfig"]
    assert disconnects
    for pair in disconnects:
        assert (pair.event.method, pair.event.response) == ("DELETE", None)
        assert pair.body is None


def test_the_recorded_lock_is_answered_word_for_word() -> None:
    (locked,) = [pair for pair in replayed("functionapp-create-504-then-429") if pair.event.status == 429]
    assert locked.body == locked.event.response
