"""What is a change, what it means, and what is none."""

from __future__ import annotations

import copy
import json
import random
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from remediate.model import WEB_LINK, Document, Snapshot
from remediate.snapshot import compare
from remediate.snapshot.facts import facts_of
from remediate.snapshot.secrets import redact_documents, without_secrets
from remediate.state.local import LocalStore
from remediate.state.snapshots import DamagedSnapshot, SnapshotStore
from tests.checks.worlds import NEIGHBOUR, OTHER_PLAN, PLAN, SUBNET, TARGET, VNET

AT = datetime(2026, 1, 1, 3, 0, tzinfo=UTC)
ARM = "https://management.azure.com"


def link(target: str | None = PLAN, state: str = "Succeeded", type_: str = WEB_LINK) -> dict[str, Any]:
    return {
        "name": "AppServiceLink",
        "etag": 'W/"1"',
        "properties": {"link": target, "linkedResourceType": type_, "provisioningState": state},
    }


def site(app: str = TARGET) -> dict[str, Any]:
    return {
        "id": app,
        "kind": "functionapp",
        "location": "West Europe",
        "properties": {
            "virtualNetworkSubnetId": SUBNET,
            "serverFarmId": PLAN,
            "state": "Running",
            "lastModifiedTimeUtc": "2026-01-01T00:00:00",
            "dnsConfiguration": {},
            "outboundVnetRouting": {"applicationTraffic": False, "imagePullTraffic": True},
        },
    }


def bodies() -> dict[str, Any]:
    """What a look read, by the name of the read."""
    subnet = {
        "id": SUBNET,
        "etag": 'W/"1"',
        "properties": {
            "addressPrefix": "10.1.0.0/27",
            "provisioningState": "Succeeded",
            "serviceAssociationLinks": [link()],
            "delegations": [{"name": "web", "properties": {"serviceName": "Microsoft.Web/serverFarms"}}],
            "serviceEndpoints": [{"service": "Microsoft.Sql"}, {"service": "Microsoft.Storage"}],
        },
    }
    swift = {"name": "g_snet", "properties": {"vnetResourceId": SUBNET, "isSwift": True}}
    return {
        "site": site(),
        "networkConfig": {"id": f"{TARGET}/config/x", "properties": {"subnetResourceId": SUBNET}},
        "connections": [swift],
        "plan": {"id": PLAN, "sku": {"name": "P1v3"}, "properties": {"numberOfWorkers": 2}},
        "plan-apps": [site(), site(NEIGHBOUR)],
        "slots:orders": [],
        "subnet": subnet,
        "vnet": {
            "id": VNET,
            "location": "westeurope",
            "properties": {"resourceGuid": "guid-1", "addressSpace": {"addressPrefixes": ["10.1.0.0/16"]}},
        },
        "graph": {"id": VNET, "properties": {"subnets": [copy.deepcopy(subnet)]}},
    }


def taken(read: dict[str, Any], label: str = "before", **statuses: Any) -> Snapshot:
    documents = tuple(
        Document(what, f"/{what}", statuses.get(what, "found"), body) for what, body in read.items()
    )
    facts, unread = facts_of(documents, TARGET, SUBNET)
    head = (label, TARGET, SUBNET, AT, True, (), facts, unread, documents)
    return Snapshot(*head, source="azure", who="ada", tool="remediate", cloud="AzureCloud", arm=ARM)


def spoilt(path: str, value: Any) -> dict[str, Any]:
    """A look in which one field is different; `properties` is understood."""
    read = bodies()
    *way, last = path.split("/")
    inner: Any = read
    for key in way:
        inner = inner[int(key)] if isinstance(inner, list) else inner[key]
    inner[last] = value
    return read


