"""`remediate runs prune`: delete what is kept of old runs that need no more."""

from __future__ import annotations

from datetime import datetime, timedelta

import click

from remediate.azure.clock import SystemClock
from remediate.cli.desk import ask_for_terminal
from remediate.cli.options import Options, asked
from remediate.cli.page import put
from remediate.cli.prompts import LEFT, typed
from remediate.cli.runs import line_of
from remediate.cli.state import opened
from remediate.cli.terminal import interactive
from remediate.errors import Interrupted
from remediate.run import journal
from remediate.run.journal import Record, read_all
from remediate.show.lists import Pruned
from remediate.show.runs import pruning
from remediate.state.store import LockHeld, Store


def prune(context: click.Context, age: timedelta) -> None:
    """Carry out `remediate runs prune`."""
    options = asked(context)
    before = SystemClock().now() - age
    with opened(options) as store:
        old = read_all(store).older_than(before)
        if old and not options.dry_run:
            _confirm(options, len(old))
            old = [record for record in old if _delete(store, record, before)]
    lines = tuple(line_of(one.begin.run, one) for one in old)
    shown = Pruned(options.dry_run, before, lines)
    put(options, shown, lambda console: pruning(console, lines, dry_run=options.dry_run))


def _confirm(options: Options, count: int) -> None:
    """Raises UsageError where nobody can answer, and Interrupted where the answer is no."""
    if options.yes:
        return
    if not interactive():
        raise ask_for_terminal("--yes to delete them, or --dry-run to see which")
    if not typed(f"{count} runs are deleted. To go on, type prune:", "prune", color=not options.no_color):
        raise Interrupted(LEFT)


def _delete(store: Store, record: Record, before: datetime) -> bool:
    """Delete a run while nobody can take it up; one that somebody took up meanwhile stays."""
    run, plan = record.begin.run, record.begin.plan
    try:
        with store.lock(
            journal.lock_name(plan.subnet or plan.target), journal.holder(run, SystemClock().now())
        ):
            if journal.read(store, run).lines[-1].at >= before:
                return False
            journal.delete(store, run)
            return True
    except LockHeld:
        return False
