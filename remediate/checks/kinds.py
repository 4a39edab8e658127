"""Findings about kinds of plans that integrate in a way of their own, and about slots beside their app."""

from __future__ import annotations

import re

from remediate import ids
from remediate.checks.advice import listed
from remediate.model import App, Evidence, Finding, Topology

_SLOT = re.compile("/slots/", re.IGNORECASE)


def flex_consumption(topology: Topology) -> Finding | None:
    """The app is on Flex Consumption, whose link names the subnet and not the plan (azure-facts.md, 1).

    That it is disconnected and connected by the same requests as other apps nobody recorded [?]; every
    effect is read back here as everywhere.
    """
    if not topology.flex:
        return None
    tier = topology.plan.tier if topology.plan else topology.target.tier
    return Finding(
        code="flex-consumption",
        severity="info",
        title=f"{topology.target.name} is on a Flex Consumption plan",
        detail=f"Its link is of the type {topology.service} and names the subnet instead of a plan, so it "
        "does not say whose it is, and Azure's purge of unused links does nothing for it. This app can be "
        "disconnected and connected again alone (scope app). The link as a whole is not rebuilt (scope "
        "link): the apps of other Flex plans may stand behind it, and nothing names them.",
        action="Nothing to do.",
        evidence=(
            Evidence("plan", "sku.tier", tier),
            *(Evidence("link", f"{one.name}.linkedResourceType", one.type) for one in topology.own_links),
            *(Evidence("link", f"{one.name}.link", one.target) for one in topology.own_links),
        ),
    )


def managed_instance(topology: Topology) -> Finding | None:
    """The plan holds a subnet itself, for all of its apps (azure-facts.md, 1).

    What the views of its apps say of that subnet, and what a disconnect of one of them does to the plan's
    own integration, nobody could confirm [?]: so neither is called wrong, and neither is tried.
    """
    plan = topology.plan
    if plan is None or plan.subnet is None:
        return None
    return Finding(
        code="managed-instance",
        severity="info",
        title=f"{plan.name} holds {ids.name(plan.subnet)} itself",
        detail="This is a Managed Instance plan: the integration belongs to the plan and serves all of its "
        "apps. What a disconnect or a connect of one app does to it is not documented, and taking it from "
        "the plan would take the network from every app at once. So this tool looks, and changes nothing.",
        action="Change the integration where it was made, in the settings or the template of the plan.",
        evidence=(
            Evidence("plan", "network.virtualNetworkSubnetId", plan.subnet),
            Evidence("site", "virtualNetworkSubnetId", topology.views["site"].subnet),
        ),
    )


def slot_differs(topology: Topology) -> Finding | None:
    """The app and its slots are not all on one subnet; a swap does not even that out (azure-facts.md, 4)."""
    app, slots = _app_and_slots(topology)
    named = None if app is None else app.subnet
    differing = [one for one in slots if not ids.alike(one.subnet, named)]
    if app is None or not differing:
        return None
    return Finding(
        code="slot-differs",
        severity="info",
        title=f"{app.name} is on another subnet than {listed(one.name for one in differing)}",
        detail="Every slot has an integration of its own, and a swap moves the code and leaves the "
        "integrations where they are. What works in a slot may not find its way from the app, and the "
        "other way round. Where that is meant, nothing is wrong.",
        action="Nothing to do if it is meant. Otherwise disconnect the slot where it is, and connect it: "
        f"`remediate reconnect {differing[0].id} --subnet {named or 'SUBNET_ID'}`",
        evidence=tuple(
            Evidence("site", f"{one.name}.virtualNetworkSubnetId", one.subnet) for one in (app, *differing)
        ),
    )


def _app_and_slots(topology: Topology) -> tuple[App | None, tuple[App, ...]]:
    """The app that the target is or belongs to, and its slots; None where it was not read."""
    root = _SLOT.split(topology.target.id)[0]
    family = [one for one in topology.apps if ids.within(one.id, root)]
    app = next((one for one in family if ids.same(one.id, root)), None)
    return app, tuple(one for one in family if one is not app)
