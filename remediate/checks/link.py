"""Findings about the subnet's service association links: missing, unfinished, foreign, left behind."""

from __future__ import annotations

from remediate import ids
from remediate.checks.addresses import SHAREABLE, shareable
from remediate.checks.advice import (
    command,
    connect_command,
    listed,
    named,
    owner_facts,
    owners,
    purge_command,
)
from remediate.model import Evidence, Finding, Link, LinkedPlan, Topology

_FITS = (
    "Several plans may share a subnet, and its link can name only one of them; this is how it should be. An "
    "app can be reconnected alone, and the link stays with the other plan."
)
_TOO_SMALL = (
    f"Several plans may share a subnet of a /{SHAREABLE} or larger. Azure could refuse to connect an app to "
    "this one again, because the other plan occupies it; so nothing is disconnected here."
)


def _to_other_plans(topology: Topology) -> list[tuple[Link, LinkedPlan | None]]:
    """The links that name another plan than the target's, with what is known of that plan."""
    own = topology.plan.id if topology.plan else topology.target.plan
    links = topology.subnet.links if topology.subnet else ()
    others = (one for one in links if one.is_web and one.target and not ids.same(one.target, own))
    return [(link, topology.linked_plan(link)) for link in others]


def unknown_plans(topology: Topology) -> tuple[str, ...]:
    """The other plans that links name and of which too little could be read to judge the link."""
    return tuple(
        link.target or ""
        for link, plan in _to_other_plans(topology)
        if plan is None
        or plan.status in ("denied", "failed")
        or (plan.status == "found" and plan.on_subnet is None)
    )


def _beside(topology: Topology, *, on_subnet: bool) -> list[tuple[Link, LinkedPlan]]:
    """The links that name another plan which lives, and which is or is not on the subnet."""
    return [
        (link, plan)
        for link, plan in _to_other_plans(topology)
        if plan and plan.status == "found" and plan.on_subnet is on_subnet
    ]


def _evidence(links: list[Link] | tuple[Link, ...]) -> tuple[Evidence, ...]:
    return tuple(Evidence("link", f"{one.name}.link", one.target) for one in links)


def _others(topology: Topology) -> tuple[str, ...]:
    """The other apps and slots of the plan on the subnet."""
    return tuple(one.id for one in topology.on_subnet if not ids.same(one.id, topology.target.id))


def link_missing(topology: Topology) -> Finding | None:
    """An integration of the plan is on the subnet, and its kind of plan has no link there."""
    subnet, on_subnet = topology.subnet, topology.on_subnet
    if subnet is None or topology.own_links or not (on_subnet or topology.held_by_plan):
        return None
    return Finding(
        code="link-missing",
        severity="error",
        title=f"The service association link of {subnet.name} is missing",
        detail=f"There should be a link from {subnet.name} to {_what_it_links(topology)}, and there is none. "
        f"{_how_it_comes_back(topology)}",
        action=_rebuild(topology),
        evidence=(
            Evidence("subnet", "serviceAssociationLinks", [one.name for one in subnet.links] or None),
            *(Evidence("site", f"{one.name}.virtualNetworkSubnetId", one.subnet) for one in on_subnet),
        ),
        playbook=None if topology.held_by_plan or topology.flex else "rebuild-link",
    )


def _rebuild(topology: Topology) -> str:
    """What brings the link back; a Managed Instance plan is left alone, and Flex has no scope but the app."""
    if topology.held_by_plan:
        return "Ask Azure support, or whoever set up the plan: this tool does not change a plan."
    scope = () if topology.flex else ("--scope", "link")
    return f"Rebuild the link: {command(topology, 'reconnect', *scope)}"


def _what_it_links(topology: Topology) -> str:
    return "Flex Consumption" if topology.flex else "the App Service plan of its apps"


def _how_it_comes_back(topology: Topology) -> str:
    """Which scope brings a lost link back: only a plan's first integration makes it (azure-facts.md, 2)."""
    others = _others(topology)
    if topology.flex:
        return "It comes with the first Flex app on the subnet, whichever plan that is on."
    if topology.held_by_plan:
        return "The plan holds the subnet itself, and what makes Azure write its link anew is not documented."
    if not others:
        return "Azure makes the link anew when the app is disconnected and connected again."
    verb = "is" if len(others) == 1 else "are"
    return (
        f"{named(others)} of the same plan {verb} on this subnet too. Azure makes the link with the plan's "
        f"first integration only, so reconnecting {topology.target.name} alone (scope app) will not bring "
        "it back: all of them have to be disconnected first (scope link)."
    )


def link_not_ready(topology: Topology) -> Finding | None:
    """The plan's kind of link is there, but not in the state Succeeded, or it names nothing."""
    unready = [one for one in topology.own_links if one.state.casefold() != "succeeded" or not one.target]
    if not unready:
        return None
    alone = topology.flex or not _others(topology)
    scope = () if alone else ("--scope", "link")
    return Finding(
        code="link-not-ready",
        severity="error",
        title=f"The service association link {listed(one.name for one in unready)} is not ready",
        detail="The link exists but Azure has not finished it. For some minutes after a connect or a "
        "disconnect that is normal; a link that stays so has to be rebuilt.",
        action=f"Wait a few minutes and look again: {command(topology, 'verify')}. If nothing changes, "
        f"rebuild it: {command(topology, 'reconnect', *scope)}",
        evidence=(
            *(Evidence("link", f"{one.name}.provisioningState", one.state) for one in unready),
            *_evidence(unready),
        ),
        playbook="reconnect-app" if alone else "rebuild-link",
    )


