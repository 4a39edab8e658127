"""`remediate runs`, `resume` and `rollback`: the journal of what was changed, and how to go on or back."""

from __future__ import annotations

import sys

import click
import msgspec
from msgspec.structs import replace

from remediate import ids
from remediate.cli.conduct import locked_execution
from remediate.cli.desk import Desk, ask_for_terminal, desk
from remediate.cli.job import exit_of, put_document
from remediate.cli.left import check_moved, left_of, moved, standing
from remediate.cli.options import asked
from remediate.cli.page import put
from remediate.cli.state import opened
from remediate.errors import Exit, StateChanged, UsageError
from remediate.model import Plan, Run, RunStatus, StepResult, TargetResult
from remediate.run import resuming
from remediate.run.current_state import CurrentState, Verb
from remediate.run.execution import Assignment
from remediate.run.journal import Journal, Record, checked, read, read_all, read_open
from remediate.run.resuming import never_rebuilt
from remediate.show import plan as show_plan
from remediate.show.console import safe, warn
from remediate.show.lists import Journal as Shown
from remediate.show.lists import Runs
from remediate.show.plan import steps_left
from remediate.show.run import run as show_run
from remediate.show.runs import Line, listing, page
from remediate.state.store import Store


def list_(context: click.Context) -> None:
    """Carry out `remediate runs list`."""
    options = asked(context)
    with opened(options) as store:
        kept = read_all(store)
    lines: list[Line] = [line_of(run, record) for run, record in kept.records.items()]
    lines += [Line(run=run, status="damaged", message=why) for run, why in kept.damaged.items()]
    lines.sort(key=lambda one: one.run)
    put(options, Runs(tuple(lines)), lambda console: listing(console, lines))


def show(context: click.Context, run: str) -> None:
    """Carry out `remediate runs show`."""
    options = asked(context)
    with opened(options) as store:
        record = _read(store, run)
    summary = line_of(run, record)
    shown = Shown(**msgspec.structs.asdict(summary), journal=tuple(msgspec.to_builtins(record.lines)))
    put(options, shown, lambda console: page(console, summary, shown.journal))


def resume(context: click.Context, run: str | None) -> None:
    """Carry out `remediate resume`."""
    sys.exit(_take_up(context, run, "resume"))


def rollback(context: click.Context, run: str) -> None:
    """Carry out `remediate rollback`."""
    sys.exit(_take_up(context, run, "rollback"))


def _take_up(context: click.Context, run: str | None, verb: Verb) -> int:
    with desk(asked(context)) as here:
        record = _chosen(here, run)
        if verb == "rollback" and record.begin.plan.clears_link:
            return _nothing_to_put_back(here, record)
        if verb == "resume" and record.touched and not record.finished:
            verb = record.direction
        elif verb == "resume" or not record.touched:
            here.look.err.print(f"Run {record.begin.run} has nothing left to do.")
            return _conclude(here, _idle(here, record), verb)
        if here.options.dry_run:
            return _preview(here, record, verb)
        return _carry_on(here, record, verb)


def _nothing_to_put_back(here: Desk, record: Record) -> int:
    """A link that named nobody's integration is no loss, and nobody but Azure could write it."""
    told = f"Run {record.begin.run} purged a link that nobody used: there is nothing to put back."
    here.look.err.print(told)
    return _conclude(here, replace(_idle(here, record), message=told), "rollback")


def _preview(here: Desk, record: Record, verb: Verb) -> int:
    now = standing(here, record)
    left, found = left_of(here, record, now, verb), moved(record, now, verb)
    if here.options.output != "table":
        _conclude(here, replace(_idle(here, record, left), message=found), verb)
    else:
        show_plan.dry_run(here.look.out, left)
    if found:
        warn(here.look.err, found)
    return int(Exit.SOMEBODY_ELSE if found else Exit.DONE)


def _carry_on(here: Desk, record: Record, verb: Verb) -> int:
    """Where somebody else changed something, that is the result, once no app of this run is away any more."""
    run, found = _go_on(here, record, verb)
    code = _conclude(here, run, verb)
    return int(Exit.SOMEBODY_ELSE) if found and run.resume is None else code


