"""A plan that is made anew before the first write: where it differs for want of an answer, that is said."""

from __future__ import annotations

from collections.abc import Iterable

from remediate.jobs.execution import Proposal
from remediate.model import Finding, Plan, World
from remediate.model.failure import Kind, RequestFailed

_UNREAD = ("not-visible", "no-read-permission")
"""The findings that tell of reads without an answer."""


def fresh_plan(before: Plan, fresh: Proposal, also: tuple[Finding, ...] = ()) -> Plan:
    """The plan of a fresh proposal. Raises RequestFailed where it differs, and something could not be read.

    `also` are findings that the plan has no refusal for.
    """
    if fresh.plan != before:
        check_read((*fresh.plan.refusals, *also), fresh.world)
    return fresh.plan


def check_read(findings: Iterable[Finding], world: World) -> None:
    """Raise RequestFailed for findings of what could not be read; its kind passes where a read failed."""
    unread = [one for one in findings if one.code in _UNREAD]
    if unread:
        passes = any(one.status == "failed" for one in world.documents)
        kind: Kind = "unreadable" if passes else "denied"
        raise RequestFailed(kind, "; ".join(dict.fromkeys(_one_line(one) for one in unread)))


def _one_line(finding: Finding) -> str:
    """The finding in one line, with Azure's own words about the first read."""
    return f"{finding.title} ({finding.evidence[0].value})" if finding.evidence else finding.title
