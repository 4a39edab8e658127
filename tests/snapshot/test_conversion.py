"""What another tool saved, as a snapshot of one app: the same facts whatever wrote it."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import pytest
from msgspec.structs import replace

from remediate.model import Document, ReadStatus, Snapshot
from remediate.snapshot import Origin
from remediate.snapshot.conversion import convert
from remediate.snapshot.decoding import Unrecognised
from remediate.snapshot.facts import facts_of
from tests.checks.worlds import (
    ASKED,
    ELSEWHERE,
    NEIGHBOUR,
    NOWHERE,
    OTHER_PLAN,
    PLAN,
    SUBNET,
    TARGET,
    VNET,
    case,
)

from .shapes import as_text, cut_off, flattened, powershell, without_text
from .test_compare import bodies, link
from .test_recognise import resources, text

AT = datetime(2026, 1, 1, 3, 0, tzinfo=UTC)
ORIGIN = Origin("ada", "remediate", "AzureCloud", "https://management.azure.com")
SHAPES: dict[str, Callable[[dict[str, Any]], Any]] = {
    "ARM": lambda body: body,
    "listing": lambda body: {"value": [body]},
    "list": lambda body: [None, "text", body],
    "az": flattened,
    "PowerShell": powershell,
    "cut off": cut_off,
    "as text": as_text,
    "counted": lambda body: counted(powershell(body)),
}


def counted(body: dict[str, Any]) -> dict[str, Any]:
    """As Windows PowerShell writes some lists."""
    return {key: {"value": one, "Count": 1} if isinstance(one, list) else one for key, one in body.items()}


def network() -> dict[str, Any]:
    """A network with a subnet of everything that a fact is made of."""
    subnet = bodies()["subnet"]
    subnet["name"] = "snet-web"
    subnet["properties"] |= {
        "networkSecurityGroup": {"id": f"{VNET}-nsg"},
        "routeTable": {"id": f"{VNET}-routes"},
        "natGateway": {"id": f"{VNET}-nat"},
        "serviceEndpointPolicies": [{"id": f"{VNET}-policy"}],
    }
    vnet = bodies()["vnet"]
    vnet["properties"] |= {
        "subnets": [subnet],
        "dhcpOptions": {"dnsServers": ["10.0.0.4"]},
        "virtualNetworkPeerings": [{"name": "hub", "properties": {"peeringState": "Connected"}}],
    }
    return dict(vnet)


def imported(value: Any, subnet: str | None = None, **changes: Any) -> Snapshot:
    """A file as a snapshot of the app of a world."""
    return convert(resources(text(value)), case(**changes).integration, subnet, "old", AT, ORIGIN)


FOUND = {
    "networkSecurityGroup.id": f"{VNET}-nsg",
    "routeTable.id": f"{VNET}-routes",
    "natGateway.id": f"{VNET}-nat",
    "serviceEndpoints": ["Microsoft.Sql", "Microsoft.Storage"],
    "serviceEndpointPolicies": [f"{VNET}-policy"],
    "delegations": ["Microsoft.Web/serverFarms"],
    "addressPrefixes": ["10.1.0.0/27"],
    "provisioningState": "Succeeded",
    "serviceAssociationLinks": {
        "AppServiceLink": {
            "link": PLAN,
            "linkedResourceType": "Microsoft.Web/serverfarms",
            "provisioningState": "Succeeded",
        }
    },
}


@pytest.mark.parametrize("shape", SHAPES)
@pytest.mark.parametrize("of", ["subnet", "vnet"])
def test_a_file_has_the_facts_of_arms_own_document_whatever_wrote_it(shape: str, of: str) -> None:
    whole = network() if of == "vnet" else network()["properties"]["subnets"][0]
    taken = imported(SHAPES[shape](whole))
    facts = dict(taken.facts)
    assert facts.pop("subnet") == "found"
    assert {path: facts.pop(f"subnet.{path}") for path in FOUND} == FOUND
    around = {
        "vnet": "found",
        "vnet.location": "westeurope",
        "vnet.resourceGuid": "guid-1",
        "vnet.addressSpace.addressPrefixes": ["10.1.0.0/16"],
        "vnet.dhcpOptions.dnsServers": ["10.0.0.4"],
        "vnet.virtualNetworkPeerings": ["hub: Connected"],
    }
    assert facts == (around if of == "vnet" else {})
    assert (taken.unread, taken.subnet, taken.label, taken.at, taken.healthy) == ({}, SUBNET, "old", AT, None)
    tool = {"ARM": "raw ARM", "listing": "raw ARM", "list": "raw ARM", "az": "az"}.get(shape, "PowerShell")
    assert taken.source == f"{tool}: {'vnet, subnet' if of == 'vnet' else 'subnet'}"
    assert (taken.who, taken.tool, taken.cloud, taken.arm) == tuple(
        getattr(ORIGIN, one) for one in ("who", "tool", "cloud", "arm")
    )


CUT = ("serviceAssociationLinks", "delegations")


def test_what_was_cut_off_is_unread_and_no_fact() -> None:
    taken = imported(without_text(network()["properties"]["subnets"][0]))
    lost = {f"subnet.{one}": "truncated or not recognised" for one in CUT}
    assert taken.unread == lost
    assert not set(lost) & set(taken.facts)
    assert taken.facts["subnet.routeTable.id"] == f"{VNET}-routes"


SPOILT: list[tuple[str, Any, bool]] = [
    ("serviceAssociationLinks", "a class", True),
    ("serviceAssociationLinks", ["a class"], True),
    ("serviceAssociationLinks", [link(), "a class"], True),
    ("serviceAssociationLinks", {}, False),
    ("serviceAssociationLinks", None, False),
    ("serviceAssociationLinks", [], False),
    ("routeTable.id", "a class", True),
    ("routeTable.id", ["x"], True),
    ("routeTable.id", None, False),
    ("natGateway.id", 7, True),
    ("serviceEndpoints", {"a": 1}, True),
]


@pytest.mark.parametrize(("path", "value", "lost"), SPOILT)
def test_a_part_of_another_type_is_unread(path: str, value: Any, lost: bool) -> None:
    subnet = network()["properties"]["subnets"][0]
    subnet["properties"][path.partition(".")[0]] = value
    taken = imported(subnet)
    assert taken.unread == ({f"subnet.{path}": "truncated or not recognised"} if lost else {})
    assert (f"subnet.{path}" in taken.facts) is not lost


def subnets(*named: tuple[str, str | None]) -> dict[str, Any]:
    """A network with subnets by id, each with a link to a plan or without one."""
    vnet = network()
    vnet["properties"]["subnets"] = [
        {
            "id": id_,
            "properties": {
                "addressPrefix": "10.1.0.0/27",
                "serviceAssociationLinks": [link(target)] if target else [],
            },
        }
        for id_, target in named
    ]
    return vnet


THIRD = f"{VNET}/subnets/third"
CHOICES: list[tuple[dict[str, Any], dict[str, Any], str | None, str]] = [
    (subnets((ELSEWHERE, PLAN), (SUBNET, None)), {}, None, SUBNET),
    (subnets((ELSEWHERE, PLAN), (SUBNET, None)), {}, ELSEWHERE.upper(), ELSEWHERE),
    (subnets((ELSEWHERE, None), (SUBNET, PLAN.upper())), NOWHERE, None, SUBNET),
    (subnets((ELSEWHERE, OTHER_PLAN), (SUBNET, PLAN)), NOWHERE, None, SUBNET),
    (subnets((THIRD, OTHER_PLAN)), NOWHERE, None, THIRD),
    (subnets((ELSEWHERE, PLAN), (SUBNET, None)), ASKED, None, SUBNET),
]


@pytest.mark.parametrize(("file", "changes", "asked", "wanted"), CHOICES)
def test_of_several_subnets_the_apps_own_or_the_linked_or_the_only_one_is_taken(
    file: dict[str, Any], changes: dict[str, Any], asked: str | None, wanted: str
) -> None:
    taken = imported(file, asked, **changes)
    assert taken.subnet == wanted
    assert [one.body["id"] for one in taken.documents if one.what == "subnet"] == [wanted]


@pytest.mark.parametrize(
    "file", [subnets((ELSEWHERE, None), (SUBNET, None)), subnets((ELSEWHERE, PLAN), (SUBNET, PLAN))]
)
def test_of_several_alike_none_is_guessed(file: dict[str, Any]) -> None:
    with pytest.raises(Unrecognised) as caught:
        imported(file, **NOWHERE)
    assert str(caught.value) == (
        "it holds 2 subnets, and the app is connected to none of them: pass --subnet ID to `snapshot import`"
    )


def test_everything_about_the_app_is_taken_and_nothing_about_others() -> None:
    config = {"id": f"{TARGET}/config/virtualNetwork", "properties": {"subnetResourceId": SUBNET}}
    strange = {"id": f"{NEIGHBOUR}/config/virtualNetwork", "properties": {"subnetResourceId": ELSEWHERE}}
    read = bodies()
    other_vnet = {**network(), "id": f"{VNET}-2"}
    other_vnet["properties"] = {**other_vnet["properties"], "subnets": []}
    others = [{**read["site"], "id": NEIGHBOUR}, strange, {**read["plan"], "id": OTHER_PLAN}, other_vnet]
    file = [read["site"], config, read["plan"], network(), *others]
    taken = imported(file)
    assert {one.what: one.body["id"] for one in taken.documents} == {
        "site": TARGET,
        "networkConfig": config["id"],
        "plan": PLAN,
        "vnet": VNET,
        "subnet": SUBNET,
    }
    assert [one.path for one in taken.documents] == [str(one.body["id"]) for one in taken.documents]
    assert taken.source == "raw ARM: site, networkConfig, plan, vnet, subnet"
    mixed = imported([read["site"], flattened(read["plan"])])
    assert mixed.source == "raw ARM, az: site, plan"


@pytest.mark.parametrize(
    ("file", "changes", "message"),
    [
        (
            {**bodies()["site"], "id": NEIGHBOUR},
            {},
            f"it is about {NEIGHBOUR}, and not about orders or its subnet {SUBNET}",
        ),
        ({**bodies()["site"], "id": NEIGHBOUR}, NOWHERE, f"it is about {NEIGHBOUR}, and not about orders"),
        (
            [{**bodies()["site"], "id": NEIGHBOUR}, {**bodies()["plan"], "id": OTHER_PLAN}],
            NOWHERE,
            f"it is about {OTHER_PLAN} and 1 more, and not about orders",
        ),
    ],
)
def test_a_file_about_others_is_told_by_what_it_is_about(
    file: Any, changes: dict[str, Any], message: str
) -> None:
    with pytest.raises(Unrecognised) as caught:
        imported(file, **changes)
    assert str(caught.value) == message


TYPE = "Microsoft.Network/virtualNetworks/subnets"


def test_what_another_tool_leaves_out_is_no_fact_but_for_arm_and_az() -> None:
    properties = {"addressPrefix": "10.1.0.0/27", "provisioningState": "Succeeded"}
    bare = {"id": SUBNET, "name": "snet-web", "etag": 'W/"1"', "properties": properties, "type": TYPE}
    assert imported(bare).facts["subnet.routeTable.id"] is None
    assert imported(flattened(bare)).facts["subnet.routeTable.id"] is None
    assert "subnet.routeTable.id" not in imported(powershell(bare)).facts


@pytest.mark.parametrize("missing", ["name", "etag", "type", "provisioningState"])
@pytest.mark.parametrize("shape", [lambda body: body, flattened], ids=["ARM", "az"])
def test_what_a_selection_of_fields_leaves_out_is_no_fact(
    missing: str, shape: Callable[[dict[str, Any]], Any]
) -> None:
    properties = {"addressPrefix": "10.1.0.0/27", "provisioningState": "Succeeded"}
    subnet: dict[str, Any] = {"id": SUBNET, "name": "snet-web", "etag": "e", "type": TYPE}
    subnet["properties"] = properties
    assert imported(shape(subnet)).facts["subnet.delegations"] == []
    subnet.pop(missing, None)
    properties.pop(missing, None)
    facts = imported(shape(subnet)).facts
    assert facts["subnet.addressPrefixes"] == ["10.1.0.0/27"]
    assert not {"subnet.delegations", "subnet.serviceAssociationLinks", "subnet.routeTable.id"} & set(facts)


def test_a_subnet_in_a_network_counts_only_with_an_id_and_properties() -> None:
    vnet = network()
    vnet["properties"]["subnets"] = [
        {"id": 7, "properties": {}},
        {"properties": {}},
        {"id": ELSEWHERE, "properties": None},
        *vnet["properties"]["subnets"],
    ]
    assert imported(vnet, **NOWHERE).subnet == SUBNET


def test_facts_are_of_the_newest_read_of_each_app() -> None:
    """What was read by itself overrides a list; what was not found does not."""
    gone = {**bodies()["site"], "id": NEIGHBOUR}
    left = replace_subnet(gone, None)
    listed = Document("plan-apps", "/p", "found", [gone])
    statuses: tuple[tuple[ReadStatus, bool], ...] = (("found", False), ("absent", True), ("denied", True))
    for status, there in statuses:
        read = Document("site:billing", "/s", status, left)
        facts, _ = facts_of((listed, read), TARGET, SUBNET)
        assert ("billing" in facts["apps"]) is there
    back = replace(listed, body=[left])
    facts, _ = facts_of((back, Document("site:billing", "/s", "found", gone)), TARGET, SUBNET)
    assert set(facts["apps"]) == {"billing"}


def replace_subnet(site: dict[str, Any], subnet: str | None) -> dict[str, Any]:
    return {**site, "properties": {**site["properties"], "virtualNetworkSubnetId": subnet}}
