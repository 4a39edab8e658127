"""The finding subnet-occupied: what else is in a subnet, for which Azure would refuse."""

from __future__ import annotations

from collections.abc import Iterable

from remediate import ids
from remediate.checks.advice import listed
from remediate.model import Deletion, Evidence, Finding, Integration, Occupant, Question, World, once


def subnet_occupied(world: World, question: Question) -> Finding | None:
    """Other resources are in the subnet: network interfaces, private endpoints, gateways, other services.

    Azure delegates no subnet beside network interfaces, and deletes none (azure-facts.md, 1).
    """
    if question.kind == "delete":
        return _before_deletion(Deletion(world, question))
    seen = Integration(world, question)
    others = seen.occupancy.others
    if seen.subnet is None or not others:
        return None
    name, target = seen.subnet.name, seen.target.name
    return Finding(
        code="subnet-occupied",
        severity="warning" if seen.connected else "error",
        title=f"{name} is occupied by {_named(others)} too",
        detail="Azure does not delegate a subnet in which other resources are, and can refuse to connect an "
        + (
            f"app to it. {target} is connected and may go on working; once disconnected, it might not be "
            "connected again, so it is left connected."
            if seen.connected
            else "app to it."
        ),
        action=f"Use a subnet of its own for {target}, or remove the other resources from this one.",
        evidence=_facts(others),
    )


def _before_deletion(deletion: Deletion) -> Finding | None:
    there = {subnet: deletion.occupants(subnet) for subnet in deletion.subnets}
    others = [one for several in there.values() for one in several]
    if not others:
        return None
    subnets = listed(ids.name(subnet) for subnet, several in there.items() if several)
    return Finding(
        code="subnet-occupied",
        severity="error",
        title=f"{subnets} is occupied by {_named(others)}",
        detail="A subnet cannot be deleted while other resources are in it, and this tool touches none of "
        "them. Azure names them in its own error (InUseSubnetCannotBeDeleted).",
        action="Delete these resources, or move them to another subnet, first. Then look again.",
        evidence=_facts(others),
    )


def _named(others: Iterable[Occupant]) -> str:
    return listed(once(_name(one) for one in others))


def _name(one: Occupant) -> str:
    """`nic-1 (networkInterfaces)`; what could not be read is called that."""
    kind = one.kind.rpartition("/")[2]
    return f"{ids.name(one.id)} ({kind})" if kind else "something that could not be read"


def _facts(others: Iterable[Occupant]) -> tuple[Evidence, ...]:
    return tuple(Evidence("subnet", one.id, one.kind or None) for one in others)
