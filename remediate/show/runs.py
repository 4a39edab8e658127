"""The pages of `remediate runs`: the list of runs, and the journal of one."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime
from typing import Any

from msgspec import Struct
from rich.console import Console, RenderableType
from rich.text import Text

from remediate import ids
from remediate.show.console import safe
from remediate.show.layout import blank, heading, message, next_step, print_parts, table
from remediate.show.words import plural, subnet_name, timestamp


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


def print_runs(console: Console, lines: Sequence[RunSummary]) -> None:
    """Print one line for each run, the newest last."""
    if not lines:
        print_parts(console, Text("No run was journaled yet."))
        return
    rows = [(safe(one.run), one.status, _subject(one), safe(f"{one.who} on {one.host}")) for one in lines]
    print_parts(console, table(("run", "status", "what", "by"), rows))


def print_pruned(console: Console, lines: Sequence[RunSummary], *, dry_run: bool) -> None:
    """Print the runs that were deleted, or that would be."""
    if not lines:
        print_parts(console, Text("No finished run is old enough: nothing is deleted."))
        return
    print_runs(console, lines)
    result = "would be deleted; nothing was" if dry_run else "deleted"
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
