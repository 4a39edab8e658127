"""Writing networks and subnets: etags, long-running operations, and the link that holds a delegation."""

from __future__ import annotations

from typing import Any

import pytest

from remediate.sandbox.documents import network as documents
from remediate.sandbox.rules.networks import put_subnet, put_vnet
from tests.sandbox.worlds import Small, plan_id, refused, subnet_id, vnet_id

DELEGATION = {"name": "delegation", "properties": {"serviceName": "Microsoft.Web/serverFarms"}}

API = "2024-05-01"


def body(*delegations: dict[str, Any], **properties: Any) -> dict[str, Any]:
    return {"properties": {"addressPrefix": "10.0.1.0/27", "delegations": list(delegations), **properties}}


def test_a_subnet_is_updating_until_its_operation_is_done() -> None:
    small = Small()
    subnet, new = put_subnet(small.world, subnet_id(), body(DELEGATION), None)
    assert not new
    assert (
        documents.subnet(subnet, small.world.clock.now(), API)["properties"]["provisioningState"]
        == "Updating"
    )
    small.later(2)
    assert (
        documents.subnet(subnet, small.world.clock.now(), API)["properties"]["provisioningState"]
        == "Succeeded"
    )


def test_a_put_of_a_new_subnet_makes_it() -> None:
    small = Small()
    subnet, new = put_subnet(small.world, subnet_id("new"), body(addressPrefix="10.0.9.0/27"), None)
    assert (new, subnet.prefixes, subnet.delegations) == (True, ["10.0.9.0/27"], [])


def test_every_subnet_write_changes_the_etag_of_subnet_and_network() -> None:
    small = Small()
    before = small.subnet().etag
    put_subnet(small.world, subnet_id(), body(DELEGATION), None)
    assert small.subnet().etag != before
    assert small.world.state.vnet(vnet_id()).etag == small.subnet().etag


def test_if_match_of_another_version_is_412() -> None:
    small = Small()
    refusal = refused(lambda: put_subnet(small.world, subnet_id(), body(DELEGATION), 'W/"old"'))
    assert (refusal.status, refusal.body["error"]["code"]) == (412, "PreconditionFailed")


@pytest.mark.parametrize("form", ['W/"{}"', '"{}"', "*"])
def test_if_match_of_this_version_is_followed(form: str) -> None:
    small = Small()
    put_subnet(small.world, subnet_id(), body(), form.format(small.subnet().etag))
    assert small.subnet().delegations == []


def test_a_second_write_during_the_first_is_409() -> None:
    small = Small()
    put_subnet(small.world, subnet_id(), body(DELEGATION), None)
    two = body(DELEGATION, addressPrefix="10.0.2.0/27")
    refusal = refused(lambda: put_subnet(small.world, subnet_id("two"), two, None))
    assert (refusal.status, refusal.body["error"]["code"]) == (409, "AnotherOperationInProgress")
    small.later(2)
    assert put_subnet(small.world, subnet_id("two"), two, None)


@pytest.mark.parametrize(
    ("properties", "code"),
    [
        ({"addressPrefix": None}, "NoAddressPrefixOrPoolProvided"),
        ({"addressPrefix": "ten"}, "InvalidCIDRNotation"),
        ({"addressPrefix": "10.0.9.1/27"}, "InvalidCIDRNotation"),
        ({"addressPrefix": "10.1.0.0/27"}, "NetcfgSubnetRangeOutsideVnet"),
        ({"addressPrefix": "10.0.1.16/28"}, "NetcfgSubnetRangesOverlap"),
    ],
)
def test_a_subnet_needs_a_free_prefix_within_the_network(properties: dict[str, Any], code: str) -> None:
    small = Small()
    no = refused(lambda: put_subnet(small.world, subnet_id("new"), body(**properties), None))
    assert (no.status, no.body["error"]["code"]) == (400, code)
    assert small.world.state.find_subnet(subnet_id("new")) is None


