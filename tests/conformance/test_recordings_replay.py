"""The recorded order of events, replayed: the sandbox gives the recorded statuses and the recorded state."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from typing import Any

import pytest

from tests.conformance.recordings import NAMES, Pair, needs_recordings, replayed

pytestmark = needs_recordings

ROUTING = (
    "outboundVnetRouting",
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
    names = ("numberOfSites", "numberOfWorkers", "vnetConnectionsUsed", "vnetConnectionsMax", "network")
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


WITHOUT_AN_APP = {"managed-instance-2025-10"}
WITHOUT_A_DISCONNECT = WITHOUT_AN_APP | {"webapp-slot-2025-07"}
"""Recordings in which no app's network is taken away: the one has no app, the other no network."""
QUOTA = "x-ms-ratelimit-remaining-subscription-"
SINCE_2025 = [name for name in NAMES if "-2025-" in name]
"""The recordings whose answers have the quotas and etags of today."""

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
    assert writes or recording in WITHOUT_AN_APP
    for pair in writes:
        recorded, answered = (site_state(body) for body in (pair.event.response, pair.body))
        assert {name: answered[name] for name in recorded} == recorded, pair.event.label


@pytest.mark.parametrize("recording", ["managed-instance-2025-10"])
def test_every_write_of_a_managed_instance_answers_with_the_recorded_integration(recording: str) -> None:
    writes = [pair for pair in replayed(recording) if pair.event.method == "PUT"]
    assert len(writes) == 2
    for pair in writes:
        assert plan_state(pair.body) == plan_state(pair.event.response), pair.event.label


@pytest.mark.parametrize("recording", sorted(set(NAMES) - WITHOUT_A_DISCONNECT))
def test_a_disconnect_answers_with_no_body_as_recorded(recording: str) -> None:
    disconnects = [pair for pair in replayed(recording) if pair.event.kind == "networkConfig"]
    assert disconnects
    for pair in disconnects:
        assert (pair.event.method, pair.event.response) == ("DELETE", None)
        assert pair.body is None


def test_the_recorded_lock_is_answered_word_for_word() -> None:
    (locked,) = [pair for pair in replayed("functionapp-create-504-then-429") if pair.event.status == 429]
    assert locked.body == locked.event.response


@pytest.mark.parametrize("recording", SINCE_2025)
def test_every_answer_tells_the_recorded_quotas(recording: str) -> None:
    for pair in replayed(recording):
        recorded, answered = quotas(pair.event.headers), quotas(pair.headers)
        assert answered.keys() == recorded.keys(), pair.event.label
        # What is left fills up again between two requests: how many were sent in a second is not recorded.
        assert all(abs(answered[name] - left) <= 2 for name, left in recorded.items()), pair.event.label


def quotas(headers: Mapping[str, str]) -> dict[str, int]:
    return {name.lower(): int(left) for name, left in headers.items() if name.lower().startswith(QUOTA)}


@pytest.mark.parametrize("recording", SINCE_2025)
def test_an_etag_is_there_where_one_was_recorded(recording: str) -> None:
    for pair in replayed(recording):
        recorded, answered = etag_form(pair.event.headers), etag_form(pair.headers)
        assert answered == recorded, pair.event.label


def etag_form(headers: Mapping[str, str]) -> str | None:
    """How the etag is written: `W/"…"` by Microsoft.Network, hexadecimal digits by Microsoft.Web."""
    etag = {name.lower(): value for name, value in headers.items()}.get("etag")
    forms = {"network": r'W/"[0-9a-f-]{36}"', "web": r'"1D[0-9A-F]{13}"'}
    return None if etag is None else next(name for name, form in forms.items() if re.fullmatch(form, etag))


@pytest.mark.parametrize("recording", SINCE_2025)
def test_a_write_of_an_app_answers_with_the_etag_from_before_it(recording: str) -> None:
    """As recorded; the next read of the same app shows a new one."""
    seen: dict[str, str] = {}
    for pair in (one for one in replayed(recording) if one.event.kind in ("site", "slot")):
        path = pair.event.path.partition("?")[0]
        if pair.event.method == "GET":
            seen[path] = pair.headers["ETag"]
        elif path in seen:
            assert pair.headers["ETag"] == seen[path], pair.event.label
