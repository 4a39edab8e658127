"""Runs that have not ended: every command warns about them, and no change of their apps begins."""

from __future__ import annotations

from remediate import ids
from remediate.errors import Exit, RemediateError, StoreError
from remediate.jobs.context import CommandContext
from remediate.run import journal as journals
from remediate.run.journal import read_open
from remediate.show.console import warn
from remediate.show.words import subnet_name


class UnfinishedRun(RemediateError):
    """An earlier run on the same link is unfinished: it has to be finished first."""

    exit = Exit.REFUSED
    code = "unfinished"


def warn_unfinished_runs(context: CommandContext) -> None:
    """Print a warning for each unfinished run, before anything else is read."""
    console = context.consoles.err
    try:
        opened = read_open(context.store)
    except StoreError as error:  # reading needs no state; a change will be refused for it
        warn(console, str(error))
        return
    for record in opened.unfinished(context.session.cloud.arm):
        begun, plan = record.begin, record.begin.plan
        where = subnet_name(plan.subnet) if plan.subnet else ids.app_name(plan.target)
        warn(
            console,
            f"Run {begun.run} on {where} by {begun.who} has not ended. "
            f"To finish it: `remediate resume {begun.run}`",
        )
    for message in opened.damaged.values():
        warn(console, message)


def check_open_runs(
    context: CommandContext, target: str, subnet: str | None, *, lock_held: bool = False
) -> None:
    """Refuse a change while an earlier run on this app or subnet is unfinished.

    With `lock_held` the process that left an open journal is known to be dead. Raises UnfinishedRun and
    LockHeld.
    """
    for record in read_open(context.store).unfinished(context.session.cloud.arm):
        begun, plan = record.begin, record.begin.plan
        ours = ids.same(plan.subnet, subnet) or any(ids.same(app.id, target) for app in plan.apps)
        if not ours or record.end is not None:
            continue
        if not lock_held:
            _check_free(context, plan.subnet or plan.target)
        raise UnfinishedRun(
            f"run {begun.run} on this link was interrupted and is not finished",
            hint=f"remediate resume {begun.run}",
        )


def _check_free(context: CommandContext, what: str) -> None:
    """Raises LockHeld when another run holds the lock of a link."""
    holder = journals.holder("none", context.session.clock.now())
    with context.store.lock(journals.lock_name(what), holder):
        return
