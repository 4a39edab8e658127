"""An unmodified `az` on the sandbox: what an operator would type, and what it leaves behind.

`make conformance` installs the `az`; without one these are skipped.
"""

from __future__ import annotations

import json
import shlex
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from remediate.model import App, Request, Routing
from remediate.run.state import by_hand
from remediate.sandbox.governance import DenyAssignment
from remediate.sandbox.resources import Group, Link
from remediate.sandbox.rules.move import rename
from remediate.sandbox.scenarios import load
from remediate.sandbox.server import Sandbox
from remediate.sandbox.state import State
from remediate.sandbox.world import World
from remediate.steps.routing import differences
from tests.conformance.az import Az, find
from tests.conftest import APP, GROUP, PLAN, SUBNET, Azure

EXECUTABLE = find()
MISSING = "no az here: `make conformance` installs one, and REMEDIATE_AZ may name another"
pytestmark = [pytest.mark.conformance, pytest.mark.skipif(EXECUTABLE is None, reason=MISSING)]

WEB, NETWORK = "2025-05-01", "2024-05-01"
VNET = f"{GROUP}/Microsoft.Network/virtualNetworks/vnet-prod"
FREE = f"{VNET}/subnets/snet-data"
STAGING = f"{APP}/slots/staging"
MAIL = f"{GROUP}/Microsoft.Web/sites/mail-web"
ORDERS = ("-g", "rg-sandbox", "-n", "orders-func")
CONNECTION = ("--vnet", VNET, "--subnet", SUBNET)
LINKS = ("network", "vnet", "subnet", "show", "--ids", SUBNET, "--query", "serviceAssociationLinks")
FAST = 10_000
"""How many times faster simulated time runs: a DELETE of 53 seconds is over at once."""


@dataclass(frozen=True)
class Cloud:
    """A simulated Azure, seen by `az` and by a plain client."""

    az: Az
    azure: Azure

    def reset(self) -> None:
        self.azure.ask("POST", "/_sandbox/reset").raise_for_status()

    def read(self, resource: str, version: str = WEB) -> Any:
        answer = self.azure.ask("GET", f"{resource}?api-version={version}")
        assert answer.status_code == 200, answer.text
        return answer.json()

    def status(self, resource: str, version: str = WEB) -> int:
        return self.azure.ask("GET", f"{resource}?api-version={version}").status_code

    def subnet_of(self, app: str) -> str | None:
        """The subnet that an app or slot names; both of its views have to name the same."""
        named: str | None = self.read(app)["properties"]["virtualNetworkSubnetId"]
        config = self.read(f"{app}/networkConfig/virtualNetwork")["properties"]["subnetResourceId"]
        assert config == named
        return named

    @property
    def linked_plans(self) -> list[str]:
        links = self.read(SUBNET, NETWORK)["properties"].get("serviceAssociationLinks", [])
        return [link["properties"]["link"] for link in links]

    def app(self) -> App:
        """The target as the product's model has it, as far as its routing goes."""
        found = self.read(APP)["properties"]["outboundVnetRouting"]
        routing = Routing(
            application_traffic=found["applicationTraffic"],
            content_share_traffic=found["contentShareTraffic"],
            image_pull_traffic=found["imagePullTraffic"],
        )
        return App(APP, "functionapp", "West Europe", "Running", PLAN, SUBNET, routing)


@contextmanager
def _signed_in(scenario: str | World, folder: Path) -> Iterator[Cloud]:
    assert EXECUTABLE is not None
    with Sandbox(scenario, speed=FAST) as sandbox:
        az = Az(EXECUTABLE, folder, sandbox.environment)
        az.sign_in()
        yield Cloud(az, Azure(sandbox))


@pytest.fixture(scope="module")
def _healthy(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Cloud]:
    with _signed_in("healthy", tmp_path_factory.mktemp("az")) as cloud:
        yield cloud


@pytest.fixture(scope="module")
def _shared(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Cloud]:
    with _signed_in("shared-link", tmp_path_factory.mktemp("az")) as cloud:
        yield cloud


