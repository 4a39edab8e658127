"""Managed Instance: the plan holds the subnet, by a PUT of the plan (azure-facts.md, 2)."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
import requests

from remediate.sandbox.refusal import plan_lock
from remediate.sandbox.scenarios import load
from remediate.sandbox.world import World
from tests.sandbox.clients import APP_ID, BASE, SUBNET_ID, Clients, eventually

Serve = Callable[..., Clients]
PLAN_ID = f"{BASE}/Microsoft.Web/serverfarms/plan-orders"
DATA_ID = SUBNET_ID.replace("snet-apps", "snet-data")


def put(azure: Clients, subnet: str | None, **settings: Any) -> requests.Response:
    """The recorded PUT: location, SKU, and the subnet that the plan is to hold."""
    properties = {} if subnet is None else {"network": {"virtualNetworkSubnetId": subnet}}
    sku = {"name": "P1v4", "tier": "PremiumV4", "size": "P1v4", "family": "Pv4", "capacity": 2}
    body = {"location": "westeurope", "sku": sku, "properties": properties}
    return azure.ask("PUT", PLAN_ID, json=body, **settings)


def plan(azure: Clients) -> tuple[str | None, int]:
    """The subnet that the plan says it holds, and how many it counts."""
    properties = azure.ask("GET", PLAN_ID).json()["properties"]
    return properties["network"]["virtualNetworkSubnetId"], properties["vnetConnectionsUsed"]


def test_the_plan_is_disconnected_and_connected_again(clients: Serve) -> None:
    azure = clients("managed-instance")
    assert plan(azure) == (SUBNET_ID, 1)
    answer = put(azure, "")
    assert (answer.status_code, answer.json()["properties"]["network"]) == (
        200,
        {"virtualNetworkSubnetId": ""},
    )
    assert plan(azure) == ("", 0)
    assert azure.links() == []
    assert put(azure, SUBNET_ID).json()["properties"]["vnetConnectionsUsed"] == 1
    assert plan(azure) == (SUBNET_ID, 1)
    assert eventually(lambda: [one["properties"]["link"] for one in azure.links()] == [PLAN_ID])


def test_another_subnet_takes_the_place_of_the_first(clients: Serve) -> None:
    azure = clients("managed-instance")
    assert put(azure, DATA_ID).status_code == 200
    assert plan(azure) == (DATA_ID, 1)
    assert azure.links() == []


def test_a_put_that_says_nothing_of_a_network_leaves_it_as_it_is(clients: Serve) -> None:
    azure = clients("managed-instance")
    assert put(azure, None).status_code == 200
    assert plan(azure) == (SUBNET_ID, 1)
    assert len(azure.links()) == 1


def test_the_link_stays_while_an_app_of_the_plan_is_on_the_subnet(clients: Serve) -> None:
    azure = clients("managed-instance")
    azure.patch(SUBNET_ID)
    put(azure, "")
    assert plan(azure) == ("", 1)
    assert len(azure.links()) == 1


def world(name: str = "managed-instance") -> World:
    return load(name, speed=1000)


def undelegated() -> World:
    changed = world()
    changed.state.subnet(DATA_ID).delegations.clear()
    return changed


def elsewhere() -> World:
    changed = world()
    changed.state.vnet(SUBNET_ID.partition("/subnets/")[0]).location = "northeurope"
    return changed


def without_join() -> World:
    changed = world()
    changed.state.governance.permissions[0]["notActions"] = ["Microsoft.Network/*/join/action"]
    return changed


@pytest.mark.parametrize(
    ("before", "subnet", "status", "words"),
    [
        (undelegated(), DATA_ID, 400, "missing a delegation"),
        (elsewhere(), DATA_ID, 400, "the plan plan-orders is in region"),
        (without_join(), DATA_ID, 403, "subnets/join/action"),
        (world(), DATA_ID.replace("snet-data", "snet-none"), 404, "is not found"),
        (world("healthy"), DATA_ID, 400, "Only a Managed Instance plan"),
    ],
)
def test_what_refuses_an_app_refuses_the_plan_and_changes_nothing(
    clients: Serve, before: World, subnet: str, status: int, words: str
) -> None:
    azure = clients(before)
    held = before.state.plan(PLAN_ID).subnet
    answer = put(azure, subnet)
    assert (answer.status_code, words in answer.text) == (status, True)
    assert before.state.plan(PLAN_ID).subnet == held


def test_two_writes_of_a_plan_do_not_go_side_by_side(clients: Serve) -> None:
    before = world()
    azure = clients(before)
    with before.writing_plan(PLAN_ID):
        answer = put(azure, "")
    assert (answer.status_code, answer.json()) == (429, plan_lock().body)
    assert put(azure, "").status_code == 200


def test_a_plan_becomes_a_managed_instance_when_it_is_made_as_one(clients: Serve) -> None:
    azure = clients()
    made = f"{BASE}/Microsoft.Web/serverfarms/plan-new"
    body = {"location": "westeurope", "sku": {"name": "P1v4"}, "properties": {"isCustomMode": True}}
    assert azure.ask("PUT", made, json=body).json()["properties"]["network"] == {"virtualNetworkSubnetId": ""}
    assert "network" not in azure.ask("GET", PLAN_ID).json()["properties"]
    assert "network" not in azure.ask("GET", APP_ID).json()["properties"]
