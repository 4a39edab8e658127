"""What the page of permissions is made of: the table of actions, and the two custom roles as JSON."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable
from pathlib import Path

from remediate.roles import definition
from remediate.roles.action import Action, Role
from remediate.roles.actions import ACTIONS

ROLES: tuple[Role, ...] = ("read", "repair")
SCOPE = "/subscriptions/SUBSCRIPTION_ID"
FOLDER = Path("docs/reference")
_SLOTS = "/sites/slots/"

Table = Callable[[Iterable[str], Iterable[Iterable[str]]], str]
"""Makes a Markdown table of headers and rows."""


def role_files() -> dict[Path, str]:
    """The custom roles, to download: path from the root to the text."""
    return {
        FOLDER / f"custom-role-{role}.json": json.dumps(definition(role, [SCOPE]), indent=2) + "\n"
        for role in ROLES
    }


def actions_table(role: Role, table: Table) -> str:
    """The actions that a role adds: what each is for, which commands need it, what happens without."""
    rows = ((_names(one), one.use, _commands(one), one.without) for one in ACTIONS if _is_row(one, role))
    return table(("action", "what it is for", "commands", "without it"), rows)


def unproven_list() -> str:
    """The actions of which it is not known whether Azure checks them."""
    return "\n".join(f"- `{one.name}`: {one.without}" for one in ACTIONS if one.unproven)


def _is_row(one: Action, role: Role) -> bool:
    """Whether the action has a row of its own; that of slots is named with the one of apps."""
    return one.role == role and _SLOTS not in one.name


def _names(one: Action) -> str:
    of_slots = one.name.replace("/sites/", _SLOTS, 1)
    names = (one.name, *(each.name for each in ACTIONS if each.name == of_slots))
    return ", ".join(f"`{name}`" for name in dict.fromkeys(names))


def _commands(one: Action) -> str:
    return ", ".join(name if " every" in f" {name}" else f"`{name}`" for name in one.commands)
