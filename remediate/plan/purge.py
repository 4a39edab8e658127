"""Reading of a subnet's links + playbook → the one step that has Azure clear an unused link."""

from __future__ import annotations

from collections.abc import Iterator

from remediate import ids
from remediate.model import Finding, LinkReading, Plan, Request, Step, VirtualNetwork
from remediate.plan.steps import check_playbook, made, numbered
from remediate.playbook import Playbook

SUPPORTED = frozenset({"preflight", "confirm", "pause", "purge", "verify"})
"""The steps of a playbook that purges."""
PURGE_API = "2024-04-01"
"""api-version of the purge, which is in no SDK (azure-facts.md, 2)."""
PROOF = frozenset({"link-in-use", "link-foreign", "subnet-shared", "flex-consumption", "managed-instance"})
"""Findings with which the link is somebody's."""
BLOCKING = PROOF | {"locked", "no-permission", "link-not-ready"}


def purge(
    reading: LinkReading,
    findings: tuple[Finding, ...],
    playbook: Playbook,
    allowed: frozenset[str] = frozenset(),
) -> Plan:
    """The steps that clear the unused links of a subnet, or the reasons to refuse. Raises WrongUse.

    `allowed` are unknown findings of the preflight (locks, permissions) to go on with. Who owns the link is
    never among them: where that could not be read, nobody can allow it.
    """
    check_playbook(playbook, "purge", SUPPORTED)
    around = reading.around
    refusals = tuple(one for one in findings if _refuses(one, reading, allowed))
    links = tuple(link.target or "" for link in around.links if reading.use(link) in ("orphaned", "unused"))
    steps = () if refusals or around.vnet is None or not links else _steps(around.id, around.vnet, playbook)
    return Plan(
        playbook=playbook.id,
        scope="link",
        target=around.id,
        subnet=around.id,
        apps=(),
        steps=numbered(steps),
        refusals=refusals,
        links=links,
        purpose="purge",
    )


def _refuses(finding: Finding, reading: LinkReading, allowed: frozenset[str]) -> bool:
    if finding.severity == "unknown":
        return bool(reading.unread) or finding.code not in allowed
    return finding.code in BLOCKING


def _steps(subnet: str, vnet: VirtualNetwork, playbook: Playbook) -> Iterator[Step]:
    for step in playbook.steps:
        yield made(step, subnet, _request(subnet, vnet) if step.do == "purge" else None)


def _request(subnet: str, vnet: VirtualNetwork) -> Request:
    """Asked in the subscription and the region of the network (azure-facts.md, 2)."""
    location = (
        f"/subscriptions/{ids.parse(vnet.id).subscription}/providers/Microsoft.Web/locations/{vnet.region}"
    )
    path = f"{location}/purgeUnusedVirtualNetworkIntegration?api-version={PURGE_API}"
    return Request("POST", path, {"subnetResourceId": subnet})
