"""Findings about a link of a plan that is not on the subnet, while apps of other plans are."""

from __future__ import annotations

from remediate import ids
from remediate.checks.advice import (
    called,
    disconnect_command,
    link_facts,
    listed,
    named,
    purge_command,
    typed,
)
from remediate.checks.purge_advice import disconnect_obstacles, purge_advice
from remediate.model import (
    App,
    Deletion,
    Evidence,
    Finding,
    Integration,
    Link,
    LinkUse,
    Occupancy,
    Question,
    World,
    once,
)

_FORMER = (
    "A link goes on naming the id that its plan had before it was moved to another resource group, and the "
    "plan that an app was on before it was moved to another plan; the apps keep working."
)
_FLEX = (
    "The link was left behind, or its plan was moved. A Flex Consumption app needs a link of another kind, "
    "and a subnet can have a link to one service only."
)
_REFUSED = (
    "Whether Azure would let the apps connect again while the link names another plan is not known, so they "
    "are not disconnected to be reconnected, and the link is not cleared while they are on the subnet."
)
_ELSEWHERE = "The plan exists and has its apps elsewhere; nothing of it is on this subnet."
_OCCUPIED = (
    "A reconnect would not change the link, and Azure could refuse to connect an app because the subnet is "
    "occupied; so nothing is disconnected to be reconnected, and the link is not cleared while apps are on "
    "the subnet."
)
_STAYS = (
    "It may stay when the last app has left the subnet; then it keeps the subnet from being deleted, and "
    "other plans from it."
)

_Found = list[tuple[str, Link]]
"""Links, each with the subnet that it is on."""


def link_former_id(world: World, question: Question) -> Finding | None:
    """The link names a plan that is gone or has no app, and apps of other plans are on the subnet: the plan
    may live under another id, or an app was moved to another plan (azure-facts.md, 1).
    """
    found = _links(world, question, "former-id")
    if not found:
        return None
    where = listed(dict.fromkeys(ids.name(subnet) for subnet, _ in found))
    plans = listed(dict.fromkeys(_with_group(link.target) for _, link in found))
    apps = _apps(world, found)
    flex = bool(apps) and all(app.flex for app in apps)
    working = not flex and question.kind in ("look", "change") and Integration(world, question).connected
    return Finding(
        code="link-former-id",
        severity="info" if working else "error",
        title=f"The link of {where} names {plans}, {_missing(world, found)}",
        detail=f"{_who(apps)} on the subnet all the same. {_FLEX if flex else _FORMER} "
        f"{_consequence(question, _REFUSED)}",
        action=_nothing_to_repair(question, found, apps)
        if working
        else _advice(world, question, found, apps),
        evidence=_facts(world, found, apps),
    )


def _nothing_to_repair(question: Question, found: _Found, apps: tuple[App, ...]) -> str:
    return (
        "Nothing to repair while the apps work. To rebuild the integration all the same, which leaves the "
        f"apps without network in between: {_rebuild(question, found, apps)}"
    )


def link_other_plan(world: World, question: Question) -> Finding | None:
    """The link names a plan that lives and has its apps elsewhere, while apps of other plans are on the
    subnet.
    """
    found = _links(world, question, "other-plan")
    if not found:
        return None
    where = listed(dict.fromkeys(ids.name(subnet) for subnet, _ in found))
    plans = listed(dict.fromkeys(ids.name(link.target) for _, link in found))
    apps = _apps(world, found)
    return Finding(
        code="link-other-plan",
        severity="error",
        title=f"The link of {where} names {plans}, not the plan of {_names(apps)}",
        detail=f"{_ELSEWHERE} {_consequence(question, _OCCUPIED)}",
        action=_advice(world, question, found, apps),
        evidence=_facts(world, found, apps),
    )


def _consequence(question: Question, at_reconnect: str) -> str:
    return at_reconnect if question.kind in ("look", "change") else _STAYS


