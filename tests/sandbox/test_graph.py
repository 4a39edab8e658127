"""Resource Graph over HTTP: rows, pages, errors in its own form, and a view that can be stale."""

from __future__ import annotations

import copy
import json
from collections.abc import Callable
from typing import Any

import pytest

from remediate.sandbox.clock import SimulatedClock
from remediate.sandbox.resources import Site, Subscription
from remediate.sandbox.scenarios import load
from remediate.sandbox.state import key
from remediate.sandbox.world import World
from tests.conformance.recordings import FOLDER, needs_recordings
from tests.sandbox.clients import APP, APP_ID, BASE, SUBNET_ID, SUBSCRIPTION, Clients
from tests.sandbox.worlds import HandClock

Serve = Callable[..., Clients]
APPS = "resources | where type in~ ('microsoft.web/sites', 'microsoft.web/sites/slots')"
COLUMNS = "| project id, name, type, kind, location, resourceGroup, subscriptionId, properties"
VNET_ID = f"{BASE}/Microsoft.Network/virtualNetworks/vnet-prod"


def ask(azure: Clients, query: str, **options: Any) -> dict[str, Any]:
    body = {"subscriptions": [SUBSCRIPTION], "query": query, "options": options}
    answer = azure.ask("POST", "/providers/Microsoft.ResourceGraph/resources", api="2022-10-01", json=body)
    document: dict[str, Any] = answer.json()
    return document


def recorded_queries() -> list[dict[str, Any]]:
    return [json.loads(line) for line in (FOLDER / "resource-graph.jsonl").read_text().splitlines()]


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


def refused(azure: Clients, **body: Any) -> list[dict[str, Any]]:
    """The details of the error that a query is answered with."""
    answer = azure.ask("POST", "/providers/Microsoft.ResourceGraph/resources", json=body)
    assert answer.status_code == 400, answer.text
    error = answer.json()["error"]
    assert (set(error), error["code"]) == ({"code", "message", "details"}, "BadRequest")
    details: list[dict[str, Any]] = error["details"]
    return details


@pytest.mark.parametrize(
    ("query", "code"),
    [
        ("where where", "ParserFailure"),
        ("resources | project id id", "ParserFailure"),
        ("resources | join resourcecontainers on id", "ParserFailure"),
        ("resources | project nme", "Default"),
        (f"{APPS} | where properties.virtualNetworkSubnetId == 'x' | order by nme", "Default"),
        ("resources | where type = 'x'", "ParserFailure"),
        ("resources | where tolwer(name) == 'x'", "UnknownFunction"),
    ],
)
def test_a_wrong_query_is_400_with_the_reason(clients: Serve, query: str, code: str) -> None:
    general, reason = refused(clients(), query=query)
    assert (general["code"], reason["code"]) == ("InvalidQuery", code)


def test_a_table_that_is_not_there_is_400_with_that_reason_alone(clients: Serve) -> None:
    (reason,) = refused(clients(), query="resurces | project id")
    assert reason == {
        "code": "DisallowedLogicalTableName",
        "message": "Table resurces is invalid, unsupported or disallowed.",
    }


@needs_recordings
def test_the_error_has_the_recorded_form(clients: Serve) -> None:
    recorded = next(one for one in recorded_queries() if one["status"] == 400)
    general, reason = refused(clients(), query=recorded["request"]["query"])
    said = recorded["response"]["error"]
    assert general == said["details"][0]
    assert set(reason) == set(said["details"][1])
    for name in ("code", "message", "line"):
        assert reason[name] == said["details"][1][name]


@needs_recordings
def test_a_row_has_the_recorded_columns(clients: Serve) -> None:
    whole = [one for one in recorded_queries() if one["request"]["query"].startswith("resources |")]
    (row,) = ask(clients(), f"resources | where id =~ '{VNET_ID}'")["data"]
    assert list(row) == list(whole[0]["response"]["data"][0])
    assert (row["kind"], row["managedBy"], row["identity"], row["zones"]) == ("", "", None, None)


