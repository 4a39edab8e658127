"""Deleting and purging: how orphans are born, what holds a subnet, and what a purge takes away."""

from __future__ import annotations

import pytest

from remediate.sandbox.documents import network as documents
from remediate.sandbox.rules.connect import connect, disconnect
from remediate.sandbox.rules.networks import check_idle
from remediate.sandbox.rules.remove import (
    delete_plan,
    delete_site,
    delete_subnet,
    delete_vnet,
    purge,
    purge_reaches,
)
from remediate.sandbox.state import key
from tests.sandbox.worlds import OTHER_SUB, SUB, Small, plan_id, refused, site_id, subnet_id, vnet_id


def test_deleting_the_last_connected_app_deletes_its_plan_and_orphans_the_link() -> None:
    small = Small()
    app = small.connected()
    small.later()
    delete_site(small.world, app)
    assert key(plan_id()) not in small.world.state.plans
    assert small.links() == [plan_id()]


def test_deleting_an_app_can_spare_its_plan() -> None:
    small = Small()
    delete_site(small.world, small.connected(), delete_empty_plan=False)
    assert key(plan_id()) in small.world.state.plans


def test_deleting_one_of_two_apps_spares_the_plan() -> None:
    small = Small()
    app, _ = small.connected("first"), small.connected("second")
    delete_site(small.world, app)
    assert key(plan_id()) in small.world.state.plans


def test_deleting_an_app_deletes_its_slots() -> None:
    small = Small()
    app = small.connected("web")
    small.connected("web", slot="stage")
    small.site("website")
    delete_site(small.world, app)
    assert list(small.world.state.sites) == [key(site_id("website"))]


def test_deleting_a_connected_slot_orphans_the_link() -> None:
    small = Small()
    small.site("web")
    slot = small.connected("web", slot="stage")
    small.later()
    delete_site(small.world, slot)
    assert small.links() == [plan_id()]
    assert key(plan_id()) in small.world.state.plans


def test_a_plan_with_apps_cannot_be_deleted() -> None:
    small = Small()
    small.site()
    refusal = refused(lambda: delete_plan(small.world, plan_id()))
    assert (refusal.status, refusal.body["Code"]) == (409, "Conflict")


def test_deleting_an_empty_plan_orphans_a_link_that_names_it() -> None:
    small = Small()
    small.link(target=plan_id())
    delete_plan(small.world, plan_id())
    assert small.links() == [plan_id()]


def test_a_subnet_with_a_link_cannot_be_deleted_and_the_answer_names_the_link() -> None:
    small = Small()
    small.connected()
    small.later()
    refusal = refused(lambda: delete_subnet(small.world, small.subnet()))
    error = refusal.body["error"]
    assert (refusal.status, error["code"]) == (400, "InUseSubnetCannotBeDeleted")
    assert f"{subnet_id()}/serviceAssociationLinks/AppServiceLink" in error["message"]


def test_a_network_with_a_link_in_it_cannot_be_deleted() -> None:
    small = Small()
    small.link("two", plan_id())
    assert refused(lambda: delete_vnet(small.world, vnet_id())).status == 400


def test_a_subnet_without_a_link_goes_when_its_delete_is_done() -> None:
    small = Small()
    delete_subnet(small.world, small.subnet())
    assert small.world.state.find_subnet(subnet_id()) is not None
    small.later()
    assert small.world.state.find_subnet(subnet_id()) is None
    assert small.world.state.find_subnet(subnet_id("two")) is not None


def test_an_operation_that_is_done_has_had_its_effect_also_where_it_became_due_within_a_request() -> None:
    small = Small()
    operation = delete_subnet(small.world, small.subnet())
    assert not small.world.is_done(operation)
    small.hand.seconds += small.world.durations.subnet
    assert small.world.is_done(operation)
    assert small.world.state.find_subnet(subnet_id()) is None


def test_a_network_goes_when_its_delete_is_done() -> None:
    small = Small()
    delete_vnet(small.world, vnet_id())
    small.later()
    assert small.world.state.vnets == {}


def test_a_disconnected_app_lets_the_subnet_be_deleted() -> None:
    small = Small()
    app = small.connected()
    small.later()
    disconnect(small.world, app)
    assert delete_subnet(small.world, small.subnet())


@pytest.mark.parametrize(
    ("target", "gone"),
    [
        (plan_id("plan-gone"), True),
        (plan_id("plan-b"), True),
        (plan_id("plan-a"), False),
    ],
    ids=["plan is gone", "plan has no app here", "plan has an app here"],
)
def test_a_purge_takes_orphans_and_nothing_else(target: str, gone: bool) -> None:
    small = Small()
    small.connected()
    small.link(target=target)
    purge(small.world, subnet_id())
    assert small.links() == ([] if gone else [target])


def test_a_purge_leaves_other_services_links_alone() -> None:
    small = Small()
    small.link(target=subnet_id(), type_="Microsoft.App/environments")
    purge(small.world, subnet_id())
    assert small.links() == [subnet_id()]


@pytest.mark.parametrize(
    ("subscription", "location", "reached"),
    [(SUB, "West Europe", True), (OTHER_SUB, "westeurope", False), (SUB, "northeurope", False)],
)
def test_a_purge_goes_to_the_subscription_and_region_of_the_network(
    subscription: str, location: str, reached: bool
) -> None:
    small = Small()
    assert purge_reaches(small.world, small.subnet(), subscription, location) is reached


def test_a_network_that_is_being_deleted_takes_no_app_and_no_other_write() -> None:
    small = Small()
    app, network = small.site(), small.world.state.vnet(vnet_id())
    delete_vnet(small.world, vnet_id())
    assert documents.vnet(network, 0, "2024-05-01")["properties"]["provisioningState"] == "Deleting"
    assert refused(lambda: connect(small.world, app, subnet_id())).status == 404
    assert refused(lambda: check_idle(small.world, network)).status == 409
