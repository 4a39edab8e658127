"""Commands in worlds that together send every request of the product, each in a world of its own."""

from __future__ import annotations

from pathlib import Path
from typing import Any, NamedTuple

import yaml

from remediate.sandbox.scenarios import load
from remediate.sandbox.world import World
from tests.conftest import APP, PLAN, SUBNET

SLOT = f"{APP}/slots/staging"
GROUP_ID = APP.partition("/providers/")[0]
NETWORK = SUBNET.partition("/subnets/")[0]
QUICK = ("--poll-interval", "0.02", "--timeout", "3")
ENVIRONMENT = f"{GROUP_ID}/providers/Microsoft.App/managedEnvironments/env1"
OCCUPIED = {"networks": {"vnet-prod": {"subnets": {"snet-apps": {"occupants": [ENVIRONMENT]}}}}}
PATCH_DENIED = {
    "match": {"method": "PATCH", "path": "/sites/"},
    "times": 0,
    "answer": {
        "status": 403,
        "body": {"error": {"code": "RequestDisallowedByPolicy", "message": "Disallowed by policy."}},
    },
}
"""Azure Policy that denies the first way to connect an app: then the other one is taken."""


class Case(NamedTuple):
    """A command in a world, as what it is called on the page of permissions, and how it ends there."""

    label: str
    scenario: str
    arguments: tuple[str, ...]
    code: int = 0
    faults: tuple[dict[str, Any], ...] = ()
    world: dict[str, Any] = {}  # noqa: RUF012  # a NamedTuple's default is shared, and nobody changes it

    @property
    def command(self) -> tuple[str, ...]:
        """What is typed."""
        return (*self.arguments, "-o", "json", *QUICK)

    def __str__(self) -> str:
        return f"{self.label} in {self.scenario}"


VERIFY = Case("verify", "healthy", ("verify", "orders-func"))
VERIFY_SLOT = Case("verify", "shared-link", ("verify", SLOT), 3)
PROBE = Case("verify --probe", "healthy", ("verify", "orders-func", "--probe", "sql.internal:1433"))
PROBE_SLOT = Case("verify --probe", "shared-link", ("verify", SLOT, "--probe", "sql.internal:1433"), 3)
RECONNECT = Case("reconnect", "healthy", ("reconnect", "orders-func", "--yes"))
REBUILD = Case("reconnect", "shared-link", ("reconnect", "orders-func", "--scope", "link", "--yes"))
DELEGATE = Case("reconnect", "delegation-missing", ("reconnect", "orders-func", "--yes"))
OTHER_WAY = RECONNECT._replace(faults=(PATCH_DENIED,))
OTHER_WAY_OF_SLOTS = REBUILD._replace(faults=(PATCH_DENIED,))
PURGE = Case("purge", "link-orphaned", ("purge", SUBNET, "--yes"))
LEAVE = Case("guard --disconnect", "shared-link", ("guard", PLAN, "--disconnect", "--yes"))
GUARD_SUBNET = Case("guard", "link-unused", ("guard", SUBNET), 3)
ENVIRONMENTS = Case("verify", "flex-consumption", ("verify", "orders-func"), 3, world=OCCUPIED)
MISTYPED = Case("verify", "healthy", ("verify", "order-func"), 2)
LOOKING = (
    VERIFY,
    Case("verify --subnet", "link-orphaned", ("verify", "orders-func", "--subnet", SUBNET), 3),
    VERIFY_SLOT,
    Case("snapshot save", "healthy", ("snapshot", "save", "orders-func")),
    Case("watch", "healthy", ("watch", "orders-func", "--once")),
    Case("sandbox capture", "shared-link", ("sandbox", "capture", "orders-func")),
    Case("reconnect", "healthy", ("reconnect", "orders-func", "--dry-run"), 4),
    *(
        Case("guard", "shared-link", ("guard", one), 3)
        for one in (APP, SLOT, PLAN, SUBNET, NETWORK, GROUP_ID)
    ),
    Case("doctor", "healthy", ("doctor", "orders-func"), 3),
    GUARD_SUBNET,
    ENVIRONMENTS,
    MISTYPED,
)
"""Commands that change nothing. `reconnect` says what is missing for a change."""
CHANGING = (
    PROBE,
    PROBE_SLOT,
    RECONNECT,
    REBUILD,
    DELEGATE,
    OTHER_WAY,
    OTHER_WAY_OF_SLOTS,
    PURGE,
    LEAVE,
    Case("guard --disconnect", "healthy", ("guard", SUBNET, "--disconnect", "--yes")),
)


def world_of(case: Case, actions: list[str], folder: Path, scope: str | None = None) -> World:
    """The world of a case, from a world file in which the account may do these actions and nothing else.

    `scope` is where it may do them; everywhere if there is none.
    """
    role = {"actions": actions, **({"scope": scope} if scope else {})}
    described = {"extends": case.scenario, **case.world, "permissions": [role]}
    file = folder / "world.yaml"
    file.write_text(yaml.safe_dump(described), encoding="utf-8")
    return load(str(file), speed=1000)