@pytest.fixture
def healthy(_healthy: Cloud) -> Cloud:
    """One connected function app, and its link; as in the beginning."""
    _healthy.reset()
    return _healthy


@pytest.fixture
def shared(_shared: Cloud) -> Cloud:
    """Three apps and a slot on one subnet whose link is gone; as in the beginning."""
    _shared.reset()
    return _shared


ELSEWHERE = GROUP.removesuffix("/providers").replace("rg-sandbox", "rg-else")


def _with_an_empty_group(state: State) -> None:
    state.add(Group(ELSEWHERE, "westeurope"))


def _apart(state: State) -> None:
    """The app and its plan are in another group than the network."""
    _with_an_empty_group(state)
    rename(state, [APP, PLAN], state.group(ELSEWHERE))
    state.subnet(SUBNET).links[0].target = PLAN.replace("rg-sandbox", "rg-else")


def _with_container_instances(state: State) -> None:
    state.site(APP).subnet = None
    service = "Microsoft.ContainerInstance/containerGroups"
    state.subnet(SUBNET).links = [Link("acisal", service, None, allow_delete=True)]


def _denied(state: State) -> None:
    state.governance.deny_assignments.append(DenyAssignment("stack", APP, ["*/delete"]))


@pytest.fixture
def in_world(tmp_path: Path) -> Iterator[Callable[[Callable[[State], None]], Cloud]]:
    """Sign in to the healthy world after a change of its state."""
    with ExitStack() as stack:

        def signed_in(change: Callable[[State], None]) -> Cloud:
            world = load("healthy", FAST)
            change(world.state)
            return stack.enter_context(_signed_in(world, tmp_path))

        yield signed_in


def test_az_is_signed_in_to_the_sandbox_as_its_service_principal(healthy: Cloud) -> None:
    account = healthy.az("account", "show")
    assert (account["environmentName"], account["tenantId"]) == ("Sandbox", "adfs")
    assert account["id"] == healthy.azure.environment["AZURE_SUBSCRIPTION_ID"]
    user = {"name": healthy.azure.environment["AZURE_CLIENT_ID"], "type": "servicePrincipal"}
    assert account["user"] == user


def test_az_shows_the_function_app_with_its_subnet_and_routing(healthy: Cloud) -> None:
    app = healthy.az("functionapp", "show", *ORDERS)
    assert (app["name"], app["kind"], app["virtualNetworkSubnetId"]) == ("orders-func", "functionapp", SUBNET)
    assert app["outboundVnetRouting"]["applicationTraffic"] is True


def test_az_shows_the_plan(healthy: Cloud) -> None:
    plan = healthy.az("appservice", "plan", "show", "-g", "rg-sandbox", "-n", "plan-orders")
    assert (plan["id"], plan["sku"]["name"], plan["sku"]["capacity"]) == (PLAN, "P1v3", 2)
    assert plan["properties"]["numberOfWorkers"] == 2


def test_az_shows_the_link_flattened(healthy: Cloud) -> None:
    [link] = healthy.az(*LINKS)
    assert (link["name"], link["link"], link["allowDelete"]) == ("AppServiceLink", PLAN, False)
    assert "properties" not in link


def test_az_lists_the_connection_under_the_name_of_the_subnet(healthy: Cloud) -> None:
    [connection] = healthy.az("functionapp", "vnet-integration", "list", *ORDERS)
    assert (connection["name"], connection["vnetResourceId"]) == ("snet-apps", SUBNET)


def test_az_removes_the_last_integration_and_the_link_goes_with_it(healthy: Cloud) -> None:
    healthy.az("functionapp", "vnet-integration", "remove", *ORDERS)
    assert healthy.az("functionapp", "vnet-integration", "list", *ORDERS) == []
    assert (healthy.subnet_of(APP), healthy.linked_plans) == (None, [])


