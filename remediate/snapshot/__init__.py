"""What the link looked like: a look as a value that can be kept, and the comparison of two of them."""

from __future__ import annotations

from datetime import datetime

from msgspec import Struct

from remediate.model import Finding, Integration, Question, Snapshot, World, healthy
from remediate.snapshot.comparison import compare
from remediate.snapshot.facts import facts_of
from remediate.snapshot.secrets import kept

__all__ = ["LIVE", "Origin", "compare", "take"]

LIVE = "live"
"""What a look of this moment is called in a comparison."""


class Origin(Struct, frozen=True):
    """Who looked, with which version of the tool, at which Azure."""

    who: str
    tool: str
    cloud: str
    arm: str


def take(
    world: World, question: Question, findings: tuple[Finding, ...], label: str, at: datetime, origin: Origin
) -> Snapshot:
    """A look as a snapshot, without its secrets; what a preflight read is no part of it."""
    seen = Integration(world, question)
    documents = kept(one for one in world.documents if not one.preflight)
    facts, unread = facts_of(documents, seen.target.id, seen.subnet_id)
    return Snapshot(
        label=label,
        target=seen.target.id,
        subnet=seen.subnet_id,
        at=at,
        healthy=healthy(findings),
        findings=tuple(one.code for one in findings),
        facts=facts,
        unread=unread,
        documents=documents,
        source="azure",
        who=origin.who,
        tool=origin.tool,
        cloud=origin.cloud,
        arm=origin.arm,
    )
