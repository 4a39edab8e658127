"""Findings about the subnet and its network: is it there, in the right region, and delegated."""

from __future__ import annotations

from remediate import ids
from remediate.checks.advice import command, connect_command, listed, typed
from remediate.checks.permissions import or_allow
from remediate.model import Evidence, Finding, Integration, Question, VirtualNetwork, World, region


def subnet_missing(world: World, question: Question) -> Finding | None:
    """The subnet that is named does not exist (404; not read is not missing)."""
    seen = Integration(world, question)
    document = seen.world.document("subnet")
    if document is None or document.status != "absent":
        return None
    name = ids.name(seen.subnet_id)
    network = ids.vnet_of(seen.subnet_id) if seen.subnet_id else None
    alone = world.status(network) != "absent"
    what, names = ("subnet", "name") if alone else (f"network {ids.name(network)} and its subnet", "names")
    named_by = "that you asked for" if seen.subnet_asked else f"that {seen.target.name} names"
    return Finding(
        code="subnet-missing",
        severity="error",
        title=f"The subnet {name} {named_by} does not exist",
        detail="Azure answers 404 for it, so there is nothing to connect to: rebuilding the integration "
        "now would leave the app without a network.",
        action=f"Create the {what} again under the same {names}, delegated to {seen.service}, then run "
        f"{command(seen, 'verify')}; or connect the app to another one: {_elsewhere(seen)}",
        evidence=(
            Evidence("site", "virtualNetworkSubnetId", seen.views["site"].subnet),
            Evidence("subnet", document.path, document.message or "404"),
        ),
    )


def _elsewhere(seen: Integration) -> str:
    if not seen.subnet_asked:
        return connect_command(seen)
    return "give another id to --subnet"


def subnet_other_region(world: World, question: Question) -> Finding | None:
    """App and network must be in one region (azure-facts.md, 4)."""
    seen = Integration(world, question)
    vnet, target = seen.vnet, seen.target
    if vnet is None or not (vnet.location and target.location):
        return None
    if vnet.region == region(target.location):
        return None
    return Finding(
        code="subnet-other-region",
        severity="error",
        title=f"{vnet.name} is in {vnet.location}, {target.name} in {target.location}",
        detail="Regional VNet integration works only inside one region. Azure would refuse to connect this "
        "app to this network.",
        action=f"Use a subnet of a network in {target.location}, and connect the two networks with a "
        "peering.",
        evidence=(
            Evidence("vnet", "location", vnet.location),
            Evidence("site", "location", target.location),
        ),
    )


def network_ipv6(world: World, question: Question) -> Finding | None:
    """The address space of the network holds an IPv6 prefix (azure-facts.md, 4).

    Azure refused to connect an app to such a network; the documentation of 2026 no longer says so, and
    whether Azure still refuses is not known [?]. For an app that is connected, only a change is in doubt.
    """
    seen = Integration(world, question)
    vnet = seen.vnet
    if vnet is None or not vnet.ipv6_prefixes:
        return None
    works = question.kind == "look" and seen.connected and bool(seen.flex or seen.own_links)
    return Finding(
        code="network-ipv6",
        severity="info" if works else "unknown",
        title=f"The address space of {vnet.name} holds IPv6",
        detail="Azure used to refuse to connect an app to a network with an IPv6 prefix, and whether it "
        "still does is not documented. An app that is connected keeps its connection; once disconnected, it "
        "may not be connected again.",
        action="Nothing to do while the app works." if works else _without_ipv6(seen, vnet),
        evidence=(Evidence("vnet", "addressSpace.addressPrefixes", list(vnet.prefixes)),),
    )


def _without_ipv6(seen: Integration, vnet: VirtualNetwork) -> str:
    kept = [one for one in vnet.prefixes if one not in vnet.ipv6_prefixes]
    update = typed(["az", "network", "vnet", "update", "--ids", vnet.id, "--address-prefixes", *kept])
    return (
        f"Take IPv6 out of the subnets of {vnet.name}, then out of its address space: {update}"
        f"{or_allow(seen, 'network-ipv6')}"
    )


def delegation_missing(world: World, question: Question) -> Finding | None:
    """The subnet has no delegation at all."""
    seen = Integration(world, question)
    subnet = seen.subnet
    if subnet is None or subnet.delegations:
        return None
    return Finding(
        code="delegation-missing",
        severity="error",
        title=f"{subnet.name} is not delegated to {seen.service}",
        detail=f"A subnet must be delegated to {seen.service} before this app can connect to it. "
        "An app that is connected already may go on working, but once disconnected it cannot be connected "
        "again.",
        action=f"Delegate the subnet and rebuild the integration: {command(seen, 'reconnect')}",
        evidence=(Evidence("subnet", "delegations", []),),
        playbook="reconnect-app",
    )


def delegation_other(world: World, question: Question) -> Finding | None:
    """The subnet is delegated, but not to the service that the app's plan needs."""
    seen = Integration(world, question)
    subnet = seen.subnet
    if subnet is None or not subnet.delegations or seen.delegated:
        return None
    services = sorted({one.service for one in subnet.delegations})
    return Finding(
        code="delegation-other",
        severity="error",
        title=f"{subnet.name} is delegated to {listed(services)}, not to {seen.service}",
        detail="Azure allows one delegation for a subnet, and this one belongs to another service. This "
        "tool does not take it away.",
        action=f"Use a subnet that is delegated to {seen.service}, or find out who uses this one and "
        "free it there.",
        evidence=tuple(
            Evidence("subnet", f"delegations.{one.name}.serviceName", one.service)
            for one in subnet.delegations
        ),
    )
