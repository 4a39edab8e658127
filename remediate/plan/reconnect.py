"""Topology + playbook + scope → the steps that disconnect apps and connect them again."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import msgspec
from msgspec import Struct

from remediate.errors import UsageError
from remediate.model import (
    NETWORK_API,
    App,
    Endpoint,
    Finding,
    Plan,
    Request,
    Scope,
    Step,
    Topology,
)
from remediate.plan.probing import told
from remediate.plan.refusals import refusals_for
from remediate.plan.steps import check_playbook, connection, disconnection, made, numbered, sorted_by_name
from remediate.playbook import Playbook, PlaybookStep

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


class Layout(Struct, frozen=True):
    """What the steps depend on beside the playbook. `apps` are ids, the target first.

    `connected` says that they are on the subnet now, `frees_subnet` that nobody of their plan stays there.
    `delegation` is the write that delegates the subnet; None where that is not needed.
    """

    subnet: str
    apps: tuple[str, ...]
    connected: bool
    frees_subnet: bool
    delegation: Request | None = None


def scope_for(topology: Topology, findings: tuple[Finding, ...]) -> Scope:
    """The scope that nobody had to name: `link` only where no other app pays for it, and never for Flex."""
    alone = len(topology.on_subnet) <= 1 and not topology.flex
    return "link" if alone and any(one.code == "link-missing" for one in findings) else "app"


def make(
    topology: Topology,
    findings: tuple[Finding, ...],
    playbook: Playbook,
    scope: Scope,
    allowed: frozenset[str] = frozenset(),
    probe: Endpoint | None = None,
) -> Plan:
    """The ordered steps for one app, or the reasons to refuse. Raises UsageError.

    `findings` are those of the look and of the preflight; what is unknown refuses too, unless its code
    is in `allowed`. `probe` is what the app is to reach in the end.
    """
    playbook = told(playbook, probe)
    _check_use(topology, playbook)
    subnet = topology.subnet_id
    apps = affected(topology, scope)
    refusals = tuple(refusals_for(topology, findings, scope, allowed))
    steps = () if refusals or subnet is None else reconnect_steps(playbook, _layout(topology, apps, subnet))
    return Plan(
        playbook=playbook.id,
        scope=scope,
        target=topology.target.id,
        subnet=subnet,
        apps=tuple(msgspec.structs.replace(app, tags={}) for app in apps),
        steps=steps,
        refusals=refusals,
        links=_links(topology),
        service=topology.service,
        subnet_asked=topology.subnet_asked,
    )


def _check_use(topology: Topology, playbook: Playbook) -> None:
    check_playbook(playbook, "reconnect")
    _check_delegation(topology, playbook)
    named = topology.target.subnet or topology.views["networkConfig"].subnet
    if topology.subnet_asked and named and not topology.connected:
        raise UsageError(
            f"{topology.target.name} is integrated with {named}; --subnet would move it elsewhere, "
            "which this command does not do"
        )


def _check_delegation(topology: Topology, playbook: Playbook) -> None:
    """An app that leaves a subnet without a delegation could not come back to it."""
    names = [step.do for step in playbook.steps]
    first = names[: names.index("disconnect")] if "disconnect" in names else names
    subnet = topology.subnet
    if subnet is not None and not topology.delegated and "delegate" not in first:
        raise UsageError(
            f"playbook {playbook.id} has no delegate step, and {subnet.name} lost its delegation"
        )


def affected(topology: Topology, scope: Scope) -> tuple[App, ...]:
    """The apps that lose their network for a while: the target first, then the others by name."""
    if scope != "link" or not topology.connected:
        return (topology.target,)
    target, *others = topology.on_subnet
    return (target, *sorted_by_name(others))


def reconnect_steps(playbook: Playbook, layout: Layout) -> tuple[Step, ...]:
    """The playbook's steps, spread over the apps; one subnet, so one app at a time.

    The first app is reconnected alone, and the others follow once its link was seen.
    """
    return numbered(_steps(playbook, layout))


def _layout(topology: Topology, apps: tuple[App, ...], subnet: str) -> Layout:
    return Layout(
        subnet=subnet,
        apps=tuple(app.id for app in apps),
        connected=topology.connected,
        frees_subnet=_frees_subnet(topology, apps),
        delegation=delegation(topology),
    )


def _steps(playbook: Playbook, layout: Layout) -> Iterator[Step]:
    waiting: list[Step] = []
    target, subnet = layout.apps[0], layout.subnet
    for step in playbook.steps:
        if step.do == "delegate":
            if layout.delegation is not None:
                yield made(step, subnet, layout.delegation)
        elif step.do == "disconnect":
            yield from _disconnects(layout, step)
        elif step.do == "wait-link-gone":
            if layout.connected:
                yield made(step, subnet if layout.frees_subnet else target)
        elif step.do == "reconnect":
            first, *waiting = [made(step, app, *connection(app, subnet)) for app in layout.apps]
            yield first
        elif step.do == "wait-link-ready":
            yield made(step, subnet)
            yield from waiting
            waiting = []
        elif step.do in ("pause", "probe"):
            yield from waiting  # nobody stays without a network for it
            waiting = []
            yield made(step, target)
        else:
            yield made(step, target)
    yield from waiting


def _disconnects(layout: Layout, step: PlaybookStep) -> Iterator[Step]:
    """The target goes last and comes back first, so that it is without network for the shortest time."""
    if layout.connected:
        for app in reversed(layout.apps):
            yield made(step, app, disconnection(app))


def _links(topology: Topology) -> tuple[str, ...]:
    """On a subnet that several plans share, the link names only one of them; that of Flex names the subnet
    (azure-facts.md, 1).
    """
    if topology.flex and topology.subnet_id:
        return (topology.subnet_id,)
    own = (topology.target.plan,) if topology.target.plan else ()
    others = (one.id for one in topology.linked_plans if one.on_subnet)
    return (*own, *sorted(others, key=str.casefold))


def _frees_subnet(topology: Topology, apps: tuple[App, ...]) -> bool:
    """Whether nobody of the plan stays on the subnet, so that its link goes (azure-facts.md, 2).

    Behind the link of Flex other plans may stand: to wait for it could be in vain, without a network.
    """
    return topology.connected and not topology.flex and len(apps) == len(topology.on_subnet)


def delegation(topology: Topology) -> Request | None:
    """The write that delegates the subnet: all of it as it was read, with one delegation more.

    If-Match, so nobody's change is lost. None where it is delegated or was not read. Raises UsageError for a
    subnet without an etag, or whose delegations are no list.
    """
    document = topology.document("subnet")
    if topology.subnet is None or topology.delegated or document is None:
        return None
    body = document.body
    if not body.get("etag"):
        raise UsageError(f"{topology.subnet.name} has no etag, so a change could undo somebody else's")
    properties: dict[str, Any] = {
        key: value for key, value in body["properties"].items() if key not in READ_ONLY
    }
    delegations = properties.get("delegations") or []
    if not isinstance(delegations, list):
        raise UsageError(f"{topology.subnet.name} has delegations that cannot be read, so they could be lost")
    properties["delegations"] = [*delegations, delegation_to(topology.service)]
    return Request(
        "PUT",
        delegation_path(topology.subnet_id or topology.subnet.id),
        {"name": body.get("name"), "properties": properties},
        {"If-Match": str(body["etag"])},
    )


def delegation_to(service: str) -> dict[str, Any]:
    """The entry of a subnet's `delegations` that this product writes."""
    return {"name": "delegation", "properties": {"serviceName": service}}


def delegation_path(subnet: str) -> str:
    """Where a subnet is written."""
    return f"{subnet}?api-version={NETWORK_API}"