def test_az_adds_the_integration_again_and_the_link_comes_back(healthy: Cloud) -> None:
    healthy.az("functionapp", "vnet-integration", "remove", *ORDERS)
    added = healthy.az("functionapp", "vnet-integration", "add", *ORDERS, *CONNECTION)
    assert (added["id"], added["subnetResourceId"]) == (VNET, SUBNET)
    assert (healthy.subnet_of(APP), healthy.linked_plans) == (SUBNET, [PLAN])


def test_az_add_puts_the_whole_site_and_with_it_loses_the_routing(healthy: Cloud) -> None:
    wanted = {"contentShareTraffic": True, "imagePullTraffic": True}
    body = {"properties": {"outboundVnetRouting": wanted}}
    healthy.azure.ask("PATCH", f"{APP}?api-version={WEB}", json=body)
    healthy.az("functionapp", "vnet-integration", "add", *ORDERS, *CONNECTION)
    assert healthy.azure.sent[-1] == ("PUT", APP)
    routing = healthy.read(APP)["properties"]["outboundVnetRouting"]
    kept = {flag: routing[flag] for flag in ("applicationTraffic", *wanted)}
    assert kept == {"applicationTraffic": True, "contentShareTraffic": False, "imagePullTraffic": False}


def test_az_deletes_a_subnet_that_is_free(healthy: Cloud) -> None:
    healthy.az("network", "vnet", "subnet", "delete", "--ids", FREE)
    assert healthy.status(FREE, NETWORK) == 404


def test_az_is_refused_the_deletion_of_a_subnet_that_a_link_holds(healthy: Cloud) -> None:
    said = healthy.az.refused("network", "vnet", "subnet", "delete", "--ids", SUBNET)
    assert "InUseSubnetCannotBeDeleted" in said
    assert healthy.linked_plans == [PLAN]


def test_az_changes_the_delegation_of_a_subnet(healthy: Cloud) -> None:
    service = "Microsoft.DBforPostgreSQL/flexibleServers"
    update = ("network", "vnet", "subnet", "update", "--ids", FREE, "--delegations")
    healthy.az(*update, service)
    assert _delegations(healthy.read(FREE, NETWORK)) == [service]
    healthy.az(*update, "Microsoft.Web/serverFarms")
    assert _delegations(healthy.read(FREE, NETWORK)) == ["Microsoft.Web/serverFarms"]


def _delegations(subnet: Any) -> list[str]:
    return [one["properties"]["serviceName"] for one in subnet["properties"]["delegations"]]


def test_az_orphans_the_link_by_deleting_a_connected_app_until_a_purge_frees_the_subnet(
    healthy: Cloud,
) -> None:
    healthy.az("functionapp", "delete", *ORDERS)
    assert (healthy.status(APP), healthy.status(PLAN)) == (404, 404)
    [orphan] = healthy.az(*LINKS)
    assert orphan["link"] == PLAN
    delete = ("network", "vnet", "subnet", "delete", "--ids", SUBNET)
    assert "InUseSubnetCannotBeDeleted" in healthy.az.refused(*delete)
    healthy.az(*_purge())
    assert healthy.az(*LINKS) is None
    healthy.az(*delete)
    assert healthy.status(SUBNET, NETWORK) == 404


def _purge() -> tuple[str, ...]:
    provider = f"{GROUP.split('/resourceGroups/')[0]}/providers/Microsoft.Web"
    purge = f"{provider}/locations/westeurope/purgeUnusedVirtualNetworkIntegration?api-version=2024-04-01"
    return ("rest", "--method", "post", "--url", purge, "--body", json.dumps({"subnetResourceId": SUBNET}))


def test_az_leaves_no_orphan_where_the_app_was_disconnected_before_it_is_deleted(healthy: Cloud) -> None:
    healthy.az("functionapp", "vnet-integration", "remove", *ORDERS)
    healthy.az("functionapp", "delete", *ORDERS)
    assert healthy.az(*LINKS) is None


def test_az_rest_reads_the_network_configuration(healthy: Cloud) -> None:
    url = f"{APP}/networkConfig/virtualNetwork?api-version={WEB}"
    found = healthy.az("rest", "--method", "get", "--url", url)
    assert found["properties"] == {"subnetResourceId": SUBNET, "swiftSupported": True}


