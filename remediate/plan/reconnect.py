"""Topology + playbook + scope → the steps that disconnect apps and connect them again."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import msgspec

from remediate import ids
from remediate.model import (
    NETWORK_API,
    App,
    Evidence,
    Finding,
    Plan,
    Request,
    Scope,
    Step,
    Topology,
)
from remediate.plan.steps import WrongUse, check_playbook, connection, disconnection, made, numbered
from remediate.playbook import Playbook, PlaybookStep

BLOCKING = frozenset(
    {
        "delegation-other",
        "gateway-integration",
        "link-foreign",
        "link-orphaned",
        "link-other-plan",
        "link-unused",
        "locked",
        "managed-instance",
        "no-permission",
        "operation-in-progress",
        "plan-limit",
        "plan-unsupported",
        "provider-unregistered",
        "subnet-full",
        "subnet-missing",
        "subnet-other-region",
    }
)
"""Findings with which a disconnected app could not be connected again: refused before any write."""
SUPPORTED = frozenset(
    {
        "preflight",
        "confirm",
        "delegate",
        "disconnect",
        "wait-link-gone",
        "reconnect",
        "wait-link-ready",
        "check-routing",
        "pause",
        "verify",
    }
)
"""Steps that `reconnect` carries out; a playbook with any other is not run halfway."""
_APP_ONLY = {
    "flex-consumption": (
        "names the subnet and no plan",
        "It goes with the last Flex app on the subnet, and which apps of other plans those are nobody can "
        "read from it. To disconnect the apps of this plan would cost them their network, and need not make "
        "the link anew.",
    ),
    "subnet-shared": (
        "names another plan that is on the subnet too",
        "To disconnect the apps of this plan would cost them their network, and the link would stay with "
        "the other plan.",
    ),
}
"""Findings with which only an app can be rebuilt, and why the link cannot."""
NO_READ = "no-read-permission"
_COMPARED_ONLY = ("graph",)
_READ_ONLY = (
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
) -> Plan:
    """The ordered steps for one app, or the reasons to refuse. Raises WrongUse.

    `findings` are those of the look and of the preflight; what is unknown refuses too, unless its code
    is in `allowed`.
    """
    _check_use(topology, playbook)
    subnet = topology.subnet_id
    apps = affected(topology, scope)
    refusals = tuple(_refusals(topology, findings, scope, allowed))
    steps = () if refusals or subnet is None else tuple(_steps(topology, playbook, scope, apps, subnet))
    return Plan(
        playbook=playbook.id,
        scope=scope,
        target=topology.target.id,
        subnet=subnet,
        apps=tuple(msgspec.structs.replace(app, tags={}) for app in apps),
        steps=numbered(steps),
        refusals=refusals,
        links=_links(topology),
        service=topology.service,
        subnet_asked=topology.subnet_asked,
    )


def unread(topology: Topology) -> tuple[str, ...]:
    """What a change must not be made without having read, and could not be.

    The run reads all of it again and again, so nobody can allow it to be unknown.
    """
    return tuple(
        one.what
        for one in topology.documents
        if one.unread and one.what not in _COMPARED_ONLY and not one.preflight
    )


def _check_use(topology: Topology, playbook: Playbook) -> None:
    check_playbook(playbook, "reconnect", SUPPORTED)
    _check_delegation(topology, playbook)
    named = topology.target.subnet or topology.views["networkConfig"].subnet
    if topology.subnet_asked and named and not topology.connected:
        raise WrongUse(
            f"{topology.target.name} is integrated with {named}; --subnet would move it elsewhere, "
            "which this command does not do"
        )


def _check_delegation(topology: Topology, playbook: Playbook) -> None:
    """An app that leaves a subnet without a delegation could not come back to it."""
    names = [step.do for step in playbook.steps]
    first = names[: names.index("disconnect")] if "disconnect" in names else names
    subnet = topology.subnet
    if subnet is not None and not topology.delegated and "delegate" not in first:
        raise WrongUse(f"playbook {playbook.id} has no delegate step, and {subnet.name} lost its delegation")


def affected(topology: Topology, scope: Scope) -> tuple[App, ...]:
    """The apps that lose their network for a while, the target first."""
    return topology.on_subnet if scope == "link" and topology.connected else (topology.target,)


def _refusals(
    topology: Topology, findings: tuple[Finding, ...], scope: Scope, allowed: frozenset[str]
) -> Iterator[Finding]:
    for finding in findings:
        if finding.severity == "unknown":
            if finding.code not in allowed:
                yield finding
        elif finding.code in BLOCKING or (finding.code == "not-integrated" and not topology.subnet_asked):
            yield finding
        elif finding.code == "link-missing" and scope == "app":
            yield from _link_stays_lost(topology, finding)
        elif finding.code == "subnet-shared" and finding.severity != "info":
            yield finding
        elif finding.code in _APP_ONLY and scope == "link":
            yield _app_only(topology, finding)
    missing = unread(topology)
    if missing and NO_READ in allowed:
        yield _unknown(topology, missing)


def _link_stays_lost(topology: Topology, finding: Finding) -> Iterator[Finding]:
    """The link is made by a plan's first integration on a subnet (azure-facts.md, 2)."""
    others = [app.name for app in topology.on_subnet if not ids.same(app.id, topology.target.id)]
    if others:
        name = topology.target.name
        yield msgspec.structs.replace(
            finding,
            title=f"Reconnecting {name} alone will not bring the link back",
            detail=(
                "Azure makes the link with a plan's first integration on a subnet. While "
                f"{', '.join(others)} stay connected, there is no first one, and the link stays missing."
            ),
        )


