"""What is left of a run that disconnects for good, and the way back from it."""

from __future__ import annotations

from collections.abc import Sequence

from msgspec.structs import replace

from remediate import ids
from remediate.model import App, Plan, Step
from remediate.plan import connection
from remediate.run.journal import Record

_FRAME = ("preflight", "confirm")


def remaining(record: Record, staying: Sequence[str]) -> Plan:
    """The run's plan without the disconnects that have happened; `staying` may be connected still."""
    plan = record.begin.plan
    return replace(
        plan, steps=tuple(step for step in plan.steps if step.do != "disconnect" or step.target in staying)
    )


def undo(record: Record, out: Sequence[str]) -> Plan:
    """A plan that connects every app again that this run took out and that is `out` now, one at a time.

    An app comes back before its slots. What looks wrong afterwards may have been so before.
    """
    plan = record.begin.plan
    taken = [app for app in reversed(plan.apps) if app.id in out and _was_taken(record, app)]
    if not taken or plan.subnet is None:
        return replace(plan, apps=(), steps=(), purpose="reconnect")
    target, last = taken[0].id, len(plan.steps)
    frame = [replace(step, target=target) for step in plan.steps if step.do in _FRAME]
    back = [_connect(app, plan.subnet, last + n) for n, app in enumerate(taken, 1)]
    looks = (
        Step(last + len(taken) + 1, "check-routing", target, "Comparing routing and DNS settings"),
        Step(last + len(taken) + 2, "verify", target, "Looking at every view again", on_failure="continue"),
    )
    steps = (*frame, *back, *looks)
    return replace(plan, target=target, apps=tuple(taken), steps=steps, purpose="reconnect")


def _connect(app: App, subnet: str, n: int) -> Step:
    patch, put = connection(app.id, subnet)
    return Step(n, "reconnect", app.id, "Connecting again", patch, put)


def _was_taken(record: Record, app: App) -> bool:
    return any(one.do == "disconnect" and ids.same(one.target, app.id) for one in record.intents)
