"""Deleting a resource group and moving resources out of one: what goes, and what links say then."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
import requests

from remediate.sandbox.governance import DenyAssignment, Lock
from remediate.sandbox.resources import Group, Link, ServerFarm, Site, Subscription, VirtualNetwork
from remediate.sandbox.scenarios import GROUP, load
from remediate.sandbox.world import Durations, World
from tests.sandbox.clients import APP_ID, SUBNET_ID, SUBSCRIPTION, Clients, eventually
from tests.sandbox.worlds import delegated

Serve = Callable[..., Clients]
RESOURCES_API = "2022-09-01"
NETWORK_API = "2024-05-01"
VNET_ID = SUBNET_ID.rpartition("/subnets/")[0]
PLAN_ID = f"{GROUP}/providers/Microsoft.Web/serverfarms/plan-orders"
SLOT_ID = f"{APP_ID}/slots/staging"
APPS = f"/subscriptions/{SUBSCRIPTION}/resourceGroups/rg-apps"
FAR = "/subscriptions/00000000-0000-0000-0000-000000000009/resourceGroups/rg-far"


def here(id_: str, group: str = APPS) -> str:
    """The id of a resource of rg-sandbox as it would be in another group."""
    return id_.replace(GROUP, group)


def apart() -> World:
    """The app, a slot of it and the plan are in rg-apps; the network is in rg-sandbox."""
    world = load("healthy", speed=1000)
    state = world.state
    state.sites.clear()
    state.plans.clear()
    app = Site(here(APP_ID), "functionapp", "westeurope", here(PLAN_ID), subnet=SUBNET_ID)
    slot = Site(here(SLOT_ID), "functionapp", "westeurope", here(PLAN_ID), subnet=SUBNET_ID)
    state.add(Group(APPS, "westeurope"), ServerFarm(here(PLAN_ID), "westeurope"), app, slot)
    state.subnet(SUBNET_ID).links[0].target = here(PLAN_ID)
    return world


def ended(azure: Clients, answer: requests.Response) -> requests.Response:
    """How the long-running operation ended that an answer began."""
    assert answer.status_code == 202, answer.text
    address = answer.headers["Location"]
    assert address.startswith(f"{azure.endpoint}/subscriptions/")
    path = address.removeprefix(azure.endpoint).partition("?")[0]
    last: list[requests.Response] = []

    def done() -> bool:
        last.append(azure.ask("GET", path, RESOURCES_API))
        return last[-1].status_code != 202

    assert eventually(done)
    return last[-1]


def delete(azure: Clients, group: str = GROUP) -> requests.Response:
    return azure.ask("DELETE", group, RESOURCES_API)


def linked_plans(azure: Clients) -> list[str]:
    return [link["properties"]["link"] for link in azure.links()]


def test_a_group_goes_with_all_that_is_in_it(clients: Serve) -> None:
    azure = clients("shared-link")
    assert ended(azure, delete(azure)).status_code == 200
    answer = azure.ask("GET", GROUP, RESOURCES_API)
    assert (answer.status_code, answer.json()["error"]["code"]) == (404, "ResourceGroupNotFound")
    assert azure.ask("HEAD", GROUP, RESOURCES_API).status_code == 404
    assert azure.ask("GET", APP_ID).status_code == 404
    state = azure.control("GET", "state").json()
    assert [state[table] for table in ("groups", "sites", "plans", "vnets")] == [{}] * 4


def test_until_it_is_gone_the_group_is_deleting_and_takes_no_writes(clients: Serve) -> None:
    world = load("healthy", speed=1)
    world.durations = Durations(subnet=3600)
    azure = clients(world)
    answer = delete(azure)
    path = answer.headers["Location"].removeprefix(azure.endpoint).partition("?")[0]
    assert azure.ask("GET", path, RESOURCES_API).status_code == 202
    group = azure.ask("GET", GROUP, RESOURCES_API).json()
    assert group["properties"]["provisioningState"] == "Deleting"
    assert azure.site()["properties"]["virtualNetworkSubnetId"] == SUBNET_ID
    refused = azure.patch(SUBNET_ID)
    assert (refused.status_code, refused.json()["error"]["code"]) == (409, "ResourceGroupBeingDeleted")


def test_the_group_of_the_apps_leaves_its_link_behind_in_the_group_of_the_network(clients: Serve) -> None:
    azure = clients(apart())
    assert ended(azure, delete(azure, APPS)).status_code == 200
    assert azure.ask("GET", here(PLAN_ID)).status_code == 404
    assert linked_plans(azure) == [here(PLAN_ID)]
    answer = azure.ask("DELETE", SUBNET_ID, NETWORK_API)
    assert answer.json()["error"]["code"] == "InUseSubnetCannotBeDeleted"


def test_a_network_that_an_app_of_another_group_is_on_stays(clients: Serve) -> None:
    azure = clients(apart())
    answer = ended(azure, delete(azure))
    error = answer.json()["error"]
    assert (answer.status_code, error["code"]) == (409, "ResourceGroupDeletionBlocked")
    assert "'Microsoft.Network/virtualNetworks/vnet-prod' could not be deleted" in error["message"]
    assert [one["target"] for one in error["details"]] == [VNET_ID]
    assert "InUseSubnetCannotBeDeleted" in error["details"][0]["message"]
    group = azure.ask("GET", GROUP, RESOURCES_API).json()
    assert group["properties"]["provisioningState"] == "Succeeded"
    assert linked_plans(azure) == [here(PLAN_ID)]


def test_a_plan_that_an_app_of_another_group_is_on_stays(clients: Serve) -> None:
    world = load("healthy", speed=1000)
    app = Site(here(f"{APP_ID}-2"), "functionapp", "westeurope", PLAN_ID)
    world.state.add(Group(APPS, "westeurope"), app)
    azure = clients(world)
    answer = ended(azure, delete(azure))
    assert [one["target"] for one in answer.json()["error"]["details"]] == [PLAN_ID]
    assert azure.ask("GET", PLAN_ID).status_code == 200
    assert azure.ask("GET", APP_ID).status_code == 404


@pytest.mark.parametrize(
    "lock",
    [
        Lock(GROUP, "CanNotDelete", "keep"),
        Lock(GROUP, "ReadOnly", "keep"),
        Lock(SUBNET_ID, "CanNotDelete", "keep"),
        Lock(f"/subscriptions/{SUBSCRIPTION}", "CanNotDelete", "keep"),
    ],
    ids=["on the group", "read-only", "on a subnet in it", "on the subscription"],
)
def test_a_lock_keeps_the_group(clients: Serve, lock: Lock) -> None:
    world = load("healthy", speed=1000)
    world.state.governance.locks.append(lock)
    answer = delete(clients(world))
    assert (answer.status_code, answer.json()["error"]["code"]) == (409, "ScopeLocked")


@pytest.mark.parametrize(
    ("denied", "code"),
    [(True, "DenyAssignmentAuthorizationFailed"), (False, "AuthorizationFailed")],
)
def test_without_the_permission_the_group_is_kept(clients: Serve, denied: bool, code: str) -> None:
    world = load("healthy", speed=1000)
    rules = world.state.governance
    if denied:
        rules.deny_assignments.append(DenyAssignment("stack", GROUP, ["*/delete"]))
    else:
        rules.permissions = [{"actions": ["*"], "notActions": ["Microsoft.Resources/*"]}]
    answer = delete(clients(world))
    assert (answer.status_code, answer.json()["error"]["code"]) == (403, code)
    assert "Microsoft.Resources/subscriptions/resourceGroups/delete" in answer.json()["error"]["message"]


def test_a_group_that_is_not_there_cannot_be_deleted(clients: Serve) -> None:
    assert delete(clients(), APPS).status_code == 404


def test_an_unknown_operation_is_404(clients: Serve) -> None:
    path = f"/subscriptions/{SUBSCRIPTION}/operationresults/none-200"
    assert clients().ask("GET", path, RESOURCES_API).status_code == 404


def moving(
    azure: Clients, *resources: str, target: str = APPS, action: str = "moveResources"
) -> requests.Response:
    body = {"resources": list(resources), "targetResourceGroup": target}
    return azure.ask("POST", f"{GROUP}/{action}", RESOURCES_API, json=body)


def roomy() -> World:
    """The healthy world with a slot on the subnet, a second group, and one in another subscription."""
    world = load("healthy", speed=1000)
    far = Subscription(FAR.split("/")[2], "Far")
    slot = Site(SLOT_ID, "functionapp", "westeurope", PLAN_ID, subnet=SUBNET_ID)
    world.state.add(far, Group(APPS, "westeurope"), Group(FAR, "westeurope"), slot)
    return world


def test_an_app_and_its_plan_get_new_ids_and_the_link_keeps_the_old_one(clients: Serve) -> None:
    azure = clients(roomy())
    assert ended(azure, moving(azure, APP_ID.upper(), PLAN_ID)).status_code == 204
    assert azure.ask("GET", APP_ID).status_code == 404
    assert azure.ask("GET", PLAN_ID).json()["error"]["code"] == "ResourceNotFound"
    for id_ in (APP_ID, SLOT_ID):
        site = azure.ask("GET", here(id_)).json()
        assert site["id"] == here(id_)
        assert site["properties"]["serverFarmId"] == here(PLAN_ID)
        assert site["properties"]["virtualNetworkSubnetId"] == SUBNET_ID
    assert linked_plans(azure) == [PLAN_ID]
    plan = azure.ask("GET", here(PLAN_ID)).json()
    assert plan["properties"]["webSpace"] == "rg-sandbox-WestEuropewebspace"
    assert plan["properties"]["numberOfSites"] == 1


def test_a_moved_plan_is_refused_on_its_own_subnet(clients: Serve) -> None:
    azure = clients(roomy())
    ended(azure, moving(azure, APP_ID, PLAN_ID))
    body = {"properties": {"virtualNetworkSubnetId": SUBNET_ID}}
    answer = azure.ask("PATCH", here(APP_ID), json=body)
    assert answer.status_code == 409
    assert answer.json()["Message"].endswith(f"is already occupied by service {PLAN_ID}.")


def test_an_app_alone_leaves_its_plan_where_it_is(clients: Serve) -> None:
    azure = clients(roomy())
    ended(azure, moving(azure, APP_ID))
    assert azure.ask("GET", here(APP_ID)).json()["properties"]["serverFarmId"] == PLAN_ID
    assert azure.ask("GET", PLAN_ID).json()["properties"]["numberOfSites"] == 1


def test_a_network_takes_its_subnets_along(clients: Serve) -> None:
    azure = clients(roomy())
    ended(azure, moving(azure, VNET_ID))
    subnet = azure.ask("GET", here(SUBNET_ID), NETWORK_API).json()
    [link] = subnet["properties"]["serviceAssociationLinks"]
    assert (subnet["id"], link["properties"]["link"]) == (here(SUBNET_ID), PLAN_ID)
    assert azure.site()["properties"]["virtualNetworkSubnetId"] == SUBNET_ID


def test_a_validation_moves_nothing(clients: Serve) -> None:
    azure = clients(roomy())
    answer = moving(azure, APP_ID, PLAN_ID, action="validateMoveResources")
    assert ended(azure, answer).status_code == 204
    assert azure.site()["id"] == APP_ID
    assert [one["mutating"] for one in azure.log if one["method"] == "POST"][-1] is False


@pytest.mark.parametrize("action", ["moveResources", "validateMoveResources"])
@pytest.mark.parametrize("resource", [APP_ID, PLAN_ID, VNET_ID])
def test_what_is_integrated_stays_in_its_subscription(clients: Serve, resource: str, action: str) -> None:
    azure = clients(roomy())
    answer = moving(azure, resource, target=FAR, action=action)
    error = answer.json()["error"]
    assert (answer.status_code, error["code"]) == (409, "ResourceMoveProviderValidationFailed")
    [detail] = error["details"]
    assert detail["message"].startswith(resource)
    assert azure.site()["id"] == APP_ID


def test_what_is_not_integrated_may_go_to_another_subscription(clients: Serve) -> None:
    world = roomy()
    for site in world.state.sites.values():
        site.subnet = None
    azure = clients(world)
    assert ended(azure, moving(azure, APP_ID, PLAN_ID, target=FAR)).status_code == 204
    assert azure.ask("GET", here(APP_ID, FAR)).status_code == 200


@pytest.mark.parametrize(
    ("resources", "target", "status", "code"),
    [
        ([f"{APP_ID}-2"], APPS, 404, "ResourceNotFound"),
        ([SLOT_ID], APPS, 404, "ResourceNotFound"),
        ([here(APP_ID)], APPS, 404, "ResourceNotFound"),
        ([APP_ID], f"{APPS}-none", 404, "ResourceGroupNotFound"),
        ([APP_ID], f"{FAR}-none", 404, "ResourceGroupNotFound"),
        ([APP_ID], FAR.replace("0009/", "000a/"), 404, "SubscriptionNotFound"),
        ([APP_ID], GROUP, 409, "ResourceMoveProviderValidationFailed"),
        ([], APPS, 400, "InvalidRequestContent"),
        (["orders-func"], APPS, 400, "InvalidRequestContent"),
        ([APP_ID], "rg-apps", 400, "InvalidRequestContent"),
        ([1], APPS, 400, "InvalidRequestContent"),
    ],
)
def test_a_move_that_cannot_be(
    clients: Serve, resources: list[Any], target: str, status: int, code: str
) -> None:
    answer = moving(clients(roomy()), *resources, target=target)
    assert (answer.status_code, answer.json()["error"]["code"]) == (status, code)


@pytest.mark.parametrize("scope", [GROUP, APPS, APP_ID])
def test_a_read_only_lock_on_either_side_stops_a_move(clients: Serve, scope: str) -> None:
    world = roomy()
    world.state.governance.locks.append(Lock(scope, "ReadOnly", "keep"))
    answer = moving(clients(world), APP_ID)
    assert (answer.status_code, answer.json()["error"]["code"]) == (409, "ScopeLocked")


def test_a_name_that_the_target_group_has_stops_a_move(clients: Serve) -> None:
    world = roomy()
    world.state.add(ServerFarm(here(PLAN_ID), "westeurope"))
    answer = moving(clients(world), APP_ID, PLAN_ID)
    [detail] = answer.json()["error"]["details"]
    assert (answer.status_code, detail["target"]) == (409, "Microsoft.Web/serverfarms")


def test_a_move_needs_its_permission(clients: Serve) -> None:
    world = roomy()
    world.state.governance.permissions = [{"actions": ["Microsoft.Web/*"], "notActions": []}]
    answer = moving(clients(world), APP_ID)
    assert (answer.status_code, answer.json()["error"]["code"]) == (403, "AuthorizationFailed")


def test_a_group_of_a_network_whose_links_nobody_uses_goes(clients: Serve) -> None:
    world = load("healthy", speed=1000)
    network = VirtualNetwork(here(VNET_ID), "westeurope", ["10.0.0.0/16"])
    subnet = delegated("one", "10.0.1.0/27")
    subnet.id = f"{network.id}/subnets/one"
    subnet.links = [Link("AppServiceLink", "Microsoft.Web/serverfarms", f"{PLAN_ID}-gone")]
    network.subnets = [subnet]
    world.state.add(Group(APPS, "westeurope"), network)
    azure = clients(world)
    assert ended(azure, delete(azure, APPS)).status_code == 200
    assert azure.ask("GET", network.id, NETWORK_API).status_code == 404
