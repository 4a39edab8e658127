"""The worlds: each is described, loads, and is what its line in the contract says."""

from __future__ import annotations

from itertools import pairwise

import pytest

from remediate.sandbox.documents import integration
from remediate.sandbox.documents import plan as plans
from remediate.sandbox.faults import Faults
from remediate.sandbox.resources import Routing, Site, Subnet
from remediate.sandbox.rules.access import is_allowed
from remediate.sandbox.scenarios import GROUP, UnknownScenario, load, summaries
from remediate.sandbox.world import World

NAMES = [one.name for one in summaries()]
APP = f"{GROUP}/providers/Microsoft.Web/sites/orders-func"
SUBNET = f"{GROUP}/providers/Microsoft.Network/virtualNetworks/vnet-prod/subnets/snet-apps"

PLANS = {
    "subnet-full": ("P1v3", "PremiumV3", 12),
    "subnet-tight": ("P1v3", "PremiumV3", 6),
    "plan-unsupported": ("Y1", "Dynamic", 0),
    "flex-consumption": ("FC1", "FlexConsumption", 0),
    "managed-instance": ("P1v4", "PremiumV4", 2),
}
"""The plans of the worlds that are about their plan."""


def plan(name: str) -> str:
    return f"{GROUP}/providers/Microsoft.Web/serverfarms/{name}"


def target(world: World) -> Site:
    return world.state.site(APP)


def subnet(world: World) -> Subnet:
    return world.state.subnet(SUBNET)


def link(world: World) -> str | None:
    links = subnet(world).links
    return links[0].target if links else None


def test_the_worlds_of_the_contract_are_all_there() -> None:
    assert set(NAMES) >= {
        "healthy", "link-missing", "shared-link", "link-other-plan", "link-orphaned", "delegation-missing",
        "subnet-missing", "views-disagree", "not-integrated", "gateway-required", "routing", "slow", "busy",
        "throttled", "stuck", "locked", "no-join", "subnet-full", "plan-unsupported", "provider-unregistered",
        "policy-deny", "no-read", "flex-consumption", "multi-plan-subnet", "managed-instance", "link-unused",
        "not-visible", "link-foreign", "stale-graph", "delegation-other", "subnet-other-region", "plan-limit",
        "slot-differs", "subnet-tight", "iac-managed",
    }  # fmt: skip


@pytest.mark.parametrize("name", NAMES)
def test_every_world_loads_with_its_target_on_its_plan(name: str) -> None:
    world = load(name)
    app = target(world)
    assert (app.is_function, app.plan) == (True, plan("plan-orders"))
    farm = world.state.plan(plan("plan-orders"))
    size = PLANS.get(name, ("P1v3", "PremiumV3", 2))
    assert (farm.sku, farm.tier, farm.workers) == size
    Faults(world.faults)


def test_every_world_has_one_line_and_they_are_in_order() -> None:
    assert all(one.summary and "\n" not in one.summary for one in summaries())
    assert all(first < second for first, second in pairwise(NAMES))


def test_healthy() -> None:
    world = load("healthy")
    assert (target(world).subnet, link(world)) == (SUBNET, plan("plan-orders"))
    assert target(world).routing == Routing(application_traffic=True)
    assert subnet(world).delegated


def test_link_missing() -> None:
    world = load("link-missing")
    assert (target(world).subnet, link(world)) == (SUBNET, None)
    assert len(world.state.sites) == 1


def test_shared_link() -> None:
    world = load("shared-link")
    names = {
        site.id.partition("/sites/")[2] for site in world.state.integrations(plan("plan-orders"), SUBNET)
    }
    assert names == {"orders-func", "orders-func/slots/staging", "billing-web", "mail-web"}
    assert link(world) is None


def test_link_other_plan() -> None:
    world = load("link-other-plan")
    assert link(world) == plan("plan-other")
    elsewhere = world.state.all_of(plan("plan-other"))
    assert elsewhere
    assert all(site.subnet and site.subnet != SUBNET for site in elsewhere)


def test_link_orphaned() -> None:
    world = load("link-orphaned")
    assert (target(world).subnet, link(world)) == (None, plan("plan-gone"))
    assert plan("plan-gone").casefold() not in world.state.plans


def test_delegation_missing() -> None:
    world = load("delegation-missing")
    assert (subnet(world).delegations, link(world)) == ([], plan("plan-orders"))


def test_subnet_missing() -> None:
    world = load("subnet-missing")
    assert target(world).subnet == SUBNET
    assert world.state.find_subnet(SUBNET) is None


def test_views_disagree() -> None:
    world = load("views-disagree")
    assert target(world).subnet == SUBNET
    assert integration.network_config(target(world))["properties"]["subnetResourceId"] is None
    assert link(world) == plan("plan-orders")


def test_not_integrated() -> None:
    world = load("not-integrated")
    assert (target(world).subnet, link(world)) == (None, None)
    assert subnet(world).delegated


def test_gateway_required() -> None:
    world = load("gateway-required")
    entries = integration.connections(world.state, target(world))
    assert [entry["properties"]["isSwift"] for entry in entries] == [False]
    assert entries[0]["properties"]["certThumbprint"]
    assert entries[0]["properties"]["vnetResourceId"].endswith("/virtualNetworks/vnet-hub")
    assert target(world).subnet is None


def test_routing() -> None:
    assert target(load("routing")).routing == Routing(content_share_traffic=True, image_pull_traffic=True)


