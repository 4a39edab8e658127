"""Plans and links of other kinds: Flex Consumption, Managed Instance, plans that share a subnet."""

from __future__ import annotations

from remediate.sandbox.resources import FLEX_SERVICE, Delegation, Link
from remediate.sandbox.rules.connect import connect, disconnect
from remediate.sandbox.rules.remove import purge
from tests.sandbox.worlds import Small, plan_id, refused, subnet_id


def flex() -> Small:
    """The small world, with Flex plans and a subnet `one` that is delegated for them."""
    small = Small()
    for plan in small.world.state.plans.values():
        plan.sku, plan.tier = "FC1", "FlexConsumption"
    small.subnet().delegations = [Delegation("delegation", FLEX_SERVICE)]
    return small


def test_the_link_of_flex_names_the_subnet_and_goes_with_the_last_app_of_any_plan() -> None:
    small = flex()
    first, second = small.connected("first"), small.connected("second", plan="plan-b")
    small.later()
    assert small.subnet().links == [Link("legionservicelink", FLEX_SERVICE, subnet_id())]
    disconnect(small.world, first)
    assert small.links() == [subnet_id()]
    disconnect(small.world, second)
    assert small.links() == []


def test_flex_needs_its_own_delegation_and_other_plans_need_theirs() -> None:
    small = flex()
    app = small.site()
    missing = refused(lambda: connect(small.world, app, subnet_id("two")))
    assert "missing a delegation to Microsoft.App/environments" in missing.body["Message"]
    small.world.state.plan(plan_id()).tier = "PremiumV3"
    missing = refused(lambda: connect(small.world, app, subnet_id()))
    assert "missing a delegation to Microsoft.Web/serverFarms" in missing.body["Message"]


def test_a_subnet_with_a_link_of_app_service_is_occupied_for_flex() -> None:
    small = flex()
    small.link(target=plan_id("plan-c"))
    refusal = refused(lambda: small.connected())
    assert refusal.body["error"]["code"] == "OnlyOneServiceAssociationLinkAllowedPerSubnet"


def test_a_purge_leaves_the_link_of_flex_though_nobody_is_behind_it() -> None:
    small = flex()
    app = small.connected()
    small.later()
    del small.world.state.sites[app.id.casefold()]
    purge(small.world, subnet_id())
    assert small.links() == [subnet_id()]


def test_a_plan_that_holds_a_subnet_itself_keeps_its_link() -> None:
    small = Small()
    small.world.state.plan(plan_id()).subnet = subnet_id()
    small.link(target=plan_id())
    app = small.connected()
    disconnect(small.world, app)
    purge(small.world, subnet_id())
    assert small.links() == [plan_id()]


def test_where_plans_share_a_subnet_the_link_goes_with_the_plan_that_it_names() -> None:
    small = Small("10.0.1.0/26")
    first = small.connected("first")
    small.later()
    second = small.connected("second", plan="plan-b")
    small.later()
    assert small.links() == [plan_id("plan-a")]
    disconnect(small.world, first)
    small.later()
    assert small.links() == []
    disconnect(small.world, second)
    connect(small.world, second, subnet_id())
    small.later()
    assert small.links() == [plan_id("plan-b")]