def link_foreign(topology: Topology) -> Finding | None:
    """Another service than the app's own has a link on the subnet (azure-facts.md, 1: other owners)."""
    foreign = [
        one for one in (topology.subnet.links if topology.subnet else ()) if one not in topology.own_links
    ]
    if not foreign:
        return None
    return Finding(
        code="link-foreign",
        severity="error",
        title=f"Another service holds {ids.name(topology.subnet_id)}: {owners(foreign)}",
        detail="A subnet can have a service association link to one service only. This one belongs to "
        f"another service, so {_kind(topology)} cannot make its own. This tool never touches such a link.",
        action="Use another subnet for the app, or remove the other service's resources from this one in "
        "that service; its link goes with them.",
        evidence=tuple(owner_facts(foreign)),
    )


def _kind(topology: Topology) -> str:
    return "Flex Consumption" if topology.flex else "App Service"


def _then(topology: Topology) -> str:
    """What brings the target to the subnet, or its link back, once nobody else's link is there."""
    if topology.connected:
        return f"Then rebuild the link: {command(topology, 'reconnect', '--scope', 'link')}"
    return f"Then connect the app: {connect_command(topology)}"


def link_orphaned(topology: Topology) -> Finding | None:
    """The link names a plan that is gone (404); a plan that may not be read is not gone."""
    orphans = [link for link, plan in _to_other_plans(topology) if plan and plan.status == "absent"]
    if not orphans or topology.subnet is None:
        return None
    subnet, plans = topology.subnet, listed(ids.name(one.target) for one in orphans)
    return Finding(
        code="link-orphaned",
        severity="error",
        title=f"The link of {subnet.name} names {plans}, which is gone",
        detail="The App Service plan was deleted while an app of it was connected, and its link stayed "
        "behind. It keeps other plans off the subnet, and the subnet cannot be deleted while it is there.",
        action=f"Clear the link: {purge_command(subnet.id)}. {_then(topology)}",
        evidence=(*_evidence(orphans), *(Evidence("plan", one.target or "", "404") for one in orphans)),
        playbook="purge-orphan",
    )


def link_other_plan(topology: Topology) -> Finding | None:
    """The link names a plan that lives but has no app on this subnet, where the target is connected."""
    others = [link for link, _ in _beside(topology, on_subnet=False)]
    if not others or topology.subnet is None or not topology.connected:
        return None
    subnet = topology.subnet
    plans = listed(ids.name(one.target) for one in others)
    return Finding(
        code="link-other-plan",
        severity="error",
        title=f"The link of {subnet.name} names {plans}, not the plan of {topology.target.name}",
        detail=f"The link belongs to {plans}, which lives but has no app or slot on this subnet. A "
        f"reconnect of {topology.target.name} would not change it, and Azure could refuse to connect the "
        "app again because the subnet is occupied; so the app is left connected.",
        action=f"Make sure that nothing of {plans} is meant to be on {subnet.name}, then clear the unused "
        f"link: {purge_command(subnet.id)}. {_then(topology)}",
        evidence=(
            *_evidence(others),
            Evidence("site", "serverFarmId", topology.target.plan),
            *(Evidence("plan", f"{ids.name(one.target)}: apps on the subnet", []) for one in others),
        ),
        playbook="purge-orphan",
    )


def link_unused(topology: Topology) -> Finding | None:
    """The link names a plan that lives but has nothing on this subnet, where the target is not connected."""
    unused = [link for link, _ in _beside(topology, on_subnet=False)]
    if not unused or topology.subnet is None or topology.connected:
        return None
    subnet, plans = topology.subnet, listed(ids.name(one.target) for one in unused)
    return Finding(
        code="link-unused",
        severity="error",
        title=f"The link of {subnet.name} names {plans}, which does not use the subnet",
        detail=f"{plans} lives, and none of its apps and slots is on this subnet: the link stayed behind. It "
        "keeps other plans off the subnet, and the subnet cannot be deleted while it is there.",
        action=f"Clear the link: {purge_command(subnet.id)}. {_then(topology)}",
        evidence=(
            *_evidence(unused),
            *(Evidence("plan", f"{ids.name(one.target)}: apps on the subnet", []) for one in unused),
        ),
        playbook="purge-orphan",
    )


def subnet_shared(topology: Topology) -> Finding | None:
    """The link names another plan that is on the subnet too: a multi-plan join (azure-facts.md, 1)."""
    shared = _beside(topology, on_subnet=True)
    if not shared or topology.subnet is None:
        return None
    plans, fits = listed(ids.name(link.target) for link, _ in shared), shareable(topology)
    return Finding(
        code="subnet-shared",
        severity="info" if fits else "warning",
        title=f"{topology.subnet.name} is shared with {plans}" + ("" if fits else ", and too small for that"),
        detail=f"The link names {plans}, which is on this subnet too. {_FITS if fits else _TOO_SMALL}",
        action="Nothing to do." if fits else "Use another subnet for the apps of one of the plans.",
        evidence=(
            Evidence("subnet", "addressPrefixes", list(topology.subnet.prefixes)),
            *_evidence([link for link, _ in shared]),
            *(
                Evidence("plan", f"{ids.name(link.target)}: apps on the subnet", list(plan.apps or ()))
                for link, plan in shared
            ),
        ),
    )
