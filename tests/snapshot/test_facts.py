"""Which facts a document holds: what is empty, what is missing, and what is said in another way."""

from __future__ import annotations

from typing import Any

import pytest

from remediate.model import Document
from remediate.snapshot.facts import facts_of, path_of
from tests.checks.worlds import ELSEWHERE, NEIGHBOUR, OTHER_PLAN, PLAN, SUBNET, TARGET

from .test_compare import bodies, link, site

ROUTES = "routeTable.id"
DNS = "dhcpOptions.dnsServers"


def facts(part: str, body: Any, complete: bool = True) -> dict[str, Any]:
    found, unread = facts_of(
        (Document(part, "/x", "found", body),), TARGET, SUBNET, incomplete=() if complete else (part,)
    )
    assert unread == {}
    assert found.pop(part) == "found"
    return {path.removeprefix(f"{part}."): value for path, value in found.items()}


MISSING: list[tuple[str, Any, str, Any]] = [
    ("subnet", {"routeTable": None}, ROUTES, None),
    ("subnet", {"routeTable": {}}, ROUTES, ...),
    ("subnet", {"routeTable": {"id": "/r"}}, ROUTES, "/r"),
    ("subnet", {"routeTable": "cut off"}, ROUTES, ...),
    ("subnet", {}, ROUTES, ...),
    ("subnet", {"delegations": None}, "delegations", []),
    ("subnet", {}, "delegations", ...),
    ("vnet", {"dhcpOptions": None}, DNS, []),
    ("vnet", {"dhcpOptions": {"dnsServers": ["b", "a"]}}, DNS, ["a", "b"]),
    ("site", {"state": None}, "state", None),
    ("site", {}, "state", ...),
]


@pytest.mark.parametrize(("part", "properties", "path", "value"), MISSING)
def test_a_null_is_empty_and_what_is_missing_is_no_fact_where_a_tool_leaves_things_out(
    part: str, properties: dict[str, Any], path: str, value: Any
) -> None:
    found = facts(part, {"properties": properties}, complete=False)
    assert found.get(path, ...) == value


@pytest.mark.parametrize(("part", "properties", "path", "value"), MISSING)
def test_where_nothing_is_left_out_a_missing_field_that_azure_omits_is_empty(
    part: str, properties: dict[str, Any], path: str, value: Any
) -> None:
    empty = {ROUTES: None, "delegations": [], DNS: []}
    found = facts(part, {"properties": properties})
    assert found.get(path, ...) == (empty.get(path, ...) if value is ... else value)


NAMED: list[tuple[Any, dict[str, Any]]] = [
    ([link()], {"AppServiceLink": {**link()["properties"]}}),
    ([{"name": "L", "properties": {}}], {"L": {"link": None}}),
    (
        [{"name": "L", "link": "/p", "provisioningState": None}],
        {"L": {"link": "/p", "provisioningState": None}},
    ),
    (
        [{"name": "L", "properties": {"linkedResourceType": None}, "link": "/p"}],
        {"L": {"link": "/p", "linkedResourceType": None}},
    ),
    ("cut off", {}),
    (None, {}),
]


@pytest.mark.parametrize(("links", "expected"), NAMED)
def test_each_link_has_what_it_names_and_of_the_rest_what_was_said(links: Any, expected: Any) -> None:
    found = facts("subnet", {"properties": {"serviceAssociationLinks": links}})
    assert found["serviceAssociationLinks"] == expected


@pytest.mark.parametrize(
    ("properties", "prefixes"),
    [
        ({"addressPrefix": "a"}, ["a"]),
        ({"addressPrefixes": ["b", "a"]}, ["a", "b"]),
        ({"addressPrefixes": ["b", "a"], "addressPrefix": "c"}, ["a", "b"]),
        ({"addressPrefixes": [], "addressPrefix": "c"}, ["c"]),
        ({"addressPrefix": None}, []),
        ({}, []),
    ],
)
def test_prefixes_are_read_in_the_singular_and_in_the_plural(properties: Any, prefixes: list[str]) -> None:
    assert facts("subnet", {"properties": properties})["addressPrefixes"] == prefixes


FLAGS = {"applicationTraffic": True, "allTraffic": False}
OLD = {"vnetRouteAllEnabled": True, "vnetImagePullEnabled": False, "vnetBackupRestoreEnabled": None}