def _advice(world: World, question: Question, found: _Found, apps: tuple[App, ...]) -> str:
    """What frees the subnet, and brings back who is on it where that is wanted."""
    holders = [plan.name for subnet, _ in found for plan in Occupancy(world, subnet).holders]
    if holders:
        return f"Ask Azure support how to remove the subnet from {listed(once(holders))} first."
    if question.kind in ("purge", "delete"):
        return _after_leaving(world, question, found, apps)
    seen = Integration(world, question)
    rebuild = f"which leaves {_names(apps)} without network in between: {_rebuild(question, found, apps)}"
    if not seen.connected:
        return f"Use another subnet for {seen.target.name}. Or free this one, {rebuild}"
    plans = listed(dict.fromkeys(ids.name(link.target) for _, link in found))
    return (
        f"Make sure that nothing of {plans} is meant to be on {ids.name(found[0][0])}. Then free the subnet "
        f"and connect the apps again, {rebuild}"
    )


def _links(world: World, question: Question, use: LinkUse) -> _Found:
    """The links of that use that the question is about."""
    if question.kind == "delete":
        deletion = Deletion(world, question)
        pairs = [(one, link) for one in deletion.touched for link in deletion.links_beside_apps(one)]
    elif question.kind == "purge":
        pairs = [(question.target, link) for link in world.links(question.target)]
    else:
        seen = Integration(world, question)
        pairs = [(seen.subnet_id or "", link) for link in seen.other_links]
    return [(subnet, link) for subnet, link in pairs if Occupancy(world, subnet).use(link) == use]


def _apps(world: World, found: _Found) -> tuple[App, ...]:
    """The apps and slots beside the links, apps before slots: the order in which they connect again."""
    there = {app.id: app for subnet, _ in found for app in world.apps_on(subnet)}
    return tuple(sorted(there.values(), key=lambda app: (app.is_slot, app.name.casefold())))


def _names(apps: tuple[App, ...]) -> str:
    """The apps; where there is none, a plan holds the subnet itself."""
    return named(app.id for app in apps) if apps else "the plan that holds the subnet"


def _who(apps: tuple[App, ...]) -> str:
    return f"{_names(apps)} {'are' if len(apps) > 1 else 'is'}"


def _with_group(plan: str | None) -> str:
    """A plan with its resource group: a moved plan keeps its name."""
    try:
        return f"{ids.name(plan)} in {ids.name(ids.group_of(plan or ''))}"
    except ids.InvalidId:
        return ids.name(plan)


def _missing(world: World, found: _Found) -> str:
    gone = [world.status(link.target) == "absent" for _, link in found]
    if all(gone):
        return "which is not there"
    return "which is not there or has no app" if any(gone) else "which has no app"


def _after_leaving(world: World, question: Question, found: _Found, apps: tuple[App, ...]) -> str:
    """What frees the subnet: the apps leave, and then the link is nobody's."""
    subnets = once(subnet for subnet, _ in found)
    leave = question.kind == "purge" or not any(Deletion(world, question).staying(one) for one in subnets)
    resources = (question.target,) if leave else subnets
    disconnected = Deletion(world, question).disconnected if question.kind == "delete" else ()
    if codes := disconnect_obstacles(world, question.target, (*(app.id for app in apps), *disconnected)):
        why = f"is refused because of {listed(codes)}: resolve that first"
        return f"Disconnecting {_names(apps)}, which comes before a purge, {why}"
    return (
        f"Disconnect {_names(apps)} first, which costs {'its' if len(apps) == 1 else 'their'} network: "
        f"{listed(disconnect_command(one) for one in resources)}. "
        f"{purge_advice(world, subnets, 'Then clear the link')}"
    )


def _rebuild(question: Question, found: _Found, apps: tuple[App, ...]) -> str:
    """The three commands that free the subnet and bring everybody back to it."""
    subnet = found[0][0]
    return (
        f"{disconnect_command(subnet)}, then {purge_command(subnet)}, then "
        f"{listed(_connect(question, app, subnet) for app in apps)}"
    )


def _connect(question: Question, app: App, subnet: str) -> str:
    name = called(app.id) if ids.same(app.id, question.target) else app.id
    return typed(["remediate", "reconnect", name, "--subnet", subnet])


def _facts(world: World, found: _Found, apps: tuple[App, ...]) -> tuple[Evidence, ...]:
    links = [link for _, link in found]
    return (
        *link_facts(links),
        *(_plan_fact(world, link) for link in links),
        *(Evidence("site", f"{app.name}.serverFarmId", world.plan_of(app)) for app in apps),
    )


def _plan_fact(world: World, link: Link) -> Evidence:
    if world.status(link.target) == "absent":
        return Evidence("plan", link.target or "", "404")
    return Evidence("plan", f"{ids.name(link.target)}: apps on the subnet", [])
