"""Findings about the target itself: its integration, its plan's tier, its routing, what it is busy with."""

from __future__ import annotations

from remediate import ids
from remediate.checks.advice import command, connect_command, listed, typed
from remediate.model import WEB_API, Evidence, Finding, Integration, Question, World, once

_WITHOUT_INTEGRATION = ("free", "shared", "dynamic")
"""Tiers that have no regional VNet integration (azure-facts.md, 4); `dynamic` is Consumption."""
_OTHER_SUBNET = (
    "The app uses another subnet than the one that was given, so findings about that subnet do not apply to "
    "the app."
)
_LOST_SUBNET = (
    "Azure answers 404 for the subnet that the app names, so the app has no network that it could lose. It "
    "can be connected to another subnet without a disconnect."
)


def not_integrated(world: World, question: Question) -> Finding | None:
    """No view names a subnet, every view could be read, and there is no gateway connection either.

    On a plan that cannot have an integration, or that holds a subnet itself, that is no fault, and to
    connect the app would be no cure.
    """
    seen = Integration(world, question)
    views = [seen.views[key] for key in ("site", "networkConfig", "connections")]
    if any(view.unread or view.status == "not-asked" for view in views):
        return None
    if any(view.subnet for view in views) or (seen.plan and seen.plan.subnet):
        return _integrated_elsewhere(seen)
    if seen.connections or plan_unsupported(world, question):
        return None
    name = seen.target.name
    return Finding(
        code="not-integrated",
        severity="error",
        title=f"{name} is not integrated with any subnet",
        detail="The site, its network configuration and its list of connections all name no subnet, so "
        "there is no integration to rebuild. The app can only be connected to a subnet that you name.",
        action=_connect(seen),
        evidence=(
            Evidence("site", "virtualNetworkSubnetId", None),
            Evidence("networkConfig", "subnetResourceId", None),
            Evidence("connections", "value", []),
        ),
        playbook="reconnect-app" if seen.subnet_asked else None,
    )


def _connect(seen: Integration) -> str:
    """How the target is connected: to the subnet asked for, else to one that Azure lets it join."""
    if seen.subnet_asked and seen.needs_all_disconnected:
        return f"Rebuild the link of {ids.name(seen.subnet_id)} first, as another finding here says."
    if seen.subnet_asked:
        return f"Connect it: {connect_command(seen)}"
    plan, joined = seen.plan, _joined(seen)
    if plan and joined and plan.is_at_limit:
        join = command(seen, "reconnect", "--subnet", joined[0])
        return f"{plan.name} may join no further subnet, so connect it to one of the plan's own: {join}"
    region = f" in {seen.target.location}" if seen.target.location else ""
    fits = f"a subnet{region} that has no other delegation than {seen.service}"
    return f"Connect it to {fits}: {connect_command(seen)}"


def _joined(seen: Integration) -> tuple[str, ...]:
    """The subnets that the apps and slots of the plan are on."""
    return once(one for app in seen.apps for one in seen.world.places(app.id))


def _integrated_elsewhere(seen: Integration) -> Finding | None:
    """Integrated, but no view names the subnet that was asked for."""
    named = {key: seen.views[key].subnet for key in ("site", "networkConfig", "connections", "plan")}
    if not seen.subnet_asked or any(ids.same(one, seen.subnet_id) for one in named.values()):
        return None
    name, others = seen.target.name, listed(sorted({ids.name(one) for one in named.values() if one}))
    asked, gone = ids.name(seen.subnet_id), seen.has_lost_subnet
    return Finding(
        code="not-integrated",
        severity="error",
        title=f"{name} names {others}, which is gone, and not {asked}"
        if gone
        else f"{name} is integrated with {others}, not with {asked}",
        detail=_LOST_SUBNET if gone else _OTHER_SUBNET,
        action=_connect(seen)
        if gone
        else f"Look at the app's own subnet: {typed(['remediate', 'verify', seen.target.id])}",
        evidence=tuple(Evidence(key, "subnet", one) for key, one in named.items() if one or key != "plan"),
        playbook="reconnect-app" if gone else None,
    )