def test_a_put_of_a_network_writes_all_of_its_subnets_or_none() -> None:
    small = Small()
    small.link("two", target=plan_id())
    kept = [("one", body(addressPrefix="10.0.8.0/27")), ("two", body()), ("three", body())]
    asked = {"addressSpace": {"addressPrefixes": ["10.0.0.0/16"]}}
    asked["subnets"] = [{"name": name, **one} for name, one in kept]
    network = {"location": "westeurope", "properties": asked}
    assert refused(lambda: put_vnet(small.world, vnet_id(), network)).status == 400
    assert small.subnet().prefixes == ["10.0.1.0/27"]


@pytest.mark.parametrize(
    ("location", "refusal"),
    [(None, (400, "LocationRequired")), ("East US", (409, "InvalidResourceLocation"))],
)
def test_a_network_stays_in_its_region(location: str | None, refusal: tuple[int, str]) -> None:
    no = refused(lambda: put_vnet(Small().world, vnet_id(), {"location": location}))
    assert (no.status, no.body["error"]["code"]) == refusal


def test_a_put_keeps_the_link_whatever_the_body_says_about_it() -> None:
    small = Small()
    small.link(target=plan_id())
    put_subnet(small.world, subnet_id(), body(DELEGATION, serviceAssociationLinks=[]), None)
    assert small.links() == [plan_id()]


def test_the_delegation_cannot_be_taken_from_under_a_link() -> None:
    small = Small()
    small.link(target=plan_id())
    refusal = refused(lambda: put_subnet(small.world, subnet_id(), body(), None))
    assert (refusal.status, refusal.body["error"]["code"]) == (400, "SubnetMissingRequiredDelegation")
    assert small.subnet().delegated


def test_properties_that_the_platform_only_stores_come_back() -> None:
    small = Small()
    group = {"id": "/subscriptions/s/resourceGroups/g/providers/Microsoft.Network/networkSecurityGroups/n"}
    subnet, _ = put_subnet(small.world, subnet_id(), body(DELEGATION, networkSecurityGroup=group), None)
    assert documents.subnet(subnet, 0, API)["properties"]["networkSecurityGroup"] == group


def test_prefixes_come_back_in_the_form_in_which_they_were_written() -> None:
    small = Small()
    one, _ = put_subnet(small.world, subnet_id("one"), body(DELEGATION), None)
    small.later()
    two, _ = put_subnet(
        small.world, subnet_id("two"), body(DELEGATION, addressPrefixes=["10.0.2.0/27"]), None
    )
    assert documents.subnet(one, 0, API)["properties"]["addressPrefix"] == "10.0.1.0/27"
    assert documents.subnet(two, 0, API)["properties"]["addressPrefixes"] == ["10.0.2.0/27"]
    assert "addressPrefix" not in documents.subnet(two, 0, API)["properties"]


def test_without_a_link_the_key_is_absent() -> None:
    small = Small()
    assert "serviceAssociationLinks" not in documents.subnet(small.subnet(), 0, API)["properties"]
    small.link(target=plan_id())
    link = documents.subnet(small.subnet(), 0, API)["properties"]["serviceAssociationLinks"][0]
    assert link["properties"]["link"] == plan_id()
    assert link["etag"] == documents.subnet(small.subnet(), 0, API)["etag"]


def test_another_services_link_may_name_nothing() -> None:
    small = Small()
    small.link(type_="Microsoft.DBforPostgreSQL/flexibleServers")
    assert "link" not in documents.links(small.subnet(), API)[0]["properties"]


def test_a_put_of_a_network_cannot_drop_a_subnet_in_use() -> None:
    small = Small()
    small.link("two", plan_id())
    wanted = {"location": "westeurope", "properties": {"addressSpace": {"addressPrefixes": ["10.0.0.0/16"]}}}
    assert refused(lambda: put_vnet(small.world, vnet_id(), wanted)).status == 400


def test_a_new_network_comes_with_its_subnets() -> None:
    small = Small()
    wanted = {
        "location": "francecentral",
        "properties": {
            "addressSpace": {"addressPrefixes": ["10.5.0.0/16"]},
            "subnets": [{"name": "apps", "properties": {"addressPrefix": "10.5.1.0/24"}}],
        },
    }
    vnet, new = put_vnet(small.world, vnet_id() + "-new", wanted)
    assert new
    assert [(one.id, one.prefixes) for one in vnet.subnets] == [(f"{vnet.id}/subnets/apps", ["10.5.1.0/24"])]
