"""Findings about the subnet: is it there, in the right region, and delegated to App Service."""

from __future__ import annotations

from remediate import ids
from remediate.checks.advice import command, connect_command, listed
from remediate.model import Evidence, Finding, Integration, Question, World, region


def subnet_missing(world: World, question: Question) -> Finding | None:
    """The subnet that is named does not exist (404; not read is not missing)."""
    seen = Integration(world, question)
    document = seen.world.document("subnet")
    if document is None or document.status != "absent":
        return None
    name = ids.name(seen.subnet_id)
    named_by = "that you asked for" if seen.subnet_asked else f"that {seen.target.name} names"
    return Finding(
        code="subnet-missing",
        severity="error",
        title=f"The subnet {name} {named_by} does not exist",
        detail="Azure answers 404 for it, so there is nothing to connect to: rebuilding the integration "
        "now would leave the app without a network.",
        action=f"Create the subnet again under the same name, delegated to {seen.service}, then run "
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
