"""Reading of a subnet's links + playbook → the one step that has Azure clear an unused link."""

from __future__ import annotations

from collections.abc import Iterator

from remediate import ids
from remediate.model import Evidence, Finding, LinkReading, Plan, Request, Step
from remediate.plan.refusals import refuses
from remediate.plan.steps import check_playbook, made, numbered
from remediate.playbook import Playbook

_PURGE_API = "2024-04-01"
"""api-version of the purge, which is in no SDK (azure-facts.md, 2)."""
_BLOCKING = frozenset({"flex-consumption", "link-foreign", "locked", "no-permission"})
"""Findings with which the link is another service's, or Azure would not clear it."""


def purge(
    reading: LinkReading,
    findings: tuple[Finding, ...],
    playbook: Playbook,
    allowed: frozenset[str] = frozenset(),
) -> Plan:
    """The steps that clear the unused links of a subnet, or the reasons to refuse. Raises UsageError.

    `allowed` are unknown findings of the preflight (locks, permissions) to go on with. Who owns the link is
    never among them: where that could not be read, nobody can allow it.
    """
    check_playbook(playbook, "purge")
    around = reading.around
    refusals = (
        *_in_use(reading),
        *_nobodys(reading),
        *(one for one in findings if refuses(one, _BLOCKING, frozenset() if reading.unread else allowed)),
    )
    unused = [link.target or "" for link in around.links if reading.use(link) in ("orphaned", "unused")]
    region = around.vnet.region if around.vnet and unused and not refusals else None
    return Plan(
        playbook=playbook.id,
        scope="link",
        target=around.id,
        subnet=around.id,
        apps=(),
        steps=purge_steps(playbook, around.id, region) if region else (),
        refusals=refusals,
        links=tuple(sorted(unused, key=str.casefold)),
        purpose="purge",
    )


def _nobodys(reading: LinkReading) -> Iterator[Finding]:
    """App Service's link without a plan's name in it: whose it is cannot be looked up."""
    around = reading.around
    for link in around.links:
        if link.is_web and not link.target:
            yield Finding(
                code="link-not-ready",
                severity="error",
                title=f"The link of {ids.name(around.id)} names no plan",
                detail="Whose it is cannot be looked up, and a link that may be in use is not cleared. For "
                "some minutes after a connect that is normal.",
                action=f"Wait a few minutes and look again: `remediate purge {around.id} --dry-run`",
                evidence=(Evidence("link", f"{link.name}.link", None),),
            )


def _in_use(reading: LinkReading) -> Iterator[Finding]:
    """A link that somebody stands behind, or that names nobody: that is how it should be, so no finding."""
    around = reading.around
    for link in around.links:
        if reading.use(link) != "used":
            continue
        apps, plan = around.behind(link), ids.name(link.target)
        who = ", ".join(app.name for app in apps) or "the plan itself"
        yield Finding(
            code="link-in-use",
            severity="error",
            title=f"The link of {ids.name(around.id)} is in use: it names {plan}",
            detail=f"On the subnet: {who}. Only a link that nobody stands behind is cleared.",
            action=f"To disconnect for good whoever is there: `remediate guard {around.id} --disconnect`"
            if apps
            else "Ask Azure support how a Managed Instance plan gives up its subnet.",
            evidence=tuple(
                Evidence("site", f"{app.name}.virtualNetworkSubnetId", app.subnet) for app in apps
            ),
        )


def purge_steps(playbook: Playbook, subnet: str, region: str) -> tuple[Step, ...]:
    """The playbook's steps, all about the subnet. `region` is its network's, as it stands in a path."""
    return numbered(
        made(step, subnet, _request(subnet, region) if step.do == "purge" else None)
        for step in playbook.steps
    )


def _request(subnet: str, region: str) -> Request:
    """Asked in the subscription and the region of the network (azure-facts.md, 2)."""
    location = f"/subscriptions/{ids.parse(subnet).subscription}/providers/Microsoft.Web/locations/{region}"
    path = f"{location}/purgeUnusedVirtualNetworkIntegration?api-version={_PURGE_API}"
    return Request("POST", path, {"subnetResourceId": subnet})