def gateway_integration(world: World, question: Question) -> Finding | None:
    """A connection through a virtual network gateway (`isSwift` false; azure-facts.md, 1)."""
    seen = Integration(world, question)
    gateways = [one for one in seen.connections if not one.swift]
    if not gateways:
        return None
    return Finding(
        code="gateway-integration",
        severity="error",
        title=f"{seen.target.name} is connected through a virtual network gateway",
        detail="This is gateway-required VNet integration: a point-to-site VPN with a certificate, without "
        "a subnet of its own and without a service association link. This tool rebuilds regional "
        "integration only, and leaves this connection alone.",
        action="In the portal, open the app's Networking page and the App Service plan's VNet integration "
        "page, and choose Sync Network there; or move the app to regional integration.",
        evidence=tuple(
            fact
            for one in gateways
            for fact in (
                Evidence("connections", f"{one.name}.isSwift", False),
                Evidence("connections", f"{one.name}.vnetResourceId", one.resource),
            )
        ),
    )


def gateway_in_plan(world: World, question: Question) -> Finding | None:
    """Another app of the plan has a gateway connection: connects may end in 504 (azure-facts.md, 4)."""
    seen = Integration(world, question)
    gateways = seen.gateways_in_plan
    if not gateways:
        return None
    networks = listed(dict.fromkeys(ids.name(one.resource) or one.name for one in gateways))
    address = f"{seen.target.plan}/virtualNetworkConnections?api-version={WEB_API}"
    return Finding(
        code="gateway-in-plan",
        severity="warning",
        title=f"Another app of {ids.name(seen.target.plan)} is connected through a gateway: {networks}",
        detail="Users have reported that every regional connect of such a plan ended in 504 "
        "(GatewayTimeout). Then a disconnected app stays without its network until that connection is "
        "removed.",
        action="If the app must not lose its network for long, first disconnect the gateway in the portal, "
        "on the Networking page of the app that uses it. The connections of the plan: "
        + typed(["az", "rest", "--method", "get", "--url", address]),
        evidence=tuple(Evidence("plan-connections", f"{one.name}.isSwift", False) for one in gateways),
    )


def plan_unsupported(world: World, question: Question) -> Finding | None:
    """A tier without regional integration, or an App Service Environment (azure-facts.md, 4)."""
    seen = Integration(world, question)
    plan = seen.plan
    environment = seen.target.environment or (plan.environment if plan else None)
    tier = plan.tier.casefold() if plan else ""
    if not (environment or tier in _WITHOUT_INTEGRATION or tier.startswith("isolated")):
        return None
    inside = bool(environment) or tier.startswith("isolated")
    why = (
        "An App Service Environment is inside a virtual network already; its apps need no integration."
        if inside
        else "Free, Shared and Consumption plans have no regional VNet integration."
    )
    return Finding(
        code="plan-unsupported",
        severity="error",
        title=f"{plan.name if plan else 'The plan'} cannot have VNet integration",
        detail=f"{why} It takes a Basic, Standard, Premium, Elastic Premium or Workflow Standard plan.",
        action="Look at the network of the App Service Environment instead."
        if inside
        else "Move the app to such a plan, on its portal page Change App Service plan, then look again: "
        + command(seen, "verify"),
        evidence=_plan_evidence(seen, environment),
    )


def _plan_evidence(seen: Integration, environment: str | None) -> tuple[Evidence, ...]:
    plan = seen.plan
    sku = (Evidence("plan", "sku.tier", plan.tier), Evidence("plan", "sku.name", plan.sku)) if plan else ()
    return (*sku, Evidence("site", "hostingEnvironmentProfile", environment)) if environment else sku


def routing_conflict(world: World, question: Question) -> Finding | None:
    """`allTraffic` is on and `applicationTraffic` off: the first overrides the second."""
    seen = Integration(world, question)
    routing = seen.target.routing
    if not (routing.all_traffic is True and routing.application_traffic is False):
        return None
    return Finding(
        code="routing-conflict",
        severity="warning",
        title=f"The routing flags of {seen.target.name} contradict each other",
        detail="allTraffic sends everything through the network and overrides the other flags, while "
        "applicationTraffic says that the app's own traffic stays outside. Azure follows allTraffic.",
        action="Decide which is meant, and set it in the portal on the app's Networking page under "
        "Outbound traffic configuration. A reconnect leaves the flags as they are.",
        evidence=(
            Evidence("site", "outboundVnetRouting.allTraffic", True),
            Evidence("site", "outboundVnetRouting.applicationTraffic", False),
        ),
    )
