"""Connecting apps to subnets, disconnecting them, and what becomes of the link (azure-facts.md, 2 and 4)."""

from __future__ import annotations

from remediate import ids
from remediate.sandbox import refusal
from remediate.sandbox.resources import WEB_LINK, Link, ServerFarm, Site, Subnet, link_of, region
from remediate.sandbox.state import State, key
from remediate.sandbox.world import World

UNSUPPORTED_TIERS = {"free", "shared", "dynamic", "isolated", "isolatedv2"}
"""Tiers without regional VNet integration (azure-facts.md, 4)."""
MULTI_PLAN_PREFIX = 26
"""Several plans may share a subnet of this prefix length, or of a shorter one."""


def check(state: State, site: Site, subnet_id: str) -> Subnet:
    """The subnet, if the site may be connected to it; otherwise raises the platform's refusal."""
    subnet = _existing(state, subnet_id)
    plan = state.plan(site.plan)
    _check_region(state, site, subnet)
    _check_tier(plan)
    _check_delegation(plan, subnet)
    _check_owner(plan, subnet)
    _check_limit(state, site, plan, subnet)
    _check_registration(state)
    _check_addresses(state, plan, subnet)
    return subnet


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
            _bring_link(world, site, subnet)
        return
    disconnect(world, site)
    first = not world.state.in_use(site.plan, subnet.id)
    site.subnet, site.network_config_lost = subnet.id, False
    site.addressed_from = world.clock.now() + world.durations.address
    if first:
        _bring_link(world, site, subnet)


def _bring_link(world: World, site: Site, subnet: Subnet) -> None:
    """Let the plan's link come, unless there is one: on a shared subnet the first plan's link stays."""
    if not subnet.links and subnet.arriving is None:
        world.expect_link(subnet, link_of(world.state.plan(site.plan), subnet))


def disconnect(world: World, site: Site) -> None:
    """Disconnect a site; the link goes with the plan's last integration on the subnet. Routing stays.

    On a subnet that plans share, the link goes with the plan that it names, and the others are left
    without one until their next first integration: nobody recorded whether it would pass to them [?].
    """
    left, site.subnet, site.network_config_lost = site.subnet, None, False
    subnet = world.state.find_subnet(left)
    if subnet is None or world.state.in_use(site.plan, subnet.id):
        return
    own = link_of(world.state.plan(site.plan), subnet)
    if subnet.arriving and _is(subnet.arriving[0], own):
        subnet.arriving = None
    kept = [one for one in subnet.links if not _is(one, own)]
    if len(kept) < len(subnet.links):
        subnet.links = kept
        world.vnet_of(subnet).touch(subnet)


def _is(one: Link, other: Link) -> bool:
    return one.type.casefold() == other.type.casefold() and ids.same(one.target, other.target)


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


def _existing(state: State, subnet_id: str) -> Subnet:
    subnet = state.find_subnet(subnet_id)
    if subnet is None or key(subnet_id) in state.leaving:
        raise refusal.web(404, "NotFound", f"Subnet {subnet_id} is not found.", "51004")
    return subnet


def _check_region(state: State, site: Site, subnet: Subnet) -> None:
    vnet = state.vnet(ids.vnet_of(subnet.id))
    if region(vnet.location) != region(site.location):
        raise refusal.web(
            400,
            "BadRequest",
            f"The VNET {ids.name(vnet.id)} is in region {vnet.location}, "
            f"and the app {ids.app_name(site.id)} is in region {site.location}; "
            "they must be in the same region.",
        )


def _check_tier(plan: ServerFarm) -> None:
    if plan.tier.casefold() in UNSUPPORTED_TIERS:
        raise refusal.web(
            400,
            "BadRequest",
            f"The pricing tier {plan.tier} of App Service Plan {ids.name(plan.id)} "
            "does not support regional VNET integration.",
        )


def _check_delegation(plan: ServerFarm, subnet: Subnet) -> None:
    if not subnet.delegated_to(plan.delegation):
        raise refusal.web(
            400,
            "BadRequest",
            f"Subnet {ids.name(subnet.id)} in VNET {ids.name(ids.vnet_of(subnet.id))} is missing a "
            f"delegation to {plan.delegation}. Please add the delegation and try again.",
        )


def _check_owner(plan: ServerFarm, subnet: Subnet) -> None:
    shareable = subnet.prefix_length <= MULTI_PLAN_PREFIX and _same_subscription(plan.id, subnet.id)
    own = link_of(plan, subnet)
    # The holder of a link on its way is known before the link can be read.
    for link in [*subnet.links, *(subnet.arriving or ())[:1]]:
        web = link.type.casefold() == own.type.casefold() == WEB_LINK.casefold()
        if _is(link, own) or (web and shareable):
            continue
        # The message was reported, its status was never seen (azure-facts.md, 3): 409 is our choice.
        raise refusal.web(
            409,
            "Conflict",
            f"Subnet {ids.name(subnet.id)} in VNET {ids.name(ids.vnet_of(subnet.id))} is already occupied "
            f"by service {link.target or link.type}.",
        )


def _same_subscription(one: str, other: str) -> bool:
    return ids.parse(one).subscription.casefold() == ids.parse(other).subscription.casefold()


def _check_limit(state: State, site: Site, plan: ServerFarm, subnet: Subnet) -> None:
    others = {key(one.subnet) for one in state.all_of(plan.id) if one is not site and one.subnet}
    if len(others | {key(subnet.id)}) > plan.connections_max:
        raise refusal.web(
            409,
            "Conflict",
            f"Adding this VNET would exceed the App Service Plan VNET limit of {plan.connections_max}.",
        )


def _check_registration(state: State) -> None:
    """Nobody recorded what Azure answers to a network in a subscription without Microsoft.Web [?]."""
    if "Microsoft.Web" in state.governance.unregistered:
        raise refusal.arm(
            409,
            "MissingSubscriptionRegistration",
            "The subscription of the virtual network is not registered to use namespace 'Microsoft.Web'.",
        )


def _check_addresses(state: State, plan: ServerFarm, subnet: Subnet) -> None:
    """Each instance of each plan on the subnet takes an address; the refusal's words are our own [?]."""
    plans = {
        key(plan.id),
        *(key(one.plan) for one in state.sites.values() if ids.same(one.subnet, subnet.id)),
    }
    wanted = sum(state.plans[one].workers for one in plans if one in state.plans)
    if wanted > subnet.usable:
        raise refusal.web(
            409,
            "Conflict",
            f"Subnet {ids.name(subnet.id)} does not have enough addresses: {wanted} are needed, and "
            f"{subnet.usable} can be used.",
        )