@pytest.mark.parametrize(
    ("properties", "flags"),
    [
        ({"outboundVnetRouting": FLAGS}, FLAGS),
        ({"outboundVnetRouting": FLAGS, **OLD}, FLAGS),
        (OLD, {"applicationTraffic": True, "imagePullTraffic": False, "backupRestoreTraffic": None}),
        ({"vnetContentShareEnabled": 1}, {"contentShareTraffic": 1}),
        (
            {"outboundVnetRouting": None, **OLD},
            {"applicationTraffic": True, "imagePullTraffic": False, "backupRestoreTraffic": None},
        ),
        ({}, {}),
        (None, {}),
    ],
)
def test_flags_are_read_by_their_names_of_today_or_else_by_the_former(properties: Any, flags: Any) -> None:
    found = facts("site", {"properties": properties})
    kept = {path.partition(".")[2]: one for path, one in found.items() if path.startswith("outbound")}
    assert kept == flags


def test_connections_are_regional_where_azure_says_so_and_through_a_gateway_else() -> None:
    named = [
        {"properties": {"vnetResourceId": "/b", "isSwift": True}},
        {"vnetResourceId": "/a", "isSwift": True},
        {"vnetResourceId": "/d", "isSwift": "true"},
        {"vnetResourceId": "/c"},
    ]
    assert facts("connections", named) == {"regional": ["/a", "/b"], "gateway": ["/c", "/d"]}
    assert facts("connections", None) == {"regional": [], "gateway": []}


def test_the_cached_row_tells_app_services_link_on_this_subnet() -> None:
    foreign = {**link("/s", type_="Microsoft.Sql/managedInstances"), "name": "sql"}
    row = bodies()["graph"]
    links = row["properties"]["subnets"][0]["properties"]["serviceAssociationLinks"]
    links[:] = [foreign, {**link(OTHER_PLAN), "name": "first"}, link()]
    row["properties"]["subnets"].insert(
        0, {"id": ELSEWHERE, "properties": {"serviceAssociationLinks": [link()]}}
    )
    assert facts("graph", row) == {"link": OTHER_PLAN}
    links[:] = [foreign]
    assert facts("graph", row) == {"link": None}
    assert facts("graph", {"properties": {"subnets": []}}) == {}


LISTED = Document("plan-apps", "/p", "found", [site(), site(NEIGHBOUR)])


@pytest.mark.parametrize(
    ("statuses", "unread"),
    [
        ({}, {}),
        ({"plan-apps": "denied"}, {"apps": "denied"}),
        ({"plan-apps": "failed"}, {"apps": "failed"}),
        ({"slots:orders": "failed"}, {"apps": "failed"}),
        ({"slots:orders": "denied", "plan-apps": "failed"}, {"apps": "denied"}),
        ({"site:billing": "denied"}, {}),
        ({"subnet": "denied", "graph": "failed"}, {"subnet": "denied", "graph": "failed"}),
        ({"connections": "failed"}, {"connections": "failed"}),
    ],
)
def test_what_could_not_be_read_is_told_by_its_part(statuses: Any, unread: dict[str, str]) -> None:
    names = ("plan-apps", "slots:orders", "site:billing", "subnet", "graph", "connections")
    documents = [Document(what, "/x", statuses.get(what, "found"), None) for what in names]
    found, told = facts_of(documents, TARGET, SUBNET)
    assert told == unread
    assert not {path.partition(".")[0] for path in found} & set(unread)
    assert ("apps" in found) is ("apps" not in unread)
    assert list(found) == sorted(found)


def test_apps_are_listed_only_where_the_list_was_read_and_the_subnet_is_known() -> None:
    found, _ = facts_of((LISTED,), TARGET, SUBNET)
    assert found["apps"] == {
        "billing": {
            "virtualNetworkSubnetId": SUBNET,
            "outboundVnetRouting.applicationTraffic": False,
            "outboundVnetRouting.imagePullTraffic": True,
        }
    }
    assert "apps" not in facts_of((LISTED,), TARGET, None)[0]
    assert (
        "apps"
        not in facts_of((Document("slots:orders", "/s", "found", [site(NEIGHBOUR)]),), TARGET, SUBNET)[0]
    )


def test_a_slot_of_a_list_counts_as_an_app() -> None:
    slots = Document("slots:orders", "/s", "found", [site(f"{TARGET}/slots/staging")])
    assert set(facts_of((LISTED, slots), TARGET, SUBNET)[0]["apps"]) == {"billing", "orders/staging"}


@pytest.mark.parametrize(
    ("part", "key", "path"),
    [
        ("subnet", "routeTable", "subnet.routeTable.id"),
        ("subnet", "delegations", "subnet.delegations"),
        ("vnet", "dhcpOptions", "vnet.dhcpOptions.dnsServers"),
        ("vnet", "subnets", "vnet.subnets"),
        ("other", "x", "other.x"),
    ],
)
def test_a_property_is_told_by_the_path_of_its_fact(part: str, key: str, path: str) -> None:
    assert path_of(part, key) == path


def test_the_plan_of_the_app_is_a_fact() -> None:
    assert facts("site", site())["serverFarmId"] == PLAN
