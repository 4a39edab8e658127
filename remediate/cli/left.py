"""What is left of a run that is taken up again, decided by a fresh look at Azure."""

from __future__ import annotations

from msgspec.structs import replace

from remediate import ids
from remediate import plan as planning
from remediate.azure.patience import Patience
from remediate.checks import judge
from remediate.cli.desk import Desk
from remediate.cli.purge import proposed
from remediate.errors import RemediateError, StateChanged
from remediate.model import Integration, Plan, Question
from remediate.model.failure import RequestFailed
from remediate.playbook import find
from remediate.run import resuming
from remediate.run.current_state import CurrentState, Verb, read_current_state, unexplained
from remediate.run.journal import InvalidJournal, Journal, Record
from remediate.steps import kind_of


def moved(record: Record, now: CurrentState, verb: Verb) -> str | None:
    """What somebody else changed since the run, in one line; None where the run explains all of it."""
    found = unexplained(record, now, verb)
    return f"somebody else changed it meanwhile: {'; '.join(found)}" if found else None


def check_moved(record: Record, now: CurrentState, verb: Verb, left: Plan, journal: Journal) -> str | None:
    """What somebody else changed, where this run has apps to connect again; else the run ends with it.

    Raises StateChanged then: nothing is sent, and the journal says what was found.
    """
    found = moved(record, now, verb)
    if found is None or left.writes:
        return found
    away = [app for app in now.apps if now.may_be_off(app)] if record.begin.plan.brings_back else []
    journal.release()
    journal.end("failed", found, left_open=bool(away))
    names = ", ".join(ids.app_name(app) for app in away)
    raise StateChanged(
        f"{found}; nothing is sent" + (f", and {names} may be without network" if away else ""),
        hint="look again, and decide anew: remediate verify TARGET",
    )


def standing(here: Desk, record: Record) -> CurrentState:
    """Where every app of the run is now."""
    waits = Patience(here.session.clock, here.options.poll_interval, here.options.timeout)
    return read_current_state(here.reader, record.begin.plan, waits)


def left_of(here: Desk, record: Record, now: CurrentState, verb: Verb) -> Plan:
    """The steps that are left, each with a request that is built now; what the journal holds is not sent.

    Nothing more is disconnected that could not be connected again.
    """
    if moved(record, now, verb):
        return _with_delegation(here, record, resuming.bringing_back(record, now, verb))
    if verb == "rollback":
        return resuming.undo(record, now)
    plan = record.begin.plan
    if plan.clears_link:
        return _left_of_purge(here, record)
    if resuming.never_rebuilt(record, now):
        return resuming.last_look_alone(plan)
    left = resuming.remaining(record, now)
    taking = plan.brings_back and any(kind_of(step.do).takes_away for step in left.steps)
    if taking and not _may_disconnect(here, record):
        left = resuming.remaining(record, now, may_disconnect=False)
    return _with_delegation(here, record, left)


def _with_delegation(here: Desk, record: Record, left: Plan) -> Plan:
    """The plan with the write that delegates the subnet, made from a read of now. Raises InvalidJournal."""
    if not any(kind_of(step.do).delegates for step in left.steps):
        return left
    question = Question("look", left.target, left.subnet)
    seen = Integration(here.reader.read(question), question)
    if seen.subnet is None:
        raise RemediateError(f"could not read {ids.name(left.subnet)}")
    request = planning.delegation(seen)
    if request is None:  # delegated a moment ago
        return replace(left, steps=tuple(step for step in left.steps if not kind_of(step.do).delegates))
    try:
        planning.check_delegation(record.kept_delegation, request)
    except planning.PlanDiffers as error:
        raise InvalidJournal(record.begin.run, 1, str(error)) from error
    steps = (replace(one, request=request) if kind_of(one.do).delegates else one for one in left.steps)
    return replace(left, steps=tuple(steps))


def _left_of_purge(here: Desk, record: Record) -> Plan:
    """Azure is asked again only while the link is still there and still proved to be nobody's.

    Raises InvalidJournal where the journal has another request than the one that is built now.
    """
    plan = record.begin.plan
    now = proposed(here, plan.target, find("purge-orphan")).plan
    for one in now.refusals:
        here.look.err.print(f"{one.title}; Azure is not asked again", style="warning")
    if not now.writes or not set(now.links) <= set(plan.links):
        return resuming.last_look_alone(plan)
    if now.writes != plan.writes:
        raise InvalidJournal(record.begin.run, 1, f"the purge would go to {now.writes[0].path}")
    return plan


def _may_disconnect(here: Desk, record: Record) -> bool:
    """Whether a preflight still finds nothing against disconnecting the apps that are left."""
    plan = record.begin.plan
    try:
        question = Question("change", plan.target, plan.subnet, tuple(app.id for app in plan.apps))
        found = judge(here.reader.preflight(here.reader.read(question), question), question)
    except RequestFailed as failure:
        here.look.err.print(f"{failure}; nothing more is disconnected", style="warning")
        return False
    against = [
        one for one in found if one.code in planning.PREFLIGHT and one.severity in ("error", "unknown")
    ]
    for one in against:
        here.look.err.print(f"{one.title}; nothing more is disconnected", style="warning")
    return not against
