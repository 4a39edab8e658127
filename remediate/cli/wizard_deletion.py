"""The wizard's way before a deletion: what, which one, who holds it, and disconnecting them first."""

from __future__ import annotations

from remediate.azure.inventory import Entry, inventory
from remediate.cli import prompts
from remediate.cli.deletion import Outcome, Sight, conclude, judged, look, make_safe
from remediate.cli.desk import Desk
from remediate.errors import Exit, NotFound
from remediate.model import Deletable
from remediate.show.console import safe
from remediate.show.guard import KINDS
from remediate.show.guard import guard as show_guard
from remediate.show.words import resource

_LEAVE = "Nothing, leave"


def before_deletion(here: Desk) -> int:
    """Walk the operator through; returns the exit code. Deletes nothing."""
    color = not here.options.no_color
    kinds: list[tuple[str, str]] = [(name[0].upper() + name[1:], kind) for kind, name in KINDS.items()]
    kind: Deletable = prompts.choose(
        "What do you want to delete?", [*kinds, (_LEAVE, prompts.LEAVE)], color=color
    )
    sight = look(here, _which(here, kind))
    apps = [app for _, several in sight.deletion.leaving for app in several]
    if not apps:
        return conclude(here, sight, Outcome())
    show_guard(here.look.err, judged(here, sight))
    if _left_so(here, sight, len(apps)):
        return int(Exit.FOUND_SOMETHING)
    return conclude(here, sight, make_safe(here, sight))


def _left_so(here: Desk, sight: Sight, number: int) -> bool:
    """Whether the operator leaves it as it is."""
    here.look.err.print()
    who = "it" if number == 1 else f"all {number}"
    choices = [
        (f"Disconnect {who} now, one at a time; nothing is deleted", False),
        ("Leave it as it is", True),
    ]
    return bool(prompts.choose("What now?", choices, color=not here.options.no_color))


def _which(here: Desk, kind: Deletable) -> str:
    found = inventory(here.session, here.subscription, kind)
    if not found:
        raise NotFound(f"there is no {KINDS[kind]} in subscription {here.subscription}")
    choices = [(line, one.id) for line, one in zip(_lines(found), found, strict=True)]
    return str(prompts.choose("Which one?", choices, search=True, color=not here.options.no_color))


def _lines(entries: tuple[Entry, ...]) -> list[str]:
    """One aligned line each: name, group, region."""
    rows = [(resource(one.id), safe(one.group), safe(one.location)) for one in entries]
    return prompts.aligned(rows)
