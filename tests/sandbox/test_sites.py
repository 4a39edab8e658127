"""Writing apps and slots from the bodies that clients send."""

from __future__ import annotations

from typing import Any

import pytest

from remediate.sandbox.documents import site as documents
from remediate.sandbox.resources import Routing, Site
from remediate.sandbox.rules.sites import inherit, new_site, patch_site, put_plan, put_site, tier_of
from tests.sandbox.worlds import Small, plan_id, refused, site_id, subnet_id


def carrying(**properties: Any) -> dict[str, Any]:
    return {"location": "West Europe", "properties": properties}


def test_a_patch_connects_disconnects_and_otherwise_leaves_the_app_alone() -> None:
    small = Small()
    app = small.site()
    patch_site(small.world, app, carrying(virtualNetworkSubnetId=subnet_id()))
    assert app.subnet == subnet_id()
    patch_site(small.world, app, {"tags": {"owner": "us"}})
    assert (app.subnet, app.tags) == (subnet_id(), {"owner": "us"})
    patch_site(small.world, app, carrying(virtualNetworkSubnetId=None))
    assert app.subnet is None


def test_a_patch_that_connects_leaves_the_routing_as_it_was() -> None:
    small = Small()
    app = small.site()
    app.routing = Routing(content_share_traffic=True, image_pull_traffic=True)
    patch_site(small.world, app, carrying(virtualNetworkSubnetId=subnet_id()))
    assert app.routing == Routing(content_share_traffic=True, image_pull_traffic=True)


def test_a_whole_put_drops_the_flags_that_it_does_not_carry() -> None:
    small = Small()
    app = small.site()
    app.routing = Routing(content_share_traffic=True, image_pull_traffic=True)
    routing = {"applicationTraffic": True}
    put_site(small.world, app, carrying(virtualNetworkSubnetId=subnet_id(), outboundVnetRouting=routing))
    assert (app.subnet, app.routing) == (subnet_id(), Routing(application_traffic=True))


def test_a_whole_put_without_a_subnet_disconnects() -> None:
    small = Small()
    app = small.connected()
    put_site(small.world, app, carrying())
    assert app.subnet is None


@pytest.mark.parametrize(
    ("properties", "expected"),
    [
        ({"vnetRouteAllEnabled": True}, Routing(application_traffic=True)),
        ({"siteConfig": {"vnetRouteAllEnabled": True}}, Routing(application_traffic=True)),
        ({"vnetContentShareEnabled": True}, Routing(content_share_traffic=True)),
        ({"vnetImagePullEnabled": True}, Routing(image_pull_traffic=True)),
        ({"vnetBackupRestoreEnabled": True}, Routing(backup_restore_traffic=True)),
        ({"outboundVnetRouting": {"allTraffic": True}}, Routing(all_traffic=True)),
        ({"outboundVnetRouting": {"managedIdentityTraffic": True}}, Routing(managed_identity_traffic=True)),
    ],
)
def test_flags_are_understood_in_old_and_new_spelling(properties: dict[str, Any], expected: Routing) -> None:
    small = Small()
    app = small.site()
    put_site(small.world, app, carrying(**properties))
    assert app.routing == expected


def test_a_new_slot_of_a_connected_function_app_inherits_subnet_and_flags() -> None:
    small = Small()
    app = small.connected("func", kind="functionapp")
    app.routing = Routing(application_traffic=True)
    slot = small.site("func", slot="stage", kind="functionapp")
    inherit(small.world, slot)
    assert (slot.subnet, slot.routing) == (subnet_id(), Routing(application_traffic=True))
    assert slot.routing is not app.routing


def test_a_new_slot_of_a_web_app_inherits_nothing() -> None:
    small = Small()
    small.connected("web").routing = Routing(application_traffic=True)
    slot = small.site("web", slot="stage")
    inherit(small.world, slot)
    assert (slot.subnet, slot.routing) == (None, Routing())


def test_a_new_slot_takes_plan_kind_and_region_from_its_app() -> None:
    small = Small()
    small.site("func", kind="functionapp")
    slot = new_site(small.world, site_id("func", "stage"), {})
    assert (slot.plan, slot.kind, slot.location) == (plan_id(), "functionapp", "westeurope")


def test_a_new_app_may_name_its_plan_by_name_alone() -> None:
    small = Small()
    assert new_site(small.world, site_id("new"), carrying(serverFarmId="plan-b")).plan == plan_id("plan-b")


def test_a_new_app_on_a_plan_that_is_not_there_is_404() -> None:
    small = Small()
    body = carrying(serverFarmId=plan_id("plan-gone"))
    assert refused(lambda: new_site(small.world, site_id("new"), body)).status == 404


@pytest.mark.parametrize(
    ("sku", "tier"),
    [
        ("F1", "Free"), ("D1", "Shared"), ("Y1", "Dynamic"), ("B2", "Basic"), ("S1", "Standard"),
        ("P1", "Premium"), ("P1v2", "PremiumV2"), ("P0v3", "PremiumV3"), ("P1mv3", "PremiumV3"),
        ("EP1", "ElasticPremium"), ("WS1", "WorkflowStandard"), ("I1", "Isolated"), ("I1v2", "IsolatedV2"),
        ("FC1", "FlexConsumption"),
    ],
)  # fmt: skip
def test_the_tier_of_a_sku(sku: str, tier: str) -> None:
    assert tier_of(sku) == tier


def test_an_unknown_sku_is_400() -> None:
    assert refused(lambda: tier_of("Z9")).status == 400


def test_a_plan_is_made_and_scaled() -> None:
    small = Small()
    made = put_plan(
        small.world, plan_id("new"), {"location": "westeurope", "sku": {"name": "P1V2", "capacity": 1}}
    )
    assert (made.sku, made.tier, made.workers) == ("P1v2", "PremiumV2", 1)
    put_plan(small.world, plan_id("new"), {"sku": {"name": "P1v2", "capacity": 3}})
    assert small.world.state.plan(plan_id("new")).workers == 3


IDENTITY = {"managedIdentityTraffic": False}
OLD = {"vnetRouteAllEnabled", "vnetImagePullEnabled", "vnetContentShareEnabled", "vnetBackupRestoreEnabled"}


@pytest.mark.parametrize("version", ["2022-03-01", "2023-12-01", "2024-04-01"])
def test_older_api_versions_say_the_flags_one_by_one(version: str) -> None:
    properties = document(version)
    assert properties.keys() >= OLD
    assert "outboundVnetRouting" not in properties
    assert properties["vnetRouteAllEnabled"] is True


@pytest.mark.parametrize(("version", "sixth"), [("2024-11-01", {}), ("2025-05-01", IDENTITY)])
def test_newer_api_versions_say_them_together(version: str, sixth: dict[str, bool]) -> None:
    properties = document(version)
    assert not properties.keys() & OLD
    assert properties["outboundVnetRouting"] == {
        "allTraffic": False,
        "applicationTraffic": True,
        "contentShareTraffic": False,
        "imagePullTraffic": False,
        "backupRestoreTraffic": False,
        **sixth,
    }


def document(version: str) -> dict[str, Any]:
    small = Small()
    app: Site = small.connected()
    app.routing = Routing(application_traffic=True)
    properties: dict[str, Any] = documents.document(small.world.state, app, version)["properties"]
    assert properties["virtualNetworkSubnetId"] == subnet_id()
    assert properties["siteConfig"]["vnetRouteAllEnabled"] is None
    return properties
