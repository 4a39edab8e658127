"""What remains of a run: the plans to resume it and to roll it back, from its journal and Azure's state."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from msgspec.structs import replace

from remediate.model import CurrentState, Plan, Step, StepResult, StepStatus
from remediate.run.current_state import Verb
from remediate.run.journal import Record
from remediate.run.state import RunState
from remediate.steps import (
    AppOutcome,
    CheckRouting,
    Reconnect,
    Resumption,
    Verify,
    connection,
    kind_of,
    preferring,
)


def plan_to_reconnect(record: Record, now: CurrentState, verb: Verb) -> Plan:
    """After a change by somebody else: what connects the apps that this run disconnected, and no more."""
    plan = record.begin.plan
    if now.subnet_gone or plan.clears_link or (plan.disconnects_for_good and verb == "resume"):
        return replace(plan, steps=())
    left = (
        plan_to_roll_back(record, now)
        if verb == "rollback"
        else plan_to_resume(record, now, may_disconnect=False)
    )
    if not any(kind_of(step.do).brings_back for step in left.steps):
        return replace(left, steps=())
    return replace(left, steps=tuple(step for step in left.steps if not kind_of(step.do).leaves))


def plan_to_resume(record: Record, now: CurrentState, *, may_disconnect: bool = True) -> Plan:
    """The steps that are left, in their order.

    Once an app came back, or where `may_disconnect` forbids it, nothing more is disconnected; a run that
    disconnects for good goes on.
    """
    plan = record.begin.plan
    returning = not plan.disconnects_for_good and (not may_disconnect or _is_returning(record, now))
    resumption = _resumption(record, now, returning=returning)
    left = tuple(step for step in plan.steps if kind_of(step.do).is_left(step, resumption))
    if plan.disconnects_for_good:
        return replace(plan, steps=left)
    return _accepted_first(record, _without_lost(replace(plan, steps=_one_comes_first(left, now)), now))


def _one_comes_first(steps: tuple[Step, ...], now: CurrentState) -> tuple[Step, ...]:
    """Where no app is connected, one is connected before its link is awaited, whichever was planned to be."""
    kinds = [kind_of(step.do) for step in steps]
    wait = next((n for n, kind in enumerate(kinds) if kind.after_first_app), None)
    first = next((n for n, kind in enumerate(kinds) if kind.brings_back), None)
    if wait is None or first is None or first < wait or "connected" in now.apps.values():
        return steps
    return (*steps[:wait], steps[first], *steps[wait:first], *steps[first + 1 :])


def plan_to_roll_back(record: Record, now: CurrentState) -> Plan:
    """The steps that put every app of the run back on the subnet it had, or on none where it had none.

    An app that the run surely did not disconnect or connect stays as it is.
    """
    plan = record.begin.plan
    if plan.disconnects_for_good:
        return _without_lost(_connect_again(record, [app for app in now.apps if now.may_be_off(app)]), now)
    resumption = _resumption(record, now, returning=False)
    steps = tuple(undoing for step in plan.steps for undoing in kind_of(step.do).undo(step, resumption))
    return _accepted_first(record, _without_lost(replace(plan, steps=steps), now))


def _connect_again(record: Record, out: Sequence[str]) -> Plan:
    """A plan that connects every app again that this run took out and that is `out` now, one at a time.

    An app comes back before its slots. What looks wrong afterwards may have been so before.
    """
    plan = record.begin.plan
    taken = [app.id for app in reversed(plan.apps) if app.id in out and record.first_disconnect(app.id)]
    if not taken or plan.subnet is None:
        return replace(plan, apps=(), steps=(), purpose="reconnect")
    target, n = taken[0], len(plan.steps)
    guards = [replace(step, target=target) for step in plan.steps if kind_of(step.do).guards]
    back = [
        Step(n + at, Reconnect.name, app, "Connecting again", *connection(app, plan.subnet))
        for at, app in enumerate(taken, 1)
    ]
    n += len(taken)
    looks = (
        Step(n + 1, CheckRouting.name, target, "Comparing routing and DNS settings"),
        Step(n + 2, Verify.name, target, "Reading everything again", on_failure="continue"),
    )
    apps = tuple(app for app in reversed(plan.apps) if app.id in taken)
    return replace(plan, target=target, apps=apps, steps=(*guards, *back, *looks), purpose="reconnect")


def _accepted_first(record: Record, plan: Plan) -> Plan:
    """The plan in which each app is connected by the request that Azure accepted in the trial."""
    return replace(plan, steps=tuple(preferring(step, record.accepted(step.target)) for step in plan.steps))


def _without_lost(plan: Plan, now: CurrentState) -> Plan:
    """The plan for the apps that are still this run's business; another of them is looked at in the end."""
    apps = tuple(app for app in plan.apps if app.id not in now.lost)
    if not apps:
        return replace(plan, apps=(), steps=())
    return replace(plan, apps=apps, target=apps[0].id)


