"""Findings about a link that should not be there: its plan is gone or elsewhere, or it is foreign."""

from __future__ import annotations

from remediate import ids
from remediate.checks.advice import (
    command,
    disconnect_command,
    link_facts,
    listed,
    owner_facts,
    owners,
    purge_command,
    then_connect,
)
from remediate.checks.link import unused_links
from remediate.model import Deletion, Evidence, Finding, Integration, Link, LinkUse, Question, World

_LEFT = "It keeps other plans off the subnet, and the subnet cannot be deleted while it is there."
_GONE = "The App Service plan was deleted while an app of it was connected, and its link was left behind."
_GONE_OR_MOVED = (
    "The App Service plan was deleted, or moved to another resource group: then its link may still name the "
    "former id. Which of the two cannot be told while apps are on the subnet, so the link is not cleared."
)
_NOT_THERE = "The plan exists, and none of its apps and slots is on the subnet: the link was left behind."
LinksOnSubnets = list[tuple[str, Link]]
"""Links, each with the subnet that it is on."""


def link_orphaned(world: World, question: Question) -> Finding | None:
    """The link names a plan that is gone (404); a plan that may not be read is not gone."""
    if question.kind == "delete":
        return _before_deletion(Deletion(world, question), "orphaned")
    links = _links(world, question, "orphaned")
    if not links:
        return None
    subnet, plans = _subnet(world, question), listed(ids.name(one.target) for one in links)
    shared = bool(world.apps_on(subnet))
    return Finding(
        code="link-orphaned",
        severity="error",
        title=f"The link of {ids.name(subnet)} names {plans}, which is gone",
        detail=f"{_GONE_OR_MOVED if shared else _GONE} {_LEFT}",
        action=_free(world, question, subnet) if shared else _clear(world, question, subnet),
        evidence=(*link_facts(links), *(Evidence("plan", one.target or "", "404") for one in links)),
        playbook=None if shared else "purge-orphan",
    )


def link_unused(world: World, question: Question) -> Finding | None:
    """The link names a plan that lives but has nothing on this subnet, where the target is not connected."""
    if question.kind == "delete":
        return _before_deletion(Deletion(world, question), "unused")
    links = _links(world, question, "unused")
    if not links or _is_connected(world, question):
        return None
    subnet, plans = _subnet(world, question), listed(ids.name(one.target) for one in links)
    return Finding(
        code="link-unused",
        severity="error",
        title=f"The link of {ids.name(subnet)} names {plans}, which does not use the subnet",
        detail=f"{_NOT_THERE} {_LEFT}",
        action=_clear(world, question, subnet),
        evidence=(
            *link_facts(links),
            *(Evidence("plan", f"{ids.name(one.target)}: apps on the subnet", []) for one in links),
        ),
        playbook="purge-orphan",
    )


def link_foreign(world: World, question: Question) -> Finding | None:
    """Another service has a link on the subnet (azure-facts.md, 1: other owners).

    One of Flex Consumption's type without a Flex app may be a Container Apps environment's [?].
    """
    found = _foreign(world, question)
    if not found:
        return None
    links = [link for _, link in found]
    names = listed(dict.fromkeys(ids.name(subnet) for subnet, _ in found))
    holds, belongs = f"Another service holds {names}", f"The link of {names} belongs to"
    detail, action = _about_foreign(world, question)
    return Finding(
        code="link-foreign",
        severity="error",
        title=f"{belongs} {owners(links)}" if question.kind == "purge" else f"{holds}: {owners(links)}",
        detail=detail,
        action=action,
        evidence=tuple(owner_facts(links)),
    )


def unknown_links(world: World, question: Question) -> LinksOnSubnets:
    """The App Service links that the question is about and whose plan is not known."""
    if question.kind == "delete":
        deletion = Deletion(world, question)
        found = [
            (one, link)
            for one in deletion.touched
            for link in world.links(one)
            if deletion.concerns(one, link)
        ]
    elif question.kind == "purge":
        found = [(question.target, link) for link in world.links(question.target)]
    else:
        seen = Integration(world, question)
        found = [(seen.subnet_id or "", link) for link in seen.other_links]
    return [(subnet, link) for subnet, link in found if world.use(link, subnet) == "unknown"]


