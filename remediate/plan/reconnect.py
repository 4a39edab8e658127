"""World + question + playbook + scope → the steps that disconnect apps and connect them again."""

from __future__ import annotations

import shlex
from itertools import takewhile

from msgspec.structs import replace

from remediate import ids
from remediate.checks.deny_assignments import is_denied
from remediate.checks.permissions import on_site
from remediate.errors import UsageError
from remediate.model import (
    App,
    Endpoint,
    Finding,
    Integration,
    Plan,
    PlaybookStep,
    Question,
    Request,
    Scope,
    World,
    prevents_reconnect,
)
from remediate.plan.planner import Options, check_playbook, planned_steps, sorted_by_name
from remediate.plan.refusals import refusals_for
from remediate.playbook import Playbook
from remediate.steps import Layout, ProbeWorkers, delegation_of, kind_of


def scope_for(world: World, question: Question, findings: tuple[Finding, ...]) -> Scope:
    """The default scope: `link` only where no other app is interrupted by it, and never for Flex."""
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
    playbook, seen = _with_probe(playbook, options.probe), Integration(world, question)
    _check_use(seen, playbook, findings)
    apps, subnet = affected(world, question, options.scope), seen.subnet_id
    refusals = tuple(refusals_for(seen, findings, options.scope, options.allowed))
    steps = () if refusals or subnet is None else planned_steps(playbook, _layout(seen, apps, subnet))
    return Plan(
        playbook=playbook.id,
        scope=options.scope,
        target=seen.target.id,
        subnet=subnet,
        apps=tuple(replace(app, tags={}) for app in apps),
        steps=steps,
        refusals=refusals,
        links=_links(seen),
        service=seen.service,
        subnet_asked=seen.subnet_asked,
    )


def _with_probe(playbook: Playbook, probe: Endpoint | None) -> Playbook:
    """The playbook with `probe` in every step that names nothing itself; at the end where there is none.

    Raises UsageError if neither the file nor the operator says what a step is to reach.
    """
    untold = [step for step in playbook.steps if kind_of(step.do).reaches and step.probe is None]
    if probe is None:
        if untold:
            raise UsageError(f"playbook {playbook.id} names nothing to probe: pass --probe HOST:PORT")
        return playbook
    steps = [replace(one, probe=probe) if one in untold else one for one in playbook.steps]
    if not untold:
        steps.append(
            PlaybookStep(ProbeWorkers.name, f"Trying to reach {probe} from the workers", probe=probe)
        )
    return replace(playbook, steps=tuple(steps))


def _check_use(seen: Integration, playbook: Playbook, findings: tuple[Finding, ...]) -> None:
    check_playbook(playbook, "reconnect")
    _check_delegation(seen, playbook)
    if seen.is_elsewhere:
        raise UsageError(
            f"{seen.target.name} is integrated with {seen.other_subnets[0]}; --subnet would move it "
            "elsewhere, which this command does not do",
            hint=_how_to_move(seen, findings),
        )


def _how_to_move(seen: Integration, findings: tuple[Finding, ...]) -> str:
    """How an app gets to another subnet; not where it could not leave, or be connected there after that."""
    codes = {one.code for one in findings if prevents_reconnect(one)}
    connection = f"{seen.target.id}/networkConfig/virtualNetwork"
    if any(ids.within(connection, lock.scope) for lock in seen.world.locks):
        codes.add("locked")
    if is_denied(seen.world, seen.target.id, on_site(seen.target.id, "networkConfig/delete")):
        codes.add("deny-assignment")
    if codes:
        return f"a move would be refused because of {', '.join(sorted(codes))}: resolve that first"
    app, subnet = shlex.quote(seen.target.id), shlex.quote(seen.subnet_id or "")
    return (
        f"to move it, disconnect it first: `remediate guard {app} --disconnect`, then connect it: "
        f"`remediate reconnect {app} --subnet {subnet}`"
    )


def _check_delegation(seen: Integration, playbook: Playbook) -> None:
    """An app that leaves a subnet without a delegation could not come back to it."""
    kinds = [kind_of(step.do) for step in playbook.steps]
    before = takewhile(lambda kind: not kind.takes_away, kinds)
    subnet = seen.subnet
    if subnet is not None and not seen.delegated and not any(kind.delegates for kind in before):
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


def reconnect_layout(
    subnet: str, apps: tuple[str, ...], *, connected: bool, frees_subnet: bool, delegation: Request | None
) -> Layout:
    """`apps` are ids, the target first: it leaves last and comes back first, so that it is without network
    for the shortest time.

    `connected` says that they are on the subnet now, `frees_subnet` that no app of their plan stays there.
    """
    target = apps[0]
    return Layout(
        target=target,
        subnet=subnet,
        checked=target,
        leaving=tuple(reversed(apps)) if connected else (),
        returning=apps,
        awaited=(subnet if frees_subnet else target) if connected else None,
        delegation=delegation,
    )


def _layout(seen: Integration, apps: tuple[App, ...], subnet: str) -> Layout:
    return reconnect_layout(
        subnet,
        tuple(app.id for app in apps),
        connected=seen.connected,
        frees_subnet=_frees_subnet(seen, apps),
        delegation=delegation(seen),
    )


def _links(seen: Integration) -> tuple[str, ...]:
    """On a subnet that several plans share, the link names only one of them; that of Flex names the subnet
    (azure-facts.md, 1).
    """
    if seen.flex and seen.subnet_id:
        return (seen.subnet_id,)
    own = (seen.target.plan,) if seen.target.plan else ()
    return (*own, *sorted(seen.beside, key=str.casefold))


def _frees_subnet(seen: Integration, apps: tuple[App, ...]) -> bool:
    """Whether no app of the plan stays on the subnet, so that its link is removed (azure-facts.md, 2).

    Other plans may use the link of Flex: the wait for its removal could time out with the app disconnected.
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
    delegations = body["properties"].get("delegations") or []
    if not isinstance(delegations, list):
        raise UsageError(f"{seen.subnet.name} has delegations that cannot be read, so they could be lost")
    return delegation_of(seen.subnet_id or seen.subnet.id, body, delegations, seen.service)
