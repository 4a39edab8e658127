"""Deleting a resource group with all that is in it, and what becomes of the links."""

from __future__ import annotations

import json
from typing import Any

from remediate import ids
from remediate.sandbox import refusal
from remediate.sandbox.resources import Group, Subnet, VirtualNetwork
from remediate.sandbox.rules.access import check_action, check_locks
from remediate.sandbox.rules.remove import in_use_error
from remediate.sandbox.state import State, key
from remediate.sandbox.world import World

GROUP_TYPE = "Microsoft.Resources/subscriptions/resourceGroups"


def check_deletable(state: State, group: Group) -> None:
    """Raise 403 or 409 where the group, or anything in it, may not be deleted."""
    check_action(state.governance, f"{GROUP_TYPE}/delete", group.id)
    check_locks(state.governance, group.id, deletes=True)
    for lock in state.governance.locks:
        if ids.within(lock.scope, group.id):
            check_locks(state.governance, lock.scope, deletes=True)


def delete_group(world: World, group: Group) -> str:
    """Begin to delete a group with all that is in it; returns the operation's name.

    The operation ends in 409 where something in it is in use from outside; the rest is gone then, too.
    """
    group.state = "Deleting"
    return world.carry_out(world.durations.subnet, lambda: _delete(world.state, group))


def _delete(state: State, group: Group) -> None:
    """Nobody disconnects the apps first: their links stay in networks outside the group.

    [?] A network within the group goes with its links, as users report of links that could not be removed
    by themselves; ARM tries the resources in an order of its own, and nobody recorded it.
    """
    for table in (state.sites, state.plans, state.vnets):
        for name in [one for one in table if ids.within(one, group.id)]:
            if not _blocked(state, name):
                del table[name]
    left = [one for one in (*state.plans, *state.vnets) if ids.within(one, group.id)]
    if left:
        group.state = "Succeeded"
        raise _deletion_blocked(state, group, left)
    del state.groups[key(group.id)]
    _forget_scopes(state, group)


def _blocked(state: State, name: str) -> bool:
    """Whether something that is left uses a plan or a network: apps of the group are gone by then."""
    vnet = state.vnets.get(name)
    if vnet is not None:
        return any(_used(state, one, vnet) for one in vnet.subnets)
    return name in state.plans and bool(state.all_of(name))


def _used(state: State, subnet: Subnet, vnet: VirtualNetwork) -> bool:
    group = vnet.id.casefold().partition("/providers/")[0]
    outside = any(not ids.within(one, group) for one in subnet.occupants)
    return outside or bool(state.plans_on(subnet.id))


def _deletion_blocked(state: State, group: Group, left: list[str]) -> refusal.Refusal:
    resources = [state.vnets[one].id if one in state.vnets else state.plans[one].id for one in left]
    names = ",".join(f"{ids.parse(one).type}/{ids.name(one)}" for one in resources)
    refused = refusal.arm(
        409,
        "ResourceGroupDeletionBlocked",
        f"Deletion of resource group '{ids.name(group.id)}' failed as resources with identifiers '{names}' "
        "could not be deleted. The provisioning state of the resource group will be rolled back. "
        "Please check audit logs for more details.",
    )
    refused.body["error"]["details"] = [_detail(state, one) for one in resources]
    return refused


def _detail(state: State, resource: str) -> dict[str, Any]:
    vnet = state.vnets.get(key(resource))
    held = [one for one in vnet.subnets if one.links or one.occupants] if vnet else []
    message = json.dumps(in_use_error(held[0]).body) if held else "The resource is in use."
    return {"code": None, "target": resource, "message": message}


def _forget_scopes(state: State, group: Group) -> None:
    rules = state.governance
    rules.locks = [one for one in rules.locks if not ids.within(one.scope, group.id)]
    rules.deny_assignments = [one for one in rules.deny_assignments if not ids.within(one.scope, group.id)]
