"""Deleting links, and the detector that says who is on a subnet, over HTTPS."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest

from remediate.sandbox.resources import Link, ServerFarm, Site, Subscription
from remediate.sandbox.scenarios import load
from remediate.sandbox.world import World
from tests.sandbox.clients import APP_ID, BASE, SUBNET_ID, SUBSCRIPTION, Clients

Serve = Callable[..., Clients]
NETWORK_API = "2024-05-01"
ACI = "Microsoft.ContainerInstance/containerGroups"
LINKS = f"{SUBNET_ID}/serviceAssociationLinks"
OWN_PATH = f"{SUBNET_ID}/providers/Microsoft.ContainerInstance/serviceAssociationLinks"
HIDDEN = "00000000-0000-0000-0000-000000000009"


def linked(link: Link) -> World:
    world = load("not-integrated", speed=1000)
    world.state.subnet(SUBNET_ID).links = [link]
    return world


@pytest.mark.parametrize("path", [f"{LINKS}/default", f"{LINKS}/Default", f"{OWN_PATH}/default"])
def test_container_instances_link_goes_under_the_name_default(clients: Serve, path: str) -> None:
    azure = clients(linked(Link("acisal", ACI, None, allow_delete=True)))
    [before] = azure.links()
    assert before["properties"]["allowDelete"] is True
    assert azure.ask("DELETE", path, NETWORK_API).status_code == 200
    assert azure.links() == []
    assert azure.ask("DELETE", path, NETWORK_API).status_code == 204
    assert azure.ask("DELETE", SUBNET_ID, NETWORK_API).status_code == 202


@pytest.mark.parametrize(
    ("link", "name"),
    [
        (Link("acisal", ACI, None, allow_delete=True), "acisal"),
        (Link("acisal", ACI, None, allow_delete=False), "default"),
        (Link("AppServiceLink", "Microsoft.Web/serverfarms", APP_ID), "AppServiceLink"),
        (Link("legionservicelink", "Microsoft.App/environments", SUBNET_ID), "legionservicelink"),
        (Link("PostgreSQLLink", "Microsoft.DBforPostgreSQL/flexibleServers", None), "PostgreSQLLink"),
    ],
    ids=["by its own name", "in use", "App Service", "Flex", "PostgreSQL"],
)
def test_every_other_link_is_its_owners(clients: Serve, link: Link, name: str) -> None:
    azure = clients(linked(link))
    answer = azure.ask("DELETE", f"{LINKS}/{name}", NETWORK_API)
    assert (answer.status_code, answer.json()["error"]["code"]) == (403, "UnauthorizedClientApplication")
    assert len(azure.links()) == 1


def test_the_name_default_means_no_other_services_link(clients: Serve) -> None:
    azure = clients("healthy")
    assert azure.ask("DELETE", f"{LINKS}/default", NETWORK_API).status_code == 204
    assert len(azure.links()) == 1


def test_a_link_of_a_subnet_that_is_not_there_is_404(clients: Serve) -> None:
    path = LINKS.replace("snet-apps", "none")
    assert clients().ask("DELETE", f"{path}/default", NETWORK_API).status_code == 404


def usage(azure: Clients, app: str = APP_ID, subnet: str = "snet-apps", region: str = "westeurope") -> Any:
    """The table of the detector about a subnet."""
    vnet = azure.ask("GET", SUBNET_ID.rpartition("/subnets/")[0], NETWORK_API).json()
    query = f"vnetId={vnet['properties']['resourceGuid']}_{subnet}&region={region}"
    answer = azure.ask("GET", f"{app}/detectors/checkSubnetIntegrationUsage?{query}")
    assert answer.status_code == 200
    [dataset] = answer.json()["properties"]["dataset"]
    assert dataset["table"]["tableName"] == "checkSubnetUsageByVnetId"
    return dataset["table"]


def users(table: Any) -> list[tuple[str, str]]:
    return [(one["site_name"], one["slot_name"]) for one in json.loads(table["rows"][0][0])]


def test_the_detector_names_the_apps_and_slots_on_a_subnet(clients: Serve) -> None:
    table = usage(clients("shared-link"))
    assert users(table) == [
        ("orders-func", "Production"),
        ("orders-func", "staging"),
        ("billing-web", "Production"),
        ("mail-web", "Production"),
    ]
    first = json.loads(table["rows"][0][0])[0]
    assert (first["subscription_name"], first["resource_group_name"]) == (SUBSCRIPTION, "rg-sandbox")


def test_the_detector_names_apps_that_the_caller_cannot_see(clients: Serve) -> None:
    world = load("healthy", speed=1000)
    base = BASE.replace(SUBSCRIPTION, HIDDEN)
    plan = ServerFarm(f"{base}/Microsoft.Web/serverfarms/p", "westeurope")
    hidden = Site(f"{base}/Microsoft.Web/sites/hidden", "app", "westeurope", plan.id, subnet=SUBNET_ID)
    world.state.add(Subscription(HIDDEN, "Hidden", visible=False), plan, hidden)
    azure = clients(world)
    assert azure.ask("GET", hidden.id).status_code == 404
    assert users(usage(azure)) == [("orders-func", "Production"), ("hidden", "Production")]


@pytest.mark.parametrize("settings", [{"subnet": "snet-data"}, {"subnet": "none"}, {"region": "northeurope"}])
def test_the_detector_names_nobody_where_nobody_is(clients: Serve, settings: dict[str, str]) -> None:
    assert users(usage(clients(), **settings)) == []


def test_the_detector_may_fail(clients: Serve) -> None:
    world = load("healthy", speed=1000)
    world.state.behavior.detector_fails = True
    table = usage(clients(world))
    assert [one["columnName"] for one in table["columns"]] == ["error"]
    assert json.loads(table["rows"][0][0])


def test_the_detector_can_be_asked_of_a_slot(clients: Serve) -> None:
    azure = clients("shared-link")
    assert len(users(usage(azure, f"{APP_ID}/slots/staging"))) == 4


@pytest.mark.parametrize("path", [f"{APP_ID}/detectors/other", f"{APP_ID}-2/detectors/other"])
def test_another_detector_or_app_is_404(clients: Serve, path: str) -> None:
    assert clients().ask("GET", path).status_code == 404
