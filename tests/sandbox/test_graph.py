"""Resource Graph: the queries that are understood, pages, and a view that can be stale."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from remediate.sandbox.scenarios import load
from tests.sandbox.clients import APP, APP_ID, BASE, SUBNET_ID, SUBSCRIPTION, Clients

Serve = Callable[..., Clients]
APPS = "resources | where type in~ ('microsoft.web/sites', 'microsoft.web/sites/slots')"
COLUMNS = "| project id, name, type, kind, location, resourceGroup, subscriptionId, properties"
VNET_ID = f"{BASE}/Microsoft.Network/virtualNetworks/vnet-prod"


def ask(azure: Clients, query: str, **options: Any) -> dict[str, Any]:
    body = {"subscriptions": [SUBSCRIPTION], "query": query, "options": options}
    answer = azure.ask("POST", "/providers/Microsoft.ResourceGraph/resources", api="2022-10-01", json=body)
    document: dict[str, Any] = answer.json()
    return document


def names(answer: dict[str, Any]) -> list[str]:
    return [row["name"] for row in answer["data"]]


def test_all_apps_and_slots_are_found(clients: Serve) -> None:
    answer = ask(clients("shared-link"), f"{APPS} {COLUMNS} | order by name asc")
    assert names(answer) == ["billing-web", "mail-web", APP, f"{APP}/staging"]
    assert (answer["totalRecords"], answer["count"], answer["resultTruncated"]) == (4, 4, "false")
    row = answer["data"][2]
    assert (row["id"], row["type"], row["kind"]) == (APP_ID, "microsoft.web/sites", "functionapp")
    assert (row["location"], row["resourceGroup"], row["subscriptionId"]) == (
        "westeurope",
        "rg-sandbox",
        SUBSCRIPTION,
    )
    assert row["properties"]["virtualNetworkSubnetId"] == SUBNET_ID


def test_an_app_is_found_by_its_name_whatever_the_case(clients: Serve) -> None:
    azure = clients("shared-link")
    assert names(ask(azure, f"{APPS} | where name =~ 'ORDERS-func' {COLUMNS}")) == [APP]
    assert names(ask(azure, f"{APPS} | where name =~ 'nobody' {COLUMNS}")) == []


def test_a_network_is_found_by_its_id_with_its_links(clients: Serve) -> None:
    query = f"resources | where id =~ '{VNET_ID.upper()}' | project id, name, type, location, properties"
    (row,) = ask(clients(), query)["data"]
    assert set(row) == {"id", "name", "type", "location", "properties"}
    subnet = row["properties"]["subnets"][0]["properties"]
    assert subnet["serviceAssociationLinks"][0]["properties"]["link"].endswith("/serverfarms/plan-orders")


def test_rows_come_in_pages(clients: Serve) -> None:
    azure = clients("shared-link")
    query = f"{APPS} {COLUMNS} | order by name asc"
    first = ask(azure, query, **{"$top": 3})
    rest = ask(azure, query, **{"$top": 3, "$skipToken": first["$skipToken"]})
    assert (first["count"], first["totalRecords"]) == (3, 4)
    assert names(first) + names(rest) == ["billing-web", "mail-web", APP, f"{APP}/staging"]
    assert "$skipToken" not in rest


@pytest.mark.parametrize(
    "query",
    [
        "",
        "resources",
        "resourcecontainers | project id",
        "resources | summarize count()",
        f"{APPS} | extend a = 1",
    ],
)
def test_any_other_query_is_400(clients: Serve, query: str) -> None:
    body = {"query": query}
    answer = clients().ask("POST", "/providers/Microsoft.ResourceGraph/resources", json=body)
    assert (answer.status_code, answer.json()["error"]["code"]) == (400, "BadRequest")


def test_a_frozen_view_goes_on_showing_what_was(clients: Serve) -> None:
    world = load("healthy", speed=1000)
    world.freeze_graph()
    azure = clients(world)
    azure.patch(None)
    assert azure.site()["properties"]["virtualNetworkSubnetId"] is None
    (row,) = ask(azure, f"{APPS} {COLUMNS}")["data"]
    assert row["properties"]["virtualNetworkSubnetId"] == SUBNET_ID
