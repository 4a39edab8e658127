"""What has to be known before a link is purged: who is on its subnet, and whose the link is."""

from __future__ import annotations

from typing import Literal

from msgspec import Struct

from remediate.model.azure import Document, Lock, Permission
from remediate.model.guard import Surroundings
from remediate.model.network import Link

LinkUse = Literal["orphaned", "unused", "used", "unknown", "foreign"]
"""Whose a link is: of a plan that is gone, of one that is not on the subnet, of one that is; or not ours."""
_OTHER_TENANT = "SubscriptionNotFound"
"""ARM's 404 for a subscription that it does not show: no proof that a plan in it is gone [?]."""


class LinkReading(Struct, frozen=True):
    """Everything that was read about the links of a subnet.

    A preflight adds the locks around the subnet, and what the caller may do in the network's subscription;
    None stands for what was not read.
    """

    around: Surroundings
    documents: tuple[Document, ...]
    locks: tuple[Lock, ...] = ()
    permissions: tuple[Permission, ...] | None = None

    @property
    def unread(self) -> tuple[Document, ...]:
        """The reads without which nobody can say who is on the subnet; Resource Graph's is one of them."""
        return tuple(one for one in self.documents if (one.unread or _is_hidden(one)) and not one.preflight)

    def use(self, link: Link) -> LinkUse:
        """Microsoft's own test: the plan is 404, or nothing of it is on the subnet (azure-facts.md, 2).

        What could not be read is unknown, also where it concerns somebody else on the subnet.
        """
        if not link.is_web:
            return "foreign"
        plan = self.around.plan(link)
        if self.around.behind(link) or (plan is not None and plan.on_subnet):
            return "used"
        if self.unread or plan is None:
            return "unknown"
        if plan.status == "absent":
            return "orphaned"
        return "unused" if plan.on_subnet is False else "unknown"


def _is_hidden(document: Document) -> bool:
    return document.status == "absent" and _OTHER_TENANT in (document.message or "")