def test_the_reconnect_that_a_failed_run_prints_for_the_operator_reconnects(healthy: Cloud) -> None:
    healthy.az("functionapp", "vnet-integration", "remove", *ORDERS)
    body = {"properties": {"virtualNetworkSubnetId": SUBNET}}
    printed = by_hand(Request("PATCH", f"{APP}?api-version={WEB}", body))
    healthy.az(*_typed(printed))
    assert (healthy.subnet_of(APP), healthy.linked_plans) == (SUBNET, [PLAN])


def test_the_command_that_is_printed_for_a_changed_flag_sets_it_back_and_changes_nothing_else(
    healthy: Cloud,
) -> None:
    before = healthy.app()
    changed = {"applicationTraffic": False, "contentShareTraffic": False, "imagePullTraffic": True}
    body = {"properties": {"outboundVnetRouting": changed}}
    healthy.azure.ask("PATCH", f"{APP}?api-version={WEB}", json=body)
    problems = differences(before, healthy.app())
    assert len(problems) == 2
    for problem in problems:
        healthy.az(*_typed(problem.partition("set it back with: ")[2].strip("`")))
    assert healthy.app() == before
    assert (healthy.subnet_of(APP), healthy.linked_plans) == (SUBNET, [PLAN])


def _typed(command: str) -> list[str]:
    """The arguments of a printed `az …` as a shell would pass them on."""
    program, *arguments = shlex.split(command)
    assert program == "az"
    return arguments


def test_az_shows_a_web_app_and_a_slot_with_their_subnets(shared: Cloud) -> None:
    app = shared.az("webapp", "show", "-g", "rg-sandbox", "-n", "mail-web")
    slot = shared.az("functionapp", "show", *ORDERS, "--slot", "staging")
    assert (app["id"], app["virtualNetworkSubnetId"]) == (MAIL, SUBNET)
    assert (slot["id"], slot["virtualNetworkSubnetId"]) == (STAGING, SUBNET)


def test_az_disconnects_and_reconnects_a_web_app(shared: Cloud) -> None:
    app = ("-g", "rg-sandbox", "-n", "mail-web")
    shared.az("webapp", "vnet-integration", "remove", *app)
    assert shared.az("webapp", "vnet-integration", "list", *app) == []
    assert shared.subnet_of(MAIL) is None
    shared.az("webapp", "vnet-integration", "add", *app, *CONNECTION)
    [connection] = shared.az("webapp", "vnet-integration", "list", *app)
    assert connection["vnetResourceId"] == shared.subnet_of(MAIL) == SUBNET


def test_az_disconnects_and_reconnects_a_slot_and_leaves_its_app_alone(shared: Cloud) -> None:
    slot = (*ORDERS, "--slot", "staging")
    listed = ("webapp", "vnet-integration", "list", *slot)
    shared.az("functionapp", "vnet-integration", "remove", *slot)
    assert shared.az(*listed) == []
    assert (shared.subnet_of(STAGING), shared.subnet_of(APP)) == (None, SUBNET)
    shared.az("functionapp", "vnet-integration", "add", *slot, *CONNECTION)
    [connection] = shared.az(*listed)
    assert connection["vnetResourceId"] == shared.subnet_of(STAGING) == SUBNET


def test_az_brings_a_lost_link_back_only_after_every_integration_of_the_plan_was_removed(
    shared: Cloud,
) -> None:
    shared.az("functionapp", "vnet-integration", "remove", *ORDERS)
    shared.az("functionapp", "vnet-integration", "add", *ORDERS, *CONNECTION)
    assert shared.az(*LINKS) is None
    for name in ("mail-web", "billing-web"):
        shared.az("webapp", "vnet-integration", "remove", "-g", "rg-sandbox", "-n", name)
    for slot in ((), ("--slot", "staging")):
        shared.az("functionapp", "vnet-integration", "remove", *ORDERS, *slot)
    shared.az("webapp", "vnet-integration", "add", "-g", "rg-sandbox", "-n", "mail-web", *CONNECTION)
    [link] = shared.az(*LINKS)
    assert link["link"] == PLAN


