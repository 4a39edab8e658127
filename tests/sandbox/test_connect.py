"""Connecting and disconnecting: what the platform checks, and what becomes of the link."""

from __future__ import annotations

from dataclasses import replace

import pytest

from remediate.sandbox.resources import Routing, VirtualNetwork
from remediate.sandbox.rules.connect import connect, disconnect, seconds
from remediate.sandbox.world import Durations
from tests.sandbox.worlds import OTHER_SUB, Small, delegated, plan_id, refused, subnet_id, vnet_id


def test_the_first_integration_of_a_plan_makes_the_link_a_second_later() -> None:
    small = Small()
    small.connected()
    assert small.links() == []
    small.later(1)
    assert small.links() == [plan_id()]


def test_the_link_names_the_plan_and_never_the_app() -> None:
    small = Small()
    small.connected()
    small.later()
    link = small.subnet().links[0]
    assert (link.name, link.type, link.state) == ("AppServiceLink", "Microsoft.Web/serverfarms", "Succeeded")
    assert link.target == plan_id()


def test_the_link_stays_while_another_integration_of_the_plan_stays() -> None:
    small = Small()
    first, _ = small.connected("first"), small.connected("second")
    small.later()
    disconnect(small.world, first)
    assert small.links() == [plan_id()]


def test_the_link_goes_at_once_with_the_last_integration_of_the_plan() -> None:
    small = Small()
    apps = [small.connected("first"), small.connected("second")]
    small.later()
    for app in apps:
        disconnect(small.world, app)
    assert small.links() == []


def test_a_lost_link_does_not_come_back_while_another_integration_stays() -> None:
    small = Small()
    first, second = small.connected("first"), small.connected("second")
    small.later()
    small.subnet().links.clear()
    disconnect(small.world, first)
    connect(small.world, first, subnet_id())
    small.later()
    assert small.links() == []
    for app in (first, second):
        disconnect(small.world, app)
    connect(small.world, first, subnet_id())
    small.later()
    assert small.links() == [plan_id()]


def test_connecting_an_app_to_the_subnet_that_it_is_on_changes_nothing() -> None:
    small = Small()
    app = small.connected()
    small.later()
    small.subnet().links.clear()
    etag = small.subnet().etag
    connect(small.world, app, subnet_id().upper())
    small.later()
    assert (small.links(), small.subnet().etag) == ([], etag)


def test_a_slot_is_an_integration_of_its_own() -> None:
    small = Small()
    app, slot = small.connected("web"), small.connected("web", slot="stage")
    small.later()
    disconnect(small.world, app)
    assert small.links() == [plan_id()]
    disconnect(small.world, slot)
    assert small.links() == []


def test_moving_the_last_app_to_another_subnet_takes_the_link_along() -> None:
    small = Small()
    app = small.connected()
    small.later()
    connect(small.world, app, subnet_id("two"))
    small.later()
    assert (small.links("one"), small.links("two")) == ([], [plan_id()])


def test_a_disconnect_before_the_link_has_come_keeps_it_away() -> None:
    small = Small()
    disconnect(small.world, small.connected())
    small.later()
    assert small.links() == []


def test_where_links_never_come_none_comes() -> None:
    small = Small(durations=Durations(link=None))
    small.connected()
    small.later(10_000)
    assert small.links() == []


def test_routing_survives_a_disconnect() -> None:
    small = Small()
    app = small.connected()
    app.routing = Routing(content_share_traffic=True)
    disconnect(small.world, app)
    assert app.routing == Routing(content_share_traffic=True)


def test_a_second_plan_may_join_a_26_and_the_first_link_stays() -> None:
    small = Small(prefix="10.0.1.0/26")
    small.connected("first", plan="plan-a")
    small.later()
    small.connected("second", plan="plan-b")
    small.later()
    assert small.links() == [plan_id("plan-a")]


def test_a_subnet_gets_a_new_etag_when_its_link_comes_and_when_it_goes() -> None:
    small = Small()
    etags = [small.subnet().etag]
    app = small.connected()
    small.later()
    etags.append(small.subnet().etag)
    disconnect(small.world, app)
    etags.append(small.subnet().etag)
    assert len(set(etags)) == 3
    assert small.world.state.vnet(vnet_id()).etag == etags[-1]


def test_a_missing_subnet_is_404() -> None:
    small = Small()
    app = small.site()
    assert refused(lambda: connect(small.world, app, subnet_id("gone"))).status == 404
    assert app.subnet is None


def test_another_region_is_refused() -> None:
    small = Small()
    small.world.state.vnet(vnet_id()).location = "northeurope"
    assert refused(lambda: small.connected()).status == 400


