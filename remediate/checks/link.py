"""Findings about the link that a subnet should have: missing, unfinished, or of another plan that lives."""

from __future__ import annotations

from collections.abc import Iterable

from remediate import ids
from remediate.checks.addresses import SHAREABLE, shareable
from remediate.checks.advice import (
    command,
    link_facts,
    listed,
    named,
    purge_command,
    then_connect,
    typed,
)
from remediate.model import App, Deletion, Evidence, Finding, Integration, Link, Question, World, once

_FITS = (
    "Several plans may share a subnet, and its link can name only one of them; that is normal. An "
    "app can be reconnected alone, and the link stays with the other plan."
)
_TOO_SMALL = (
    f"Several plans may share a subnet of a /{SHAREABLE} or larger. Azure could refuse to connect an app to "
    "this one again, because the other plan occupies it; so nothing is disconnected here."
)
_ALL_LEAVE = (
    "Its link can name only one of them, so the holders are found by their own views. All of them have to "
    "leave before the subnet can go."
)
_THEY_STAY = (
    "Its link can name only one of them. Where apps of another plan stay, the link may stay with them, or go "
    "and leave them without one: which of the two is not documented."
)


def link_missing(world: World, question: Question) -> Finding | None:
    """An integration of the plan is on the subnet, and its kind of plan has no link there."""
    if question.kind == "purge":
        return _missing_on_subnet(world, question.target)
    seen = Integration(world, question)
    subnet, on_subnet = seen.subnet, seen.on_subnet
    if subnet is None or seen.own_links or not (on_subnet or seen.held_by_plan):
        return None
    what = "Flex Consumption" if seen.flex else "the App Service plan of its apps"
    return Finding(
        code="link-missing",
        severity="error",
        title=f"The service association link of {subnet.name} is missing",
        detail=f"There should be a link from {subnet.name} to {what}, and there is none. "
        f"{_how_it_comes_back(seen)}",
        action=_rebuild(seen),
        evidence=(
            Evidence("subnet", "serviceAssociationLinks", [one.name for one in subnet.links] or None),
            *_site_facts(on_subnet),
        ),
        playbook=None if seen.held_by_plan or seen.flex else "rebuild-link",
    )


def _missing_on_subnet(world: World, subnet: str) -> Finding | None:
    """Apps are on the subnet, of whichever plan, and App Service has no link there."""
    apps = [app for app in world.apps_on(subnet) if not app.flex]
    if world.subnet(subnet) is None or not apps or any(link.is_web for link in world.links(subnet)):
        return None
    return Finding(
        code="link-missing",
        severity="error",
        title=f"The service association link of {ids.name(subnet)} is missing",
        detail=f"{named(app.id for app in apps)} {'is' if len(apps) == 1 else 'are'} on the subnet, and "
        "there is no link.",
        action=f"Rebuild it: {typed(['remediate', 'reconnect', apps[0].id, '--scope', 'link'])}",
        evidence=_site_facts(apps),
        playbook="rebuild-link",
    )


def _site_facts(apps: Iterable[App]) -> tuple[Evidence, ...]:
    return tuple(Evidence("site", f"{one.name}.virtualNetworkSubnetId", one.subnet) for one in apps)


def _rebuild(seen: Integration) -> str:
    """What brings the link back; a Managed Instance plan is left alone, and Flex has no scope but the app."""
    if seen.held_by_plan:
        return "Ask Azure support, or whoever set up the plan: this tool does not change a plan."
    scope = () if seen.flex else ("--scope", "link")
    return f"Rebuild the link: {command(seen, 'reconnect', *scope)}"


def _how_it_comes_back(seen: Integration) -> str:
    """Which scope brings a lost link back: only a plan's first integration makes it (azure-facts.md, 2)."""
    others = _others(seen)
    if seen.flex:
        return "It comes with the first Flex app on the subnet, whichever plan that is on."
    if seen.held_by_plan:
        return (
            "The plan holds the subnet itself, and what makes Azure create its link again is not documented."
        )
    if not others:
        return "Azure creates the link again when the app is disconnected and connected again."
    verb = "is" if len(others) == 1 else "are"
    return (
        f"{named(others)} of the same plan {verb} on this subnet too. Azure makes the link with the plan's "
        f"first integration only, so reconnecting {seen.target.name} alone (scope app) will not bring "
        "it back: all of them have to be disconnected first (scope link)."
    )


def _others(seen: Integration) -> tuple[str, ...]:
    """The other apps and slots of the plan on the subnet."""
    return tuple(one.id for one in seen.on_subnet if not ids.same(one.id, seen.target.id))


