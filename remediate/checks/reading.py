"""The finding about our own sight: what could not be read, and so is neither right nor wrong."""

from __future__ import annotations

from remediate import ids
from remediate.checks.advice import command, listed
from remediate.checks.link import unknown_plans
from remediate.model import Evidence, Finding, Topology

_NEVER_DECIDES = "graph"
"""Resource Graph is a cached copy: without it no question stays open (azure-facts.md, 1)."""


def no_read_permission(topology: Topology) -> Finding | None:
    """A read was denied or failed whose answer would have told something about the integration."""
    documents = [
        one for one in topology.documents if one.unread and one.what != _NEVER_DECIDES and not one.preflight
    ]
    facts = [Evidence(one.what, one.path, one.message or one.status) for one in documents]
    facts += [
        Evidence("link", target, "it is not known whether this plan lives and has apps on the subnet")
        for target in unknown_plans(topology)
        if not any(ids.within(one.path.partition("?")[0], target) for one in documents)
    ]
    if not facts:
        return None
    denied = any(one.status == "denied" for one in documents)
    return Finding(
        code="no-read-permission",
        severity="unknown",
        title=f"Could not read {listed(dict.fromkeys(fact.view for fact in facts))}",
        detail="Some of the places that say whether the integration is right could not be read, so this is "
        "neither a clean result nor a fault: it is not known.",
        action=("Sign in as someone with the Reader role on these resources, then" if denied else "Then")
        + f" look again: {command(topology, 'verify')}",
        evidence=tuple(facts),
    )
