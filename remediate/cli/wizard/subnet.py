"""A subnet cannot be deleted or used: say who holds it, and offer what frees it."""

from __future__ import annotations

from functools import partial

from remediate import ids
from remediate.azure.inventory import subnets
from remediate.checks.advice import listed
from remediate.cli.wizard.conversation import Choice, Conversation
from remediate.cli.wizard.deletion import assess_and_offer
from remediate.errors import NotFound
from remediate.model import ListedSubnet
from remediate.show.console import safe
from remediate.show.words import subnet_name


def blocked_subnet(talk: Conversation) -> None:
    """Choose a subnet, and look at who holds it."""
    talk.asking(partial(_which_subnet, talk), partial(assess_and_offer, talk))


def _which_subnet(talk: Conversation) -> str:
    context = talk.context
    found = subnets(context.session, context.subscription)
    if not found:
        raise NotFound(f"there is no subnet in subscription {context.subscription}")
    rows: list[Choice] = [(_row(one), one.id) for one in found]
    return str(talk.choose("Which subnet?", rows, search=True, back=True, noun="subnet"))


def _row(one: ListedSubnet) -> tuple[str, ...]:
    group = ids.parse(one.id).group or ""
    return subnet_name(one.id), _held_by(one), safe(group), safe(one.location)


def _held_by(one: ListedSubnet) -> str:
    """Who holds a subnet, as the list has it."""
    links = [ids.name(link.target) or (link.type or "another service") for link in one.subnet.links]
    if links:
        return safe(f"linked to {listed(links)}")
    return "other resources" if one.subnet.occupants else "no link"
