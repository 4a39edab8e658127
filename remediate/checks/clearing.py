"""What an operator is told about clearing a link: the command, or what refuses it."""

from __future__ import annotations

from collections.abc import Iterable

from remediate import ids
from remediate.checks.advice import listed, purge_command
from remediate.checks.deny_assignments import deny_assignment
from remediate.checks.permissions import locked, no_permission
from remediate.model import App, Occupancy, Question, World, once

_ANOTHER_LINK = "another link on it"
_REFUSING = (locked, no_permission, deny_assignment)


def clear(world: World, subnets: Iterable[str], begin: str = "Clear it") -> str:
    """The commands that clear the links of these subnets; of those that are refused, why.

    A look has no locks, permissions and deny assignments read, so it tells of none.
    """
    refused = {one: _obstacles(world, one) for one in once(subnets)}
    free = [one for one, codes in refused.items() if not codes]
    parts = [f"{begin}: {listed(purge_command(one) for one in free)}"] if free else []
    if len(free) < len(refused):
        names = listed(ids.name(one) for one in refused if one not in free)
        why = listed(dict.fromkeys(code for codes in refused.values() for code in codes))
        parts.append(f"A purge of {names} is refused because of {why}: see to that first")
    return ". ".join(parts)


def refused_disconnect(world: World, target: str, apps: Iterable[App]) -> list[str]:
    """The findings for which a disconnect of these apps for good is refused."""
    question = Question("leave", target, apps=tuple(one.id for one in apps))
    return [one.code for check in _REFUSING if (one := check(world, question))]


def _unread(world: World, vnet: str) -> list[str]:
    """The finding about a network that was not read: a purge is sent to its region."""
    resource = world.resource(vnet)
    if resource is None or not resource.unread:
        return []
    return ["not-visible" if resource.status == "not-visible" else "no-read-permission"]


def _obstacles(world: World, subnet: str) -> list[str]:
    question, occupancy = Question("purge", subnet), Occupancy(world, subnet)
    found = (check(world, question) for check in _REFUSING)
    codes = [*_unread(world, ids.vnet_of(subnet)), *(one.code for one in found if one)]
    foreign = any(not link.is_web and not occupancy.apps_using(link) for link in occupancy.links)
    other = foreign or any(occupancy.use(link) == "unknown" for link in occupancy.links)
    return [*codes, _ANOTHER_LINK] if other else codes
