"""The pages of `remediate runs`: the list of runs, and the journal of one."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime
from typing import Any

from msgspec import Struct
from rich.console import Console, RenderableType
from rich.text import Text

from remediate import ids
from remediate.show.console import safe, symbols
from remediate.show.layout import (
    blank,
    heading,
    indented,
    marked,
    message,
    next_step,
    print_parts,
    table,
)
from remediate.show.words import age, plural, resource_name, scope_words, subnet_name, timestamp


class RunSummary(Struct, frozen=True):
    """A run in short; `resume` is the command that goes on with one that is not finished."""

    run: str
    status: str
    started: datetime | None = None
    who: str = ""
    host: str = ""
    playbook: str = ""
    scope: str = ""
    subnet: str | None = None
    apps: tuple[str, ...] = ()
    message: str | None = None
    resume: str | None = None


class ListedRun(RunSummary, frozen=True):
    """A run in the list: what it was about, and which of its apps are without network now.

    `command` carried it out, on `target`, the id of an app or a subnet. `without_network` and `unread` are
    ids of apps: those that Azure says are connected nowhere, and those that could not be read, so that it is
    unknown. Both are empty for a run that is finished, for which nothing is read.
    """

    command: str = ""
    target: str | None = None
    without_network: tuple[str, ...] = ()
    unread: tuple[str, ...] = ()


def print_runs(console: Console, lines: Sequence[ListedRun], now: datetime) -> None:
    """Print a few lines for each run, the newest last: when, how it ended, what, and who has no network."""
    if not lines:
        print_parts(console, Text("No run was journaled yet."))
        return
    for number, line in enumerate(lines):
        print_parts(console, *((blank(),) if number else ()), *_listed(console, line, now))


def _listed(console: Console, line: ListedRun, now: datetime) -> Iterator[RenderableType]:
    yield Text(f"{safe(line.run)}  {line.status}", style="strong")
    if line.started:
        yield Text(f"  {_when(line.started, now)}, by {safe(line.who)} on {safe(line.host)}")
        scope = f" {symbols(console).dot} {_scope(line)}" if line.apps else ""
        yield Text(f"  {line.command} {_subject(line)}{scope}")
    for app in line.without_network:
        yield indented(marked(console, "error", f"{resource_name(app)} is WITHOUT NETWORK NOW"))
    for app in line.unread:
        words = f"whether {resource_name(app)} has network now is unknown"
        yield indented(marked(console, "unknown", words))
    if line.status == "damaged" and line.message:
        yield from message(line.message)
    if line.resume:
        yield next_step(console, line.resume)


def _scope(line: RunSummary) -> str:
    return scope_words("link" if line.scope == "link" else "app", len(line.apps))


def _when(at: datetime, now: datetime) -> str:
    """A time as the clock on the wall shows it, and how long ago that is."""
    return f"{at.astimezone():%Y-%m-%d %H:%M} ({age((now - at).total_seconds())})"


def print_pruned(console: Console, lines: Sequence[RunSummary], now: datetime, *, dry_run: bool) -> None:
    """Print the runs that were deleted, or that would be."""
    if not lines:
        print_parts(console, Text("No finished run is old enough: nothing is deleted."))
        return
    rows = [
        (safe(one.run), one.status, _when(one.started, now) if one.started else "", _subject(one))
        for one in lines
    ]
    result = "would be deleted; nothing was" if dry_run else "deleted"
    print_parts(console, table(("run", "status", "when", "what"), rows))
    print_parts(console, Text(f"{plural(len(lines), 'run')} {result}."))


def print_journal(console: Console, line: RunSummary, journal: Sequence[dict[str, Any]]) -> None:
    """Print one run: its subject, and its journal line by line."""
    print_parts(
        console,
        Text(f"Run {safe(line.run)}: {line.status}", style="strong"),
        Text(safe(f"{_subject(line)}, playbook {line.playbook}")),
        *(
            (Text(f"started {timestamp(line.started)} by {safe(line.who)} on {safe(line.host)}"),)
            if line.started
            else ()
        ),
        blank(),
        heading("Journal"),
        *_journal(journal),
        *((blank(), *message(line.message)) if line.message else ()),
        *((blank(), heading("What to do next"), next_step(console, line.resume)) if line.resume else ()),
    )


def _subject(line: RunSummary) -> str:
    names = [ids.app_name(app) for app in line.apps]
    if not names and line.subnet:
        return f"the link of {subnet_name(line.subnet)}"
    apps = names[0] if len(names) == 1 else plural(len(names), "app")
    return safe(apps) + (f" on {subnet_name(line.subnet)}" if line.subnet else "")


def _journal(lines: Sequence[dict[str, Any]]) -> Iterator[RenderableType]:
    for line in lines:
        yield Text(f"  {safe(str(line['at'])[:19])}Z  {safe(_words(line))}")


def _words(line: dict[str, Any]) -> str:
    kind = line["kind"]
    if kind == "intent":
        return f"about to {line['request']['method']} {line['request']['path']}"
    if kind == "outcome" and not line["sent"]:
        return line["error"] or "not sent"
    if kind == "outcome":
        error = f": {line['error']}" if line.get("error") else ""
        return f"answered {line['status'] or 'nothing'}{error} (request {line['request_id'] or 'unknown'})"
    if kind == "step":
        ended = line["result"]
        detail = f": {ended['detail']}" if ended.get("detail") else ""
        return f"step {ended['n']} {ended['do']} {ids.app_name(ended['target'])} {ended['status']}{detail}"
    if kind == "resumed":
        return f"{line['verb']} by {line['who']} on {line['host']}"
    return f"ended: {line['status']}" if kind == "end" else f"begun with {line['tool']}"
