"""Findings about Azure's views against each other: which of them say something else than the rest."""

from __future__ import annotations

from remediate import ids
from remediate.checks.advice import command
from remediate.model import Evidence, Finding, Integration, Question, View, World


def views_disagree(world: World, question: Question) -> Finding | None:
    """The app's own views that could be read do not all name the same subnet; null counts as a value.

    Where the plan holds a subnet itself, null counts as none: whether the views of its apps name that
    subnet is not known [?].
    """
    seen = Integration(world, question)
    facts = _subnets_named(seen)
    if seen.plan and seen.plan.subnet:
        facts = [fact for fact in facts if fact.value is not None]
    if not facts or all(ids.alike(facts[0].value, fact.value) for fact in facts[1:]):
        return None
    plan = seen.plan
    if plan is not None and plan.connections_used == 0:
        facts.append(Evidence("plan", "vnetConnectionsUsed", 0))
    return Finding(
        code="views-disagree",
        severity="warning",
        title=f"Azure's records disagree about the subnet of {seen.target.name}",
        detail="The integration is recorded in several places, and they do not name the same subnet. The "
        "app may be connected or not, and which of the places Azure follows is not documented. Rebuilding "
        "the integration writes all of them again.",
        action=f"Rebuild the integration: {command(seen, 'reconnect')}",
        evidence=tuple(facts),
        playbook="reconnect-app",
    )


def _subnets_named(seen: Integration) -> list[Evidence]:
    """What each app-side view that was read names."""
    facts = [
        Evidence(key, field, seen.views[key].subnet)
        for key, field in (("site", "virtualNetworkSubnetId"), ("networkConfig", "subnetResourceId"))
    ]
    swift = [
        Evidence("connections", f"{one.name}.vnetResourceId", one.resource)
        for one in seen.connections
        if one.swift
    ]
    facts += swift or [Evidence("connections", "value", seen.views["connections"].subnet)]
    return [fact for fact in facts if seen.views[fact.view].status in ("found", "absent")]


def stale_graph(world: World, question: Question) -> Finding | None:
    """Resource Graph shows another link than ARM; a cache that lags, never a basis for a decision."""
    seen = Integration(world, question)
    graph, link = seen.views["graph"], seen.views["link"]
    if graph.status != "found" or link.status != "found" or _same_link(graph, link):
        return None
    return Finding(
        code="stale-graph",
        severity="warning",
        title="Resource Graph shows another service association link than Azure Resource Manager",
        detail="Resource Graph, from which the portal's lists come, is a copy that follows with a delay. "
        "What Resource Manager says counts; the portal may show the old state for a while.",
        action="Nothing to repair in the copy itself. Look again in a few minutes: "
        f"{command(seen, 'verify')}",
        evidence=(
            Evidence("graph", "link", graph.plan or graph.detail),
            Evidence("link", "link", link.plan or link.detail),
        ),
    )


def _same_link(one: View, other: View) -> bool:
    return ids.alike(one.plan, other.plan) and one.detail == other.detail
