"""`remediate runs`: list the runs, show one, and delete old ones that are finished."""

from __future__ import annotations

from datetime import datetime, timedelta

import msgspec

from remediate.azure.clock import SystemClock
from remediate.jobs.apps_now import apps_of_runs
from remediate.jobs.context import needs_terminal
from remediate.jobs.invocation import Invocation
from remediate.jobs.output import print_document
from remediate.jobs.store import open_store
from remediate.model.plan import PURPOSES
from remediate.run import journal as journals
from remediate.run.journal import Record, read_all
from remediate.show.lists import PrunedRuns, RunJournal, RunList
from remediate.show.runs import ListedRun, RunSummary, print_journal, print_pruned, print_runs
from remediate.show.unfinished import AppNow
from remediate.show.words import plural
from remediate.state.store import LockHeld, Store


def list_runs(invocation: Invocation) -> None:
    """Print the runs that are kept, the newest last; of those that are unfinished, who has no network now."""
    with open_store(invocation.options) as store:
        kept = read_all(store)
    settled = {one.begin.run for one in kept.settled}
    opened = [one for run, one in kept.records.items() if one.touched and run not in settled]
    apps = apps_of_runs(invocation, opened)
    lines = [_listed(run, record, apps.get(run, ())) for run, record in kept.records.items()]
    lines += [ListedRun(run=run, status="damaged", message=why) for run, why in kept.damaged.items()]
    lines.sort(key=lambda one: one.run)
    now = SystemClock().now()
    print_document(invocation.options, RunList(tuple(lines)), lambda console: print_runs(console, lines, now))


def _listed(run: str, record: Record, apps: tuple[AppNow, ...]) -> ListedRun:
    """A run as it is listed. An app that was to leave for good is not one that lost its network."""
    plan = record.begin.plan
    leaving = plan.disconnects_for_good and record.direction == "resume"
    return ListedRun(
        **msgspec.structs.asdict(summary(run, record)),
        command=PURPOSES[plan.purpose].command.removeprefix("remediate "),
        target=plan.target,
        without_network=tuple(one.id for one in apps if one.where == "disconnected" and not leaving),
        unread=tuple(one.id for one in apps if one.where == "unclear"),
    )


def show_run(invocation: Invocation, run: str) -> None:
    """Print one run with its journal. Raises UnreadableJournal and InvalidJournal."""
    with open_store(invocation.options) as store:
        record = journals.read(store, run)
    line = summary(run, record)
    document = RunJournal(**msgspec.structs.asdict(line), journal=tuple(msgspec.to_builtins(record.lines)))
    print_document(
        invocation.options, document, lambda console: print_journal(console, line, document.journal)
    )


def prune_runs(invocation: Invocation, age: timedelta) -> None:
    """Delete the finished runs that are older, after a confirmation; with `--dry-run` only print them."""
    options, before = invocation.options, SystemClock().now() - age
    with open_store(options) as store:
        old = read_all(store).older_than(before)
        if old and not options.dry_run:
            _confirm(invocation, len(old))
            old = [record for record in old if _delete(store, record, before)]
    lines = tuple(summary(one.begin.run, one) for one in old)
    document = PrunedRuns(options.dry_run, before, lines)
    print_document(
        options, document, lambda console: print_pruned(console, lines, before + age, dry_run=options.dry_run)
    )


def _confirm(invocation: Invocation, count: int) -> None:
    """Raises UsageError without a terminal to ask on, and Interrupted when the operator leaves it."""
    if invocation.options.yes:
        return
    if not invocation.prompts.available:
        raise needs_terminal("--yes to delete them, or --dry-run to see which")
    invocation.prompts.confirm_word("prune", f"{plural(count, 'run')} will be deleted.")


def _delete(store: Store, record: Record, before: datetime) -> bool:
    """Delete a run under its lock; one that was resumed meanwhile is kept."""
    run, plan = record.begin.run, record.begin.plan
    holder = journals.holder(run, SystemClock().now())
    try:
        with store.lock(journals.lock_name(plan.subnet or plan.target), holder):
            if journals.read(store, run).lines[-1].at >= before:
                return False
            journals.delete(store, run)
            return True
    except LockHeld:
        return False


def summary(run: str, record: Record) -> RunSummary:
    """A run in short."""
    plan, end = record.begin.plan, record.end
    return RunSummary(
        run=run,
        status=end.status if end else ("unfinished" if record.touched else "nothing changed"),
        started=record.begin.at,
        who=record.begin.who,
        host=record.begin.host,
        playbook=plan.playbook,
        scope=plan.scope,
        subnet=plan.subnet,
        apps=tuple(app.id for app in plan.apps),
        message=end.message if end else None,
        resume=f"remediate resume {run}" if record.touched and not record.finished else None,
    )