def plan_to_verify(plan: Plan) -> Plan:
    """The plan without anything but its last look."""
    return replace(plan, steps=tuple(step for step in plan.steps if kind_of(step.do).proves))


def never_rebuilt(record: Record, now: CurrentState) -> bool:
    """Whether every app is connected and some were never taken away: only a new run rebuilds the link."""
    plan = record.begin.plan
    if not plan.brings_back:
        return False
    taken = [step.target for step in plan.steps if kind_of(step.do).takes_away]
    connected = all(where == "connected" for where in now.apps.values())
    return connected and _is_returning(record, now) and any(not record.disconnected(app) for app in taken)


def run_state(record: Record, now: CurrentState, clock: float, at: datetime, verb: Verb) -> RunState:
    """Where the run stands, with the time that each app has been without its network already.

    `clock` is the monotonic reading that belongs to the moment `at`. What a purge did is not known.
    """
    plan = record.begin.plan
    if plan.clears_link:
        unknown = {one: AppOutcome("unknown") for one in plan.changes}
        return RunState(unknown, frozenset(unknown), plan.purpose)
    outcomes = {app.id: _outcome(record, now, app.id, clock, at) for app in plan.apps}
    if plan.disconnects_for_good and verb == "resume":
        return RunState(outcomes, frozenset(outcomes), plan.purpose)
    out = _unconnected_before(plan) if verb == "rollback" else ()
    return RunState(outcomes, frozenset(out))


def _outcome(record: Record, now: CurrentState, app: str, clock: float, at: datetime) -> AppOutcome:
    outcome = AppOutcome()
    left, back = record.first_disconnect(app), record.reconnected(app)
    if left is not None:
        outcome.disconnected_at = clock - (at - left.at).total_seconds()
    if left is not None and now.may_be_off(app):
        outcome.status = "disconnected" if now.apps[app] == "disconnected" else "unknown"
    elif now.apps[app] == "connected" and (back or record.disconnected(app)):
        # Its connect may have been sent without a line of it: then nobody knows when it came back.
        outcome.status = "reconnected"
        outcome.reconnected_at = clock - (at - back.at).total_seconds() if back else None
    return outcome


def finished_before(record: Record, now: CurrentState, left: Plan) -> list[StepResult]:
    """How the steps ended that are not left, for the report; what went wrong then is not wrong now."""
    numbers = {step.n for step in left.steps}
    done = [step for step in record.begin.plan.steps if step.n not in numbers]
    return [_kept(record, step) or _inferred(record, now, step) for step in done]


def _kept(record: Record, step: Step) -> StepResult | None:
    """How the journal says that a step succeeded; a rollback uses the same numbers for other steps."""
    kept = record.results.get(step.n)
    if kept is None or (kept.do, kept.target, kept.status) != (step.do, step.target, "succeeded"):
        return None
    return replace(kept, request=step.request or kept.request)


def _inferred(record: Record, now: CurrentState, step: Step) -> StepResult:
    """How a step ended that left no line: a write that may have gone out shows in Azure, or it would be left.

    But for a disconnect: of a connected app nobody knows that it was ever away, unless Azure said so.
    """
    done = record.first_write(step.do, step.target) is not None
    if kind_of(step.do).takes_away and done:
        away = step.target in now.apps and now.apps[step.target] != "connected"
        done = away or record.disconnected(step.target) is not None
    status: StepStatus = "succeeded" if done else "skipped"
    return StepResult(step.n, step.do, step.target, status, request=step.request, detail="not needed again")


def _is_returning(record: Record, now: CurrentState) -> bool:
    """Whether the way back has begun: a connect was announced, or an app that was taken is connected."""
    return bool(_connect_announced(record)) or any(
        where == "connected" and record.disconnected(app) for app, where in now.apps.items()
    )


def _resumption(record: Record, now: CurrentState, *, returning: bool) -> Resumption:
    """The run as its steps see it."""
    plan = record.begin.plan
    changed = (app for app in now.apps if record.first_disconnect(app) or record.first_reconnect(app))
    return Resumption(
        now,
        plan.disconnects_for_good,
        returning,
        changed=frozenset(changed),
        unconnected_before=_unconnected_before(plan),
        connect_announced=_connect_announced(record),
    )


def _connect_announced(record: Record) -> frozenset[str]:
    """The apps whose connect is in the journal, whatever came of it."""
    return frozenset(intent.target for intent in record.intents if kind_of(intent.do).brings_back)


def _unconnected_before(plan: Plan) -> frozenset[str]:
    """The apps that a run connects without having disconnected them: they had no network before."""
    kinds = [(kind_of(step.do), step.target) for step in plan.steps]
    taken = {app for kind, app in kinds if kind.takes_away}
    return frozenset(app for kind, app in kinds if kind.brings_back and app not in taken)
