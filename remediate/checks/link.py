"""Findings about the link that a subnet should have: missing, unfinished, or shared by several plans."""

from __future__ import annotations

from collections.abc import Iterable

from remediate import ids
from remediate.checks.addresses import SHAREABLE, shareable
from remediate.checks.advice import (
    command,
    disconnect_command,
    link_facts,
    listed,
    named,
    then_connect,
    typed,
)
from remediate.model import App, Deletion, Evidence, Finding, Integration, Question, World, key, once

_SHARING = "Several plans may share a subnet, and its link can name only one of them; that is normal."
_STAYS_WITH_OTHER = "An app can be reconnected alone, and the link stays with the other plan."
_NAMES_OWN = (
    "Whether the link stays for the other plans while all apps of this one are disconnected is not "
    "documented."
)
_TOO_SMALL = (
    f"Several plans may share a subnet of a /{SHAREABLE} or larger. Azure could refuse to connect an app to "
    "this one again, because another plan occupies it; so nothing is disconnected here."
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
    """Apps are on the subnet, of whichever plans, and App Service has no link there."""
    apps = [app for app in world.apps_on(subnet) if not app.flex]
    if world.subnet(subnet) is None or not apps or any(link.is_web for link in world.links(subnet)):
        return None
    first = {key(world.plan_of(app) or app.id): app.id for app in reversed(apps)}
    rebuild = [typed(["remediate", "reconnect", one, "--scope", "link"]) for one in reversed(first.values())]
    return Finding(
        code="link-missing",
        severity="error",
        title=f"The service association link of {ids.name(subnet)} is missing",
        detail=f"{named(app.id for app in apps)} {'is' if len(apps) == 1 else 'are'} on the subnet, and "
        "there is no link.",
        action=f"Rebuild it: {rebuild[0]}"
        + "".join(f", or with the apps of another plan: {one}" for one in rebuild[1:]),
        evidence=_site_facts(apps),
        playbook="rebuild-link",
    )


def _site_facts(apps: Iterable[App]) -> tuple[Evidence, ...]:
    return tuple(Evidence("site", f"{one.name}.virtualNetworkSubnetId", one.subnet) for one in apps)


def _rebuild(seen: Integration) -> str:
    """What brings the link back; a Managed Instance plan is left alone, and Flex has no scope but the app."""
    if seen.held_by_plan:
        return "Ask Azure support, or whoever set up the plan: this tool does not change a plan."
    if seen.flex and seen.other_links:
        return "Free the subnet from the link of an App Service plan first, as another finding here says."
    others = [one.id for one in seen.keeping_link]
    if seen.flex and others:
        everybody = [seen.target.id, *others]
        connect = [
            typed(["remediate", "reconnect", one, "--subnet", seen.subnet_id or ""]) for one in everybody
        ]
        return (
            f"Rebuild the link, which leaves {named(everybody)} without network in between: "
            f"{disconnect_command(seen.subnet_id or '')}, then {listed(connect)}"
        )
    if others and not seen.connected:
        rebuild = typed(["remediate", "reconnect", others[0], "--scope", "link"])
        return f"Rebuild the link of the apps that are connected first: {rebuild}.{then_connect(seen)}"
    scope = () if seen.flex else ("--scope", "link")
    return f"Rebuild the link: {command(seen, 'reconnect', *scope)}"


def _how_it_comes_back(seen: Integration) -> str:
    """Which scope brings a lost link back: only a plan's first integration makes it (azure-facts.md, 2)."""
    others, beside = _others(seen), _not_rebuilt(seen)
    if seen.flex:
        theirs = [one.id for one in seen.keeping_link]
        while_ = f"; {named(theirs)} {'is' if len(theirs) == 1 else 'are'} on it too" if theirs else ""
        return f"It comes with the first Flex app on the subnet, whichever plan that is on{while_}."
    if seen.held_by_plan:
        return (
            "The plan holds the subnet itself, and what makes Azure create its link again is not documented."
        )
    if not others:
        return f"Azure creates the link again when the app is disconnected and connected again.{beside}"
    verb = "is" if len(others) == 1 else "are"
    return (
        f"{named(others)} of the same plan {verb} on this subnet too. Azure makes the link with the plan's "
        f"first integration only, so reconnecting {seen.target.name} alone (scope app) will not bring "
        f"it back: all of them have to be disconnected first (scope link).{beside}"
    )


def _not_rebuilt(seen: Integration) -> str:
    """Which apps of other plans are on the subnet, whose integration is not rebuilt with this plan's."""
    if not seen.beside:
        return ""
    empty = [one for one in seen.beside if not seen.occupancy.apps_of(one)]
    using = [one for one in seen.beside if one not in empty]
    apps = named(app.id for app in seen.apps_beside) if using else ""
    who = [f"{apps} of {listed(ids.name(one) for one in using)}"] if using else []
    number = len(seen.apps_beside) + len(empty)
    left = "that plan" if empty else "that app"
    untouched = f"{left} is" if number == 1 else "those are"
    return (
        f" {listed([*who, *(ids.name(one) for one in empty)])} {'is' if number == 1 else 'are'} on this "
        "subnet too, without a link as well. Only the integration of "
        f"{ids.name(seen.target.plan)} is rebuilt, and {untouched} not touched; "
        "whether the new link serves them is not documented, so verify them afterwards."
    )


def _others(seen: Integration) -> tuple[str, ...]:
    """The other apps and slots of the plan on the subnet."""
    return tuple(one.id for one in seen.on_subnet if not ids.same(one.id, seen.target.id))


def link_not_ready(world: World, question: Question) -> Finding | None:
    """The plan's kind of link is there, but not in the state Succeeded, or it names nothing."""
    if question.kind in ("purge", "delete"):
        return _nameless(world, question)
    seen = Integration(world, question)
    unready = seen.unready_links
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


def subnet_shared(world: World, question: Question) -> Finding | None:
    """Several plans are on the subnet, and its link can name only one of them (azure-facts.md, 1)."""
    if question.kind == "delete":
        return _shared_by_holders(Deletion(world, question))
    seen = Integration(world, question)
    if not seen.beside or seen.subnet is None:
        return None
    plans, fits = listed(ids.name(one) for one in seen.beside), shareable(seen)
    return Finding(
        code="subnet-shared",
        severity="info" if fits else "warning",
        title=f"{seen.subnet.name} is shared with {plans}" + ("" if fits else ", and too small for that"),
        detail=f"{_named_by_link(seen)} {_how_shared(seen) if fits else _TOO_SMALL}",
        action="Nothing to do." if fits else "Use another subnet for the apps of one of the plans.",
        evidence=(
            Evidence("subnet", "addressPrefixes", list(seen.subnet.prefixes)),
            *link_facts(seen.shared_links),
            *(
                Evidence("plan", f"{ids.name(one)}: apps on the subnet", _apps_there(seen, one))
                for one in seen.beside
            ),
        ),
    )


def _named_by_link(seen: Integration) -> str:
    """Which of the plans the link names."""
    if seen.shared_links:
        plans = listed(dict.fromkeys(ids.name(one.target) for one in seen.shared_links))
        return f"The link names {plans}, which is on this subnet too."
    others = listed(ids.name(one) for one in seen.beside)
    link = f"The link names {ids.name(seen.target.plan)}" if seen.own_links else "There is no link"
    return f"{link}, and {others} {'is' if len(seen.beside) == 1 else 'are'} on this subnet too."


def _how_shared(seen: Integration) -> str:
    """What that means for a reconnect, where the subnet is large enough."""
    if seen.shared_links:
        return f"{_SHARING} {_STAYS_WITH_OTHER}"
    return f"{_SHARING} {_NAMES_OWN}" if seen.own_links else _SHARING


def _apps_there(seen: Integration, plan: str) -> list[str]:
    return [app.id for app in seen.occupancy.apps_of(plan)]


def _shared_by_holders(deletion: Deletion) -> Finding | None:
    plans = {one: _plans_on(deletion.world, one) for one, _ in deletion.leaving}
    shared = {one: names for one, names in plans.items() if len(names) > 1}
    if not shared:
        return None
    stay, names = any(not deletion.takes(one) for one in shared), listed(ids.name(one) for one in shared)
    return Finding(
        code="subnet-shared",
        severity="info",
        title=f"{names} {'is' if len(shared) == 1 else 'are each'} shared by several plans",
        detail=_THEY_STAY if stay else _ALL_LEAVE,
        action="Verify the apps that stay, afterwards."
        if stay
        else "Disconnect the apps of every plan, not only of the one that the link names.",
        evidence=tuple(Evidence("subnet", ids.name(one), names) for one, names in shared.items()),
    )


def _plans_on(world: World, subnet: str) -> list[str]:
    return [ids.name(one) for one in once(app.plan for app in world.apps_on(subnet) if app.plan)]
