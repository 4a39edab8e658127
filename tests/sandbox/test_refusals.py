"""What Azure refuses to connect, over HTTPS: status, code and words, and that nothing was changed."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
import requests

from remediate.sandbox.resources import Delegation, Gateway, Group, Link, ServerFarm, Site
from remediate.sandbox.scenarios import load
from remediate.sandbox.world import World
from tests.sandbox.clients import APP_ID, BASE, SUBNET_ID, Clients, eventually

Serve = Callable[..., Clients]
VNET_ID = SUBNET_ID.rpartition("/subnets/")[0]
PLAN_ID = f"{BASE}/Microsoft.Web/serverfarms/plan-orders"
OTHER_PLAN = f"{BASE}/Microsoft.Web/serverfarms/plan-other"
OTHER_APP = f"{BASE}/Microsoft.Web/sites/other-web"
NIC = f"{BASE}/Microsoft.Network/networkInterfaces/vm-nic"


def code_of(answer: requests.Response) -> str:
    """The code in either of the two envelopes."""
    body = answer.json()
    return str(body.get("Code") or body["error"]["code"])


def words_of(answer: requests.Response) -> str:
    """The message in either of the two envelopes."""
    body = answer.json()
    return str(body.get("Message") or body["error"]["message"])


def free() -> World:
    """The app is connected nowhere, and the subnet is ready for it."""
    return load("not-integrated", speed=1000)


def neighbour(world: World, subnet: str | None = SUBNET_ID, workers: int = 1) -> ServerFarm:
    """A second plan with an app on the subnet; returns the plan."""
    plan = ServerFarm(OTHER_PLAN, "westeurope", workers=workers)
    world.state.add(plan, Site(OTHER_APP, "app", "westeurope", plan.id, subnet=subnet))
    return plan


def refused(azure: Clients, subnet: str = SUBNET_ID) -> requests.Response:
    """The answer to a connect that is refused; the app stays connected nowhere."""
    answer = azure.patch(subnet)
    assert answer.status_code >= 400
    assert azure.site()["properties"]["virtualNetworkSubnetId"] is None
    return answer


@pytest.mark.parametrize("refuses", [True, False])
def test_ipv6_is_refused_where_the_world_says_so(clients: Serve, refuses: bool) -> None:
    world = free()
    world.state.vnet(VNET_ID).prefixes.append("ace:cab:deca::/48")
    world.state.behavior.ipv6_refused = refuses
    answer = clients(world).patch(SUBNET_ID)
    if not refuses:
        assert answer.status_code == 200
        return
    code = "ResourceNavigationLinksOrServiceAssociationLinksNotSupportedWithIpv6VnetAddressSpace"
    assert (answer.status_code, code_of(answer)) == (400, code)
    assert words_of(answer).endswith("since vnet has ipv6 addresses.")


def test_in_the_scenario_an_app_that_left_cannot_come_back(clients: Serve) -> None:
    azure = clients("ipv6-refused")
    assert azure.patch(SUBNET_ID).status_code == 400
    assert azure.patch(None).status_code == 200
    assert refused(azure).status_code == 400


def test_a_subnet_with_network_interfaces_in_it_is_occupied(clients: Serve) -> None:
    world = free()
    world.state.subnet(SUBNET_ID).occupants.append(NIC)
    answer = refused(clients(world))
    assert (answer.status_code, code_of(answer)) == (409, "Conflict")
    assert words_of(answer).endswith(f"is already occupied by service {NIC}.")


def test_a_second_services_link_is_one_too_many(clients: Serve) -> None:
    world = free()
    world.state.subnet(SUBNET_ID).links = [
        Link("acisal", "Microsoft.ContainerInstance/containerGroups", None)
    ]
    answer = refused(clients(world))
    assert (answer.status_code, code_of(answer)) == (400, "OnlyOneServiceAssociationLinkAllowedPerSubnet")


def test_an_old_link_of_app_service_keeps_flex_out(clients: Serve) -> None:
    world = load("flex-consumption", speed=1000)
    world.state.site(APP_ID).subnet = None
    world.state.subnet(SUBNET_ID).links = [Link("AppServiceLink", "Microsoft.Web/serverfarms", OTHER_PLAN)]
    assert code_of(refused(clients(world))) == "OnlyOneServiceAssociationLinkAllowedPerSubnet"


@pytest.mark.parametrize("linked", [True, False], ids=["with its link", "with its link lost"])
@pytest.mark.parametrize("prefix", ["10.10.1.0/27", "10.10.1.0/28"])
def test_a_second_plan_needs_a_26(clients: Serve, prefix: str, linked: bool) -> None:
    world = free()
    neighbour(world)
    subnet = world.state.subnet(SUBNET_ID)
    subnet.prefixes = [prefix]
    subnet.links = [Link("AppServiceLink", "Microsoft.Web/serverfarms", OTHER_PLAN)] if linked else []
    answer = refused(clients(world))
    assert (answer.status_code, code_of(answer)) == (400, "BadRequest")
    assert words_of(answer) == (
        "Minimum subnet size allowed for joining multiple App Service Plans to same subnet is /26, "
        f"the subnet attempting to be joined is {prefix[-3:]}"
    )


def test_a_link_of_the_former_id_of_the_plan_occupies_the_subnet(clients: Serve) -> None:
    world = free()
    former = PLAN_ID.replace("rg-sandbox", "rg-old")
    world.state.subnet(SUBNET_ID).links = [Link("AppServiceLink", "Microsoft.Web/serverfarms", former)]
    answer = refused(clients(world))
    assert (answer.status_code, words_of(answer)) == (
        409,
        f"Subnet snet-apps in VNET vnet-prod is already occupied by service {former}.",
    )


@pytest.mark.parametrize(("neighbours", "status"), [(57, 200), (58, 409)])
def test_the_instances_of_every_plan_on_the_subnet_take_addresses(
    clients: Serve, neighbours: int, status: int
) -> None:
    world = free()
    neighbour(world, workers=neighbours)
    world.state.subnet(SUBNET_ID).prefixes = ["10.10.1.0/26"]
    answer = clients(world).patch(SUBNET_ID)
    assert answer.status_code == status
    assert status == 200 or "60 are needed, and 59 can be used" in words_of(answer)


@pytest.mark.parametrize(("apps", "status"), [(0, 200), (1, 200), (2, 409)])
def test_windows_containers_take_an_address_more_for_each_app(clients: Serve, apps: int, status: int) -> None:
    world = free()
    plan = world.state.plan(PLAN_ID)
    plan.windows_containers, plan.workers = True, 3
    world.state.subnet(SUBNET_ID).prefixes = ["10.10.1.0/28"]
    for n in range(apps):
        world.state.add(Site(f"{OTHER_APP}{n}", "app", "westeurope", PLAN_ID, subnet=SUBNET_ID))
    answer = clients(world).patch(SUBNET_ID)
    assert answer.status_code == status
    assert status == 200 or "12 are needed, and 11 can be used" in words_of(answer)


def test_flex_without_its_provider_answers_500(clients: Serve) -> None:
    world = load("flex-consumption", speed=1000)
    world.state.site(APP_ID).subnet = None
    world.state.governance.unregistered.append("Microsoft.App")
    azure = clients(world)
    provider = azure.ask("GET", f"{BASE.partition('/resourceGroups')[0]}/providers/microsoft.app")
    assert provider.json()["registrationState"] == "NotRegistered"
    answer = refused(azure)
    assert (answer.status_code, code_of(answer)) == (500, "InternalServerError")


@pytest.mark.parametrize("blocks", [True, False])
def test_a_gateway_connection_of_another_app_can_end_every_connect_in_504(
    clients: Serve, blocks: bool
) -> None:
    world = free()
    neighbour = Site(OTHER_APP, "app", "westeurope", PLAN_ID, gateway=Gateway(VNET_ID, "5A0D"))
    world.state.add(neighbour)
    world.state.behavior.gateway_blocks_connect = blocks
    azure = clients(world)
    if not blocks:
        assert azure.patch(SUBNET_ID).status_code == 200
        return
    answer = refused(azure)
    assert (answer.status_code, code_of(answer)) == (504, "GatewayTimeout")
    world.state.sites.pop(OTHER_APP.casefold())
    assert azure.patch(SUBNET_ID).status_code == 200
    assert eventually(azure.links)


def test_a_delegation_to_another_service_is_no_delegation(clients: Serve) -> None:
    world = free()
    world.state.subnet(SUBNET_ID).delegations = [Delegation("d", "Microsoft.Web/hostingEnvironments")]
    answer = refused(clients(world))
    assert "is missing a delegation to Microsoft.Web/serverFarms" in words_of(answer)


@pytest.mark.parametrize("sku", ["F1", "D1", "Y1"])
@pytest.mark.parametrize("method", ["PUT", "PATCH"])
def test_a_plan_under_an_integrated_app_keeps_a_tier_with_integration(
    clients: Serve, method: str, sku: str
) -> None:
    azure = clients()
    body = {"location": "westeurope", "sku": {"name": sku, "capacity": 1}}
    answer = azure.ask(method, PLAN_ID, json=body)
    assert (answer.status_code, code_of(answer)) == (409, "Conflict")
    assert words_of(answer).startswith("The new SKU does not support Regional VNET integration")
    assert azure.ask("GET", PLAN_ID).json()["sku"]["name"] == "P1v3"
    assert azure.patch(None).status_code == 200
    assert azure.ask(method, PLAN_ID, json=body).json()["sku"]["name"] == sku


def test_an_integrated_slot_keeps_the_plans_tier_too(clients: Serve) -> None:
    world = free()
    world.state.add(Site(f"{APP_ID}/slots/staging", "functionapp", "westeurope", PLAN_ID, subnet=SUBNET_ID))
    answer = clients(world).ask("PATCH", PLAN_ID, json={"sku": {"name": "F1"}})
    assert answer.status_code == 409


def moving(azure: Clients, plan: str, method: str = "PATCH") -> requests.Response:
    properties = {"serverFarmId": plan, "virtualNetworkSubnetId": SUBNET_ID}
    body = {"location": "West Europe", "properties": properties}
    return azure.ask(method, APP_ID, json=body)


@pytest.mark.parametrize("method", ["PUT", "PATCH"])
@pytest.mark.parametrize(
    ("group", "linux"), [("rg-else", False), ("rg-sandbox", True)], ids=["another group", "another system"]
)
def test_an_integrated_app_stays_in_its_webspace(
    clients: Serve, method: str, group: str, linux: bool
) -> None:
    world = load("healthy", speed=1000)
    elsewhere = ServerFarm(OTHER_PLAN.replace("rg-sandbox", group), "westeurope", linux=linux)
    world.state.add(Group(elsewhere.id.partition("/providers")[0], "westeurope"), elsewhere)
    azure = clients(world)
    answer = moving(azure, elsewhere.id, method)
    assert (answer.status_code, code_of(answer)) == (409, "Conflict")
    assert "it uses regional VNET integration" in words_of(answer)
    assert azure.site()["properties"]["serverFarmId"] == PLAN_ID


def test_within_its_webspace_an_app_changes_the_plan_and_the_link_goes_on_naming_the_old_one(
    clients: Serve,
) -> None:
    world = load("healthy", speed=1000)
    world.state.add(ServerFarm(OTHER_PLAN, "westeurope"))
    azure = clients(world)
    answer = azure.ask("PATCH", APP_ID, json={"properties": {"serverFarmId": OTHER_PLAN}})
    assert answer.json()["properties"]["serverFarmId"] == OTHER_PLAN
    assert azure.site()["properties"]["virtualNetworkSubnetId"] == SUBNET_ID
    assert [link["properties"]["link"] for link in azure.links()] == [PLAN_ID]


def test_a_plan_that_is_not_there_is_404(clients: Serve) -> None:
    answer = moving(clients(), OTHER_PLAN)
    assert (answer.status_code, code_of(answer)) == (404, "ResourceNotFound")


NETWORK_API = "2024-05-01"


def subnet_body(*prefixes: str, service: str | None = "Microsoft.Web/serverFarms") -> dict[str, Any]:
    delegations = [{"name": "delegation", "properties": {"serviceName": service}}] if service else []
    return {"properties": {"addressPrefixes": list(prefixes), "delegations": delegations}}


def put_subnet(azure: Clients, body: dict[str, Any]) -> requests.Response:
    return azure.ask("PUT", SUBNET_ID, NETWORK_API, json=body)


@pytest.mark.parametrize("held_by", ["a link", "an interface"])
def test_the_prefix_of_a_subnet_in_use_stays(clients: Serve, held_by: str) -> None:
    world = load("healthy", speed=1000)
    if held_by == "an interface":
        world.state.subnet(SUBNET_ID).links = []
        world.state.subnet(SUBNET_ID).occupants = [NIC]
    azure = clients(world)
    answer = put_subnet(azure, subnet_body("10.10.1.0/26"))
    assert (answer.status_code, code_of(answer)) == (400, "InUsePrefixCannotBeDeleted")
    words = "IpPrefix 10.10.1.0/27 on Subnet snet-apps has active allocations and cannot be deleted."
    assert words_of(answer) == words
    assert put_subnet(azure, subnet_body("10.10.1.0/27", "10.10.8.0/27")).status_code == 200


def test_the_prefix_of_a_free_subnet_may_change(clients: Serve) -> None:
    assert put_subnet(clients(free()), subnet_body("10.10.8.0/26")).status_code == 200


def test_the_delegation_of_a_subnet_with_interfaces_stays(clients: Serve) -> None:
    world = free()
    subnet = world.state.subnet(SUBNET_ID)
    subnet.delegations, subnet.occupants = [], [NIC]
    azure = clients(world)
    answer = put_subnet(azure, subnet_body("10.10.1.0/27"))
    code = "SubnetDelegationsCannotChangeWhenSubnetUsedByResource"
    assert (answer.status_code, code_of(answer)) == (400, code)
    assert words_of(answer) == (
        f"Delegations of subnet {SUBNET_ID} cannot be changed from [] to [Microsoft.Web/serverFarms] "
        f"because it is being used by the resource {NIC}/ipConfigurations/ipconfig1."
    )
    assert put_subnet(azure, subnet_body("10.10.1.0/27", service=None)).status_code == 200


def test_another_services_link_keeps_its_delegation(clients: Serve) -> None:
    azure = clients("link-foreign")
    answer = put_subnet(azure, subnet_body("10.10.1.0/27", service=None))
    assert (answer.status_code, code_of(answer)) == (400, "SubnetMissingRequiredDelegation")
    assert "[Microsoft.DBforPostgreSQL/flexibleServers]" in words_of(answer)


@pytest.mark.parametrize("path", [SUBNET_ID, VNET_ID])
def test_a_subnet_with_interfaces_cannot_be_deleted_and_the_answer_names_them(
    clients: Serve, path: str
) -> None:
    world = load("healthy", speed=1000)
    world.state.subnet(SUBNET_ID).occupants = [NIC]
    answer = clients(world).ask("DELETE", path, NETWORK_API)
    assert (answer.status_code, code_of(answer)) == (400, "InUseSubnetCannotBeDeleted")
    link = f"{SUBNET_ID}/serviceAssociationLinks/AppServiceLink"
    assert (
        f"Subnet snet-apps is in use by {NIC}/ipConfigurations/ipconfig1, {link} and cannot be deleted."
        in words_of(answer)
    )


@pytest.mark.parametrize(
    ("refuses", "linked", "status"), [(True, True, 400), (True, False, 200), (False, True, 200)]
)
def test_a_network_with_links_gets_no_ipv6_where_the_world_says_so(
    clients: Serve, refuses: bool, linked: bool, status: int
) -> None:
    world = load("healthy", speed=1000)
    world.state.behavior.ipv6_refused = refuses
    if not linked:
        world.state.subnet(SUBNET_ID).links = []
    azure = clients(world)
    body = azure.ask("GET", VNET_ID, NETWORK_API).json()
    body["properties"]["addressSpace"]["addressPrefixes"].append("ace:cab:deca::/48")
    answer = azure.ask("PUT", VNET_ID, NETWORK_API, json=body)
    assert answer.status_code == status
    assert status == 200 or code_of(answer) == "IPv6AddressesNotSupportedWithResourceNavigationLinks"