def test_az_deletes_a_resource_group_with_everything_in_it(healthy: Cloud) -> None:
    healthy.az("group", "delete", "-n", "rg-sandbox", "--yes")
    assert healthy.az("group", "exists", "-n", "rg-sandbox") is False
    assert (healthy.status(APP), healthy.status(SUBNET, NETWORK)) == (404, 404)


def test_az_is_told_what_keeps_a_network_in_a_group_that_it_deletes(
    in_world: Callable[..., Cloud],
) -> None:
    apart = in_world(_apart)
    said = apart.az.refused("group", "delete", "-n", "rg-sandbox", "--yes")
    assert "ResourceGroupDeletionBlocked" in said
    apart.az("group", "delete", "-n", "rg-else", "--yes")
    assert apart.linked_plans == [PLAN.replace("rg-sandbox", "rg-else")]


def test_az_moves_an_app_and_its_plan_and_the_link_keeps_the_old_id(
    in_world: Callable[..., Cloud],
) -> None:
    cloud = in_world(_with_an_empty_group)
    move = ("resource", "move", "--ids", APP, PLAN)
    cloud.az(*move, "--destination-group", "rg-else")
    moved = cloud.az("functionapp", "show", "-g", "rg-else", "-n", "orders-func")
    assert moved["virtualNetworkSubnetId"] == SUBNET
    assert (cloud.status(APP), cloud.status(PLAN), cloud.linked_plans) == (404, 404, [PLAN])


@pytest.mark.parametrize(("preserve", "left"), [("true", SUBNET), ("false", None)])
def test_az_swaps_a_slot_and_keeps_the_network_unless_it_is_told_not_to(
    shared: Cloud, preserve: str, left: str | None
) -> None:
    swap = ("functionapp", "deployment", "slot", "swap", *ORDERS, "--slot", "staging")
    shared.az(*swap, "--preserve-vnet", preserve)
    assert (shared.subnet_of(APP), shared.subnet_of(STAGING)) == (left, SUBNET)


def test_az_is_refused_a_free_plan_under_an_integrated_app(healthy: Cloud) -> None:
    update = ("appservice", "plan", "update", "-g", "rg-sandbox", "-n", "plan-orders", "--sku", "F1")
    assert "does not support Regional VNET integration" in healthy.az.refused(*update)
    healthy.az("functionapp", "vnet-integration", "remove", *ORDERS)
    assert healthy.az(*update)["sku"]["name"] == "F1"


def test_az_is_refused_another_prefix_for_a_subnet_with_a_link(healthy: Cloud) -> None:
    update = ("network", "vnet", "subnet", "update", "--address-prefixes", "10.10.8.0/27", "--ids")
    assert "InUsePrefixCannotBeDeleted" in healthy.az.refused(*update, SUBNET)
    assert healthy.az(*update, FREE)["addressPrefix"] == "10.10.8.0/27"


def test_az_deletes_the_link_of_container_instances(in_world: Callable[..., Cloud]) -> None:
    containers = in_world(_with_container_instances)
    [link] = containers.az(*LINKS)
    assert (link["name"], link["allowDelete"]) == ("acisal", True)
    delete = ("resource", "delete", "--api-version", "2023-11-01", "--ids")
    assert "Some resources failed to be deleted" in containers.az.refused(*delete, link["id"])
    containers.az(*delete, f"{SUBNET}/serviceAssociationLinks/default")
    assert containers.az(*LINKS) is None


def test_az_rest_lists_deny_assignments(in_world: Callable[..., Cloud]) -> None:
    denied = in_world(_denied)
    url = f"{APP}/providers/Microsoft.Authorization/denyAssignments?api-version=2022-04-01"
    [found] = denied.az("rest", "--method", "get", "--url", url)["value"]
    assert found["properties"]["denyAssignmentName"] == "stack"
    said = denied.az.refused("functionapp", "vnet-integration", "remove", *ORDERS)
    assert "DenyAssignmentAuthorizationFailed" in said
