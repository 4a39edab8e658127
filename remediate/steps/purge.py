"""Having Azure clear a link that nobody uses."""

from __future__ import annotations

import shlex
from collections.abc import Iterator
from functools import partial

from remediate import ids
from remediate.errors import StoreError
from remediate.model import Plan, PlaybookStep, Request, Step
from remediate.model.failure import RequestFailed, WaitTimedOut
from remediate.steps.context import StepExecution
from remediate.steps.kind import Layout, StepFailed, StepKind, from_playbook, request_of

PURGE = 600.0
"""Seconds over which a purge is repeated; it "may need repeating over minutes" (azure-facts.md, 2)."""
PURGE_AGAIN = 30.0
"""Seconds in which the subnet is looked at before a purge is sent again."""
_PURGE_API = "2024-04-01"
"""api-version of the purge, which is in no SDK (azure-facts.md, 2)."""


class LinkRemains(StepFailed):
    """The link was read as it was, again and again, until the time for a purge ended."""

    code = "link-remains"


def purge_of(subnet: str, region: str) -> Request:
    """The write that clears a subnet's unused link, in the subscription and the region of its network.

    `region` is spelled as in a path (azure-facts.md, 2).
    """
    location = f"/subscriptions/{ids.parse(subnet).subscription}/providers/Microsoft.Web/locations/{region}"
    path = f"{location}/purgeUnusedVirtualNetworkIntegration?api-version={_PURGE_API}"
    return Request("POST", path, {"subnetResourceId": subnet})


def other_ways(plan: Plan) -> str:
    """What else is known to free a subnet whose link a purge does not clear (azure-facts.md, 2)."""
    parsed = ids.parse(plan.links[0])
    create = ["az", "appservice", "plan", "create", "--sku", "B1", "--subscription", parsed.subscription]
    create += ["--resource-group", parsed.group or "", "--name", parsed.name]
    return (
        f"Two other ways are known. One: have the plan {parsed.name} and an app on it again, under the names "
        f"that they had (where the plan is gone: `{shlex.join(create)}`), connect the app to the subnet and "
        "disconnect it again: the link goes with the plan's last integration. The other: Azure support."
    )


class Purge(StepKind):
    """Asks Azure to clear the link until the subnet is read without it: its answer proves nothing."""

    name = "purge"
    usually = "at times minutes, for Azure may have to be asked again"
    purposes = frozenset({"purge"})
    once = True
    clears_link = essential = interruptible = True

    def plan(self, step: PlaybookStep, layout: Layout) -> Iterator[Step]:
        """It is about the subnet."""
        yield from_playbook(step, layout.subnet, layout.purge)

    def carry_out(self, step: Step, execution: StepExecution) -> None:
        """Until the subnet is read, nobody knows whether the link is gone."""
        state = execution.state
        outcome = state.outcomes[step.target]
        before, outcome.status = outcome.status, "unknown"
        try:
            _repeat(step, execution)
        except LinkRemains:
            state.link_remains = True
            raise
        except RequestFailed:
            outcome.status = before
            raise
        except StoreError:
            outcome.status = "unknown" if execution.announced else before
            raise
        outcome.status = "purged"


def _repeat(step: Step, execution: StepExecution) -> None:
    """Send the purge again and again. Raises StepFailed, and LinkRemains where Azure had all its time."""
    request = request_of(step)
    try:
        execution.waiter.write_repeatedly(
            partial(execution.send, step, request),
            partial(_is_gone, execution),
            timeout=step.timeout or PURGE,
            interval=step.every or PURGE_AGAIN,
        )
    except WaitTimedOut as timed_out:
        text = f"after {timed_out.waited:.0f} s the link is still there, whatever Azure answered"
        raise (StepFailed if execution.waiter.interrupted() else LinkRemains)(text) from timed_out


def _is_gone(execution: StepExecution) -> bool:
    links = execution.reader.subnet(execution.plan.subnet or "").links
    return not any(ids.same(link.target, one) for link in links for one in execution.plan.links)
