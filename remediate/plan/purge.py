"""World + question + playbook → the one step that has Azure clear an unused link."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from remediate import ids
from remediate.model import CLEARABLE, App, Evidence, Finding, Occupancy, Plan, Question, World
from remediate.plan.planner import Options, check_playbook, planned_steps
from remediate.plan.refusals import refuses
from remediate.playbook import Playbook
from remediate.steps import Layout, purge_of

_BLOCKING = frozenset(
    {
        "deny-assignment",
        "flex-consumption",
        "link-foreign",
        "link-former-id",
        "link-not-ready",
        "link-other-plan",
        "locked",
        "no-permission",
    }
)
"""Findings with which the link is not a plan's, may be in use, or would not be cleared by Azure."""


def purge(
    world: World, question: Question, findings: tuple[Finding, ...], playbook: Playbook, options: Options
) -> Plan:
    """The steps that clear the unused links of a subnet, or the reasons to refuse. Raises UsageError.

    What is allowed to be unknown are findings of the preflight (locks, permissions). Who owns the link is
    never among them: if that could not be read, no option allows it.
    """
    check_playbook(playbook, "purge")
    subnet, vnet = question.target, world.vnet_of(question.target)
    occupancy = Occupancy(world, subnet)
    unknown = any(occupancy.use(link) == "unknown" for link in occupancy.links)
    allowed = frozenset() if world.unread or unknown else options.allowed
    refused = (one for one in findings if refuses(one, _BLOCKING, allowed))
    refusals = (*_in_use(occupancy, subnet), *refused)
    links = [link for link in occupancy.links if occupancy.use(link) in CLEARABLE]
    region = vnet.region if vnet and links and not refusals else None
    return Plan(
        playbook=playbook.id,
        scope=options.scope,
        target=subnet,
        subnet=subnet,
        apps=(),
        steps=planned_steps(playbook, purge_layout(subnet, region)) if region else (),
        refusals=refusals,
        links=tuple(sorted((link.target or "" for link in links), key=str.casefold)),
        purpose="purge",
    )


def _in_use(occupancy: Occupancy, subnet: str) -> Iterator[Finding]:
    """A link that an app or its plan uses. For `verify` that is as it should be, so it is no check."""
    for link in occupancy.links:
        if occupancy.use(link) != "used":
            continue
        apps, plan = occupancy.apps_of(link.target), ids.name(link.target)
        who = ", ".join(app.name for app in apps) or "the plan itself"
        yield Finding(
            code="link-in-use",
            severity="error",
            title=f"The link of {ids.name(subnet)} is in use: it names {plan}",
            detail=f"On the subnet: {who}. Only a link that no app or plan uses is cleared.",
            action=_disconnect_all(subnet)
            if apps
            else "Ask Azure support how to remove the subnet from a Managed Instance plan.",
            evidence=_sites(apps),
        )


def _disconnect_all(subnet: str) -> str:
    """The action of a finding about a link that is in use: there is nothing to clear."""
    return f"Leave it. What it takes to free the subnet, for good: `remediate guard {subnet}`"


def _sites(apps: Iterable[App]) -> tuple[Evidence, ...]:
    return tuple(Evidence("site", f"{app.name}.virtualNetworkSubnetId", app.subnet) for app in apps)


def purge_layout(subnet: str, region: str) -> Layout:
    """All is about the subnet. `region` is its network's, as it stands in a path."""
    return Layout(target=subnet, subnet=subnet, checked=subnet, purge=purge_of(subnet, region))
