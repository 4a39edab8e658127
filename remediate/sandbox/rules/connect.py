"""Connecting apps to subnets, disconnecting them, and what becomes of the link (azure-facts.md, 2)."""

from __future__ import annotations

from remediate import ids
from remediate.sandbox.resources import ServerFarm, Site, Subnet, link_of, same_link
from remediate.sandbox.rules.preconditions import check, check_managed_instance
from remediate.sandbox.state import State
from remediate.sandbox.world import World


def connect(world: World, site: Site, subnet_id: str) -> None:
    """Connect a site. Raises what `check` raises.

    The link is made by the plan's first integration on the subnet: while another one stays, a link
    that was lost does not come back. A site that is on the subnet already is checked, and stays as it
    is; whether the link comes back by it is not known [?], and `Behavior` chooses. Flex is connected and
    disconnected by the same requests as every other app [?].
    """
    subnet = check(world.state, site, subnet_id)
    if ids.same(site.subnet, subnet_id):
        if world.state.behavior.trial_restores_link:
            _bring_link(world, world.state.plan(site.plan), subnet)
        return
    disconnect(world, site)
    first = not world.state.in_use(site.plan, subnet.id)
    site.subnet, site.network_config_lost = subnet.id, False
    site.addressed_from = world.clock.now() + world.durations.address
    if first:
        _bring_link(world, world.state.plan(site.plan), subnet)


def connect_plan(world: World, plan: ServerFarm, subnet_id: str) -> None:
    """Let a Managed Instance plan hold a subnet. Raises what `check_managed_instance` raises."""
    subnet = check_managed_instance(world.state, plan, subnet_id)
    if ids.same(plan.subnet, subnet_id):
        return
    disconnect_plan(world, plan)
    first = not world.state.in_use(plan.id, subnet.id)
    plan.subnet = subnet.id
    if first:
        _bring_link(world, plan, subnet)


def _bring_link(world: World, plan: ServerFarm, subnet: Subnet) -> None:
    """Let the plan's link come, unless there is one: on a shared subnet the first plan's link stays."""
    if not subnet.links and subnet.arriving is None:
        world.expect_link(subnet, link_of(plan, subnet))


def disconnect(world: World, site: Site) -> None:
    """Disconnect a site; the link goes with the plan's last integration on the subnet. Routing stays.

    On a subnet that plans share, the link goes with the plan that it names, and the others are left
    without one until their next first integration: nobody recorded whether it would pass to them [?].
    """
    left, site.subnet, site.network_config_lost = site.subnet, None, False
    _leave(world, site.plan, left)


def disconnect_plan(world: World, plan: ServerFarm) -> None:
    """Take the subnet from a Managed Instance plan; the link goes with it unless an app of the plan stays."""
    left, plan.subnet = plan.subnet, ""
    _leave(world, plan.id, left)


def _leave(world: World, plan_id: str, left: str | None) -> None:
    """Remove the plan's link from a subnet that was left, unless the plan is still on it."""
    subnet = world.state.find_subnet(left)
    if subnet is None or world.state.in_use(plan_id, subnet.id):
        return
    own = link_of(world.state.plan(plan_id), subnet)
    if subnet.arriving and same_link(subnet.arriving[0], own):
        subnet.arriving = None
    kept = [one for one in subnet.links if not same_link(one, own)]
    if len(kept) < len(subnet.links):
        subnet.links = kept
        world.vnet_of(subnet).touch(subnet)


def is_last(state: State, site: Site) -> bool:
    """Whether the site holds the plan's only integration on its subnet."""
    return site.subnet is not None and len(state.integrations(site.plan, site.subnet)) == 1


def seconds(world: World, site: Site, subnet_id: str | None) -> float:
    """How long it takes to bring a site to that subnet, or with None to none, in simulated seconds."""
    if ids.same(site.subnet, subnet_id) or site.subnet == subnet_id:
        return world.durations.site
    if subnet_id is not None:
        return world.durations.connect
    last = is_last(world.state, site)
    return world.durations.disconnect_last if last else world.durations.disconnect
