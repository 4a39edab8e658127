"""What Azure checks before it connects an app to a subnet, and how it refuses (azure-facts.md, 3 and 4)."""

from __future__ import annotations

from remediate import ids
from remediate.sandbox import refusal
from remediate.sandbox.resources import ServerFarm, Site, Subnet, link_of, region, same_link
from remediate.sandbox.state import State, key

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
    _check_name(plan, subnet)
    _check_registration(state, plan)
    _check_ipv6(state, subnet)
    _check_occupants(subnet)
    _check_owner(state, plan, subnet)
    _check_limit(state, site, plan, subnet)
    _check_addresses(state, site, plan, subnet)
    _check_gateway(state, plan)
    return subnet


def check_managed_instance(state: State, plan: ServerFarm, subnet_id: str) -> Subnet:
    """The subnet, if a Managed Instance plan may hold it; otherwise raises the platform's refusal.

    That it is refused for what refuses an app is our choice: nobody recorded such a refusal [?].
    """
    subnet = _existing(state, subnet_id)
    _check_region(state, plan, subnet)
    _check_delegation(plan, subnet)
    _check_registration(state, plan)
    _check_ipv6(state, subnet)
    _check_occupants(subnet)
    _check_owner(state, plan, subnet)
    _check_addresses(state, None, plan, subnet)
    return subnet


def _existing(state: State, subnet_id: str) -> Subnet:
    subnet = state.find_subnet(subnet_id)
    if subnet is None or any(key(one) in state.leaving for one in (subnet.id, ids.vnet_of(subnet.id))):
        raise refusal.web(404, "NotFound", f"Subnet {subnet_id} is not found.", "51004")
    return subnet


def _check_region(state: State, one: Site | ServerFarm, subnet: Subnet) -> None:
    vnet = state.vnet(ids.vnet_of(subnet.id))
    if region(vnet.location) != region(one.location):
        what = f"the app {ids.app_name(one.id)}" if isinstance(one, Site) else f"the plan {ids.name(one.id)}"
        raise refusal.web(
            400,
            "BadRequest",
            f"The VNET {ids.name(vnet.id)} is in region {vnet.location}, "
            f"and {what} is in region {one.location}; "
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


def _check_name(plan: ServerFarm, subnet: Subnet) -> None:
    """Flex Consumption takes no underscore in the name (azure-facts.md, 4); the refusal is our choice [?]."""
    if plan.flex and "_" in ids.name(subnet.id):
        raise refusal.web(
            400,
            "BadRequest",
            f"The subnet {ids.name(subnet.id)} has an underscore in its name, "
            "which Flex Consumption does not take.",
        )


def _check_ipv6(state: State, subnet: Subnet) -> None:
    """Refused in 2021; the documentation of 2026-02 no longer lists the limit [?]: `Behavior` chooses."""
    vnet = state.vnet(ids.vnet_of(subnet.id))
    if state.behavior.ipv6_refused and any(":" in prefix for prefix in vnet.prefixes):
        raise refusal.network(
            400,
            "ResourceNavigationLinksOrServiceAssociationLinksNotSupportedWithIpv6VnetAddressSpace",
            f"Cannot apply Resourse Navigation links or service association links on {vnet.id} "
            "since vnet has ipv6 addresses.",
        )


def _check_occupants(subnet: Subnet) -> None:
    """Nobody recorded the answer for a subnet with network interfaces or another service in it [?]."""
    for occupant in subnet.occupants[:1]:
        raise _occupied(subnet, occupant)


def _check_owner(state: State, plan: ServerFarm, subnet: Subnet) -> None:
    """Whose link is on the subnet, and which plans share it."""
    own = link_of(plan, subnet)
    # The holder of a link on its way is known before the link can be read.
    links = [one for one in (*subnet.links, *(subnet.arriving or ())[:1]) if not same_link(one, own)]
    for link in links:
        if link.type.casefold() != own.type.casefold():
            # The code was reported, its status and message were not [?].
            raise refusal.network(
                400,
                "OnlyOneServiceAssociationLinkAllowedPerSubnet",
                f"Only one service association link is allowed per subnet. Subnet {subnet.id} has the link "
                f"{link.name} of {link.type} already.",
            )
    if plan.flex:
        return
    small = subnet.prefix_length > MULTI_PLAN_PREFIX
    if small and _same_subscription(plan.id, subnet.id) and state.plans_on(subnet.id) - {key(plan.id)}:
        raise refusal.web(
            400,
            "BadRequest",
            "Minimum subnet size allowed for joining multiple App Service Plans to same subnet is "
            f"/{MULTI_PLAN_PREFIX}, the subnet attempting to be joined is /{subnet.prefix_length}",
        )
    for link in links:
        if small or not _same_subscription(plan.id, subnet.id):
            raise _occupied(subnet, link.target or link.type)


def _occupied(subnet: Subnet, holder: str) -> refusal.Refusal:
    """The message was reported, its status was never seen (azure-facts.md, 3): 409 is our choice [?].

    It is also what a plan meets that was moved: the link names its former id (azure-cli 14597).
    """
    return refusal.web(
        409,
        "Conflict",
        f"Subnet {ids.name(subnet.id)} in VNET {ids.name(ids.vnet_of(subnet.id))} is already occupied "
        f"by service {holder}.",
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


def _check_registration(state: State, plan: ServerFarm) -> None:
    """Flex without Microsoft.App was reported to answer 500; the rest nobody recorded [?]."""
    if plan.flex and state.is_unregistered("Microsoft.App"):
        raise refusal.web(500, "InternalServerError", "An error has occurred.")
    if state.is_unregistered("Microsoft.Web"):
        raise refusal.not_registered("Microsoft.Web")


def _check_addresses(state: State, site: Site | None, plan: ServerFarm, subnet: Subnet) -> None:
    """Each instance of each plan takes an address, and with Windows containers one more for each app.

    The refusal's words are our own [?].
    """
    plans = state.plans_on(subnet.id) | {key(plan.id)}
    wanted = sum(_addresses(state, site, state.plans[one], subnet) for one in plans if one in state.plans)
    if wanted > subnet.usable:
        raise refusal.web(
            409,
            "Conflict",
            f"Subnet {ids.name(subnet.id)} does not have enough addresses: {wanted} are needed, and "
            f"{subnet.usable} can be used.",
        )


def _addresses(state: State, joining: Site | None, plan: ServerFarm, subnet: Subnet) -> int:
    if not plan.windows_containers:
        return plan.workers
    apps = {key(one.id) for one in state.integrations(plan.id, subnet.id)}
    if joining is not None and ids.same(joining.plan, plan.id):
        apps.add(key(joining.id))
    return plan.workers * (1 + len(apps))


def _check_gateway(state: State, plan: ServerFarm) -> None:
    """A gateway connection in the plan can make every regional connect end in 504 [?]: `Behavior` chooses."""
    if state.behavior.gateway_blocks_connect and any(one.gateway for one in state.all_of(plan.id)):
        raise refusal.gateway_timeout()