def _go_on(here: Desk, record: Record, verb: Verb) -> tuple[Run, str | None]:
    """How the run ended, and what somebody else changed meanwhile."""
    if not here.options.yes and not here.interactive:
        raise ask_for_terminal("--yes to do it, or --dry-run to see what would be done")
    name, found = record.begin.run, list[str]()

    def prepare(journal: Journal) -> Assignment:
        """With the lock in hand everything is read again: another resume may have ended just now."""
        fresh = _trusted(here, name)
        if verb == "resume" and fresh.finished:
            raise StateChanged(f"run {name} was finished by somebody else", hint="")
        journal.resumed(verb, fresh)
        now, clock = standing(here, fresh), here.session.clock
        left = left_of(here, fresh, now, verb)
        _tell(here, fresh, now, left)
        changed = check_moved(fresh, now, verb, left, journal)
        found.extend([changed] if changed else [])
        state = resuming.run_state(fresh, now, clock.monotonic(), clock.now(), verb)
        state.results = resuming.finished_before(fresh, now, left) if verb == "resume" else []
        state.changed_by_others = changed
        state.link_remains = left.clears_link and not left.writes

        def replan() -> Plan:
            return left_of(here, fresh, standing(here, fresh), verb)

        success_status: RunStatus = "rolled-back" if verb == "rollback" else "succeeded"
        return Assignment(left, fresh.begin.findings, replan, state, success_status)

    plan = record.begin.plan
    with locked_execution(here, name, plan.subnet or plan.target, plan.purpose, prepare) as execution:
        run = execution.run()
    return run, next(iter(found), None)


def _tell(here: Desk, record: Record, now: CurrentState, left: Plan) -> None:
    """Say how every app is now, and what is about to be done."""
    words = {
        "connected": "connected",
        "disconnected": "disconnected",
        "elsewhere": "on another subnet, and left alone",
        "other-plan": "on another plan, and left alone",
        "gone": "deleted, and left alone",
        "unclear": "not to be told for certain, and treated as disconnected",
    }
    for app, where in now.apps.items():
        here.look.err.print(f"{safe(ids.app_name(app))} is {words[where]}")
    if never_rebuilt(record, now):
        here.look.err.print("The link was not rebuilt, and only a new run can do that: remediate reconnect")
    if not here.options.structured:
        steps_left(here.look.err, left)


def _chosen(here: Desk, run: str | None) -> Record:
    """The run that is meant: the one named, else the only one that is unfinished."""
    if run is not None:
        return _trusted(here, run)
    journals = read_open(here.store)
    candidates = journals.unfinished(here.session.cloud.arm)
    if len(candidates) > 1:
        listed = ", ".join(one.begin.run for one in candidates)
        raise UsageError(f"{len(candidates)} runs are unfinished: {listed}", hint="remediate resume RUN")
    if not candidates and journals.invalid:
        raise journals.invalid[0]
    if not candidates:
        raise UsageError("no run is unfinished", hint="remediate runs list")
    return candidates[0]


def _trusted(here: Desk, run: str) -> Record:
    """The run with its requests built anew. Raises UsageError and InvalidJournal."""
    record = checked(_read(here.store, run))
    if record.begin.arm.casefold() != here.session.cloud.arm.casefold():
        raise UsageError(f"run {run} belongs to {record.begin.arm}, not {here.session.cloud.arm}")
    return record


def _read(store: Store, run: str) -> Record:
    return read(store, run)


def _idle(here: Desk, record: Record, left: Plan | None = None) -> Run:
    """A run document for when nothing is sent: what would be left, or that nothing is."""
    plan, end = record.begin.plan, record.end
    steps = left.steps if left else ()
    return Run(
        run=record.begin.run,
        status="planned" if left else (end.status if end else "interrupted"),
        dry_run=here.options.dry_run,
        scope=plan.scope,
        playbook=plan.playbook,
        targets=tuple(TargetResult(one, plan.subnet, "untouched") for one in plan.changes),
        steps=tuple(StepResult(one.n, one.do, one.target, "planned", request=one.request) for one in steps),
        findings_before=record.begin.findings,
        findings_after=(),
        requests=here.session.requests,
        started=record.begin.at,
        seconds=0.0,
        purpose=plan.purpose,
    )


def _conclude(here: Desk, run: Run, verb: Verb) -> int:
    if here.options.output != "table":
        put_document(here, run, here.options.output)
    elif run.steps:
        show_run(here.look.out, run)
    idle = not run.steps
    return int(Exit.DONE if idle or (verb == "rollback" and run.status == "rolled-back") else exit_of(run))


def line_of(run: str, record: Record) -> Line:
    """A run in short."""
    plan, end = record.begin.plan, record.end
    return Line(
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
    )
