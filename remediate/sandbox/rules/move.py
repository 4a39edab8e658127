"""Moving resources to another group: their new ids, and the old one in the links (azure-facts.md, 1)."""

from __future__ import annotations

from remediate import ids
from remediate.sandbox import refusal
from remediate.sandbox.resources import Group, ServerFarm, Site, VirtualNetwork
from remediate.sandbox.rules.access import check_action, check_locks
from remediate.sandbox.rules.groups import GROUP_TYPE
from remediate.sandbox.state import State, key
from remediate.sandbox.world import World


def check_move(state: State, source: Group, named: list[str], target: Group) -> list[str]:
    """The ids of the resources, as they are stored. Raises what keeps them from being moved."""
    check_action(state.governance, f"{GROUP_TYPE}/moveResources/action", source.id)
    check_action(state.governance, f"{GROUP_TYPE}/write", target.id)
    if ids.same(source.id, target.id):
        raise _move_failed(source, source.id, "The source and the target resource group are the same.")
    resources = [_stored(state, source, one) for one in named]
    for scope in (target.id, *resources):
        check_locks(state.governance, scope, deletes=False)
    across = not ids.same(ids.parse(source.id).subscription, ids.parse(target.id).subscription)
    for resource in resources:
        if _resource(state, _moved(resource, target)) is not None:
            raise _move_failed(source, resource, "The target resource group has a resource of that name.")
        if across and _integrated(state, resource):
            raise _move_failed(
                source,
                resource,
                "It uses regional VNET integration, and cannot be moved to another subscription. "
                "Please disconnect it from the virtual network and try again.",
            )
    return resources


def _stored(state: State, group: Group, id_: str) -> str:
    """The id of an app, plan or network of the group, as it is stored; a slot moves with its app.

    Raises 404 for anything else.
    """
    found = _resource(state, id_)
    if found is None or "/slots/" in id_.casefold() or not ids.within(id_, group.id):
        raise refusal.resource_not_found(id_)
    return found.id


def _resource(state: State, id_: str) -> Site | ServerFarm | VirtualNetwork | None:
    return state.sites.get(key(id_)) or state.plans.get(key(id_)) or state.vnets.get(key(id_))


def _moved(id_: str, target: Group) -> str:
    """The id of a resource in another group."""
    return f"{target.id}/providers/{id_.partition('/providers/')[2]}"


def _integrated(state: State, id_: str) -> bool:
    """Whether an app or one of its slots is integrated, one of a plan's, or a network has a link in it."""
    vnet = state.vnets.get(key(id_))
    if vnet is not None:
        return any(one.links for one in vnet.subnets)
    app = state.sites.get(key(id_))
    sites = [app, *state.slots_of(id_)] if app else state.all_of(id_)
    return any(one.subnet for one in sites)


def _move_failed(source: Group, resource: str, message: str) -> refusal.Refusal:
    """The code is documented for every provider; Microsoft.Web's own words were not found [?]."""
    refused = refusal.arm(
        409,
        "ResourceMoveProviderValidationFailed",
        "Resource move validation failed. Please see details. Diagnostic information: subscription id "
        f"'{ids.parse(source.id).subscription}'.",
    )
    detail = {"code": "BadRequest", "target": ids.parse(resource).type, "message": f"{resource}: {message}"}
    refused.body["error"]["details"] = [detail]
    return refused


def move(world: World, resources: list[str], target: Group) -> str:
    """Begin to move resources to a group; returns the operation's name."""
    return world.carry_out(world.durations.subnet, lambda: rename(world.state, resources, target))


def rename(state: State, resources: list[str], target: Group) -> None:
    """Give the resources their new ids. Apps follow their plan.

    The links that name a plan go on naming its old id, as users report. [?] So do the apps on the subnets
    of a network that was moved, and the gateway connections to it.
    """
    renamed = {one: _moved(one, target) for one in resources}

    def new(id_: str) -> str:
        for old, moved in renamed.items():
            if ids.within(id_, old):
                return moved + id_[len(old) :]
        return id_

    for vnet in state.vnets.values():
        vnet.id = new(vnet.id)
        for subnet in vnet.subnets:
            subnet.id = new(subnet.id)
    for plan in state.plans.values():
        plan.id = new(plan.id)
    for site in state.sites.values():
        site.id, site.plan = new(site.id), new(site.plan)
    state.vnets = {key(one.id): one for one in state.vnets.values()}
    state.plans = {key(one.id): one for one in state.plans.values()}
    state.sites = {key(one.id): one for one in state.sites.values()}