def link_not_ready(world: World, question: Question) -> Finding | None:
    """The plan's kind of link is there, but not in the state Succeeded, or it names nothing."""
    if question.kind in ("purge", "delete"):
        return _nameless(world, question)
    seen = Integration(world, question)
    unready = [one for one in seen.own_links if one.state.casefold() != "succeeded" or not one.target]
    if not unready:
        return None
    alone = seen.flex or not _others(seen)
    scope = () if alone else ("--scope", "link")
    return Finding(
        code="link-not-ready",
        severity="error",
        title=f"The service association link {listed(one.name for one in unready)} is not ready",
        detail="The link exists but Azure has not finished it. For some minutes after a connect or a "
        "disconnect that is normal; a link that remains so has to be rebuilt.",
        action=f"Wait a few minutes and look again: {command(seen, 'verify')}. If nothing changes, "
        f"rebuild it: {command(seen, 'reconnect', *scope)}",
        evidence=(
            *(Evidence("link", f"{one.name}.provisioningState", one.state) for one in unready),
            *link_facts(unready),
        ),
        playbook="reconnect-app" if alone else "rebuild-link",
    )


def _nameless(world: World, question: Question) -> Finding | None:
    """App Service's link without a plan's name in it: whose it is cannot be looked up."""
    target, deleting = question.target, question.kind == "delete"
    subnets = Deletion(world, question).subnets if deleting else (target,)
    found = [(one, link) for one in subnets for link in world.links(one) if link.is_web and not link.target]
    if not found:
        return None
    return Finding(
        code="link-not-ready",
        severity="error",
        title=f"The link of {listed(dict.fromkeys(ids.name(one) for one, _ in found))} names no plan",
        detail="Which plan it belongs to cannot be read, and a link that may be in use is not cleared. For "
        "some minutes after a connect that is normal.",
        action=f"Wait a few minutes and look again: {typed(['remediate', 'guard', target])}",
        evidence=link_facts([link for _, link in found]),
    )


def link_other_plan(world: World, question: Question) -> Finding | None:
    """The link names a plan that lives but has no app on this subnet, where the target is connected."""
    seen = Integration(world, question)
    others = unused_links(seen)
    if not others or seen.subnet is None or not seen.connected:
        return None
    subnet = seen.subnet
    plans = listed(ids.name(one.target) for one in others)
    return Finding(
        code="link-other-plan",
        severity="error",
        title=f"The link of {subnet.name} names {plans}, not the plan of {seen.target.name}",
        detail=f"The link belongs to {plans}, which exists but has no app or slot on this subnet. A "
        f"reconnect of {seen.target.name} would not change it, and Azure could refuse to connect the "
        "app again because the subnet is occupied; so the app is left connected.",
        action=f"Make sure that nothing of {plans} is meant to be on {subnet.name}, then clear the unused "
        f"link: {purge_command(subnet.id)}.{then_connect(seen)}",
        evidence=(
            *link_facts(others),
            Evidence("site", "serverFarmId", seen.target.plan),
            *(Evidence("plan", f"{ids.name(one.target)}: apps on the subnet", []) for one in others),
        ),
        playbook="purge-orphan",
    )


def unused_links(seen: Integration) -> list[Link]:
    """The links that name another plan which lives and has nothing on the subnet."""
    return [one for one in seen.other_links if seen.world.use(one, seen.subnet_id) == "unused"]


def subnet_shared(world: World, question: Question) -> Finding | None:
    """Several plans are on the subnet, and its link can name only one of them (azure-facts.md, 1)."""
    if question.kind == "delete":
        return _shared_by_holders(Deletion(world, question))
    seen = Integration(world, question)
    shared = [one for one in seen.other_links if one.target in seen.beside]
    if not shared or seen.subnet is None:
        return None
    plans, fits = listed(ids.name(one.target) for one in shared), shareable(seen)
    return Finding(
        code="subnet-shared",
        severity="info" if fits else "warning",
        title=f"{seen.subnet.name} is shared with {plans}" + ("" if fits else ", and too small for that"),
        detail=f"The link names {plans}, which is on this subnet too. {_FITS if fits else _TOO_SMALL}",
        action="Nothing to do." if fits else "Use another subnet for the apps of one of the plans.",
        evidence=(
            Evidence("subnet", "addressPrefixes", list(seen.subnet.prefixes)),
            *link_facts(shared),
            *(
                Evidence("plan", f"{ids.name(one.target)}: apps on the subnet", _apps_there(seen, one))
                for one in shared
            ),
        ),
    )


def _apps_there(seen: Integration, link: Link) -> list[str]:
    return [app.id for app in seen.world.apps_of_plan_on(link.target, seen.subnet_id)]


def _shared_by_holders(deletion: Deletion) -> Finding | None:
    plans = {one: _plans_on(deletion.world, one) for one, _ in deletion.leaving}
    shared = {one: names for one, names in plans.items() if len(names) > 1}
    if not shared:
        return None
    stay = any(not deletion.takes(one) for one in shared)
    return Finding(
        code="subnet-shared",
        severity="info",
        title=f"{listed(ids.name(one) for one in shared)} is shared by several plans",
        detail=_THEY_STAY if stay else _ALL_LEAVE,
        action="Verify the apps that stay, afterwards." if stay else "Nothing to do.",
        evidence=tuple(Evidence("subnet", ids.name(one), names) for one, names in shared.items()),
    )


def _plans_on(world: World, subnet: str) -> list[str]:
    return [ids.name(one) for one in once(app.plan for app in world.apps_on(subnet) if app.plan)]
