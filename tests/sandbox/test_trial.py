"""A write of the subnet that an app already has: checked like a real connect, and without an effect."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
import requests

from remediate.sandbox.governance import Lock
from remediate.sandbox.scenarios import load
from remediate.sandbox.world import World
from tests.sandbox.clients import APP_ID, SUBNET_ID, Clients, eventually

Serve = Callable[..., Clients]
Change = Callable[[World], None]
VNET_ID = SUBNET_ID.rpartition("/subnets/")[0]


def patch(azure: Clients) -> requests.Response:
    return azure.patch(SUBNET_ID)


def put_config(azure: Clients) -> requests.Response:
    body = {"properties": {"subnetResourceId": SUBNET_ID, "swiftSupported": True}}
    return azure.ask("PUT", f"{APP_ID}/networkConfig/virtualNetwork", json=body)


def put_site(azure: Clients) -> requests.Response:
    routing = {"applicationTraffic": True}
    properties = {"virtualNetworkSubnetId": SUBNET_ID, "outboundVnetRouting": routing}
    return azure.ask("PUT", APP_ID, json={"location": "West Europe", "properties": properties})


WAYS = pytest.mark.parametrize("write", [patch, put_config, put_site])


def code_of(answer: requests.Response) -> str:
    """The code in either of the two envelopes."""
    body = answer.json()
    return str(body.get("Code") or body["error"]["code"])


def what_matters(azure: Clients) -> tuple[Any, ...]:
    """What a write without effect must leave alone: the app's three views and the subnet."""
    site = azure.site()["properties"]
    config = azure.ask("GET", f"{APP_ID}/networkConfig/virtualNetwork").json()
    connections = azure.ask("GET", f"{APP_ID}/virtualNetworkConnections").json()
    routing = site["outboundVnetRouting"]
    return (
        site["virtualNetworkSubnetId"],
        routing,
        config,
        connections,
        azure.ask("GET", SUBNET_ID, "2024-05-01").json(),
    )


@WAYS
@pytest.mark.parametrize("scenario", ["healthy", "link-missing", "flex-consumption"])
def test_it_is_accepted_and_changes_nothing(
    clients: Serve, write: Callable[[Clients], requests.Response], scenario: str
) -> None:
    azure = clients(scenario)
    before = what_matters(azure)
    assert write(azure).status_code == 200
    assert what_matters(azure) == before


def no_join(world: World) -> None:
    world.state.governance.permissions = [{"actions": ["Microsoft.Web/*", "*/read"], "notActions": []}]


def read_only_network(world: World) -> None:
    world.state.governance.locks = [Lock(VNET_ID, "ReadOnly", "keep")]


def read_only_app(world: World) -> None:
    world.state.governance.locks = [Lock(APP_ID, "ReadOnly", "keep")]


def no_subnet(world: World) -> None:
    world.state.vnet(VNET_ID).subnets = []


def no_delegation(world: World) -> None:
    world.state.subnet(SUBNET_ID).delegations.clear()


def no_addresses(world: World) -> None:
    next(iter(world.state.plans.values())).workers = 28


def foreign_link(world: World) -> None:
    world.state.subnet(SUBNET_ID).links[0].target = f"{world.state.subnet(SUBNET_ID).links[0].target}-2"


def other_region(world: World) -> None:
    world.state.vnet(VNET_ID).location = "northeurope"


def unregistered(world: World) -> None:
    world.state.governance.unregistered.append("Microsoft.Web")


def over_limit(world: World) -> None:
    next(iter(world.state.plans.values())).connections_max = 0


def free_plan(world: World) -> None:
    next(iter(world.state.plans.values())).tier = "Free"


@WAYS
@pytest.mark.parametrize(
    ("change", "status", "code"),
    [
        (no_join, 403, "LinkedAuthorizationFailed"),
        (read_only_network, 409, "ScopeLocked"),
        (read_only_app, 409, "ScopeLocked"),
        (no_subnet, 404, "NotFound"),
        (no_delegation, 400, "BadRequest"),
        (no_addresses, 409, "Conflict"),
        (foreign_link, 409, "Conflict"),
        (other_region, 400, "BadRequest"),
        (unregistered, 409, "MissingSubscriptionRegistration"),
        (over_limit, 409, "Conflict"),
        (free_plan, 400, "BadRequest"),
    ],
)
def test_it_is_refused_for_what_a_connect_is_refused_for(
    clients: Serve, write: Callable[[Clients], requests.Response], change: Change, status: int, code: str
) -> None:
    world = load("healthy", speed=1000)
    change(world)
    answer = write(clients(world))
    assert (answer.status_code, code_of(answer)) == (status, code)
    assert world.state.site(APP_ID).subnet == SUBNET_ID


def test_without_join_a_write_that_names_no_subnet_is_accepted(clients: Serve) -> None:
    azure = clients("no-join")
    assert azure.ask("PATCH", APP_ID, json={"tags": {"owner": "us"}}).status_code == 200
    assert code_of(azure.patch(SUBNET_ID)) == "LinkedAuthorizationFailed"


def test_a_policy_on_patch_leaves_the_put(clients: Serve) -> None:
    azure = clients("policy-denies")
    assert code_of(patch(azure)) == "RequestDisallowedByPolicy"
    assert put_config(azure).status_code == 200


@WAYS
def test_a_lost_link_comes_back_where_the_scenario_says_so(
    clients: Serve, write: Callable[[Clients], requests.Response]
) -> None:
    azure = clients("trial-restores-link")
    assert azure.links() == []
    assert write(azure).status_code == 200
    assert eventually(azure.links)


def test_a_fault_can_refuse_every_connect_with_a_code_that_nobody_knows(clients: Serve) -> None:
    azure = clients()
    body = {"Code": "UnsupportedByThisStamp", "Message": "This stamp does not do that."}
    azure.faults(
        {"match": {"method": "PATCH|PUT"}, "times": 0, "answer": {"status": 400, "body": body}},
    )
    for write in (patch, put_config, put_site, patch):
        answer = write(azure)
        assert (answer.status_code, code_of(answer)) == (400, "UnsupportedByThisStamp")
    assert azure.ask("DELETE", f"{APP_ID}/networkConfig/virtualNetwork").status_code == 200
