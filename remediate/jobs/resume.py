"""`remediate resume` and `rollback`: finish a run that did not end, or undo it."""

from __future__ import annotations

from msgspec.structs import replace

from remediate import ids
from remediate.errors import Exit, StateChanged, UsageError
from remediate.jobs.apply import exit_code
from remediate.jobs.context import CommandContext, needs_terminal, open_context
from remediate.jobs.execution import locked_execution
from remediate.jobs.invocation import Invocation, Options
from remediate.jobs.output import print_run_document
from remediate.jobs.remaining_plan import changed_meanwhile, check_changes, read_state, remaining_plan
from remediate.jobs.store import open_store, shared_state
from remediate.model import CurrentState, Plan, Run, RunStatus, StepResult, TargetResult
from remediate.model.failure import RequestFailed
from remediate.run import remaining
from remediate.run.assignment import Assignment
from remediate.run.current_state import Verb, unclear_since
from remediate.run.journal import Journal, Record, checked, read, read_open
from remediate.run.remaining import never_rebuilt
from remediate.run.state import only_anew
from remediate.show.brief import print_before_question, print_outcome
from remediate.show.commands import with_options
from remediate.show.console import safe, warn
from remediate.show.plan import print_dry_run, print_remaining_steps
from remediate.show.run import print_run


def resume(invocation: Invocation, run: str | None) -> int:
    """Finish a run, print the result, and return the exit code."""
    return _continue(invocation, run, "resume")


def rollback(invocation: Invocation, run: str) -> int:
    """Put every app of a run back on its subnet, print the result, and return the exit code."""
    return _continue(invocation, run, "rollback")


def _continue(invocation: Invocation, run: str | None, verb: Verb) -> int:
    _check_kept(invocation.options, run)
    with open_context(invocation, may_write=True) as context:
        return continue_run(context, _find_run(context, run), verb)


def continue_run(context: CommandContext, record: Record, verb: Verb) -> int:
    """Finish a run or undo it, print the result, and return the exit code."""
    if verb == "rollback" and record.begin.plan.clears_link:
        return _nothing_to_undo(context, record, "purged an unused link: there is nothing to restore")
    if verb == "resume" and record.touched and not record.finished:
        verb = record.direction
    elif verb == "resume":
        context.consoles.err.print(f"Run {record.begin.run} has nothing left to do.")
        return _report(context, _unsent(context, record), verb)
    elif not record.touched:
        return _nothing_to_undo(context, record, "changed nothing: there is nothing to roll back")
    if context.options.dry_run:
        return _preview(context, record, verb)
    return _finish(context, record, verb)


def _check_kept(options: Options, run: str | None) -> None:
    """Refuse a run that the state folder does not hold before the sign-in; shared state needs one anyway.

    Raises UsageError and InvalidJournal.
    """
    if run is not None and shared_state(options) is None:
        with open_store(options) as store:
            read(store, run)


def _nothing_to_undo(context: CommandContext, record: Record, why: str) -> int:
    """A purged link was unused, and only Azure can create one; a write that was not sent changed nothing."""
    message = f"Run {record.begin.run} {why}."
    context.consoles.err.print(message)
    return _report(context, replace(_unsent(context, record), message=message), "rollback")


def _preview(context: CommandContext, record: Record, verb: Verb) -> int:
    now = read_state(context, record)
    left, found = remaining_plan(context, record, now, verb), changed_meanwhile(record, now, verb)
    if context.options.output != "table":
        _report(context, replace(_unsent(context, record, left), message=found), verb)
    else:
        print_dry_run(context.consoles.out, left)
    if found:
        warn(context.consoles.err, found)
    return int(Exit.CONFLICT if found else Exit.DONE)


def _finish(context: CommandContext, record: Record, verb: Verb) -> int:
    """A change by somebody else decides the exit code, if no app of this run is disconnected any more."""
    run, found = _execute(context, record, verb)
    code = _report(context, run, verb)
    return int(Exit.CONFLICT) if found and run.resume is None else code