def _links(world: World, question: Question, use: LinkUse) -> list[Link]:
    """The links of that use; for an app those that name another plan than its own."""
    if question.kind == "purge":
        return [one for one in world.links(question.target) if world.use(one, question.target) == use]
    seen = Integration(world, question)
    if use == "unused":
        return unused_links(seen)
    return [one for one in seen.other_links if world.use(one, seen.subnet_id) == use]


def _subnet(world: World, question: Question) -> str:
    return question.target if question.kind == "purge" else Integration(world, question).subnet_id or ""


def _is_connected(world: World, question: Question) -> bool:
    return question.kind != "purge" and Integration(world, question).connected


def _clear(world: World, question: Question, subnet: str) -> str:
    if question.kind == "purge":
        return f"Clear it: {purge_command(subnet)}"
    then = then_connect(Integration(world, question))
    return f"Clear the link: {purge_command(subnet)}{f'.{then}' if then else ''}"


def _free(world: World, question: Question, subnet: str) -> str:
    """How to clear a link while apps are on the subnet: it may be theirs until the last one has left."""
    apps = listed(app.name for app in world.apps_on(subnet))
    told = f"Disconnect {apps} first, which costs their network: {disconnect_command(subnet)}. "
    clear = f"Then clear the link: {purge_command(subnet)}"
    if question.kind == "purge":
        return told + clear
    connect = command(Integration(world, question), "reconnect", "--subnet", subnet)
    return f"{told}{clear}. Then connect each again: {connect}"


def _before_deletion(deletion: Deletion, use: LinkUse) -> Finding | None:
    found = [
        (subnet, link)
        for subnet in deletion.touched
        for link in deletion.abandoned(subnet)
        if deletion.world.use(link, subnet) == use
    ]
    if not found:
        return None
    plans = listed(dict.fromkeys(ids.name(link.target) for _, link in found))
    title = "a plan that is gone" if use == "orphaned" else f"{plans}, which has no app there"
    subnets = dict.fromkeys(subnet for subnet, _ in found)
    shared = use == "orphaned" and any(deletion.world.apps_on(one) for one in subnets)
    gone = _GONE_OR_MOVED if shared else _GONE
    first = f"Disconnect the apps first: {disconnect_command(deletion.target)}. " if shared else ""
    return Finding(
        code=f"link-{use}",
        severity="error",
        title=f"The link of {_names(found)} names {title}",
        detail=f"{gone if use == 'orphaned' else _NOT_THERE} {_LEFT}",
        action=f"{first}{'Then clear' if first else 'Clear'} it: "
        f"{listed(purge_command(one) for one in subnets)}",
        evidence=tuple(owner_facts(link for _, link in found)),
        playbook="purge-orphan",
    )


def _foreign(world: World, question: Question) -> LinksOnSubnets:
    """The links of other services; for an app, of any service but its own.

    The link of a Flex app on the subnet is none.
    """
    if question.kind == "delete":
        deletion = Deletion(world, question)
        return [(one, link) for one in deletion.touched for link in deletion.foreign(one)]
    if question.kind == "purge":
        subnet = question.target
        foreign = (one for one in world.links(subnet) if not one.is_web and not world.apps_using(one, subnet))
        return [(subnet, one) for one in foreign]
    seen = Integration(world, question)
    return [(seen.subnet_id or "", one) for one in seen.links if one not in seen.own_links]


def _about_foreign(world: World, question: Question) -> tuple[str, str]:
    """Detail and action, for what the question is."""
    if question.kind == "purge":
        return (
            "Azure's purge is for the links of App Service plans, and does nothing for this one. It is "
            "removed when its owner leaves the subnet.",
            "Remove that service's resources from the subnet, in that service.",
        )
    if question.kind == "delete":
        return (
            "The subnet cannot be deleted while another service's link is on it, and this tool never "
            "touches such a link. One of the type Microsoft.App/environments belongs to a Container Apps "
            "environment, or to a Flex Consumption app that cannot be seen from here.",
            "Remove that service's resources from the subnet, in that service; its link goes with them.",
        )
    kind = "Flex Consumption" if Integration(world, question).flex else "App Service"
    return (
        "A subnet can have a service association link to one service only. This one belongs to "
        f"another service, so {kind} cannot make its own. This tool never touches such a link.",
        "Use another subnet for the app, or remove the other service's resources from this one in "
        "that service; its link goes with them.",
    )


def _names(found: LinksOnSubnets) -> str:
    return listed(dict.fromkeys(ids.name(subnet) for subnet, _ in found))
