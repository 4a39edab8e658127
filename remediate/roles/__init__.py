"""The two custom roles made of the table of actions, and the actions that a request needs. Pure."""

from __future__ import annotations

import re
from collections.abc import Iterable
from functools import cache

from remediate.roles.action import Action, Role
from remediate.roles.actions import ACTIONS

_PLACES = {
    "{subscription}": "/subscriptions/[^/]+",
    "{group}": "{subscription}/resourceGroups/[^/]+",
    "{around}": "{subscription}(?:/resourceGroups/[^/]+)?",
    "{app}": "{group}/providers/Microsoft.Web/sites/[^/]+",
    "{slot}": "{app}/slots/[^/]+",
    "{plan}": "{group}/providers/Microsoft.Web/serverfarms/[^/]+",
    "{network}": "{group}/providers/Microsoft.Network/virtualNetworks/[^/]+",
    "{subnet}": "{network}/subnets/[^/]+",
    "{any}": "[^/]+",
    "{scope}": ".+",
}
"""What stands for a resource in a request of the table, as a pattern of its id."""
NAMES: dict[Role, str] = {
    "read": "App Service VNet Integration Reader",
    "repair": "App Service VNet Integration Operator",
}
"""How the two custom roles are called."""
_DESCRIPTIONS: dict[Role, str] = {
    "read": "Look at the VNet integration of App Service apps with remediate. Changes nothing.",
    "repair": "Look at and repair the VNet integration of App Service apps with remediate.",
}


def of_role(role: Role) -> tuple[Action, ...]:
    """The actions of a custom role: who repairs also looks."""
    return tuple(one for one in ACTIONS if role == "repair" or one.role == "read")


def definition(
    role: Role, scopes: Iterable[str], actions: Iterable[Action] | None = None
) -> dict[str, object]:
    """A custom role as `az role definition create --role-definition` takes it.

    `scopes` are where it may be assigned; `actions` replaces those of the role.
    """
    return {
        "Name": NAMES[role],
        "IsCustom": True,
        "Description": _DESCRIPTIONS[role],
        "Actions": [one.name for one in (of_role(role) if actions is None else actions)],
        "NotActions": [],
        "DataActions": [],
        "NotDataActions": [],
        "AssignableScopes": list(scopes),
    }


def needed_for(method: str, path: str) -> tuple[Action, ...]:
    """The actions that a request needs; none for one that is not in the table. A query is left out."""
    sent = f"{method} {path.partition('?')[0]}"
    return tuple(one for one in ACTIONS if any(_pattern(each).fullmatch(sent) for each in one.requests))


@cache
def _pattern(request: str) -> re.Pattern[str]:
    """A request of the table as a pattern; ids are compared without regard to case."""
    text = re.sub(r"[.*]", r"\\\g<0>", request)
    while places := [one for one in _PLACES if one in text]:
        for place in places:
            text = text.replace(place, _PLACES[place])
    return re.compile(text, re.IGNORECASE)
