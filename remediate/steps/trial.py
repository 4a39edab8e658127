"""Asking each app that is going to be disconnected to connect where it already is."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial

from msgspec.structs import replace

from remediate.checks import judge
from remediate.errors import NotFound, StateChanged
from remediate.model import App, Plan, PlaybookStep, Request, Step
from remediate.model.failure import NotSent, RequestFailed
from remediate.steps.context import Resumption, StepExecution
from remediate.steps.delegate import Delegate
from remediate.steps.kind import SETTLE, Layout, StepFailed, StepKind, from_playbook
from remediate.steps.observations import question_of
from remediate.steps.reconnect import Reconnect, connection

REPAIRABLE = frozenset({"link-missing", "link-not-ready", "views-disagree"})
"""Findings that a write of the app may cure: it is not known whether one does [?]."""
SHOWS = 5.0
"""Seconds that a link has to show after the trial; after a connect it takes seconds (azure-facts.md, 2)."""


class Trial(StepKind):
    """Sends the very request that will connect an app again, while it is still connected.

    Azure checks it like the real one: permission, policy, deny assignment, lock, network. What Azure refuses
    now it would refuse later, so nothing is disconnected then. Writing the subnet that an app already has is
    everyday traffic (azure-facts.md, 2); whether Azure restarts the app for it is not documented [?].
    """

    name = "trial"
    usually = Reconnect.usually
    purposes = frozenset({"reconnect"})
    once = True
    tries = leaves = interruptible = skipped_while_disconnected = True

    def plan(self, step: PlaybookStep, layout: Layout) -> Iterator[Step]:
        """One for each app that leaves, the app that the run is about first."""
        for app in reversed(layout.leaving):
            yield from_playbook(step, app, *connection(app, layout.subnet))

    def carry_out(self, step: Step, execution: StepExecution) -> None:
        """Keep the request that Azure accepts: it connects the app again. After the last app look again."""
        execution.state.outcomes[step.target].accepted = _accepted(step, execution)
        execution.until(
            step, partial(execution.reader.app, step.target), _is_idle, "Azure to finish the trial", SETTLE
        )
        if step.n == max(one.n for one in execution.plan.steps if one.do == step.do):
            _look_again(execution)

    def is_left(self, step: Step, resumption: Resumption) -> bool:
        """Only for an app that is connected, while this run left none without its network to wait for it."""
        now = resumption.now
        away = any(
            where == "disconnected" or (app in resumption.changed and now.may_be_off(app))
            for app, where in now.apps.items()
        )
        return now.apps[step.target] == "connected" and not away and not resumption.returning


def _accepted(step: Step, execution: StepExecution) -> Request:
    """The first request that Azure accepts. Raises StepFailed where it refuses each.

    A request that Azure did not answer is neither: the error of its last attempt is raised.
    """
    refusals: dict[str, list[str]] = {}
    for request in (one for one in (step.request, step.fallback) if one):
        try:
            execution.write(step, request, partial(_read_only, step, execution))
        except NotSent:
            raise
        except RequestFailed as failure:
            if failure.retryable or failure.outcome_unknown:
                raise
            refusals.setdefault(str(failure), []).append(request.method)
        else:
            return request
    answers = "; ".join(f"{' and '.join(methods)}: {said}" for said, methods in refusals.items())
    raise StepFailed(f"Azure refuses to connect the app where it is: {answers}")


def _read_only(step: Step, execution: StepExecution) -> bool:
    """Read the app between two attempts. It is connected in any case: only an answer proves anything."""
    execution.reader.connected_to(step.target)
    return False


def _look_again(execution: StepExecution) -> None:
    """Read everything again: where nothing is left to repair, the rest of the run is left out.

    Raises StateChanged where anything else is not as it was when the plan was made.
    """
    execution.refresh_token()
    if _is_repaired(execution):
        execution.state.repaired = True
        return
    try:
        now = execution.replan()
    except NotFound as error:
        raise StateChanged(f"{error}; no app was disconnected") from error
    except RequestFailed as failure:
        raise StepFailed(f"Azure could not be read again: {failure}; no app was disconnected") from failure
    if _comparable(now) != _comparable(execution.plan):
        found = "; ".join(one.title for one in now.refusals)
        raise StateChanged(
            f"Azure is no longer as it was before the trial{f': {found}' if found else ''}; "
            "no app was disconnected"
        )


def _comparable(plan: Plan) -> Plan:
    """The plan without the write that delegates the subnet, which stood before the trial."""
    kept = (step for step in plan.steps if step.do != Delegate.name)
    return replace(plan, steps=tuple(replace(step, n=0) for step in kept))


def _is_repaired(execution: StepExecution) -> bool:
    """Whether nothing is left of what the run is to repair. A link may take seconds to show."""
    to_repair = REPAIRABLE & {one.code for one in execution.before}
    if not to_repair:
        return False
    if _is_cured(to_repair, execution):
        return True
    execution.waiter.pause(SHOWS)
    return _is_cured(to_repair, execution)


def _is_cured(codes: frozenset[str], execution: StepExecution) -> bool:
    question = question_of(execution.plan)
    world = execution.reader.read(question)
    found = judge(world, question)
    wrong = {one.code for one in found if one.severity != "info"} - {one.code for one in execution.before}
    cured = not world.unread and not wrong and not codes & {one.code for one in found}
    if cured:
        execution.seen.world = world
    return cured


def _is_idle(app: App) -> bool:
    return app.operation is None
