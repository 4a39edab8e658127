"""What a deletion would take, who holds a link there, and the verdict that follows."""

from __future__ import annotations

from typing import Literal

from msgspec import Struct

from remediate import ids
from remediate.model.finding import Finding
from remediate.model.run import Requests, Run

Deletable = Literal["app", "slot", "plan", "subnet", "vnet", "group"]
"""What can be guarded before it is deleted."""
HolderKind = Literal["app", "slot", "plan", "service"]

_TYPES: dict[str, Deletable] = {
    "microsoft.web/sites": "app",
    "microsoft.web/sites/slots": "slot",
    "microsoft.web/serverfarms": "plan",
    "microsoft.network/virtualnetworks/subnets": "subnet",
    "microsoft.network/virtualnetworks": "vnet",
}


def deletable(resource: str) -> Deletable | None:
    """What kind of thing an id names, None where it is nothing that can be guarded. Raises InvalidId."""
    parsed = ids.parse(resource)
    if parsed.group is None:
        return None
    return _TYPES.get(parsed.type.casefold()) if parsed.namespace else "group"


class Holder(Struct, frozen=True):
    """Somebody who holds a subnet, and with it what is to be deleted.

    `id` is the app's or slot's that is integrated; the plan's, where the plan itself is, or where a link
    names it and no app of it is there; for kind `service` what the link of another service names, the link
    itself, or what else is in the subnet, such as a network interface. `subnet`, `plan` and `link` are ids;
    null where there is none or none could be read.
    """

    id: str
    kind: HolderKind
    subnet: str | None
    plan: str | None
    link: str | None


class Guard(Struct, frozen=True):
    """The document `remediate.guard/1`.

    `safe` is null where something could not be read. `takes` are the ids of all that goes with the
    target. `order` are commands to paste, one after the other; empty where none is known to work. `runs`
    are the disconnects that were made, or under `dry_run` would be.
    """

    target: str
    kind: Deletable
    safe: bool | None
    takes: tuple[str, ...]
    holders: tuple[Holder, ...]
    findings: tuple[Finding, ...]
    order: tuple[str, ...]
    requests: Requests
    runs: tuple[Run, ...] = ()
    schema: Literal["remediate.guard/1"] = "remediate.guard/1"