def test_slow() -> None:
    durations = load("slow").durations
    assert (durations.disconnect_last, durations.connect) == (53, 34)


def test_stuck() -> None:
    assert load("stuck").durations.link is None


def test_locked() -> None:
    assert [(one.scope, one.level) for one in load("locked").state.governance.locks] == [
        (GROUP, "CanNotDelete")
    ]


def test_no_join() -> None:
    governance = load("no-join").state.governance
    assert is_allowed(governance, "Microsoft.Web/sites/networkConfig/delete")
    assert is_allowed(governance, "Microsoft.Network/virtualNetworks/subnets/read")
    assert not is_allowed(governance, "Microsoft.Network/virtualNetworks/subnets/join/action")


def test_subnet_full() -> None:
    world = load("subnet-full")
    assert subnet(world).usable == world.state.plan(plan("plan-orders")).workers - 1
    assert target(world).subnet == SUBNET


def test_plan_unsupported() -> None:
    assert (target(load("plan-unsupported")).subnet, link(load("plan-unsupported"))) == (None, None)


def test_provider_unregistered() -> None:
    assert load("provider-unregistered").state.governance.unregistered == ["Microsoft.Web"]


def test_network_ipv6() -> None:
    (network,) = load("network-ipv6").state.vnets.values()
    assert network.prefixes == ["10.10.0.0/16", "ace:cab:deca::/48"]


def test_deny_assignment() -> None:
    (one,) = load("deny-assignment").state.governance.deny_assignments
    assert (one.name, one.scope) == ("landing-zone", SUBNET.rpartition("/subnets/")[0])
    assert one.actions == ["Microsoft.Network/*"]


def test_gateway_in_plan() -> None:
    world = load("gateway-in-plan")
    others = [one for one in world.state.all_of(plan("plan-orders")) if one.gateway]
    assert [one.app for one in others] == ["reports-web"]
    assert target(world).subnet == SUBNET


def test_policy_deny() -> None:
    assert load("policy-deny").state.governance.subnet_required


def test_flex_consumption() -> None:
    world = load("flex-consumption")
    (one,) = subnet(world).links
    assert (one.name, one.type, one.target) == ("legionservicelink", "Microsoft.App/environments", SUBNET)
    assert [delegation.service for delegation in subnet(world).delegations] == ["Microsoft.App/environments"]
    assert target(world).subnet == SUBNET


def test_multi_plan_subnet() -> None:
    world = load("multi-plan-subnet")
    assert (subnet(world).prefix_length, link(world)) == (26, plan("plan-other"))
    assert {one.plan for one in world.state.sites.values() if one.subnet == SUBNET} == {
        plan("plan-orders"),
        plan("plan-other"),
    }


def test_managed_instance() -> None:
    world = load("managed-instance")
    document = plans.document(world.state, world.state.plan(plan("plan-orders")), "2025-05-01")
    assert document["properties"]["network"] == {"virtualNetworkSubnetId": SUBNET}
    assert (target(world).subnet, link(world)) == (None, plan("plan-orders"))


def test_link_unused() -> None:
    world = load("link-unused")
    assert (target(world).subnet, link(world)) == (None, plan("plan-other"))
    assert world.state.all_of(plan("plan-other"))
    assert not world.state.in_use(plan("plan-other"), SUBNET)


def test_link_foreign() -> None:
    (one,) = subnet(load("link-foreign")).links
    assert (one.type, one.target) == ("Microsoft.DBforPostgreSQL/flexibleServers", None)


def test_stale_graph_shows_the_lost_link_before_and_after_a_reset() -> None:
    world = load("stale-graph")
    world.reset()
    assert link(world) is None
    assert world.graph is not None
    assert [one.target for one in world.graph.subnet(SUBNET).links] == [plan("plan-orders")]


def test_delegation_other() -> None:
    world = load("delegation-other")
    assert (subnet(world).delegated, len(subnet(world).delegations)) == (False, 1)
    assert (target(world).subnet, link(world)) == (SUBNET, plan("plan-orders"))


def test_subnet_other_region() -> None:
    world = load("subnet-other-region")
    assert (world.vnet_of(subnet(world)).location, target(world).location) == ("northeurope", "westeurope")


def test_plan_limit() -> None:
    world = load("plan-limit")
    used = world.state.subnets_used(plan("plan-orders"))
    assert len(used) == world.state.plan(plan("plan-orders")).connections_max
    assert target(world).subnet is None


def test_slot_differs() -> None:
    world = load("slot-differs")
    (slot,) = world.state.slots_of(APP)
    assert slot.subnet is not None
    assert slot.subnet != target(world).subnet


def test_subnet_tight() -> None:
    world = load("subnet-tight")
    workers = world.state.plan(plan("plan-orders")).workers
    assert workers <= subnet(world).usable < 2 * workers


def test_iac_managed() -> None:
    assert target(load("iac-managed")).tags["azd-env-name"] == "production"


def test_an_unknown_world_is_refused_with_the_nearest_names() -> None:
    with pytest.raises(UnknownScenario, match="did you mean link-missing"):
        load("link-mising")
    with pytest.raises(UnknownScenario, match="there are busy"):
        load("???")


def test_two_loads_are_two_worlds() -> None:
    one, other = load("healthy"), load("healthy")
    target(one).subnet = None
    assert target(other).subnet == SUBNET
