"""Reads Azure for a run that is resumed or rolled back, and makes the plan of its remaining steps."""

from __future__ import annotations

from msgspec.structs import replace

from remediate import ids
from remediate import plan as planning
from remediate.azure.waiting import Waiter
from remediate.checks import judge
from remediate.errors import RemediateError, StateChanged
from remediate.jobs.context import CommandContext
from remediate.jobs.purge import propose_purge
from remediate.model import PREVENTS_RECONNECT, CurrentState, Integration, Plan, Question
from remediate.model.failure import RequestFailed
from remediate.playbook import find
from remediate.run import remaining
from remediate.run.current_state import Verb, read_current_state, unexplained
from remediate.run.journal import InvalidJournal, Journal, Record
from remediate.steps import kind_of

_PREVENTS = PREVENTS_RECONNECT - {"operation-in-progress"}
"""Findings with which an app could not be connected again; an operation passes, and is waited for."""


def changed_meanwhile(record: Record, now: CurrentState, verb: Verb) -> str | None:
    """What somebody else changed since the run, in one line; None if the run explains every difference."""
    found = unexplained(record, now, verb)
    return f"somebody else changed it in the meantime: {'; '.join(found)}" if found else None


def check_changes(record: Record, now: CurrentState, verb: Verb, left: Plan, journal: Journal) -> str | None:
    """What somebody else changed, while this run still has apps to reconnect.

    Without such apps the run ends: raises StateChanged, nothing is sent, and the journal records why.
    """
    found = changed_meanwhile(record, now, verb)
    if found is None or left.writes:
        return found
    away = [app for app in now.apps if now.may_be_off(app)] if record.begin.plan.brings_back else []
    journal.release()
    journal.end("failed", found, left_open=bool(away))
    names = ", ".join(ids.app_name(app) for app in away)
    raise StateChanged(
        f"{found}; nothing is sent" + (f", and {names} may be without network" if away else ""),
        hint="run `remediate verify TARGET`, then start again",
    )


def read_state(context: CommandContext, record: Record) -> CurrentState:
    """Where every app of the run is connected now."""
    waiter = Waiter(context.session.clock, context.options.poll_interval, context.options.timeout)
    return read_current_state(context.reader, record.begin.plan, waiter)


def remaining_plan(
    context: CommandContext, record: Record, now: CurrentState, verb: Verb, unread: list[str] | None = None
) -> Plan:
    """The remaining steps, each with a request that is built now; no request of the journal is sent.

    No app is disconnected that could not be connected again. What was left out because something could not
    be read is added to `unread`, one line each.
    """
    unread = [] if unread is None else unread
    if changed_meanwhile(record, now, verb):
        return _with_delegation(context, record, remaining.plan_to_reconnect(record, now, verb))
    if verb == "rollback":
        return remaining.plan_to_roll_back(record, now)
    plan = record.begin.plan
    if plan.clears_link:
        return _remaining_purge(context, record, unread)
    if remaining.never_rebuilt(record, now):
        return remaining.plan_to_verify(plan)
    left = remaining.plan_to_resume(record, now)
    taking = plan.brings_back and any(kind_of(step.do).takes_away for step in left.steps)
    if taking and not _may_disconnect(context, record, unread):
        left = remaining.plan_to_resume(record, now, may_disconnect=False)
        if not any(kind_of(step.do).brings_back for step in left.steps):
            return remaining.plan_to_verify(plan)  # no app is connected, so no link will come
    return _with_delegation(context, record, left)


def _with_delegation(context: CommandContext, record: Record, left: Plan) -> Plan:
    """The plan with the write that delegates the subnet, made from a read of now. Raises InvalidJournal."""
    if not any(kind_of(step.do).delegates for step in left.steps):
        return left
    question = Question("look", left.target, left.subnet)
    integration = Integration(context.reader.read(question), question)
    if integration.subnet is None:
        raise RemediateError(f"could not read {ids.name(left.subnet)}")
    request = planning.delegation(integration)
    if request is None:  # delegated a moment ago
        return replace(left, steps=tuple(step for step in left.steps if not kind_of(step.do).delegates))
    try:
        planning.check_delegation(record.kept_delegation, request)
    except planning.PlanDiffers as error:
        raise InvalidJournal(record.begin.run, 1, str(error)) from error
    steps = (replace(one, request=request) if kind_of(one.do).delegates else one for one in left.steps)
    return replace(left, steps=tuple(steps))


def _remaining_purge(context: CommandContext, record: Record, unread: list[str]) -> Plan:
    """The purge is sent again only while the link is still there and still proved to be unused.

    Raises InvalidJournal if the request in the journal is not the one that is built now.
    """
    plan = record.begin.plan
    now = propose_purge(context, plan.target, find("purge-orphan")).plan
    unread += [one.title for one in now.refusals if one.severity == "unknown"]
    for one in now.refusals:
        context.consoles.err.print(f"{one.title}; the purge is not sent again", style="warning")
    if not now.writes or not set(now.links) <= set(plan.links):
        return remaining.plan_to_verify(plan)
    if now.writes != plan.writes:
        raise InvalidJournal(record.begin.run, 1, f"the purge would go to {now.writes[0].path}")
    return plan


def _may_disconnect(context: CommandContext, record: Record, unread: list[str]) -> bool:
    """Whether a preflight still finds no reason against the disconnect of the remaining apps."""
    plan = record.begin.plan
    try:
        question = Question("change", plan.target, plan.subnet, tuple(app.id for app in plan.apps))
        found = judge(context.reader.preflight(context.reader.read(question), question), question)
    except RequestFailed as failure:
        unread.append(str(failure))
        context.consoles.err.print(f"{failure}; no further app is disconnected", style="warning")
        return False
    against = [
        one
        for one in found
        if one.code in _PREVENTS or (one.code in planning.PREFLIGHT and one.severity in ("error", "unknown"))
    ]
    unread += [one.title for one in against if one.severity == "unknown"]
    for one in against:
        context.consoles.err.print(f"{one.title}; no further app is disconnected", style="warning")
    return not against
