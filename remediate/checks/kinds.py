"""Findings about kinds of plans that integrate in a way of their own, and about slots beside their app."""

from __future__ import annotations

import re

from remediate import ids
from remediate.checks.advice import disconnect_command, link_facts, listed, named, typed
from remediate.checks.permissions import or_allow
from remediate.model import App, Deletion, Evidence, Finding, Integration, Occupancy, Question, World

_NONE_LEAVES = (
    "This is a Managed Instance plan: the integration is the plan's own, and no documented request takes it "
    "away. Disconnecting apps would not free the subnet, so none is disconnected."
)
_HELD_BY_PLAN = (
    "This is a Managed Instance plan: the integration belongs to the plan, and disconnecting an app does not "
    "end it. How to remove it from the plan is not documented, so this tool does not try; nor is it known "
    "whether deleting the plan removes the link."
)
_SLOT = re.compile("/slots/", re.IGNORECASE)


def flex_consumption(world: World, question: Question) -> Finding | tuple[Finding, ...] | None:
    """The app is on Flex Consumption, whose link names the subnet and not the plan (azure-facts.md, 1).

    No recording shows that the same requests disconnect and connect it as other apps [?]; every
    effect is read back here as everywhere.
    """
    if question.kind == "delete":
        deletion = Deletion(world, question)
        return _flex_link_remains(deletion) or _flex_leaves(deletion)
    if question.kind == "purge":
        return _flex_cannot_be_purged(world, question.target)
    seen = Integration(world, question)
    if not seen.flex:
        return None
    underscore = _flex_name(seen)
    return (underscore, _flex_app(seen)) if underscore else _flex_app(seen)


def _flex_name(seen: Integration) -> Finding | None:
    """Flex Consumption takes no subnet whose name has an underscore (azure-facts.md, 4).

    An app that is connected was let in by Azure once; whether it would be again is not documented [?].
    """
    if seen.subnet is None or "_" not in seen.subnet.name:
        return None
    works = seen.connected and seen.question.kind == "look"
    allow = or_allow(seen, "flex-consumption") if seen.connected else ""
    return Finding(
        code="flex-consumption",
        severity="info" if works else "unknown" if seen.connected else "error",
        title=f"The name of {seen.subnet.name} has an underscore, which Flex Consumption does not take",
        detail="Azure documents that a subnet for Flex Consumption has no underscore in its name. "
        + (
            "This app is connected nevertheless; once disconnected, it may not be connected again."
            if seen.connected
            else "It would refuse to connect this app."
        ),
        action="Nothing to do while the app works."
        if works
        else f"Use a subnet without an underscore in its name, delegated to {seen.service}{allow}",
        evidence=(Evidence("subnet", "name", seen.subnet.name),),
    )


def _flex_app(seen: Integration) -> Finding:
    tier = seen.plan.tier if seen.plan else seen.target.tier
    return Finding(
        code="flex-consumption",
        severity="info",
        title=f"{seen.target.name} is on a Flex Consumption plan",
        detail=f"Its link is of the type {seen.service} and names the subnet instead of a plan, so it "
        "does not say whose it is, and Azure's purge of unused links does nothing for it. This app can be "
        "disconnected and connected again alone (scope app). The link as a whole is not rebuilt (scope "
        "link): the apps of other Flex plans may use it, and no view names them.",
        action="Nothing to do.",
        evidence=(
            Evidence("plan", "sku.tier", tier),
            *(Evidence("link", f"{one.name}.linkedResourceType", one.type) for one in seen.own_links),
            *link_facts(seen.own_links),
        ),
    )


def _flex_cannot_be_purged(world: World, subnet: str) -> Finding | None:
    """To a link of Flex Consumption the purge does nothing (azure-facts.md, 2)."""
    occupancy = Occupancy(world, subnet)
    pairs = [(link, occupancy.apps_using(link)) for link in occupancy.links if link.is_flex]
    links = [link for link, apps in pairs if apps]
    if not links:
        return None
    return Finding(
        code="flex-consumption",
        severity="error",
        title=f"The link of {ids.name(subnet)} belongs to Flex Consumption",
        detail="Azure's purge is for the links of App Service plans, and does nothing for this one. It is "
        "removed when its owner leaves the subnet.",
        action=f"Disconnect {named(app.id for _, apps in pairs for app in apps)}; the link is removed with "
        "the last Flex app.",
        evidence=tuple(Evidence("link", f"{one.name}.linkedResourceType", one.type) for one in links),
    )


def _flex_leaves(deletion: Deletion) -> Finding | None:
    """An app on Flex Consumption has to leave: its link is of a kind that no purge can clear."""
    apps = [app for _, leave in deletion.leaving for app in leave if app.flex]
    if not apps:
        return None
    return Finding(
        code="flex-consumption",
        severity="info",
        title=f"{named(app.id for app in apps)} {'is' if len(apps) == 1 else 'are'} on Flex Consumption",
        detail="The link (legionservicelink) names the subnet and no plan, and is removed with the last Flex "
        "app. Azure's purge of unused links does nothing for it, so disconnecting first is the only "
        "known way.",
        action="Disconnect before you delete.",
        evidence=tuple(Evidence("site", f"{app.name}.sku", app.tier) for app in apps),
    )