PROPERTIES = "site/properties"
MEANINGS = [
    ("subnet/properties/serviceAssociationLinks", [link(OTHER_PLAN)], "the link names another plan"),
    ("subnet/properties/serviceAssociationLinks", [link(None)], "the link names no plan any more"),
    ("subnet/properties/serviceAssociationLinks", [link(state="Updating")], "the link is Updating"),
    ("subnet/properties/serviceAssociationLinks", [], "the link was removed"),
    ("subnet/properties/delegations", [], "delegation removed"),
    (
        "subnet/properties/delegations",
        [{"name": "db", "properties": {"serviceName": "Microsoft.DBforPostgreSQL/flexibleServers"}}],
        "delegated to another service",
    ),
    ("subnet/properties/networkSecurityGroup", {"id": "/nsg"}, "network security group added"),
    ("subnet/properties/routeTable", {"id": "/routes"}, "route table added"),
    ("subnet/properties/addressPrefix", "10.1.0.0/28", "the subnet has other addresses"),
    ("subnet/properties/serviceEndpoints", [], "the subnet's service endpoints changed"),
    (f"{PROPERTIES}/virtualNetworkSubnetId", None, "the site lost its subnet, networkConfig still has it"),
    (
        f"{PROPERTIES}/virtualNetworkSubnetId",
        f"{VNET}/subnets/x",
        "the site names another subnet, networkConfig does not",
    ),
    (f"{PROPERTIES}/serverFarmId", OTHER_PLAN, "the app is on another plan"),
    (f"{PROPERTIES}/state", "Stopped", "the app is Stopped"),
    (f"{PROPERTIES}/dnsConfiguration", {"dnsServers": ["10.0.0.4"]}, "the app's DNS settings changed"),
    (f"{PROPERTIES}/outboundVnetRouting/applicationTraffic", True, "route-all switched on"),
    (f"{PROPERTIES}/outboundVnetRouting/imagePullTraffic", False, "routing of image pulls switched off"),
    (
        f"{PROPERTIES}/outboundVnetRouting/imagePullTraffic",
        None,
        "routing of image pulls is not reported any more",
    ),
    (
        "networkConfig/properties/subnetResourceId",
        None,
        "networkConfig lost its subnet, the site still has it",
    ),
    ("connections", [], "the connection was removed"),
    ("plan/sku/name", "P2v3", "the plan's size is P2v3"),
    ("plan/properties/numberOfWorkers", 3, "the plan has more instances"),
    ("plan-apps", [site()], "billing left the subnet"),
    ("vnet/properties/resourceGuid", "guid-2", "the network was deleted and created again"),
    ("vnet/properties/dhcpOptions", {"dnsServers": ["10.0.0.4"]}, "the network's DNS servers changed"),
    ("vnet/location", "North Europe", "vnet.location changed"),
]


@pytest.mark.parametrize(("path", "value", "meaning"), MEANINGS)
def test_each_change_is_named_by_what_it_means_and_nothing_else_is(
    path: str, value: Any, meaning: str
) -> None:
    found = compare(taken(bodies()), taken(spoilt(path, value), "after"))
    assert [one.meaning for one in found.changes] == [meaning]
    assert found.same is False
    back = compare(taken(spoilt(path, value)), taken(bodies(), "after"))
    assert [one.path for one in back.changes] == [one.path for one in found.changes]


def respelt(value: Any, shuffle: random.Random, key: str = "") -> Any:
    """The same, as another of Azure's views may spell it: order, case of ids, etags and times."""
    if isinstance(value, dict):
        pairs = list(value.items())
        shuffle.shuffle(pairs)
        return {name: respelt(one, shuffle, name) for name, one in pairs}
    if isinstance(value, list):
        return shuffle.sample([respelt(one, shuffle) for one in value], len(value))
    if key in ("etag", "lastModifiedTimeUtc"):
        return f"other-{shuffle.random()}"
    if key == "location":
        return shuffle.choice(["West Europe", "westeurope", "WestEurope"])
    if isinstance(value, str) and value.startswith("/"):
        return shuffle.choice([value, value.upper(), value.lower(), f"{value}/"])
    return value


@given(st.randoms(use_true_random=False))
def test_order_case_etags_and_times_are_no_changes(shuffle: random.Random) -> None:
    read = bodies()
    other = {what: respelt(body, shuffle) for what, body in read.items()}
    found = compare(taken(read), taken(other, "after"))
    assert (found.changes, found.left_out, found.same) == ((), (), True)


def test_a_part_that_is_gone_is_one_change() -> None:
    found = compare(taken(bodies()), taken(bodies(), "after", subnet="absent", graph="absent"))
    assert [one.meaning for one in found.changes][:1] == ["the subnet was removed"]
    assert {one.path for one in found.changes} == {"subnet", "graph"}
    assert found.left_out == ()


def test_what_could_not_be_read_leaves_the_answer_open_but_for_the_cache() -> None:
    denied = compare(taken(bodies()), taken(bodies(), "after", networkConfig="denied"))
    assert (denied.same, [one.path for one in denied.left_out]) == (None, ["networkConfig"])
    listing = compare(taken(bodies()), taken(bodies(), "after", **{"plan-apps": "denied"}))
    assert (listing.same, [one.path for one in listing.left_out]) == (None, ["apps"])
    cached = compare(taken(bodies()), taken(bodies(), "after", graph="failed"))
    assert (cached.same, [one.path for one in cached.left_out]) == (True, ["graph"])


def test_the_cache_is_named_only_where_it_does_not_follow_the_link() -> None:
    lost = spoilt("subnet/properties/serviceAssociationLinks", [])
    both_lost = copy.deepcopy(lost)
    both_lost["graph"]["properties"]["subnets"][0]["properties"]["serviceAssociationLinks"] = []
    assert [one.path for one in compare(taken(bodies()), taken(both_lost)).changes] == [
        "subnet.serviceAssociationLinks.AppServiceLink"
    ]
    assert compare(taken(lost), taken(both_lost)).same is True
    astray = bodies()
    astray["graph"]["properties"]["subnets"][0]["properties"]["serviceAssociationLinks"] = []
    assert [one.path for one in compare(taken(bodies()), taken(astray)).changes] == ["graph.link"]


