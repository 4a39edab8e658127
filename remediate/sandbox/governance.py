"""What stands above the resources of the simulated Azure: locks, permissions, registrations, policies."""

from __future__ import annotations

from dataclasses import dataclass, field


@dataclass
class Lock:
    """A management lock. It holds for `scope`, the id that it lies on, and for everything below."""

    scope: str
    level: str
    name: str

    @property
    def id(self) -> str:
        """The lock's own id."""
        return f"{self.scope}/providers/Microsoft.Authorization/locks/{self.name}"


def _everything() -> list[dict[str, list[str]]]:
    return [{"actions": ["*"], "notActions": [], "dataActions": [], "notDataActions": []}]


@dataclass
class Governance:
    """What the one principal may do everywhere, assignment by assignment, and what nobody may.

    `unregistered` names the resource providers that the subscriptions do not know. `subnet_required` is
    the built-in policy that denies a site write without a subnet (azure-facts.md, 3).
    """

    locks: list[Lock] = field(default_factory=list)
    permissions: list[dict[str, list[str]]] = field(default_factory=_everything)
    unregistered: list[str] = field(default_factory=list)
    subnet_required: bool = False
