"""What is left of a run that did not end: decided by what Azure says now, never by the last line alone."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from typing import Literal

from msgspec import Struct
from msgspec.structs import replace

from remediate import ids
from remediate.azure.deadline import READ_WHILE_AWAY, read_limit
from remediate.azure.failure import RequestFailed
from remediate.azure.patience import SETTLE, Patience, WaitTimedOut
from remediate.azure.reader import Reader
from remediate.model import App, Plan, Step, StepResult, StepStatus, Subnet
from remediate.plan import disconnection
from remediate.run import leaving
from remediate.run.course import Course, Toll
from remediate.run.journal import Intent, Record

Verb = Literal["resume", "rollback"]
Where = Literal["connected", "disconnected", "elsewhere", "other-plan", "gone", "unclear"]
"""Where an app is: on the run's subnet, on none, on another, of another plan, deleted, or not to be told."""


class Standing(Struct, frozen=True):
    """How Azure is now: where each app of a run is, and whether the subnet is delegated.

    `found` holds the subnet or the plan of each app that is not where the run knows it. `subnet_gone` says
    that the subnet was deleted; `other_links` are the plans of others that its links name.
    """

    apps: dict[str, Where]
    delegated: bool
    found: dict[str, str] = {}
    subnet_gone: bool = False
    other_links: tuple[str, ...] = ()

    def off(self, app: str) -> bool:
        """Whether an app may be without its network: connecting it again does no harm if it is not."""
        return self.apps[app] in ("disconnected", "unclear")

    @property
    def staying(self) -> tuple[str, ...]:
        """The apps that may be connected still: disconnecting one that is not does no harm."""
        return tuple(app for app, where in self.apps.items() if where in ("connected", "unclear"))

    @property
    def lost(self) -> tuple[str, ...]:
        """The apps that somebody else deleted or moved: they are left alone."""
        lost = ("elsewhere", "other-plan", "gone")
        return tuple(app for app, where in self.apps.items() if where in lost)


def look(reader: Reader, plan: Plan, patience: Patience) -> Standing:
    """Read where every app of a run is now; waits while Azure is still at work on one.

    An app may be without its network, so each read is short. Raises RequestFailed when the subnet of a plan
    with a delegation cannot be read.
    """
    with read_limit(lambda: READ_WHILE_AWAY):
        places = {app.id: _where(reader, app, plan.subnet, patience) for app in plan.apps}
        subnet, gone = _subnet(reader, plan)
    delegating = any(step.do == "delegate" for step in plan.steps)
    return Standing(
        apps={app: where for app, (where, _) in places.items()},
        delegated=not delegating or (subnet is not None and subnet.delegated_to(plan.service)),
        found={app: found for app, (_, found) in places.items() if found},
        subnet_gone=gone,
        other_links=_other_links(plan, subnet),
    )


def _subnet(reader: Reader, plan: Plan) -> tuple[Subnet | None, bool]:
    """The subnet, None where it could not be read, and whether it was deleted."""
    try:
        return reader.subnet_by_any_view(plan.subnet or ""), False
    except RequestFailed as failure:
        if failure.kind != "absent" and any(step.do == "delegate" for step in plan.steps):
            raise
        return None, failure.kind == "absent"


def _other_links(plan: Plan, subnet: Subnet | None) -> tuple[str, ...]:
    """Plans that App Service's links name, and that were not on the subnet when the plan was made."""
    if plan.purpose != "reconnect" or subnet is None:
        return ()
    named = [link.target for link in subnet.links if link.is_web and link.target]
    return tuple(one for one in named if not any(ids.same(one, known) for known in plan.links))


def _where(reader: Reader, before: App, subnet: str | None, patience: Patience) -> tuple[Where, str | None]:
    """Where an app is, and the subnet or the plan that was found instead of the run's own."""
    app = before.id
    try:
        now = patience.until(lambda: reader.app(app), lambda one: one.operation is None, ceiling=SETTLE)
        found = patience.until(lambda: (reader.connected_to(app),), bool, ceiling=SETTLE)[0]
    except RequestFailed as failure:
        return ("gone" if failure.kind == "absent" else "unclear"), None
    except WaitTimedOut:
        return "unclear", None
    if before.plan and now.plan and not ids.same(before.plan, now.plan):
        return "other-plan", now.plan
    if found is None:
        return "disconnected", None
    return ("connected", None) if ids.same(found, subnet) else ("elsewhere", found)


def bringing_back(record: Record, now: Standing, verb: Verb) -> Plan:
    """Where somebody else changed something: what connects the apps again that this run took, and no more."""
    plan = record.begin.plan
    if now.subnet_gone or plan.purpose == "purge" or (plan.purpose == "disconnect" and verb == "resume"):
        return replace(plan, steps=())
    left = undo(record, now) if verb == "rollback" else remaining(record, now, may_take=False)
    if not any(step.do == "reconnect" for step in left.steps):
        return replace(left, steps=())
    taking = ("disconnect", "wait-link-gone")
    return replace(left, steps=tuple(step for step in left.steps if step.do not in taking))


def remaining(record: Record, now: Standing, *, may_take: bool = True) -> Plan:
    """The steps that are left, in their order.

    Once an app came back, or where `may_take` forbids it, nothing more is disconnected.
    """
    plan = record.begin.plan
    if plan.purpose == "disconnect":
        return leaving.remaining(record, now.staying)
    returning = not may_take or _returning(record, now)
    left = tuple(step for step in plan.steps if _is_left(step, record, now, returning))
    return _without_lost(replace(plan, steps=_one_comes_first(left, now)), now)