def _flex_link_remains(deletion: Deletion) -> Finding | None:
    """The link is there although the Flex apps that were seen have left: nothing tells whose it is."""
    subnets = [one for one in deletion.question.left if not deletion.takes(one)]
    pairs = [(one, link) for one in subnets for link in deletion.world.links(one) if link.is_flex]
    remaining = [(one, link) for one, link in pairs if not deletion.occupancy(one).apps_using(link)]
    if not remaining:
        return None
    names = listed(dict.fromkeys(ids.name(subnet) for subnet, _ in remaining))
    again = typed(["remediate", "guard", deletion.target])
    return Finding(
        code="flex-consumption",
        severity="unknown",
        title=f"The link of {names} remains: it is not known who uses it",
        detail="The link (legionservicelink) names the subnet and no plan. A Flex Consumption app or a "
        "Container Apps environment that the signed-in account cannot see may use it, or Azure has not "
        "removed it yet.",
        action=f"Look again in a few minutes: {again}. If the link stays and nobody else is meant to be on "
        "the subnet, ask Azure support to remove it.",
        evidence=tuple(link_facts(link for _, link in remaining)),
    )


def managed_instance(world: World, question: Question) -> Finding | None:
    """The plan holds a subnet itself, for all of its apps (azure-facts.md, 1).

    What the views of its apps say of that subnet, and what a disconnect of one of them does to the plan's
    own integration, is not confirmed [?]: so neither is called wrong, and neither is tried.
    """
    if question.kind in ("delete", "leave"):
        return _held_by_plans(Deletion(world, question), question)
    plan = Integration(world, question).plan
    if plan is None or plan.subnet is None:
        return None
    return Finding(
        code="managed-instance",
        severity="info",
        title=f"{plan.name} holds {ids.name(plan.subnet)} itself",
        detail="This is a Managed Instance plan: the integration belongs to the plan and serves all of its "
        "apps. What a disconnect or a connect of one app does to it is not documented, and without it "
        "every app of the plan would lose the network. So this tool reads it, and changes nothing.",
        action="Change the integration where it was made, in the settings or the template of the plan.",
        evidence=(
            Evidence("plan", "network.virtualNetworkSubnetId", plan.subnet),
            Evidence("site", "virtualNetworkSubnetId", Integration(world, question).target.subnet),
        ),
    )


def _held_by_plans(deletion: Deletion, question: Question) -> Finding | None:
    """A plan holds a subnet itself, and it or its subnet is to be deleted."""
    subnets = (question.subnet,) if question.subnet else deletion.touched
    held = [(plan, subnet) for subnet in subnets for plan in deletion.holding(subnet)]
    if not held:
        return None
    leaving = question.kind == "leave"
    plans = list(dict.fromkeys(ids.name(plan) for plan, _ in held))
    places = listed(dict.fromkeys(ids.name(subnet) for _, subnet in held))
    return Finding(
        code="managed-instance",
        severity="error",
        title=f"{plans[0]} holds {places} itself"
        if len(plans) == 1
        else f"{listed(plans)} hold {places} themselves",
        detail=_NONE_LEAVES if leaving else _HELD_BY_PLAN,
        action="Ask Azure support how to remove the subnet from the plan"
        + ("." if leaving else " before you delete either of them."),
        evidence=tuple(
            Evidence("plan", f"{ids.name(plan)}.network.virtualNetworkSubnetId", subnet)
            for plan, subnet in held
        ),
    )


def slot_differs(world: World, question: Question) -> Finding | None:
    """The app and its slots are not all on one subnet; a swap does not even that out (azure-facts.md, 4)."""
    seen = Integration(world, question)
    app, slots = _app_and_slots(seen)
    named = None if app is None else app.subnet
    differing = [one for one in slots if not ids.alike(one.subnet, named)]
    if app is None or not differing:
        return None
    return Finding(
        code="slot-differs",
        severity="info",
        title=f"{app.name} is on another subnet than {listed(one.name for one in differing)}",
        detail="Every slot has an integration of its own, and a swap moves the code and leaves the "
        "integrations where they are. What a slot reaches, the app may not reach, and the other way "
        "round. If that is intended, nothing is wrong.",
        action=f"Nothing to do if it is intended. {' '.join(_bring_to(one, named) for one in differing)}",
        evidence=tuple(
            Evidence("site", f"{one.name}.virtualNetworkSubnetId", one.subnet) for one in (app, *differing)
        ),
    )


def _bring_to(slot: App, subnet: str | None) -> str:
    """How a slot comes to the subnet of its app, which may be none: it cannot be moved in one step."""
    leave, join = (
        disconnect_command(slot.id),
        typed(["remediate", "reconnect", slot.id, "--subnet", str(subnet)]),
    )
    steps = [f"disconnect {slot.name}: {leave}"] if slot.subnet else []
    steps += [f"connect {slot.name}: {join}"] if subnet else []
    return f"Otherwise {', then '.join(steps)}."


def _app_and_slots(seen: Integration) -> tuple[App | None, tuple[App, ...]]:
    """The app that the target is or belongs to, and its slots; None where it was not read."""
    root = _SLOT.split(seen.target.id)[0]
    family = [one for one in seen.apps if ids.within(one.id, root)]
    app = next((one for one in family if ids.same(one.id, root)), None)
    return app, tuple(one for one in family if one is not app)
