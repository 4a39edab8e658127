"""What is left of a run that is taken up again, decided by a fresh look at Azure."""

from __future__ import annotations

from typing import Literal

from msgspec.structs import replace

from remediate.azure.failure import RequestFailed
from remediate.azure.patience import Patience
from remediate.checks import judge_preflight
from remediate.cli.desk import Desk
from remediate.cli.purge import proposed
from remediate.model import Plan
from remediate.playbook import find
from remediate.run import resume as resuming
from remediate.run.journal import Record
from remediate.run.resume import Standing, look

Verb = Literal["resume", "rollback"]


def standing(here: Desk, record: Record) -> Standing:
    """Where every app of the run is now."""
    patience = Patience(here.session.clock, here.options.poll_interval, here.options.timeout)
    return look(here.reader, record.begin.plan, patience)


def left_of(here: Desk, record: Record, now: Standing, verb: Verb) -> Plan:
    """The steps that are left; nothing more is disconnected that could not be connected again."""
    if verb == "rollback":
        return resuming.undo(record, now)
    plan = record.begin.plan
    if plan.purpose == "purge":
        return _left_of_purge(here, plan)
    if resuming.never_rebuilt(record, now):
        return replace(plan, steps=tuple(step for step in plan.steps if step.do == "verify"))
    left = resuming.remaining(record, now)
    taking = plan.purpose == "reconnect" and any(step.do == "disconnect" for step in left.steps)
    if taking and not _may_take(here, record):
        return resuming.remaining(record, now, may_take=False)
    return left


def _left_of_purge(here: Desk, plan: Plan) -> Plan:
    """Azure is asked again only while the link is still there and still proved to be nobody's."""
    now = proposed(here, plan.target, find("purge-orphan")).plan
    for one in now.refusals:
        here.look.err.print(f"{one.title}; Azure is not asked again", style="warning")
    if now.writes and set(now.links) <= set(plan.links):
        return plan
    return replace(plan, steps=tuple(step for step in plan.steps if step.do == "verify"))


def _may_take(here: Desk, record: Record) -> bool:
    """Whether a preflight still finds nothing against disconnecting the apps that are left."""
    plan = record.begin.plan
    try:
        topology = here.reader.topology(plan.target, plan.subnet)
        found = judge_preflight(here.reader.preflight(topology, plan.apps), plan.apps)
    except RequestFailed as failure:
        here.look.err.print(f"{failure}; nothing more is disconnected", style="warning")
        return False
    against = [one for one in found if one.severity in ("error", "unknown")]
    for one in against:
        here.look.err.print(f"{one.title}; nothing more is disconnected", style="warning")
    return not against
