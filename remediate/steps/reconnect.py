"""Connecting an app again, and waiting for the link."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial

from msgspec.structs import replace

from remediate import ids
from remediate.model import WEB_API, Plan, PlaybookStep, Request, Step, Subnet
from remediate.model.failure import Kind, RequestFailed
from remediate.steps.context import Resumption, StepExecution
from remediate.steps.disconnect import Disconnect, WaitLinkGone, disconnection, is_integration
from remediate.steps.kind import SETTLE, Layout, StepKind, from_playbook, request_of

LINK_READY = 900.0
"""Seconds; documentation says 10 to 15 minutes (azure-facts.md, 2)."""
CONNECT_SECONDS = (9, 34)
"""Seconds: the shortest and longest recorded answer to a site write (azure-facts.md, 2)."""
REFUSALS: frozenset[Kind] = frozenset({"denied", "policy", "refused", "absent", "not-visible", "unproved"})
"""Answers to the PATCH after which the PUT of networkConfig is worth sending."""


def connection(app: str, subnet: str) -> tuple[Request, Request]:
    """PATCH needs `subnets/join/action`; the PUT needs write on the subnet, so only if PATCH is refused."""
    patch = Request(
        "PATCH", f"{app}?api-version={WEB_API}", {"properties": {"virtualNetworkSubnetId": subnet}}
    )
    put = Request(
        "PUT",
        f"{app}/networkConfig/virtualNetwork?api-version={WEB_API}",
        {"properties": {"subnetResourceId": subnet, "swiftSupported": True}},
    )
    return patch, put


def preferring(step: Step, accepted: Request | None) -> Step:
    """The step with the request first that Azure accepted in the trial; the other one is its fallback."""
    if step.do != Reconnect.name or accepted is None or accepted != step.fallback:
        return step
    return replace(step, request=step.fallback, fallback=step.request)


class Reconnect(StepKind):
    """Connects an app again.

    It has a deadline of its own: a wait that ran out before never keeps an app from being connected.
    """

    name = "reconnect"
    usually = f"usually {CONNECT_SECONDS[0]} to {CONNECT_SECONDS[1]} s"
    purposes = frozenset({"reconnect"})
    once = True
    brings_back = essential = True

    def plan(self, step: PlaybookStep, layout: Layout) -> Iterator[Step]:
        """One for each app that comes back."""
        for app in layout.returning:
            yield from_playbook(step, app, *connection(app, layout.subnet))

    def carry_out(self, step: Step, execution: StepExecution) -> None:
        """Azure's answer ends the outage; the read-back after it proves it."""
        outcome, done = execution.state.outcomes[step.target], partial(_is_connected, step, execution)
        try:
            execution.write(step, request_of(step), done)
        except RequestFailed as failure:
            if step.fallback is None or failure.kind not in REFUSALS:
                raise
            execution.write(step, step.fallback, done)
        now = execution.seen.reconnected[step.target] = execution.clock.monotonic()
        outcome.reconnected_at, outcome.status = now, "unknown"
        execution.until(step, done, bool, "the app to be connected", SETTLE)
        outcome.status = "reconnected"

    def is_left(self, step: Step, resumption: Resumption) -> bool:
        """On the way back, only an app that this run took or connected, and that may be away.

        One that had no network before is connected as well where its connect was refused: that is the run.
        """
        if step.target in resumption.now.lost:
            return False
        if not resumption.returning:
            return True
        refused = step.target in resumption.unconnected_before & resumption.connect_announced
        return resumption.now.may_be_off(step.target) and (step.target in resumption.changed or refused)

    def undo(self, step: Step, resumption: Resumption) -> Iterator[Step]:
        """An app that the run took comes back; one that it connected, and that had none, is disconnected."""
        now = resumption.now
        if step.target in now.lost or step.target not in resumption.changed:
            return
        if step.target not in resumption.unconnected_before:
            if now.may_be_off(step.target):
                yield step
        elif now.apps[step.target] != "disconnected":
            taking = Step(step.n, Disconnect.name, step.target, "Disconnecting", disconnection(step.target))
            yield taking
            tell = "Waiting for the disconnect to take effect"
            yield replace(taking, do=WaitLinkGone.name, tell=tell, request=None)

    def writes(self, step: Step) -> Iterator[tuple[str, tuple[Request, ...]]]:
        """Its own, and the disconnect that may undo it."""
        yield from super().writes(step)
        yield Disconnect.name, (disconnection(step.target),)


class WaitLinkReady(StepKind):
    """Waits until the subnet is read with a finished link to the run's plan."""

    name = "wait-link-ready"
    usually = "usually seconds, at times 15 min"
    purposes = frozenset({"reconnect"})
    after_first_app = waits_for_link = True

    def plan(self, step: PlaybookStep, layout: Layout) -> Iterator[Step]:
        """It is about the subnet."""
        yield from_playbook(step, layout.subnet)

    def carry_out(self, step: Step, execution: StepExecution) -> None:
        """Wait."""
        look = partial(execution.reader.subnet_by_any_view, step.target)
        execution.until(
            step,
            look,
            partial(_is_ready, execution.plan),
            "the service association link to be ready",
            LINK_READY,
        )


def _is_connected(step: Step, execution: StepExecution) -> bool:
    return ids.same(execution.reader.connected_to(step.target), execution.plan.subnet)


def _is_ready(plan: Plan, subnet: Subnet) -> bool:
    return any(
        is_integration(link)
        and link.state == "Succeeded"
        and any(ids.same(link.target, one) for one in plan.links)
        for link in subnet.links
    )