def _one_comes_first(steps: tuple[Step, ...], now: Standing) -> tuple[Step, ...]:
    """Where nobody is connected, one app is connected before its link is awaited, whoever was to be it."""
    names = [step.do for step in steps]
    if "wait-link-ready" not in names or "connected" in now.apps.values():
        return steps
    wait = names.index("wait-link-ready")
    if "reconnect" in names[:wait] or "reconnect" not in names:
        return steps
    first = names.index("reconnect")
    return (*steps[:wait], steps[first], *steps[wait:first], *steps[first + 1 :])


def undo(record: Record, now: Standing) -> Plan:
    """The steps that put every app back on the subnet it had, or on none where it had none."""
    plan = record.begin.plan
    if plan.purpose == "disconnect":
        return _without_lost(leaving.undo(record, [app for app in now.apps if now.off(app)]), now)
    steps = tuple(
        replace(step, on_failure="continue") if step.do == "verify" else step
        for step in _undoing(record, plan, now)
    )
    return _without_lost(replace(plan, steps=steps), now)


def _without_lost(plan: Plan, now: Standing) -> Plan:
    """The plan for the apps that are still this run's business; another of them is looked at in the end."""
    apps = tuple(app for app in plan.apps if app.id not in now.lost)
    if not apps:
        return replace(plan, apps=(), steps=())
    kept = any(app.id == plan.target for app in apps)
    target = plan.target if kept else apps[0].id
    return replace(plan, apps=apps, target=target)


def never_rebuilt(record: Record, now: Standing) -> bool:
    """Whether every app is connected and some were never taken away: only a new run rebuilds the link."""
    if record.begin.plan.purpose != "reconnect":
        return False
    taken = [step.target for step in record.begin.plan.steps if step.do == "disconnect"]
    whole = all(where == "connected" for where in now.apps.values())
    return whole and _returning(record, now) and any(not record.answered("disconnect", app) for app in taken)


def course(record: Record, now: Standing, clock: float, at: datetime, verb: Verb) -> Course:
    """Where the run stands, with the time that each app has been without its network already.

    `clock` is the monotonic reading that belongs to the moment `at`. What a purge did is not known.
    """
    purpose = record.begin.plan.purpose
    if purpose == "purge":
        return Course({one: Toll("unknown") for one in record.begin.plan.changes}, purpose=purpose)
    tolls = {app.id: Toll() for app in record.begin.plan.apps}
    for app, toll in tolls.items():
        left, back = _first(record, "disconnect", app), record.answered("reconnect", app)
        if left is not None:
            toll.left = clock - (at - left.at).total_seconds()
        if left is not None and now.off(app):
            toll.status = "disconnected" if now.apps[app] == "disconnected" else "unknown"
        elif now.apps[app] == "connected" and (back or record.answered("disconnect", app)):
            # Its connect may have been sent without a line of it: then nobody knows when it came back.
            toll.status = "reconnected"
            toll.back = clock - (at - back.at).total_seconds() if back else None
    if purpose == "disconnect" and verb == "resume":
        return Course(tolls, frozenset(tolls), purpose)
    return Course(tolls, frozenset(_meant_out(record)) if verb == "rollback" else frozenset())


def finished_before(record: Record, now: Standing, left: Plan) -> list[StepResult]:
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


def _inferred(record: Record, now: Standing, step: Step) -> StepResult:
    """How a step ended that left no line: a write that was announced shows in Azure, or it would be left.

    But for a disconnect: of a connected app nobody knows that it was ever away, unless Azure said so.
    """
    done = _first(record, step.do, step.target) is not None
    if step.do == "disconnect" and done:
        away = step.target in now.apps and now.apps[step.target] != "connected"
        done = away or record.answered("disconnect", step.target) is not None
    status: StepStatus = "succeeded" if done else "skipped"
    return StepResult(step.n, step.do, step.target, status, request=step.request, detail="not needed again")


def _returning(record: Record, now: Standing) -> bool:
    """Whether the way back has begun: a connect was announced, or an app that was taken is connected."""
    announced = any(intent.do == "reconnect" for intent in record.intents)
    return announced or any(
        where == "connected" and record.answered("disconnect", app) for app, where in now.apps.items()
    )


def _is_left(step: Step, record: Record, now: Standing, returning: bool) -> bool:
    if step.target in now.lost and step.do in ("disconnect", "reconnect", "probe"):
        return False
    if step.do == "delegate":
        return not now.delegated
    if step.do == "disconnect":
        return not returning and now.apps[step.target] == "connected"
    if step.do == "wait-link-gone":
        return not returning
    if step.do == "reconnect":
        taken = _first(record, "disconnect", step.target) or _first(record, "reconnect", step.target)
        return now.off(step.target) and taken is not None if returning else True
    return True


def _undoing(record: Record, plan: Plan, now: Standing) -> Iterator[Step]:
    out = _meant_out(record)
    for step in plan.steps:
        if step.do in ("preflight", "confirm", "check-routing", "verify"):
            yield step
        elif step.do != "reconnect" or step.target in now.lost:
            continue
        elif step.target not in out and now.off(step.target):
            yield step
        elif step.target in out and now.apps[step.target] != "disconnected":
            take = Step(step.n, "disconnect", step.target, "Disconnecting", disconnection(step.target))
            yield take
            yield replace(take, do="wait-link-gone", tell="Waiting for the disconnect to show", request=None)


def _meant_out(record: Record) -> set[str]:
    """The apps that the run connects without having disconnected them: they had no network before."""
    steps = record.begin.plan.steps
    taken = {step.target for step in steps if step.do == "disconnect"}
    return {step.target for step in steps if step.do == "reconnect"} - taken


def _first(record: Record, do: str, app: str) -> Intent | None:
    """The first write of a kind that was announced for an app."""
    return next((one for one in record.intents if one.do == do and ids.same(one.target, app)), None)
