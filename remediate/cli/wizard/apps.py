"""Look at many apps: what their sites say, and one of them in full."""

from __future__ import annotations

from functools import partial

from rich.text import Text

from remediate import ids
from remediate.azure import discover
from remediate.azure.discover import Candidate
from remediate.cli.wizard.app import look_at
from remediate.cli.wizard.conversation import Choice, Conversation
from remediate.errors import NotFound
from remediate.show.console import safe
from remediate.show.layout import print_parts
from remediate.show.words import plural, subnet_name


def many_apps(talk: Conversation) -> None:
    """List the apps of the subscription with plan and subnet, and look at the one that is chosen."""
    talk.asking(partial(_which, talk), partial(look_at, talk))


def _which(talk: Conversation) -> str:
    context = talk.context
    found = discover.apps(context.session, context.subscription)
    if not found:
        raise NotFound(f"there is no app in subscription {context.subscription}")
    rows: list[Choice] = [(_row(one), one.id) for one in found]
    without = sum(one.subnet is None for one in found)
    counts = f"{plural(len(found), 'app')}: {len(found) - without} on a subnet, {without} not integrated."
    print_parts(talk.console, Text(f"{counts} Choose one to check it; this list checks nothing."))
    return str(talk.choose("Which app?", rows, search=True, back=True, noun="app"))


def _row(one: Candidate) -> tuple[str, ...]:
    where = subnet_name(one.subnet) if one.subnet else "not integrated"
    return safe(one.name), safe(ids.name(one.plan)), where