def _app_only(topology: Topology, finding: Finding) -> Finding:
    title, detail = _APP_ONLY[finding.code]
    return msgspec.structs.replace(
        finding,
        title=f"The link of {ids.name(topology.subnet_id)} cannot be rebuilt: it {title}",
        detail=detail,
        action=f"Reconnect the app alone: `remediate reconnect {topology.target.id} --scope app`",
    )


def _unknown(topology: Topology, missing: tuple[str, ...]) -> Finding:
    documents = (one for one in topology.documents if one.what in missing)
    return Finding(
        code=NO_READ,
        severity="unknown",
        title=f"Could not read {', '.join(missing)}",
        detail="Without it nobody can say whether what would be taken away could be put back.",
        evidence=tuple(Evidence(one.what, "read", one.message or one.status) for one in documents),
        action="Ask for the role Reader on the app, its plan and its virtual network, then try again.",
    )


def _steps(
    topology: Topology, playbook: Playbook, scope: Scope, apps: tuple[App, ...], subnet: str
) -> Iterator[Step]:
    """The playbook's steps, spread over the apps; one subnet, so one app at a time.

    The first app is reconnected alone, and the others follow once its link was seen.
    """
    waiting: list[Step] = []
    for step in playbook.steps:
        if step.do == "delegate":
            yield from _delegate(topology, step, subnet)
        elif step.do == "disconnect":
            yield from _disconnects(topology, step, apps)
        elif step.do == "wait-link-gone":
            if topology.connected:
                yield made(step, subnet if _frees_subnet(topology, apps) else topology.target.id)
        elif step.do == "reconnect":
            first, *waiting = [made(step, app.id, *connection(app.id, subnet)) for app in apps]
            yield first
        elif step.do == "wait-link-ready":
            yield made(step, subnet)
            yield from waiting
            waiting = []
        else:
            yield made(step, topology.target.id)
    yield from waiting


def _disconnects(topology: Topology, step: PlaybookStep, apps: tuple[App, ...]) -> Iterator[Step]:
    """The target goes last and comes back first, so that it is without network for the shortest time."""
    if topology.connected:
        for app in reversed(apps):
            yield made(step, app.id, disconnection(app.id))


def _links(topology: Topology) -> tuple[str, ...]:
    """On a subnet that several plans share, the link names only one of them; that of Flex names the subnet
    (azure-facts.md, 1).
    """
    if topology.flex and topology.subnet_id:
        return (topology.subnet_id,)
    own = (topology.target.plan,) if topology.target.plan else ()
    return (*own, *(one.id for one in topology.linked_plans if one.on_subnet))


def _frees_subnet(topology: Topology, apps: tuple[App, ...]) -> bool:
    """Whether nobody of the plan stays on the subnet, so that its link goes (azure-facts.md, 2).

    Behind the link of Flex other plans may stand: to wait for it could be in vain, without a network.
    """
    return topology.connected and not topology.flex and len(apps) == len(topology.on_subnet)


def _delegate(topology: Topology, step: PlaybookStep, subnet: str) -> Iterator[Step]:
    """The whole subnet as it was read, with one delegation more; If-Match, so nobody's change is lost."""
    document = topology.document("subnet")
    if topology.subnet is None or topology.delegated or document is None:
        return
    body = document.body
    if not body.get("etag"):
        raise WrongUse(f"{topology.subnet.name} has no etag, so a change could undo somebody else's")
    properties: dict[str, Any] = {
        key: value for key, value in body["properties"].items() if key not in _READ_ONLY
    }
    delegation = {"name": "delegation", "properties": {"serviceName": topology.service}}
    properties["delegations"] = [*properties.get("delegations", []), delegation]
    request = Request(
        "PUT",
        f"{subnet}?api-version={NETWORK_API}",
        {"name": body.get("name"), "properties": properties},
        {"If-Match": str(body["etag"])},
    )
    yield made(step, subnet, request)
