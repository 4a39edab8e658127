"""The pages of snapshots: the list, one of them, and two side by side; and the lines of `watch`."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from rich.console import Console, RenderableType
from rich.table import Table
from rich.text import Text

from remediate import ids
from remediate.model import Change, Difference, LeftOut, Side, Snapshot, Watched
from remediate.show.console import PIPED_WIDTH, safe, symbols
from remediate.show.layout import (
    HangingIndent,
    Unbroken,
    blank,
    heading,
    indented,
    marked,
    next_step,
    print_parts,
    prose,
    table,
)
from remediate.show.words import format_value, plural, shorten_ids, subnet_name, timestamp

LINKS = "subnet.serviceAssociationLinks"
"""The fact for which most snapshots are kept."""
GAP = 2
"""Columns between the two sides."""
_MAIN = {"link", "virtualNetworkSubnetId"}
"""The field that identifies a link, or an app on the subnet."""
MAX_SIDE_WIDTH = 60
"""Maximum columns of one side, so that the two stay close on a wide screen."""


def print_snapshots(console: Console, snapshots: Sequence[Snapshot]) -> None:
    """Print one line for each snapshot, the newest last."""
    if not snapshots:
        print_parts(console, Text("No snapshot was kept yet."))
        return
    rows = [
        (
            one.label,
            ids.app_name(one.target),
            timestamp(one.at),
            health(console, one.healthy, one.findings),
            one.source,
        )
        for one in snapshots
    ]
    print_parts(console, table(("label", "app", "taken", "", "from"), rows))


def print_saved(console: Console, one: Snapshot) -> None:
    """Print that a snapshot was saved, and how to compare it later."""
    line = Text(f"Kept {safe(one.label)} of {safe(ids.app_name(one.target))}: ")
    summary = health(console, one.healthy, one.findings) if one.source == "azure" else Text(safe(one.source))
    command = f"remediate snapshot diff {one.label} live --target {ids.app_name(one.target)}"
    unread = (*_unread(console, one), *((blank(),) if one.unread else ()))
    without = () if LINKS in one.facts or one.unread else (prose("It holds no service association link.", 2),)
    print_parts(
        console,
        line.append_text(summary),
        *without,
        *unread,
        next_step(console, f"To compare later: {command}"),
    )


def print_snapshot(console: Console, one: Snapshot) -> None:
    """Print one snapshot: its app, its facts, and what could not be read."""
    print_parts(
        console,
        Text(f"{safe(one.label)}: {safe(ids.app_name(one.target))}", style="strong"),
        Text(
            f"taken {timestamp(one.at)} by {safe(one.who)} with {safe(one.tool)} on {safe(one.cloud)}"
            if one.source == "azure"
            else f"imported {timestamp(one.at)} by {safe(one.who)}: {safe(one.source)}"
        ),
        *((Text(f"subnet {subnet_name(one.subnet)}"),) if one.subnet else ()),
        health(console, one.healthy, one.findings),
        blank(),
        heading("Facts"),
        *(indented(HangingIndent(_fact(console, path, value))) for path, value in _flattened(one.facts)),
        *_unread(console, one),
    )


def print_difference(console: Console, found: Difference) -> None:
    """Print two snapshots side by side: their heads, each change, and what could not be compared."""
    print_parts(
        console,
        Text(safe(ids.app_name(found.after.target)), style="strong"),
        _beside(console, _head(console, found.before), _head(console, found.after)),
        blank(),
        _verdict(console, found),
    )
    for one in found.changes:
        print_parts(
            console,
            blank(),
            _meaning(console, one),
            indented(Text(safe(one.path), style="quiet")),
            _beside(console, _value(console, one.before), _value(console, one.after)),
        )
    if found.left_out:
        print_parts(console, blank(), *_left_out(found.left_out))


def print_watch_event(console: Console, one: Watched) -> None:
    """Print one event of `watch` on one line."""
    line = Text(f"{timestamp(one.at)}  {safe(ids.app_name(one.target))}  ")
    if one.event == "failed":
        line.append_text(marked(console, "unknown", one.message))
    else:
        line.append_text(health(console, one.healthy, one.findings))
        line.append(f"  {safe(one.message)}")
        line.append(f"  (kept as {safe(one.snapshot)})" if one.snapshot else "", style="quiet")
    print_parts(console, Unbroken(line))


def short_changes(
    console: Console, changes: Sequence[Change], left_out: Sequence[LeftOut]
) -> list[RenderableType]:
    """Each change in two lines, as a section of another page."""
    parts: list[RenderableType] = []
    for one in changes:
        values = f"{safe(one.path)}: {_in_line(one.before)} {symbols(console).next} {_in_line(one.after)}"
        text = _fitting(console, values)
        parts += [indented(_meaning(console, one)), indented(HangingIndent(Text(text, style="quiet")), 4)]
    if not changes:
        parts.append(prose("Nothing that a snapshot contains."))
    return parts + (_left_out(left_out) if left_out else [])


def health(console: Console, healthy: bool | None, findings: Iterable[str]) -> Text:
    """Healthy or not, with the codes of what was found."""
    codes = ", ".join(findings)
    if healthy is None:
        return marked(console, "unknown", f"unknown: {codes}" if codes else "unknown")
    if not healthy:
        return marked(console, "error", f"unhealthy: {codes}" if codes else "unhealthy")
    return marked(console, "good", "healthy")


def _head(console: Console, one: Side) -> list[Text]:
    when = timestamp(one.at) if one.source == "azure" else f"imported {timestamp(one.at)}"
    summary = (
        health(console, one.healthy, one.findings)
        if one.source == "azure"
        else Text(safe(one.source), style="quiet")
    )
    return [Text(safe(one.label), style="strong"), Text(when, style="quiet"), summary]


def _verdict(console: Console, found: Difference) -> Text:
    compared = f"{plural(found.compared, 'fact')} compared"
    if found.changes:
        line = marked(console, "warning", plural(len(found.changes), "change"))
    elif found.same is None:
        line = marked(console, "unknown", "no change, but not everything could be read")
    elif LINKS in (left_out := {one.path for one in found.left_out}) or LINKS.partition(".")[0] in left_out:
        line = marked(console, "unknown", "no change, but the link could not be compared")
    else:
        line = marked(console, "good", "no change")
    return line.append(f"  {compared}", style="quiet")


def _meaning(console: Console, one: Change) -> Text:
    return Text().append(f"{symbols(console).warning} ", style="warning").append(safe(one.meaning), "strong")


def _beside(console: Console, left: list[Text], right: list[Text]) -> RenderableType:
    """Two columns of the same width."""
    width = min(MAX_SIDE_WIDTH, (console.width - 2 - GAP) // 2)
    grid = Table.grid(padding=(0, GAP, 0, 0))
    for _ in range(2):
        grid.add_column(width=width, overflow="fold")
    for number in range(max(len(left), len(right))):
        cells = (column[number] if number < len(column) else Text("") for column in (left, right))
        grid.add_row(*(HangingIndent(cell) for cell in cells))
    return indented(grid)


def _value(console: Console, value: Any) -> list[Text]:
    """The value of one side; one line for each of its elements."""
    if isinstance(value, dict) and value and not _MAIN & set(value):
        return [Text(_fitting(console, f"{safe(key)}: {_in_line(one)}")) for key, one in value.items()]
    if isinstance(value, list) and value:
        return [Text(_fitting(console, _in_line(one))) for one in value]
    return [Text(_fitting(console, _in_line(value)))]


def _in_line(value: Any) -> str:
    if isinstance(value, dict) and _MAIN & set(value):
        return _in_line(next(value[key] for key in _MAIN if key in value))
    return "none" if value in (None, [], {}) else format_value(value)


def _fitting(console: Console, text: str) -> str:
    """The text with short resource ids in a terminal, and with complete ones elsewhere."""
    if console.width >= PIPED_WIDTH:
        return text
    return shorten_ids(text, "..." if console.options.ascii_only else "…")


def _fact(console: Console, path: str, value: Any) -> Text:
    return Text(_fitting(console, f"{safe(path)} = {_in_line(value)}"))


def _flattened(facts: dict[str, Any]) -> list[tuple[str, Any]]:
    """The facts in their order, with one entry for each link and app."""
    entries: list[tuple[str, Any]] = []
    for path, value in facts.items():
        several = isinstance(value, dict) and value and all(isinstance(one, dict) for one in value.values())
        entries += [(f"{path}.{name}", one) for name, one in value.items()] if several else [(path, value)]
    return entries


def _unread(console: Console, one: Snapshot) -> list[RenderableType]:
    if not one.unread:
        return []
    lines = (marked(console, "unknown", f"{part}: {why}") for part, why in one.unread.items())
    return [blank(), heading("Could not be read"), *(indented(line) for line in lines)]


def _left_out(left_out: Sequence[LeftOut]) -> list[RenderableType]:
    """What was not compared, grouped by the reason."""
    reasons: dict[str, list[str]] = {}
    for one in left_out:
        reasons.setdefault(one.why, []).append(one.path)
    return [prose(f"Not compared: {', '.join(paths)} ({why}).", 2, "quiet") for why, paths in reasons.items()]