def _execute(context: CommandContext, record: Record, verb: Verb) -> tuple[Run, str | None]:
    """How the run ended, and what somebody else changed in the meantime."""
    if not context.options.yes and not context.interactive:
        raise needs_terminal("--yes to do it, or --dry-run to see what would be done")
    name, found = record.begin.run, list[str]()

    def prepare(journal: Journal) -> Assignment:
        """After the lock is acquired everything is read again: another resume may just have ended."""
        fresh = _read_run(context, name)
        if verb == "resume" and fresh.finished:
            raise StateChanged(f"run {name} was finished by somebody else", hint="")
        journal.resumed(verb, fresh)
        now, clock = read_state(context, fresh), context.session.clock
        left = remaining_plan(context, fresh, now, verb)
        _print_state(context, fresh, now, left, verb)
        changed = check_changes(fresh, now, verb, left, journal)
        found.extend([changed] if changed else [])
        state = remaining.run_state(fresh, now, clock.monotonic(), clock.now(), verb)
        state.results = remaining.finished_before(fresh, now, left) if verb == "resume" else []
        state.changed_by_others = changed
        state.link_remains = left.clears_link and not left.writes

        def replan() -> Plan:
            again, unread = read_state(context, fresh), list[str]()
            made = remaining_plan(context, fresh, again, verb, unread)
            unread += unclear_since(now, again)
            if made != left and unread:
                raise RequestFailed("unreadable", "; ".join(unread))
            return made

        success_status: RunStatus = "rolled-back" if verb == "rollback" else "succeeded"
        return Assignment(left, fresh.begin.findings, replan, state, success_status)

    plan = record.begin.plan
    with locked_execution(context, name, plan.subnet or plan.target, plan.purpose, prepare) as execution:
        run = execution.run()
    return run, next(iter(found), None)


def _print_state(context: CommandContext, record: Record, now: CurrentState, left: Plan, verb: Verb) -> None:
    """Print the state of every app, and the remaining steps; the wizard has shown where the apps are."""
    if context.guided:
        print_before_question(context.consoles.err, left)
        return
    written = {step.target for step in left.steps if step.request}
    words = {
        "connected": "connected",
        "disconnected": "disconnected",
        "elsewhere": "on another subnet, and not changed",
        "other-plan": "on another plan, and not changed",
        "gone": "deleted",
        "unclear": "in an unknown state, and treated as disconnected",
    }
    alone = {
        "disconnected": "disconnected, and not changed",
        "unclear": "in an unknown state, and not changed",
    }
    for app, where in now.apps.items():
        kept = verb == "rollback" and app not in written
        state = alone.get(where, words[where]) if kept else words[where]
        context.consoles.err.print(f"{safe(ids.app_name(app))} is {state}")
    if never_rebuilt(record, now):
        context.consoles.err.print(with_options(only_anew(record.begin.plan)))
    if context.interactive or not context.options.structured:
        print_remaining_steps(context.consoles.err, left)


def _find_run(context: CommandContext, run: str | None) -> Record:
    """The run that is given, else the only unfinished one. Raises UsageError and InvalidJournal."""
    if run is not None:
        return _read_run(context, run)
    journals = read_open(context.store)
    candidates = journals.unfinished(context.session.cloud.arm)
    if len(candidates) > 1:
        listed = ", ".join(one.begin.run for one in candidates)
        raise UsageError(f"{len(candidates)} runs are unfinished: {listed}", hint="remediate resume RUN")
    if not candidates and journals.invalid:
        raise journals.invalid[0]
    if not candidates:
        raise UsageError("no run is unfinished", hint="remediate runs list")
    return candidates[0]


def _read_run(context: CommandContext, run: str) -> Record:
    """The run, with every request of its journal checked. Raises UsageError and InvalidJournal."""
    record = checked(read(context.store, run))
    if record.begin.arm.casefold() != context.session.cloud.arm.casefold():
        raise UsageError(f"run {run} belongs to {record.begin.arm}, not {context.session.cloud.arm}")
    return record


def _unsent(context: CommandContext, record: Record, left: Plan | None = None) -> Run:
    """The document of a run that sends nothing: with the remaining steps, or without any."""
    plan, end = record.begin.plan, record.end
    steps = left.steps if left else ()
    return Run(
        run=record.begin.run,
        status="planned" if left else (end.status if end else "interrupted"),
        dry_run=context.options.dry_run,
        scope=plan.scope,
        playbook=plan.playbook,
        targets=tuple(TargetResult(one, plan.subnet, "untouched") for one in plan.changes),
        steps=tuple(StepResult(one.n, one.do, one.target, "planned", request=one.request) for one in steps),
        findings_before=record.begin.findings,
        findings_after=(),
        requests=context.session.requests,
        started=record.begin.at,
        seconds=0.0,
        purpose=plan.purpose,
    )


def _report(context: CommandContext, run: Run, verb: Verb) -> int:
    if context.options.output != "table":
        print_run_document(context.options, context.consoles, run)
    elif run.steps:
        (print_outcome if context.guided else print_run)(context.consoles.out, run)
    idle = not run.steps
    return int(Exit.DONE if idle or (verb == "rollback" and run.status == "rolled-back") else exit_code(run))