def test_two_subnets_are_not_compared_with_each_other() -> None:
    moved = replace(taken(bodies(), "after"), subnet=f"{VNET}/subnets/other")
    found = compare(taken(bodies()), moved)
    assert {one.path for one in found.left_out} == {"subnet", "graph", "apps"}
    assert {one.why for one in found.left_out} == {"the snapshots are of different subnets"}


def test_flags_of_older_api_versions_are_the_same_facts() -> None:
    old = bodies()
    del old["site"]["properties"]["outboundVnetRouting"]
    old["site"]["properties"] |= {"vnetRouteAllEnabled": True, "vnetImagePullEnabled": True}
    found = compare(taken(bodies()), taken(old, "after"))
    assert [one.meaning for one in found.changes] == ["route-all switched on"]


@pytest.mark.parametrize("nothing", [None, {}, {"dnsServers": []}, {"dnsServers": None}])
def test_nothing_is_nothing_however_azure_says_it(nothing: Any) -> None:
    assert compare(taken(bodies()), taken(spoilt(f"{PROPERTIES}/dnsConfiguration", nothing))).same is True


def test_a_foreign_link_is_called_by_its_name() -> None:
    foreign = spoilt(
        "subnet/properties/serviceAssociationLinks",
        [link(), {**link(None, type_="Microsoft.DBforPostgreSQL/flexibleServers"), "name": "pg"}],
    )
    [change] = compare(taken(bodies()), taken(foreign)).changes
    assert change.meaning == "pg, another service's link, was added"


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
    max_leaves=10,
)
PATHS = st.sampled_from(["subnet", "subnet.serviceAssociationLinks", "apps", "graph.link", "site.location"])


@given(st.dictionaries(PATHS, JSON), st.dictionaries(PATHS, JSON))
def test_whatever_a_file_claims_as_facts_can_be_compared(one: dict[str, Any], other: dict[str, Any]) -> None:
    before, after = replace(taken(bodies()), facts=one), replace(taken(bodies()), facts=other)
    found = compare(before, after)
    assert found.same is False or not found.changes
    assert compare(before, before).changes == ()


@given(JSON)
def test_no_field_named_as_a_secret_keeps_its_value(value: Any) -> None:
    kept = without_secrets({"properties": [{"certBlob": value, "adminPassword": value, "other": 1}]})
    told = kept["properties"][0]
    assert told["other"] == 1
    bare = value is None or isinstance(value, bool)
    assert [told["certBlob"], told["adminPassword"]] == [value if bare else "REDACTED"] * 2


STATED = ("virtualNetworkSubnetId", "serverFarmId", "state", "lastModifiedTimeUtc")


@given(st.data(), st.text("abcdefXYZ0189-_/+=", min_size=4, max_size=40))
def test_no_secret_is_kept_wherever_it_stands(data: st.DataObject, text: str) -> None:
    planted, body = f"planted{text}", site()
    properties: dict[str, Any] = body["properties"]
    places = [body, properties, properties["dnsConfiguration"], properties["outboundVnetRouting"]]
    names = st.sampled_from(["siteConfig", "cers", "tags", "name", "status", "location", "metadata", "x"])
    value = data.draw(
        st.recursive(
            st.just(planted),
            lambda inner: st.lists(inner, max_size=3) | st.dictionaries(names, inner, max_size=3),
        )
    )
    data.draw(st.sampled_from(places))["x"] = value
    properties["siteConfig"] = {data.draw(names): value, "handlerMappings": [{"name": planted}]}
    properties["siteProperties"] = {"properties": [{"name": planted, "value": planted}]}
    documents = redact_documents([Document("site", TARGET, "found", body)])
    facts, _ = facts_of(documents, TARGET, SUBNET)
    assert planted not in str((documents, facts))
    stated = documents[0].body["properties"]
    assert [stated[one] for one in STATED] == [properties[one] for one in STATED]


def test_no_fact_is_hidden_with_the_secrets() -> None:
    documents = [Document(what, f"/{what}", "found", body) for what, body in bodies().items()]
    assert facts_of(redact_documents(documents), TARGET, SUBNET) == facts_of(documents, TARGET, SUBNET)


def test_what_is_kept_is_read_back_and_what_is_damaged_is_told(tmp_path: Path) -> None:
    shelf = SnapshotStore(LocalStore(tmp_path), ARM)
    one = replace(taken(bodies()), label="good")
    shelf.save(one)
    assert shelf.find(TARGET.upper(), "good") == one
    assert shelf.labelled("good") == shelf.all().snapshots == [one]
    assert SnapshotStore(LocalStore(tmp_path), "https://management.usgovcloudapi.net").all().snapshots == []
    [file] = tmp_path.rglob("good.json")
    later = json.loads(file.read_text()) | {"schema": "remediate.snapshot/2"}
    file.write_bytes(msgspec.json.encode(later))
    with pytest.raises(DamagedSnapshot, match="is not a snapshot that this version reads"):
        shelf.find(TARGET, "good")
    assert (shelf.all().snapshots, len(shelf.all().damaged)) == ([], 1)