def test_one_region_may_be_spelled_in_two_ways() -> None:
    small = Small()
    small.world.state.vnet(vnet_id()).location = "West Europe"
    assert small.connected().subnet == subnet_id()


@pytest.mark.parametrize("tier", ["Free", "Shared", "Dynamic", "Isolated", "IsolatedV2"])
def test_tiers_without_integration_are_refused(tier: str) -> None:
    small = Small()
    small.world.state.plan(plan_id()).tier = tier
    assert refused(lambda: small.connected()).status == 400


@pytest.mark.parametrize(
    "tier", ["Basic", "Standard", "PremiumV2", "PremiumV3", "ElasticPremium", "WorkflowStandard"]
)
def test_tiers_with_integration_are_accepted(tier: str) -> None:
    small = Small()
    small.world.state.plan(plan_id()).tier = tier
    assert small.connected().subnet == subnet_id()


def test_a_missing_delegation_is_400_and_says_what_is_missing() -> None:
    small = Small()
    small.subnet().delegations.clear()
    refusal = refused(lambda: small.connected())
    assert (refusal.status, refusal.body["Code"]) == (400, "BadRequest")
    assert "is missing a delegation to Microsoft.Web/serverFarms" in refusal.body["Message"]


def test_another_plans_link_occupies_a_small_subnet() -> None:
    small = Small()
    small.link(target=plan_id("plan-b"))
    refusal = refused(lambda: small.connected())
    assert (refusal.status, refusal.body["Code"]) == (409, "Conflict")
    assert refusal.body["Message"].startswith("Subnet one in VNET vnet is already occupied by service")
    assert refusal.body["Message"].endswith("/serverfarms/plan-b.")


def test_a_link_on_its_way_occupies_the_subnet_already() -> None:
    small = Small()
    small.connected("first", plan="plan-a")
    small.world.state.sites.clear()
    refusal = refused(lambda: small.connected("second", plan="plan-b"))
    assert "is already occupied by service" in refusal.body["Message"]


def test_another_services_link_occupies_a_subnet_of_any_size() -> None:
    small = Small(prefix="10.0.0.0/24")
    small.link(type_="Microsoft.DBforPostgreSQL/flexibleServers")
    refusal = refused(lambda: small.connected())
    code = refusal.body["error"]["code"]
    assert (refusal.status, code) == (400, "OnlyOneServiceAssociationLinkAllowedPerSubnet")


def test_a_plan_of_another_subscription_cannot_join_even_a_large_subnet() -> None:
    small = Small()
    network = VirtualNetwork(vnet_id(OTHER_SUB), "westeurope", ["10.0.0.0/16"])
    network.subnets = [replace(delegated("one", "10.0.0.0/24"), id=subnet_id("one", OTHER_SUB))]
    small.world.state.add(network)
    far = small.world.state.subnet(subnet_id("one", OTHER_SUB))
    connect(small.world, small.site("first"), far.id)
    small.later()
    assert [link.target for link in far.links] == [plan_id("plan-a")]
    second = small.site("second", plan="plan-b")
    assert refused(lambda: connect(small.world, second, far.id)).status == 409


def test_a_plan_may_use_two_subnets_and_not_three() -> None:
    small = Small()
    small.connected("first", "one")
    small.connected("second", "two")
    refusal = refused(lambda: small.connected("third", "three"))
    assert (refusal.status, refusal.body["Code"]) == (409, "Conflict")
    assert refusal.body["Message"] == "Adding this VNET would exceed the App Service Plan VNET limit of 2."
    assert small.connected("fourth", "two").subnet == subnet_id("two")


def test_an_app_that_moves_does_not_count_where_it_leaves() -> None:
    small = Small()
    small.connected("first", "one")
    mover = small.connected("second", "two")
    connect(small.world, mover, subnet_id("three"))
    assert mover.subnet == subnet_id("three")


def test_a_refused_connect_leaves_the_app_where_it_is() -> None:
    small = Small()
    app = small.connected()
    small.later()
    small.subnet("two").delegations.clear()
    refused(lambda: connect(small.world, app, subnet_id("two")))
    assert (app.subnet, small.links()) == (subnet_id(), [plan_id()])


def test_only_the_last_disconnect_is_slow() -> None:
    small = Small()
    first, second = small.connected("first"), small.connected("second")
    durations = small.world.durations
    assert seconds(small.world, first, None) == durations.disconnect
    disconnect(small.world, second)
    assert seconds(small.world, first, None) == durations.disconnect_last
    assert seconds(small.world, second, subnet_id()) == durations.connect
    assert seconds(small.world, second, None) == durations.site
