"""The unmodified clients of azure-identity, azure-mgmt-web and azure-mgmt-network against the sandbox."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from azure.core.exceptions import ClientAuthenticationError, ResourceNotFoundError
from azure.mgmt.network.models import Delegation
from azure.mgmt.web.models import SitePatchResource

from tests.sandbox.clients import APP, APP_ID, GROUP, SUBNET, SUBNET_ID, VNET, Clients, eventually, failure

Serve = Callable[..., Clients]


def test_an_app_shows_its_subnet_and_its_routing(clients: Serve) -> None:
    site = clients().web.web_apps.get(GROUP, APP)
    assert (site.kind, site.location, site.state) == ("functionapp", "West Europe", "Running")
    assert site.virtual_network_subnet_id == SUBNET_ID
    assert site.outbound_vnet_routing.application_traffic is True
    assert site.outbound_vnet_routing.content_share_traffic is False


def test_all_views_of_a_healthy_app_agree(clients: Serve) -> None:
    azure = clients()
    web = azure.web
    assert web.web_apps.get_swift_virtual_network_connection(GROUP, APP).subnet_resource_id == SUBNET_ID
    (connection,) = web.web_apps.list_vnet_connections(GROUP, APP)
    assert (connection.is_swift, connection.vnet_resource_id) == (True, SUBNET_ID)
    plan = web.app_service_plans.get(GROUP, "plan-orders")
    assert (plan.sku and plan.sku.name, plan.number_of_workers) == ("P1v3", 2)
    assert [app.name for app in web.app_service_plans.list_web_apps(GROUP, "plan-orders")] == [APP]
    (link,) = azure.network.subnets.get(GROUP, VNET, SUBNET).service_association_links or []
    assert link.link == plan.id
    assert [one.name for one in azure.network.service_association_links.list(GROUP, VNET, SUBNET).value] == [
        "AppServiceLink"
    ]


def test_slots_and_instances_are_listed(clients: Serve) -> None:
    web = clients("shared-link").web
    (slot,) = web.web_apps.list_slots(GROUP, APP)
    assert (slot.name, slot.virtual_network_subnet_id) == (f"{APP}/staging", SUBNET_ID)
    assert web.web_apps.get_slot(GROUP, APP, "staging").id == f"{APP_ID}/slots/staging"
    assert web.web_apps.get_swift_virtual_network_connection_slot(GROUP, APP, "staging").subnet_resource_id
    assert web.web_apps.list_vnet_connections_slot(GROUP, APP, "staging")[0].is_swift
    assert len(list(web.web_apps.list_instance_identifiers(GROUP, APP))) == 2


def test_a_disconnect_takes_the_link_and_a_reconnect_brings_it_back(clients: Serve) -> None:
    azure = clients("link-missing")
    azure.web.web_apps.delete_swift_virtual_network(GROUP, APP)
    site = azure.web.web_apps.get(GROUP, APP)
    assert site.virtual_network_subnet_id is None
    assert site.outbound_vnet_routing.application_traffic is True
    assert azure.web.web_apps.list_vnet_connections(GROUP, APP) == []
    azure.web.web_apps.update(
        GROUP, APP, SitePatchResource({"properties": {"virtualNetworkSubnetId": SUBNET_ID}})
    )
    assert eventually(azure.links)


def test_a_slot_is_disconnected_by_itself(clients: Serve) -> None:
    web = clients("shared-link").web
    web.web_apps.delete_swift_virtual_network_slot(GROUP, APP, "staging")
    assert web.web_apps.get_slot(GROUP, APP, "staging").virtual_network_subnet_id is None
    assert web.web_apps.get(GROUP, APP).virtual_network_subnet_id == SUBNET_ID


def test_a_delegation_is_added_through_the_long_running_operation(clients: Serve) -> None:
    network = clients("delegation-missing").network
    subnet = network.subnets.get(GROUP, VNET, SUBNET)
    subnet.delegations = [
        Delegation({"name": "web", "properties": {"serviceName": "Microsoft.Web/serverFarms"}})
    ]
    done = network.subnets.begin_create_or_update(GROUP, VNET, SUBNET, subnet).result()
    assert done.provisioning_state == "Succeeded"
    assert [one.service_name for one in done.delegations] == ["Microsoft.Web/serverFarms"]


def test_a_linked_subnet_is_not_deleted_and_a_free_one_is(clients: Serve) -> None:
    network = clients().network
    error = failure(lambda: network.subnets.begin_delete(GROUP, VNET, SUBNET))
    assert (error.status_code, error.error and error.error.code) == (400, "InUseSubnetCannotBeDeleted")
    network.subnets.begin_delete(GROUP, VNET, "snet-data").result()
    assert [one.name for one in network.subnets.list(GROUP, VNET)] == [SUBNET]


def test_a_deleted_app_takes_its_plan_along_and_leaves_the_orphan(clients: Serve) -> None:
    azure = clients()
    azure.web.web_apps.delete(GROUP, APP)
    with pytest.raises(ResourceNotFoundError):
        azure.web.app_service_plans.get(GROUP, "plan-orders")
    assert azure.links()[0]["properties"]["link"].endswith("/serverfarms/plan-orders")


def test_a_kept_plan_stays(clients: Serve) -> None:
    azure = clients()
    azure.web.web_apps.delete(GROUP, APP, delete_empty_server_farm=False)
    assert azure.web.app_service_plans.get(GROUP, "plan-orders").number_of_sites == 0


def test_a_missing_app_is_the_sdks_not_found(clients: Serve) -> None:
    azure = clients()
    with pytest.raises(ResourceNotFoundError):
        azure.web.web_apps.get(GROUP, "nobody")


def test_a_wrong_secret_is_the_sdks_authentication_error(
    clients: Serve, monkeypatch: pytest.MonkeyPatch
) -> None:
    sandbox = clients().sandbox
    monkeypatch.setenv("AZURE_CLIENT_SECRET", "guessed")
    with pytest.raises(ClientAuthenticationError, match="AADSTS7000215: Invalid client secret provided"):
        Clients(sandbox).web.web_apps.get(GROUP, APP)
