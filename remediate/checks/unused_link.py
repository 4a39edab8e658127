"""Findings about a link that should not be there: its plan is gone or elsewhere, or it is foreign."""

from __future__ import annotations

from remediate import ids
from remediate.checks.advice import (
    link_facts,
    listed,
    owner_facts,
    owners,
    then_connect,
)
from remediate.checks.owners import when_link_stays
from remediate.checks.purge_advice import purge_advice
from remediate.model import (
    Deletion,
    Evidence,
    Finding,
    Integration,
    Link,
    LinkUse,
    Occupancy,
    Question,
    World,
)

_LEFT = "It keeps other plans off the subnet, and the subnet cannot be deleted while it is there."
_GONE = "The App Service plan was deleted while an app of it was connected, and its link was left behind."
_NOT_THERE = "The plan exists, and none of its apps and slots is on the subnet: the link was left behind."
LinksOnSubnets = list[tuple[str, Link]]
"""Links, each with the subnet that it is on."""


def link_orphaned(world: World, question: Question) -> Finding | None:
    """The link names a plan that is gone (404), and nobody is on the subnet.

    A plan that may not be read is not gone.
    """
    if question.kind == "delete":
        return _before_deletion(Deletion(world, question), "orphaned")
    links = _links(world, question, "orphaned")
    if not links:
        return None
    subnet, plans = _subnet(world, question), listed(ids.name(one.target) for one in links)
    return Finding(
        code="link-orphaned",
        severity="error",
        title=f"The link of {ids.name(subnet)} names {plans}, which is gone",
        detail=f"{_GONE} {_LEFT}",
        action=_clear(world, question, subnet),
        evidence=(*link_facts(links), *(Evidence("plan", one.target or "", "404") for one in links)),
        playbook="purge-orphan",
    )


def link_unused(world: World, question: Question) -> Finding | None:
    """The link names a plan that lives and has nothing on this subnet, and nobody else is there."""
    if question.kind == "delete":
        return _before_deletion(Deletion(world, question), "unused")
    links = _links(world, question, "unused")
    if not links:
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
        action=f"{action} {when_link_stays(found)}",
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
    return [(subnet, link) for subnet, link in found if Occupancy(world, subnet).use(link) == "unknown"]


def _links(world: World, question: Question, use: LinkUse) -> list[Link]:
    """The links of that use; for an app those that name another plan than its own."""
    if question.kind == "purge":
        occupancy = Occupancy(world, question.target)
        return [one for one in occupancy.links if occupancy.use(one) == use]
    seen = Integration(world, question)
    return [one for one in seen.other_links if seen.occupancy.use(one) == use]


def _subnet(world: World, question: Question) -> str:
    return question.target if question.kind == "purge" else Integration(world, question).subnet_id or ""


def _clear(world: World, question: Question, subnet: str) -> str:
    if question.kind == "purge":
        return purge_advice(world, [subnet])
    then = then_connect(Integration(world, question))
    purge = purge_advice(world, [subnet], "Clear the link")
    return f"{purge}.{then}" if then else purge


def _before_deletion(deletion: Deletion, use: LinkUse) -> Finding | None:
    found = [
        (subnet, link)
        for subnet in deletion.touched
        for link in deletion.abandoned(subnet)
        if deletion.occupancy(subnet).use(link) == use
    ]
    if not found:
        return None
    plans = listed(dict.fromkeys(ids.name(link.target) for _, link in found))
    title = "a plan that is gone" if use == "orphaned" else f"{plans}, which has no app there"
    subnets = dict.fromkeys(subnet for subnet, _ in found)
    return Finding(
        code=f"link-{use}",
        severity="error",
        title=f"The link of {_names(found)} names {title}",
        detail=f"{_GONE if use == 'orphaned' else _NOT_THERE} {_LEFT}",
        action=purge_advice(deletion.world, subnets),
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
        return [(question.target, one) for one in Occupancy(world, question.target).foreign_links]
    seen = Integration(world, question)
    others = (one for one in seen.links if one not in seen.own_links)
    return [(seen.subnet_id or "", one) for one in others if _holds_for_others(seen, one)]


def _holds_for_others(seen: Integration, link: Link) -> bool:
    """Whether a link of another kind than the target's is in use, as far as can be told.

    App Service's own beside a Flex app may be left behind; then it is another finding.
    """
    return not link.is_web or not link.target or seen.occupancy.use(link) == "used"


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
