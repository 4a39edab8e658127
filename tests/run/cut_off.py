"""Runs of every purpose that were cut off, each with the journal that it left and the Azure that it left."""

from __future__ import annotations

import json
import os
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal, NamedTuple

from remediate.sandbox.server import Sandbox
from tests.conftest import PLAN, SUBNET, Azure
from tests.faults.operators import Cut, typed

QUICK = ("--yes", "-o", "json", "--poll-interval", "0.02", "--timeout", "1")
ARM = "https://arm.invalid"
"""Stands in the journals for the address of the sandbox, which is another one each time."""


class Sent(NamedTuple):
    """A write as it left: the body as the text of its JSON."""

    method: str
    path: str
    body: str


def sent(method: str, path: str, body: Any) -> Sent:
    return Sent(method, path, json.dumps(body, sort_keys=True))


@dataclass(frozen=True)
class Kind:
    """A command that is killed before or after its `write`-th write."""

    scenario: str
    command: tuple[str, ...]
    write: int
    when: Literal["before", "after"] = "after"


KINDS = {
    "app": Kind("healthy", ("reconnect", "orders-func", "--scope", "app"), 1),
    "link": Kind("shared-link", ("reconnect", "orders-func", "--scope", "link"), 2),
    "connect": Kind("not-integrated", ("reconnect", "orders-func", "--subnet", SUBNET), 1, "before"),
    "delegation": Kind("delegation-missing", ("reconnect", "orders-func"), 1, "before"),
    "disconnect": Kind("shared-link", ("guard", PLAN, "--disconnect"), 2),
    "purge": Kind("link-orphaned", ("purge", SUBNET), 1, "before"),
}


@dataclass(frozen=True)
class CutOff:
    """A run that was cut off: its lines as JSON."""

    kind: Kind
    run: str
    lines: tuple[str, ...]

    @property
    def decoded(self) -> list[dict[str, Any]]:
        return [json.loads(line) for line in self.lines]

    @property
    def plan(self) -> dict[str, Any]:
        found: dict[str, Any] = self.decoded[0]["plan"]
        return found

    @property
    def own(self) -> set[Sent]:
        """What the plan sends, and what puts its apps back."""
        steps = self.plan["steps"]
        requests = [one[way] for one in steps for way in ("request", "fallback") if one.get(way)]
        return {sent(one["method"], one["path"], one.get("body")) for one in requests} | self._undoing

    @property
    def _undoing(self) -> set[Sent]:
        """A rollback disconnects what had no network, and connects again what was to leave."""
        version = "?api-version=2025-05-01"
        apps = [app["id"] for app in self.plan["apps"]]
        if self.kind is KINDS["connect"]:
            return {sent("DELETE", f"{app}/networkConfig/virtualNetwork{version}", None) for app in apps}
        if self.kind is not KINDS["disconnect"]:
            return set()
        patch = {"properties": {"virtualNetworkSubnetId": SUBNET}}
        put = {"properties": {"subnetResourceId": SUBNET, "swiftSupported": True}}
        return {sent("PATCH", f"{app}{version}", patch) for app in apps} | {
            sent("PUT", f"{app}/networkConfig/virtualNetwork{version}", put) for app in apps
        }

    def arrange(self, azure: Azure) -> None:
        """Have Azure as the run left it."""
        azure.reset()
        if self.kind.when == "before":
            return
        announced = [one for one in self.decoded if one["kind"] == "intent"]
        for request in (one["request"] for one in announced):
            azure.ask(request["method"], request["path"], json=request.get("body")).raise_for_status()


def cut_off(azure: Azure, kind: Kind) -> CutOff:
    """Carry a command out until it is killed, in the state folder of the environment."""
    ran = typed(azure, *kind.command, *QUICK, cut=Cut("killed", "write", kind.write, kind.when))
    assert ran.code is None
    (folder,) = Path(os.environ["REMEDIATE_STATE"], "runs").iterdir()
    text = (folder / "journal.jsonl").read_text()
    arm = azure.environment["REMEDIATE_ARM_ENDPOINT"]
    return CutOff(kind, folder.name, tuple(text.replace(arm, ARM).splitlines()))


def keep(run: str, text: str) -> None:
    """Put a journal into the state folder of the environment."""
    root = Path(os.environ["REMEDIATE_STATE"])
    folder = root / "runs" / run
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    (folder / "journal.jsonl").write_text(text)


def served(kind: Kind) -> Sandbox:
    """The Azure that the run begins on."""
    return Sandbox(kind.scenario, speed=1000)
