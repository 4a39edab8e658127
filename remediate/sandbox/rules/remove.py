"""Deleting apps, slots, plans, subnets and networks, and purging what that leaves (azure-facts.md, 2)."""

from __future__ import annotations

from remediate import ids
from remediate.sandbox import refusal
from remediate.sandbox.documents import occupants
from remediate.sandbox.resources import WEB_LINK, Site, Subnet, VirtualNetwork, region
from remediate.sandbox.state import key
from remediate.sandbox.world import World

CONTAINER_LINK = "acisal"
CONTAINER_SERVICE = "Microsoft.ContainerInstance/containerGroups"
DEFAULT_LINK = "default"
"""What Container Instances call their link where it is deleted."""


def delete_site(world: World, site: Site, delete_empty_plan: bool = True) -> None:
    """Delete an app with its slots, or one slot. Nobody disconnects it first: its link is orphaned.

    With the last app goes the plan, unless the caller says otherwise (`deleteEmptyServerFarm`).
    """
    for slot in world.state.slots_of(site.id):
        del world.state.sites[key(slot.id)]
    del world.state.sites[key(site.id)]
    if delete_empty_plan and site.slot is None and not world.state.apps_of(site.plan):
        world.state.plans.pop(key(site.plan), None)


def delete_plan(world: World, plan_id: str) -> None:
    """Delete a plan; a link that names it is orphaned. Raises 409 while it has apps."""
    plan = world.state.plan(plan_id)
    apps = [ids.name(one.id) for one in world.state.apps_of(plan.id)]
    if apps:
        raise refusal.web(
            409,
            "Conflict",
            f"Server farm '{ids.name(plan.id)}' cannot be deleted because it has "
            f"web app(s) {', '.join(apps)} assigned to it.",
            "11003",
        )
    del world.state.plans[key(plan.id)]


def check_subnet_free(subnet: Subnet) -> None:
    """Raise 400 InUseSubnetCannotBeDeleted where anything holds the subnet."""
    if subnet.occupants or subnet.links:
        raise in_use_error(subnet)


def in_use_error(subnet: Subnet) -> refusal.Refusal:
    """400 of a subnet that is in use, with what holds it (azure-facts.md, 3).

    Recordings name one holder; that several are named in one list is our choice [?].
    """
    links = [f"{subnet.id}/serviceAssociationLinks/{link.name}" for link in subnet.links]
    held_by = ", ".join([*occupants.holders(subnet), *links])
    return refusal.network(
        400,
        "InUseSubnetCannotBeDeleted",
        f"Subnet {ids.name(subnet.id)} is in use by {held_by} and cannot be deleted. "
        "In order to delete the subnet, delete all the resources within the subnet. "
        "See aka.ms/deletesubnet.",
    )


def delete_subnet(world: World, subnet: Subnet) -> str:
    """Begin to delete a subnet; returns the operation's name. Raises 400 while a link holds it."""
    check_subnet_free(subnet)
    return _begin(world, subnet)


def delete_vnet(world: World, vnet_id: str) -> str:
    """Begin to delete a virtual network; returns the operation's name. Raises 400 while a link is in it."""
    vnet = world.state.vnet(vnet_id)
    for subnet in vnet.subnets:
        check_subnet_free(subnet)
    return _begin(world, vnet)


def _begin(world: World, leaving: Subnet | VirtualNetwork) -> str:
    leaving.deleting, leaving.busy_until = True, world.clock.now() + world.durations.subnet
    world.state.leaving[key(leaving.id)] = leaving.busy_until
    return world.start_operation(world.durations.subnet)


def delete_link(world: World, subnet: Subnet, name: str) -> bool:
    """Delete a link the way its owner does; returns whether there was one.

    Container Instances' link goes under the name `default` (azure-cli 21637). Every other link is kept
    for its owner: `UnauthorizedClientApplication` was reported for a link of Microsoft.App, its status
    was not, and of an AppServiceLink that the deletion seems to succeed and does nothing [?].
    """
    asked = CONTAINER_LINK if name.casefold() == DEFAULT_LINK else name
    link = next((one for one in subnet.links if one.name.casefold() == asked.casefold()), None)
    if link is None:
        return False
    owned = ids.same(link.type, CONTAINER_SERVICE) and link.allow_delete
    if not owned or name.casefold() != DEFAULT_LINK:
        raise refusal.network(
            403,
            "UnauthorizedClientApplication",
            f"The client application is not authorized to delete the service association link {link.name} "
            f"of subnet {subnet.id}: it belongs to {link.type}.",
        )
    subnet.links.remove(link)
    world.vnet_of(subnet).touch(subnet)
    return True


def purge_reaches(world: World, subnet: Subnet, subscription: str, location: str) -> bool:
    """Whether the request for a purge goes to the subscription and region of the network, as it must."""
    network = world.vnet_of(subnet)
    return ids.same(ids.parse(network.id).subscription, subscription) and region(network.location) == region(
        location
    )


def purge(world: World, subnet_id: str) -> None:
    """Remove App Service's links that nothing uses; links in use and other services' links stay.

    An orphan by Microsoft's own test: the plan is gone, or none of its apps and slots is on the subnet.
    A Managed Instance plan that holds the subnet itself uses its link too [?].
    """
    subnet = world.state.find_subnet(subnet_id)
    if subnet is None:
        return
    kept = [
        one
        for one in subnet.links
        if one.type.casefold() != WEB_LINK.casefold() or world.state.in_use(one.target or "", subnet.id)
    ]
    if len(kept) < len(subnet.links):
        subnet.links = kept
        world.vnet_of(subnet).touch(subnet)
