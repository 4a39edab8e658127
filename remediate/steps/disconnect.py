"""Disconnecting an app, and waiting until that shows."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial

from remediate import ids
from remediate.errors import StoreError
from remediate.model import WEB_API, Link, Plan, PlaybookStep, Request, Step, Subnet
from remediate.model.failure import NotSent, RequestFailed
from remediate.steps.context import Resumption, StepExecution
from remediate.steps.kind import Layout, StepFailed, StepKind, from_playbook, request_of

LINK_GONE = 900.0
"""Seconds: documentation says 10 to 15 minutes, recordings show at once (azure-facts.md, 2)."""


DISCONNECT_SECONDS = (1, 53)
"""Seconds: the shortest and longest recorded answer to DELETE networkConfig (azure-facts.md, 2)."""


def disconnection(app: str) -> Request:
    """The write that takes an app's or slot's integration away (azure-facts.md, 2)."""
    return Request("DELETE", f"{app}/networkConfig/virtualNetwork?api-version={WEB_API}")


class Disconnect(StepKind):
    """Takes an app's integration away. Its effect is seen by the wait that follows.

    Between its answer and the reconnect nothing is done that could have been done before.
    """

    name = "disconnect"
    usually = f"usually {DISCONNECT_SECONDS[0]} to {DISCONNECT_SECONDS[1]} s"
    purposes = frozenset({"reconnect", "disconnect"})
    once = True
    takes_away = leaves = essential = True

    def plan(self, step: PlaybookStep, layout: Layout) -> Iterator[Step]:
        """One for each app that leaves."""
        for app in layout.leaving:
            yield from_playbook(step, app, disconnection(app))

    def carry_out(self, step: Step, execution: StepExecution) -> None:
        """Until it is known that nothing was done, the app may be without its network."""
        outcome = execution.state.outcomes[step.target]
        outcome.disconnected_at, outcome.status = execution.clock.monotonic(), "unknown"
        try:
            execution.write(step, request_of(step), partial(_is_disconnected, step, execution))
        except (RequestFailed, StoreError):
            outcome.disconnected_at, outcome.status = None, "untouched"
            raise
        execution.seen.disconnected[step.target] = step, execution.clock.monotonic()
        outcome.status = "disconnected"

    def is_left(self, step: Step, resumption: Resumption) -> bool:
        """Only an app that is connected, and none once the first came back.

        One that leaves for good may be connected still: disconnecting one that is not does no harm.
        """
        now = resumption.now
        if resumption.for_good:
            return step.target in now.may_be_connected
        return not resumption.returning and now.apps[step.target] == "connected"


class WaitLinkGone(StepKind):
    """Waits until every app is read as disconnected, and the subnet without a link to their plan.

    A step whose target is an app waits for that alone: others hold the link. A disconnect that was
    answered, and whose effect does not show, is sent once more.
    """

    name = "wait-link-gone"
    usually = "usually seconds, at times 15 min"
    purposes = frozenset({"reconnect", "disconnect"})
    leaves = waits_for_link = True

    def plan(self, step: PlaybookStep, layout: Layout) -> Iterator[Step]:
        """Only where somebody leaves."""
        if layout.awaited is not None:
            yield from_playbook(step, layout.awaited)

    def carry_out(self, step: Step, execution: StepExecution) -> None:
        """Wait, and send again a disconnect that does not show."""
        plan = execution.plan
        subnet = plan.subnet if ids.same(step.target, plan.subnet) else None

        def gone() -> bool:
            apps = tuple(execution.seen.disconnected)
            link, staying = execution.reader.link_and_apps(subnet, apps)
            for app in staying:
                _disconnect_again(app, execution)
            return not staying and (link is None or _is_gone(link, plan))

        what = "the service association link to be removed" if subnet else "the disconnect to take effect"
        execution.until(step, gone, bool, what, LINK_GONE)

    def is_left(self, step: Step, resumption: Resumption) -> bool:
        """Once an app came back, the link is not to go any more."""
        return not resumption.returning


def _is_disconnected(step: Step, execution: StepExecution) -> bool:
    return execution.reader.connected_to(step.target) is None


def _disconnect_again(app: str, execution: StepExecution) -> None:
    """Whatever becomes of this write, the app counts as disconnected: the first one was answered."""
    step, sent = execution.seen.disconnected[app]
    if execution.clock.monotonic() - sent >= execution.waiter.effect:
        try:
            execution.write(step, request_of(step), partial(_is_disconnected, step, execution))
        except NotSent as not_sent:  # the disconnect before had no effect: this step did not succeed
            raise StepFailed(f"the disconnect was not sent again: {not_sent}") from not_sent
        execution.seen.disconnected[app] = step, execution.clock.monotonic()


def _is_gone(subnet: Subnet, plan: Plan) -> bool:
    """Whether no link names the plan of the apps any more; for good, none of those that are to go."""
    own = plan.links if plan.disconnects_for_good else _links_of_apps(plan)
    links = [link for link in subnet.links if is_integration(link)]
    return not any(ids.same(link.target, one) for link in links for one in own)


def _links_of_apps(plan: Plan) -> tuple[str, ...]:
    """What the link of the apps names: their plan, or with Flex Consumption the subnet."""
    return plan.links[:1] or (plan.apps[0].plan or "",)


def is_integration(link: Link) -> bool:
    """Whether a link is of a kind that an integration makes; foreign ones are left alone."""
    return link.is_web or link.is_flex
