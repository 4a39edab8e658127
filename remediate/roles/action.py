"""One action of Azure in the table of those that this tool needs."""

from __future__ import annotations

from typing import Literal

from msgspec import Struct

Role = Literal["read", "repair"]
Scope = Literal["app", "slot", "plan", "subnet", "network", "subscription", "network-subscription"]

SITES, SLOTS = "Microsoft.Web/sites/", "Microsoft.Web/sites/slots/"
EVERYWHERE = ("every command",)
PROBES = ("verify --probe", "reconnect --probe")
_BEHIND = {
    f"{SITES}extensions/*/action": f"{SITES}extensions/api/action",
    f"{SLOTS}extensions/*/action": f"{SLOTS}extensions/api/action",
    "Microsoft.Web/locations/*/action": "Microsoft.Web/locations/purgeUnusedVirtualNetworkIntegration/action",
}
"""The one action behind each wildcard (see docs/reference/permissions.md)."""


class Action(Struct, frozen=True):
    """One action, and why a role has it.

    `requests` are the method and path of what needs it; `scope` is what it has to be allowed at, `use` what
    it is for, `without` what happens where it is not allowed. `optional` says that no result depends on it;
    `unproven` that it is not known whether Azure checks it.
    """

    name: str
    role: Role
    scope: Scope
    requests: tuple[str, ...]
    use: str
    commands: tuple[str, ...]
    without: str
    optional: bool = False
    unproven: bool = False

    @property
    def asked(self) -> str:
        """The one action that a request needs."""
        return _BEHIND.get(self.name, self.name)

    @property
    def needed(self) -> bool:
        """Whether a repair without `--probe` needs it, as far as that is known."""
        return not (self.optional or self.unproven or self.commands == PROBES)
