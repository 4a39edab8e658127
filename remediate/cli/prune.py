"""`remediate runs prune`: delete what is kept of old runs that need no more."""

from __future__ import annotations

import re
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

import click

from remediate.cli.options import asked, common
from remediate.cli.problem import Exit, Problem

if TYPE_CHECKING:
    from remediate.cli.options import Options
    from remediate.run.journal import Record
    from remediate.state.store import Store

_AGE = re.compile(r"([0-9]{1,5})([hdw])")
_UNITS = {"h": timedelta(hours=1), "d": timedelta(days=1), "w": timedelta(weeks=1)}


class Age(click.ParamType):  # type: ignore[type-arg]  # not generic in every click that will do
    """`90d`, `12w` or `36h`."""

    name = "age"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> timedelta:
        """The age as a span of time."""
        found = _AGE.fullmatch(str(value))
        if found is None:
            self.fail(f"{value!r} is no age: 90d, 12w or 36h", param, ctx)
        return int(found[1]) * _UNITS[found[2]]


@click.command()
@click.option(
    "--older-than",
    "age",
    type=Age(),
    required=True,
    metavar="AGE",
    help="How long ago the last line was written at least, such as 90d, 12w or 36h.",
)
@common
@click.pass_context
def prune(context: click.Context, age: timedelta) -> None:
    """Delete old runs that need no more: journal, and snapshots before and after.

    A run that is not finished is never deleted, however old, nor is one whose journal
    is damaged. With --dry-run the runs are listed and kept.
    """
    from remediate.azure.clock import SystemClock
    from remediate.cli.page import put
    from remediate.cli.runs import line_of
    from remediate.cli.state import opened
    from remediate.run.journal import read_all
    from remediate.show.lists import Pruned
    from remediate.show.runs import pruning

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
    """Raises Problem where nobody can answer, or the answer is no."""
    from remediate.cli import ask
    from remediate.cli.desk import ask_for_terminal, interactive

    if options.yes:
        return
    if not interactive():
        raise ask_for_terminal("--yes to delete them, or --dry-run to see which")
    if not ask.typed(f"{count} runs are deleted. To go on, type prune:", "prune", color=not options.no_color):
        raise Problem(ask.LEFT, exit_=Exit.INTERRUPTED)


def _delete(store: Store, record: Record, before: datetime) -> bool:
    """Delete a run while nobody can take it up; one that somebody took up meanwhile stays."""
    from remediate.azure.clock import SystemClock
    from remediate.run import journal
    from remediate.state.store import Held

    run, plan = record.begin.run, record.begin.plan
    try:
        with store.lock(
            journal.lock_name(plan.subnet or plan.target), journal.holder(run, SystemClock().now())
        ):
            if journal.read(store, run).lines[-1].at >= before:
                return False
            journal.delete(store, run)
            return True
    except Held:
        return False