@needs_recordings
def test_a_recorded_query_that_azure_took_is_taken(clients: Serve) -> None:
    azure = clients()
    elsewhere = ("RecoveryServicesResources", "communitygalleryresources")
    for one in recorded_queries():
        if one["status"] == 200 and not one["request"]["query"].startswith(elsewhere):
            options = {**one["request"].get("options", {}), "$skipToken": None}
            assert set(ask(azure, one["request"]["query"], **options)) >= {"totalRecords", "count", "data"}


@pytest.mark.parametrize(
    "options",
    [
        {"$top": 0},
        {"$top": 1001},
        {"$top": "10"},
        {"$skip": -1},
        {"$skipToken": "3"},
        {"$skipToken": "bm90aGluZw=="},
        {"resultFormat": "csv"},
    ],
)
def test_a_wrong_option_is_400(clients: Serve, options: dict[str, Any]) -> None:
    (reason,) = refused(clients(), query="resources", options=options)
    assert reason["code"] == "InvalidQueryOption"


@pytest.mark.parametrize("query", ["", "  ", None, 3])
def test_without_a_query_the_answer_is_400(clients: Serve, query: Any) -> None:
    assert refused(clients(), query=query)[0]["code"] == "EmptyQuery"


@pytest.mark.parametrize("query", ["resources | take 3", "resources | project properties"])
def test_a_query_that_cannot_be_paged_is_truncated(clients: Serve, query: str) -> None:
    answer = ask(clients("shared-link"), query, **{"$top": 2})
    assert (answer["count"], answer["resultTruncated"]) == (2, "true")
    assert "$skipToken" not in answer


def test_an_answer_can_be_a_table(clients: Serve) -> None:
    query = "resources | where name =~ 'orders-func' | project name, properties"
    told = ask(clients(), query, resultFormat="table")["data"]
    assert told["columns"] == [{"name": "name", "type": "string"}, {"name": "properties", "type": "object"}]
    assert [row[0] for row in told["rows"]] == [APP]


def test_rows_can_be_skipped(clients: Serve) -> None:
    azure = clients("shared-link")
    answer = ask(azure, f"{APPS} | project id, name | order by name asc", **{"$skip": 2, "$top": 1})
    assert names(answer) == [APP]


OTHER, UNSEEN = f"{SUBSCRIPTION[:-1]}2", f"{SUBSCRIPTION[:-1]}3"


def three_subscriptions() -> World:
    """A world with an app in each of three subscriptions, of which the caller sees two."""
    world = load("healthy")
    for one, visible in ((OTHER, True), (UNSEEN, False)):
        world.state.add(Subscription(one, "Further", visible))
        for id_ in (APP_ID, f"{BASE}/Microsoft.Web/serverfarms/plan-orders"):
            moved = copy.deepcopy(world.state.sites.get(key(id_)) or world.state.plan(id_))
            moved.id = moved.id.replace(SUBSCRIPTION, one)
            if isinstance(moved, Site):
                moved.plan = moved.plan.replace(SUBSCRIPTION, one)
            world.state.add(moved)
    return world


@pytest.mark.parametrize(
    ("scope", "found"),
    [
        ({}, [SUBSCRIPTION, OTHER]),
        ({"subscriptions": [SUBSCRIPTION, OTHER]}, [SUBSCRIPTION, OTHER]),
        ({"subscriptions": [OTHER.upper(), UNSEEN, "0-0"]}, [OTHER]),
        ({"subscriptions": []}, [SUBSCRIPTION, OTHER]),
        ({"managementGroups": ["adfs"]}, [SUBSCRIPTION, OTHER]),
    ],
)
def test_several_subscriptions_are_searched_as_far_as_they_are_seen(
    clients: Serve, scope: dict[str, Any], found: list[str]
) -> None:
    azure = clients(three_subscriptions())
    body = {**scope, "query": f"{APPS} | project subscriptionId | order by subscriptionId asc"}
    answer = azure.ask("POST", "/providers/Microsoft.ResourceGraph/resources", json=body).json()
    assert [row["subscriptionId"] for row in answer["data"]] == found


