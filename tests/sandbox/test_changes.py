"""Resource Graph's `resourcechanges` over HTTP: what writes changed, and what a world file says."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from remediate.sandbox.clock import SimulatedClock
from remediate.sandbox.scenarios import load
from remediate.sandbox.world import Durations, World
from tests.sandbox.clients import APP_ID, BASE, SUBNET_ID, SUBSCRIPTION, Clients, eventually
from tests.sandbox.worlds import HandClock

Serve = Callable[..., Clients]
CONFIG = f"{APP_ID}/networkConfig/virtualNetwork"
PLAN_ID = f"{BASE}/Microsoft.Web/serverfarms/plan-orders"
VNET_ID = f"{BASE}/Microsoft.Network/virtualNetworks/vnet-prod"
GROUP_ID = f"/subscriptions/{SUBSCRIPTION}/resourceGroups/rg-sandbox"
SUBNET = "properties.virtualNetworkSubnetId"


def changes(azure: Clients, of: str = "", operators: str = "") -> list[dict[str, Any]]:
    """The properties of the changes, of one resource or of all, the oldest first."""
    where = f"| where properties.targetResourceId =~ '{of}'" if of else ""
    order = "| order by tostring(properties.changeAttributes.timestamp) asc"
    body = {"query": f"resourcechanges {where} {operators} {order}"}
    answer = azure.ask("POST", "/providers/Microsoft.ResourceGraph/resources", json=body)
    assert answer.status_code == 200, answer.text
    return [row["properties"] for row in answer.json()["data"]]


def test_a_disconnect_and_a_connect_tell_what_became_of_the_subnet(clients: Serve) -> None:
    azure = clients()
    headers = {"x-ms-correlation-request-id": "mine", "User-Agent": "AZURECLI/2.75.0"}
    azure.ask("DELETE", CONFIG, headers=headers)
    azure.patch(SUBNET_ID)
    gone, back = changes(azure, APP_ID)
    assert (gone["changeType"], gone["targetResourceType"]) == ("Update", "microsoft.web/sites")
    assert gone["changes"][SUBNET] == {
        "previousValue": SUBNET_ID,
        "newValue": "null",
        "changeCategory": "User",
        "propertyChangeType": "Remove",
        "isTruncated": False,
    }
    attributes = gone["changeAttributes"]
    assert attributes["changedBy"] == azure.sandbox.environment["AZURE_CLIENT_ID"]
    assert (attributes["changedByType"], attributes["clientType"]) == ("Application", "Azure CLI")
    assert attributes["operation"] == "microsoft.web/sites/networkconfig/delete"
    assert (attributes["correlationId"], attributes["changesCount"]) == ("mine", len(gone["changes"]))
    assert back["changes"][SUBNET]["propertyChangeType"] == "Insert"
    assert list(back["changes"]) == [SUBNET]


def test_what_changes_nothing_is_no_change(clients: Serve) -> None:
    azure = clients()
    azure.patch(SUBNET_ID)
    azure.ask("DELETE", SUBNET_ID)
    azure.ask("DELETE", f"{PLAN_ID}-none")
    assert changes(azure) == []


def test_an_app_that_is_deleted_takes_its_plan_with_it(clients: Serve) -> None:
    azure = clients()
    azure.ask("DELETE", APP_ID)
    found = {one["targetResourceId"]: one for one in changes(azure)}
    assert set(found) == {APP_ID, PLAN_ID}
    assert all(one["changeType"] == "Delete" and "changes" not in one for one in found.values())


def test_a_plan_that_is_made_is_created_and_then_updated(clients: Serve) -> None:
    azure = clients()
    for count in (1, 3):
        body = {"location": "westeurope", "sku": {"name": "P1v3", "capacity": count}}
        azure.ask("PUT", f"{PLAN_ID}-new", json=body)
    made, scaled = changes(azure, f"{PLAN_ID}-new")
    assert (made["changeType"], scaled["changeType"]) == ("Create", "Update")
    assert scaled["changes"]["sku.capacity"]["newValue"] == "3"


def test_a_network_tells_of_its_own_writes_only(clients: Serve) -> None:
    azure = clients()
    azure.ask("DELETE", CONFIG)
    assert changes(azure, VNET_ID) == []
    body = azure.ask("GET", SUBNET_ID, api="2024-05-01").json()
    body["properties"]["delegations"] = []
    azure.ask("PUT", SUBNET_ID, json=body, api="2024-05-01")
    (written,) = changes(azure, VNET_ID)
    assert any("delegations[0]" in path for path in written["changes"])


def test_a_group_that_is_deleted_takes_everything_with_it_in_the_name_of_who_deleted_it(
    clients: Serve,
) -> None:
    azure = clients()
    azure.ask("DELETE", GROUP_ID)
    assert eventually(lambda: len(changes(azure)) == 3)
    assert {one["targetResourceId"] for one in changes(azure)} == {APP_ID, PLAN_ID, VNET_ID}
    who = {one["changeAttributes"]["changedBy"] for one in changes(azure)}
    assert who == {azure.sandbox.environment["AZURE_CLIENT_ID"]}


def test_a_network_is_deleted_when_its_deletion_has_begun(clients: Serve) -> None:
    azure = clients("not-integrated")
    assert azure.ask("DELETE", VNET_ID).status_code == 202
    (gone,) = changes(azure, VNET_ID)
    assert gone["changeType"] == "Delete"


def test_a_world_file_says_what_was_changed_before(clients: Serve) -> None:
    world = load("healthy")
    now = datetime.now(UTC)
    world.state.changes = [
        {"at": f"{now - timedelta(days=15):%Y-%m-%dT%H:%M:%SZ}", "type": "Create", "resource": APP_ID},
        {"at": f"{now - timedelta(days=2):%Y-%m-%dT%H:%M:%SZ}", "type": "Create", "resource": PLAN_ID},
        {
            "at": f"{now - timedelta(hours=3):%Y-%m-%dT%H:%M:%SZ}",
            "who": "ada@example.com",
            "client": "Azure Portal",
            "type": "Update",
            "resource": APP_ID,
            "changes": {SUBNET: [SUBNET_ID, None], "tags.x": ["1", "2"]},
        },
    ]
    azure = clients(world)
    (told,) = changes(azure, APP_ID)
    attributes = told["changeAttributes"]
    assert (attributes["changedBy"], attributes["changedByType"]) == ("ada@example.com", "User")
    assert (attributes["clientType"], attributes["changesCount"]) == ("Azure Portal", 2)
    assert {path: one["newValue"] for path, one in told["changes"].items()} == {SUBNET: "null", "tags.x": "2"}
    (made,) = changes(azure, PLAN_ID)
    assert (made["changeAttributes"]["changedBy"], made["changeAttributes"]["changedByType"]) == (
        "System",
    ) * 2


@pytest.mark.parametrize(
    ("who", "kind"),
    [
        ("ada@example.com", "User"),
        ("11111111-2222-3333-4444-555555555555", "Application"),
        ("pipeline", "Application"),
        ("System", "System"),
        (None, "System"),
    ],
)
def test_who_made_a_change_is_of_a_kind(clients: Serve, who: str | None, kind: str) -> None:
    world = load("healthy")
    at = f"{datetime.now(UTC) - timedelta(hours=1):%Y-%m-%dT%H:%M:%SZ}"
    world.state.changes = [{"at": at, "type": "Create", "resource": APP_ID, **({"who": who} if who else {})}]
    (told,) = changes(clients(world))
    assert told["changeAttributes"]["changedByType"] == kind


def test_changes_can_be_asked_for_by_time(clients: Serve) -> None:
    azure = clients()
    azure.ask("DELETE", CONFIG)
    time = "todatetime(properties.changeAttributes.timestamp)"
    assert len(changes(azure, operators=f"| where {time} > ago(1d)")) == 1
    assert changes(azure, operators=f"| where {time} < ago(1d)") == []


def test_a_change_shows_after_as_long_as_the_world_says(clients: Serve) -> None:
    hand = HandClock()
    durations = Durations(disconnect_last=0, history=200)
    azure = clients(World(load("healthy").state, SimulatedClock(source=hand), durations))
    azure.ask("DELETE", CONFIG)
    hand.seconds = 199
    assert changes(azure) == []
    hand.seconds = 200
    assert len(changes(azure)) == 1
