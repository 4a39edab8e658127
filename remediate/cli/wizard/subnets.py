"""Choosing a subnet from a list that says what is free, delegated and in the right region."""

from __future__ import annotations

from remediate.azure.inventory import subnets
from remediate.checks.subnet_choice import subnet_choices
from remediate.cli.wizard.conversation import Choice, Conversation
from remediate.errors import NotFound
from remediate.model import Integration
from remediate.show.console import safe
from remediate.show.words import subnet_name


def choose_subnet(talk: Conversation, seen: Integration) -> str:
    """The id of the subnet that the operator chooses for an app. Raises NotFound, Back and Interrupted."""
    context = talk.context
    found = subnet_choices(seen, subnets(context.session, context.subscription))
    if not found:
        raise NotFound(f"there is no subnet in subscription {context.subscription}")
    rows: list[Choice] = [
        ((subnet_name(one.id), one.addresses, one.delegation, safe(one.against)), one.id) for one in found
    ]
    return str(talk.choose("Which subnet?", rows, search=True, back=True, noun="subnet"))