@pytest.mark.parametrize(
    ("scope", "code"),
    [
        ({"subscriptions": [UNSEEN]}, "NoValidSubscriptionsInQueryRequest"),
        ({"subscriptions": [f"{SUBSCRIPTION[:-1]}f"]}, "NoValidSubscriptionsInQueryRequest"),
        ({"managementGroups": ["nobody"]}, "InvalidQueryOption"),
    ],
)
def test_where_nothing_can_be_searched_the_answer_is_400(
    clients: Serve, scope: dict[str, Any], code: str
) -> None:
    details = refused(clients(three_subscriptions()), query=APPS, **scope)
    assert [one["code"] for one in details] == [code]


def test_fifteen_queries_in_five_seconds_are_answered_and_the_next_one_is_not(clients: Serve) -> None:
    hand = HandClock()
    azure = clients(World(load("healthy").state, SimulatedClock(source=hand)))

    def answer(query: str = "resources | take 1") -> tuple[int, list[str | None]]:
        told = azure.ask("POST", "/providers/Microsoft.ResourceGraph/resources", json={"query": query})
        names = ("x-ms-user-quota-remaining", "x-ms-user-quota-resets-after", "Retry-After")
        return told.status_code, [told.headers.get(name) for name in names]

    assert answer() == (200, ["14", "00:00:05", None])
    assert answer("where where") == (400, ["13", "00:00:05", None])
    for _ in range(12):
        assert answer()[0] == 200
    hand.seconds += 3
    assert answer() == (200, ["0", "00:00:02", None])
    assert answer() == (429, ["0", "00:00:02", "2"])
    hand.seconds += 2
    assert answer() == (200, ["14", "00:00:05", None])


@needs_recordings
def test_the_quota_is_told_as_recorded(clients: Serve) -> None:
    azure = clients()
    (event,) = [
        one for one in recorded_queries() if one["headers"]["date"].startswith("Tue, 04 Nov 2025 08:51:39")
    ]
    told = azure.ask(
        "POST", "/providers/Microsoft.ResourceGraph/resources", json={"query": "resources"}
    ).headers
    names = [name for name in event["headers"] if "quota" in name or "ratelimit" in name]
    assert {name: told[name] for name in names} == {name: event["headers"][name] for name in names}
    assert not [name for name in told if name.startswith("x-ms-ratelimit-remaining-subscription")]


def test_groups_and_subscriptions_are_in_a_table_of_their_own(clients: Serve) -> None:
    answer = ask(clients(), "resourcecontainers | project name, type, resourceGroup")
    assert [tuple(row.values()) for row in answer["data"]] == [
        ("Sandbox", "microsoft.resources/subscriptions", ""),
        ("rg-sandbox", "microsoft.resources/subscriptions/resourcegroups", "rg-sandbox"),
    ]


def test_a_lone_surrogate_comes_back_escaped(clients: Serve) -> None:
    row = ask(clients(), f"{APPS} | extend word = '\ud800é' | project word")["data"][0]
    assert row == {"word": "\ud800é"}


def test_a_query_stands_in_the_log(clients: Serve) -> None:
    azure = clients()
    ask(azure, "resources | count")
    (entry,) = [one for one in azure.log if "ResourceGraph" in one["path"]]
    assert (entry["body"]["query"], entry["mutating"]) == ("resources | count", False)


def test_a_frozen_view_goes_on_showing_what_was(clients: Serve) -> None:
    world = load("healthy", speed=1000)
    world.freeze_graph()
    azure = clients(world)
    azure.patch(None)
    assert azure.site()["properties"]["virtualNetworkSubnetId"] is None
    (row,) = ask(azure, f"{APPS} {COLUMNS}")["data"]
    assert row["properties"]["virtualNetworkSubnetId"] == SUBNET_ID
