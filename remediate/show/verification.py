"""The page of `remediate verify`: the app, verdict, findings, views side by side, and the tree."""

from __future__ import annotations

from datetime import datetime

from rich.console import Console, RenderableType
from rich.text import Text

from remediate import ids
from remediate.model import Integration, Verification
from remediate.show.console import safe, symbols
from remediate.show.findings import all_finding_parts, verdict_line
from remediate.show.layout import blank, heading, indented, marked, print_parts
from remediate.show.probes import probe_sections
from remediate.show.snapshot import short_changes
from remediate.show.tree import build_trees
from remediate.show.views import views_table
from remediate.show.words import describe_plan, group_of, plural, timestamp


def print_verification(
    console: Console, integration: Integration, result: Verification, at: datetime
) -> None:
    """Print the verification of one app. `at` is when Azure was read."""
    print_parts(
        console,
        *header(console, integration),
        _verdict_line(console, result, at),
        *all_finding_parts(console, result.findings),
        *_since(console, result),
        blank(),
        heading("What Azure says"),
        views_table(console, integration, result.views),
        *probe_sections(console, result.probes),
        blank(),
        *_tree(console, integration),
        blank(),
        _requests(result),
    )


def print_unread(console: Console, result: Verification, at: datetime) -> None:
    """Print the verification of an app that could not be read itself. `at` is when that was tried."""
    print_parts(
        console,
        Text(safe(ids.app_name(result.target)), style="strong"),
        _verdict_line(console, result, at),
        *all_finding_parts(console, result.findings),
        blank(),
        _requests(result),
    )


def _requests(result: Verification) -> Text:
    return Text(f"{plural(result.requests, 'request')}, none of them a write.", style="quiet")


def header(console: Console, integration: Integration) -> tuple[Text, Text]:
    """The app's name, and below it kind, group, region, plan and size."""
    app = integration.target
    plan = (
        describe_plan(integration.plan) if integration.plan else safe(ids.name(app.plan)) or "plan not read"
    )
    facts = (safe(app.kind), group_of(app), safe(app.location), plan)
    name = Text(safe(app.name), style="strong")
    if app.state.casefold() not in ("running", ""):
        name.append("  ").append_text(marked(console, "warning", app.state))
    return name, Text(f" {symbols(console).dot} ".join(fact for fact in facts if fact))


def _verdict_line(console: Console, result: Verification, at: datetime) -> Text:
    line = verdict_line(console, result.findings, result.healthy)
    return line.append_text(Text(f"  {timestamp(at)}", style="quiet"))


def _since(console: Console, result: Verification) -> list[RenderableType]:
    """What changed since the newest healthy snapshot, for an unhealthy app that has one."""
    since = result.changed_since
    if since is None:
        return []
    first = heading(f"What changed since {timestamp(since.at)}, when it was healthy")
    return [blank(), first, *short_changes(console, since.changes, since.left_out)]


def _tree(console: Console, integration: Integration) -> list[RenderableType]:
    return [heading("How it is connected"), *(indented(tree) for tree in build_trees(console, integration))]
