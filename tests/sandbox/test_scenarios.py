"""The worlds: each is described, loads, and is what its line in the contract says."""

from __future__ import annotations

from itertools import pairwise

import pytest

from remediate.sandbox.documents import integration
from remediate.sandbox.faults import Faults
from remediate.sandbox.resources import Routing, Site, Subnet
from remediate.sandbox.rules.access import is_allowed
from remediate.sandbox.scenarios import GROUP, UnknownScenario, load, summaries
from remediate.sandbox.world import World

NAMES = [one.name for one in summaries()]
APP = f"{GROUP}/providers/Microsoft.Web/sites/orders-func"
SUBNET = f"{GROUP}/providers/Microsoft.Network/virtualNetworks/vnet-prod/subnets/snet-apps"

PLANS = {"subnet-full": ("P1v3", "PremiumV3", 12), "plan-unsupported": ("Y1", "Dynamic", 0)}
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
        "policy-deny", "no-read",
    }  # fmt: skip


@pytest.mark.parametrize("name", NAMES)
def test_every_world_loads_with_its_target_on_its_plan(name: str) -> None:
    world = load(name)
    app = target(world)
    assert (app.kind, app.plan) == ("functionapp", plan("plan-orders"))
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


def test_policy_deny() -> None:
    assert load("policy-deny").state.governance.subnet_required


def test_an_unknown_world_is_refused_with_the_nearest_names() -> None:
    with pytest.raises(UnknownScenario, match="did you mean link-missing"):
        load("link-mising")
    with pytest.raises(UnknownScenario, match="there are busy"):
        load("???")


def test_two_loads_are_two_worlds() -> None:
    one, other = load("healthy"), load("healthy")
    target(one).subnet = None
    assert target(other).subnet == SUBNET
