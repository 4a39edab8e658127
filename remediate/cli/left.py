"""What is left of a run that is taken up again, decided by a fresh look at Azure."""

from __future__ import annotations

from msgspec.structs import replace

from remediate import ids
from remediate import plan as planning
from remediate.azure.failure import RequestFailed
from remediate.azure.patience import Patience
from remediate.checks import judge
from remediate.cli.desk import Desk
from remediate.cli.purge import proposed
from remediate.errors import RemediateError, StateChanged
from remediate.model import Integration, Plan, Question, Request
from remediate.playbook import find
from remediate.run import resume as resuming
from remediate.run.journal import InvalidJournal, Journal, Record
from remediate.run.resume import Standing, Verb, look
from remediate.run.unexplained import unexplained


def moved(record: Record, now: Standing, verb: Verb) -> str | None:
    """What somebody else changed since the run, in one line; None where the run explains all of it."""
    found = unexplained(record, now, verb)
    return f"somebody else changed it meanwhile: {'; '.join(found)}" if found else None


def check_moved(record: Record, now: Standing, verb: Verb, left: Plan, journal: Journal) -> str | None:
    """What somebody else changed, where this run has apps to connect again; else the run ends with it.

    Raises StateChanged then: nothing is sent, and the journal says what was found.
    """
    found = moved(record, now, verb)
    if found is None or left.writes:
        return found
    away = [app for app in now.apps if now.off(app)] if record.begin.plan.purpose == "reconnect" else []
    journal.release()
    journal.end("failed", found, left_open=bool(away))
    names = ", ".join(ids.app_name(app) for app in away)
    raise StateChanged(
        f"{found}; nothing is sent" + (f", and {names} may be without network" if away else ""),
        hint="look again, and decide anew: remediate verify TARGET",
    )


def standing(here: Desk, record: Record) -> Standing:
    """Where every app of the run is now."""
    patience = Patience(here.session.clock, here.options.poll_interval, here.options.timeout)
    return look(here.reader, record.begin.plan, patience)


def left_of(here: Desk, record: Record, now: Standing, verb: Verb) -> Plan:
    """The steps that are left, each with a request that is built now; what the journal holds is not sent.

    Nothing more is disconnected that could not be connected again.
    """
    if moved(record, now, verb):
        return _with_delegation(here, record, resuming.bringing_back(record, now, verb))
    if verb == "rollback":
        return resuming.undo(record, now)
    plan = record.begin.plan
    if plan.purpose == "purge":
        return _left_of_purge(here, record)
    if resuming.never_rebuilt(record, now):
        return replace(plan, steps=tuple(step for step in plan.steps if step.do == "verify"))
    left = resuming.remaining(record, now)
    taking = plan.purpose == "reconnect" and any(step.do == "disconnect" for step in left.steps)
    if taking and not _may_take(here, record):
        left = resuming.remaining(record, now, may_take=False)
    return _with_delegation(here, record, left)


def _with_delegation(here: Desk, record: Record, left: Plan) -> Plan:
    """The plan with the write that delegates the subnet, made from a read of now. Raises InvalidJournal."""
    if not any(step.do == "delegate" for step in left.steps):
        return left
    question = Question("look", left.target, left.subnet)
    seen = Integration(here.reader.read(question), question)
    if seen.subnet is None:
        raise RemediateError(f"could not read {ids.name(left.subnet)}")
    request = planning.delegation(seen)
    if request is None:  # delegated a moment ago
        return replace(left, steps=tuple(step for step in left.steps if step.do != "delegate"))
    try:
        planning.check_delegation(record.kept_delegation, request)
    except planning.PlanDiffers as error:
        raise InvalidJournal(record.begin.run, 1, str(error)) from error
    return _with_request(left, "delegate", request)


def _with_request(plan: Plan, do: str, request: Request) -> Plan:
    steps = (replace(step, request=request) if step.do == do else step for step in plan.steps)
    return replace(plan, steps=tuple(steps))


def _left_of_purge(here: Desk, record: Record) -> Plan:
    """Azure is asked again only while the link is still there and still proved to be nobody's.

    Raises InvalidJournal where the journal has another request than the one that is built now.
    """
    plan = record.begin.plan
    now = proposed(here, plan.target, find("purge-orphan")).plan
    for one in now.refusals:
        here.look.err.print(f"{one.title}; Azure is not asked again", style="warning")
    if not now.writes or not set(now.links) <= set(plan.links):
        return replace(plan, steps=tuple(step for step in plan.steps if step.do == "verify"))
    (request,) = now.writes
    if (request,) != plan.writes:
        raise InvalidJournal(record.begin.run, 1, f"the purge would go to {request.path}")
    return _with_request(plan, "purge", request)


def _may_take(here: Desk, record: Record) -> bool:
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
