"""The page of `remediate verify`: who, the verdict, findings, the views side by side, the tree."""

from __future__ import annotations

from datetime import datetime

from rich.console import Console, RenderableType
from rich.text import Text

from remediate import ids
from remediate.model import Integration, Verification
from remediate.show.console import safe, signs
from remediate.show.findings import findings, verdict
from remediate.show.layout import blank, heading, indented, marked, put
from remediate.show.probes import sections
from remediate.show.snapshot import changes_in_short
from remediate.show.tree import trees
from remediate.show.views import views
from remediate.show.words import counted, group_of, plan_words, stamp


def verification(console: Console, seen: Integration, judged: Verification, at: datetime) -> None:
    """Print what was found about one app. `at` is when Azure was read."""
    put(
        console,
        *header(console, seen),
        _verdict_line(console, judged, at),
        *findings(console, judged.findings),
        *_since(console, judged),
        blank(),
        heading("What each of Azure's views says"),
        views(console, seen, judged.views),
        *sections(console, judged.probes),
        blank(),
        *_tree(console, seen),
        blank(),
        Text(f"{counted(judged.requests, 'request')}, none of them a write.", style="quiet"),
    )


def header(console: Console, seen: Integration) -> tuple[Text, Text]:
    """Who it is about: the app's name, and kind, group, region, plan and size below it."""
    app = seen.target
    plan = plan_words(seen.plan) if seen.plan else safe(ids.name(app.plan)) or "plan not read"
    facts = (safe(app.kind), group_of(app), safe(app.location), plan)
    name = Text(safe(app.name), style="strong")
    if app.state.casefold() not in ("running", ""):
        name.append("  ").append_text(marked(console, "warning", app.state))
    return name, Text(f" {signs(console).dot} ".join(fact for fact in facts if fact))


def _verdict_line(console: Console, judged: Verification, at: datetime) -> Text:
    line = verdict(console, judged.findings, judged.healthy)
    return line.append_text(Text(f"  {stamp(at)}", style="quiet"))


def _since(console: Console, judged: Verification) -> list[RenderableType]:
    """What changed since the newest healthy snapshot, where something is wrong and there is one."""
    since = judged.changed_since
    if since is None:
        return []
    first = heading(f"What changed since {stamp(since.at)}, when it was healthy")
    return [blank(), first, *changes_in_short(console, since.changes, since.left_out)]


def _tree(console: Console, seen: Integration) -> list[RenderableType]:
    return [heading("What hangs on what"), *(indented(tree) for tree in trees(console, seen))]
