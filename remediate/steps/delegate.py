"""Delegating a subnet."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from remediate.errors import StateChanged
from remediate.model import NETWORK_API, PlaybookStep, Request, Step, Subnet
from remediate.model.failure import RequestFailed
from remediate.steps.context import Resumption, StepExecution
from remediate.steps.kind import SETTLE, Layout, StepKind, from_playbook, request_of

READ_ONLY = (
    "ipConfigurationProfiles",
    "ipConfigurations",
    "interfaceEndpoints",
    "privateEndpoints",
    "provisioningState",
    "purpose",
    "resourceNavigationLinks",
    "serviceAssociationLinks",
)
"""Properties of a subnet that Azure sets and a PUT leaves out (azure-mgmt-network, Subnet model)."""


def delegation_of(subnet: str, body: Mapping[str, Any], delegations: list[Any], service: str) -> Request:
    """The write that delegates a subnet: all of `body` as it was read, with one delegation more.

    If-Match, so nobody's change is lost: `body` holds an etag.
    """
    properties = {key: value for key, value in body["properties"].items() if key not in READ_ONLY}
    properties["delegations"] = [*delegations, delegation_to(service)]
    return Request(
        "PUT",
        delegation_path(subnet),
        {"name": body.get("name"), "properties": properties},
        {"If-Match": str(body["etag"])},
    )


def delegation_to(service: str) -> dict[str, Any]:
    """The entry of a subnet's `delegations` that this product writes."""
    return {"name": "delegation", "properties": {"serviceName": service}}


def delegation_path(subnet: str) -> str:
    """Where a subnet is written."""
    return f"{subnet}?api-version={NETWORK_API}"


class Delegate(StepKind):
    """Delegates the subnet. It is confirmed by itself, for it changes somebody's network."""

    name = "delegate"
    purposes = frozenset({"reconnect"})
    asks = essential = delegates = True

    def plan(self, step: PlaybookStep, layout: Layout) -> Iterator[Step]:
        """Only where the delegation is not there."""
        if layout.delegation is not None:
            yield from_playbook(step, layout.subnet, layout.delegation)

    def carry_out(self, step: Step, execution: StepExecution) -> None:
        """Read back that the subnet is delegated, and that Azure is done with it."""
        if not execution.confirm(step):
            return
        state, service = execution.state, execution.plan.service

        def delegated() -> bool:
            return execution.reader.subnet(step.target).delegated_to(service)

        def settled(subnet: Subnet) -> bool:
            return subnet.delegated_to(service) and subnet.state.casefold() == "succeeded"

        state.delegated = True
        try:
            execution.write(step, request_of(step), delegated)
        except RequestFailed as failure:  # surely not carried out
            state.delegated = False
            if failure.kind == "moved" and not state.touched:
                raise StateChanged(
                    "somebody changed the subnet since it was read; nothing was changed"
                ) from failure
            raise
        look = lambda: execution.reader.subnet(step.target)  # noqa: E731
        execution.until(step, look, settled, "the delegation", SETTLE)

    def is_left(self, step: Step, resumption: Resumption) -> bool:
        """Until the subnet is delegated."""
        return not resumption.now.delegated
