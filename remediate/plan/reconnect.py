"""World + question + playbook + scope → the steps that disconnect apps and connect them again."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import msgspec
from msgspec import Struct

from remediate.errors import UsageError
from remediate.model import (
    NETWORK_API,
    App,
    Finding,
    Integration,
    Plan,
    Question,
    Request,
    Scope,
    Step,
    World,
)
from remediate.plan.probing import told
from remediate.plan.refusals import refusals_for
from remediate.plan.steps import (
    Options,
    check_playbook,
    connection,
    disconnection,
    made,
    numbered,
    sorted_by_name,
)
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


def scope_for(world: World, question: Question, findings: tuple[Finding, ...]) -> Scope:
    """The scope that nobody had to name: `link` only where no other app pays for it, and never for Flex."""
    seen = Integration(world, question)
    alone = len(seen.on_subnet) <= 1 and not seen.flex
    return "link" if alone and any(one.code == "link-missing" for one in findings) else "app"


def reconnect(
    world: World,
    question: Question,
    findings: tuple[Finding, ...],
    playbook: Playbook,
    options: Options,
) -> Plan:
    """The ordered steps for one app, or the reasons to refuse. Raises UsageError.

    `findings` are those of the look and of the preflight; what is unknown refuses too, unless it is allowed.
    """
    playbook, seen = told(playbook, options.probe), Integration(world, question)
    _check_use(seen, playbook)
    apps, subnet = affected(world, question, options.scope), seen.subnet_id
    refusals = tuple(refusals_for(seen, findings, options.scope, options.allowed))
    steps = () if refusals or subnet is None else reconnect_steps(playbook, _layout(seen, apps, subnet))
    return Plan(
        playbook=playbook.id,
        scope=options.scope,
        target=seen.target.id,
        subnet=subnet,
        apps=tuple(msgspec.structs.replace(app, tags={}) for app in apps),
        steps=steps,
        refusals=refusals,
        links=_links(seen),
        service=seen.service,
        subnet_asked=seen.subnet_asked,
    )


def _check_use(seen: Integration, playbook: Playbook) -> None:
    check_playbook(playbook, "reconnect")
    _check_delegation(seen, playbook)
    named = seen.target.subnet or seen.network_config.subnet
    if seen.subnet_asked and named and not seen.connected:
        raise UsageError(
            f"{seen.target.name} is integrated with {named}; --subnet would move it elsewhere, "
            "which this command does not do"
        )


def _check_delegation(seen: Integration, playbook: Playbook) -> None:
    """An app that leaves a subnet without a delegation could not come back to it."""
    names = [step.do for step in playbook.steps]
    first = names[: names.index("disconnect")] if "disconnect" in names else names
    subnet = seen.subnet
    if subnet is not None and not seen.delegated and "delegate" not in first:
        raise UsageError(
            f"playbook {playbook.id} has no delegate step, and {subnet.name} lost its delegation"
        )


def affected(world: World, question: Question, scope: Scope) -> tuple[App, ...]:
    """The apps that lose their network for a while: the target first, then the others by name."""
    seen = Integration(world, question)
    if scope != "link" or not seen.connected:
        return (seen.target,)
    target, *others = seen.on_subnet
    return (target, *sorted_by_name(others))


def reconnect_steps(playbook: Playbook, layout: Layout) -> tuple[Step, ...]:
    """The playbook's steps, spread over the apps; one subnet, so one app at a time.

    The first app is reconnected alone, and the others follow once its link was seen.
    """
    return numbered(_steps(playbook, layout))


def _layout(seen: Integration, apps: tuple[App, ...], subnet: str) -> Layout:
    return Layout(
        subnet=subnet,
        apps=tuple(app.id for app in apps),
        connected=seen.connected,
        frees_subnet=_frees_subnet(seen, apps),
        delegation=delegation(seen),
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


def _links(seen: Integration) -> tuple[str, ...]:
    """On a subnet that several plans share, the link names only one of them; that of Flex names the subnet
    (azure-facts.md, 1).
    """
    if seen.flex and seen.subnet_id:
        return (seen.subnet_id,)
    own = (seen.target.plan,) if seen.target.plan else ()
    return (*own, *sorted(seen.beside, key=str.casefold))


def _frees_subnet(seen: Integration, apps: tuple[App, ...]) -> bool:
    """Whether nobody of the plan stays on the subnet, so that its link goes (azure-facts.md, 2).

    Behind the link of Flex other plans may stand: to wait for it could be in vain, without a network.
    """
    return seen.connected and not seen.flex and len(apps) == len(seen.on_subnet)


def delegation(seen: Integration) -> Request | None:
    """The write that delegates the subnet: all of it as it was read, with one delegation more.

    If-Match, so nobody's change is lost. None where it is delegated or was not read. Raises UsageError for a
    subnet without an etag, or whose delegations are no list.
    """
    document = seen.world.document("subnet")
    if seen.subnet is None or seen.delegated or document is None:
        return None
    body = document.body
    if not body.get("etag"):
        raise UsageError(f"{seen.subnet.name} has no etag, so a change could undo somebody else's")
    properties: dict[str, Any] = {
        key: value for key, value in body["properties"].items() if key not in READ_ONLY
    }
    delegations = properties.get("delegations") or []
    if not isinstance(delegations, list):
        raise UsageError(f"{seen.subnet.name} has delegations that cannot be read, so they could be lost")
    properties["delegations"] = [*delegations, delegation_to(seen.service)]
    return Request(
        "PUT",
        delegation_path(seen.subnet_id or seen.subnet.id),
        {"name": body.get("name"), "properties": properties},
        {"If-Match": str(body["etag"])},
    )


def delegation_to(service: str) -> dict[str, Any]:
    """The entry of a subnet's `delegations` that this product writes."""
    return {"name": "delegation", "properties": {"serviceName": service}}


def delegation_path(subnet: str) -> str:
    """Where a subnet is written."""
    return f"{subnet}?api-version={NETWORK_API}"
