"""Who may do what in the simulated Azure, and which of two ways it takes where nobody could confirm one."""

from __future__ import annotations

import uuid
from dataclasses import dataclass, field
from typing import Any

from remediate.sandbox.login import OBJECT_ID


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


@dataclass
class DenyAssignment:
    """A deny assignment: nobody but `exclude_principals` may do these actions on `scope` or below it.

    `actions` and `not_actions` are patterns; `exclude_principals` are object ids (azure-facts.md, 3).
    """

    name: str
    scope: str
    actions: list[str] = field(default_factory=list)
    not_actions: list[str] = field(default_factory=list)
    exclude_principals: list[str] = field(default_factory=list)

    @property
    def guid(self) -> str:
        """The last part of its id: the same in every run of a world."""
        return str(uuid.uuid5(uuid.NAMESPACE_URL, f"{self.scope}/{self.name}".casefold()))

    @property
    def id(self) -> str:
        """The deny assignment's own id."""
        return f"{self.scope}/providers/Microsoft.Authorization/denyAssignments/{self.guid}"


def _everything() -> list[dict[str, Any]]:
    return [{"actions": ["*"], "notActions": [], "dataActions": [], "notDataActions": []}]


@dataclass
class Governance:
    """What the one principal may do, assignment by assignment, and what nobody may.

    An assignment with a `scope` holds there and below, any other one everywhere.

    `unregistered` names the resource providers that the subscriptions do not know. `subnet_required` is
    the built-in policy that denies a site write without a subnet (azure-facts.md, 3).
    """

    locks: list[Lock] = field(default_factory=list)
    principal: str = OBJECT_ID
    permissions: list[dict[str, Any]] = field(default_factory=_everything)
    deny_assignments: list[DenyAssignment] = field(default_factory=list)
    unregistered: list[str] = field(default_factory=list)
    subnet_required: bool = False


@dataclass
class Behavior:
    """What nobody could confirm of Azure: each field is one of two ways, false by default [?].

    `trial_restores_link`: a write of the subnet that the site already has brings a lost link back.
    `ipv6_refused`: an app cannot be connected in a network with IPv6 address space.
    `gateway_blocks_connect`: a gateway connection in the plan makes its connects end in 504.
    `subnet_not_found`: the GET of a missing subnet answers 404 `NotFound` instead of `ResourceNotFound`.
    `detector_fails`: the detector that says who is on a subnet answers with an error.
    """

    trial_restores_link: bool = False
    ipv6_refused: bool = False
    gateway_blocks_connect: bool = False
    detector_fails: bool = False
    subnet_not_found: bool = False
