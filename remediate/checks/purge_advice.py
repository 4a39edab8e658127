"""The commands that clear links, as an operator is told them; where a purge would be refused, the reason."""

from __future__ import annotations

from collections.abc import Iterable

from remediate import ids
from remediate.checks.advice import listed, purge_command
from remediate.checks.deny_assignments import deny_assignment
from remediate.checks.permissions import locked, no_permission
from remediate.model import Occupancy, Question, World, is_subnet, once

_ANOTHER_LINK = "another link on it"
_REFUSING = (locked, no_permission, deny_assignment)
"""The checks whose findings refuse a purge and a disconnect."""


def purge_advice(world: World, subnets: Iterable[str], lead: str = "Clear it") -> str:
    """The commands that clear the links of these subnets; of a purge that would be refused, the reason.

    `lead` is what stands before the commands. Only a World with locks, permissions and deny assignments
    tells of these; for the question `look` they are not read.
    """
    obstacles = {subnet: _purge_obstacles(world, subnet) for subnet in once(subnets)}
    allowed = [subnet for subnet, found in obstacles.items() if not found]
    refused = [subnet for subnet, found in obstacles.items() if found]
    sentences = [f"{lead}: {listed(purge_command(one) for one in allowed)}"] if allowed else []
    if refused:
        names = listed(ids.name(one) for one in refused)
        reasons = listed(once(reason for one in refused for reason in obstacles[one]))
        sentences.append(f"A purge of {names} is refused because of {reasons}: resolve that first")
    return ". ".join(sentences)


def disconnect_obstacles(world: World, target: str, apps: Iterable[str]) -> list[str]:
    """The codes of the findings that refuse to disconnect these apps for good; `apps` are ids."""
    return _codes(world, Question("leave", target, apps=once(apps)))


def _purge_obstacles(world: World, subnet: str) -> list[str]:
    """What refuses a purge of a subnet: codes of findings, and another link that is not proved unused."""
    if not is_subnet(subnet):
        return []  # Azure answered with something that is no id, so nothing was read about it
    occupancy = Occupancy(world, subnet)
    unknown = any(occupancy.use(link) == "unknown" for link in occupancy.links)
    other = [_ANOTHER_LINK] if unknown or occupancy.foreign_links else []
    return [*_unread_network(world, ids.vnet_of(subnet)), *_codes(world, Question("purge", subnet)), *other]


def _unread_network(world: World, vnet: str) -> list[str]:
    """The code for a network that was not read: the region to which a purge is sent is not known then."""
    resource = world.resource(vnet)
    if resource is None or not resource.unread:
        return []
    return ["not-visible" if resource.status == "not-visible" else "no-read-permission"]


def _codes(world: World, question: Question) -> list[str]:
    found = (check(world, question) for check in _REFUSING)
    return [one.code for one in found if one]
