"""What was done: runs, where their apps are now, and the documents that commands print."""

from __future__ import annotations

from datetime import datetime
from typing import Literal

from msgspec import Struct

from remediate.model.azure import Routing, View
from remediate.model.finding import Finding
from remediate.model.plan import Purpose, Request, Scope
from remediate.model.probe import Probe
from remediate.model.snapshot import ChangedSince

RunStatus = Literal["planned", "refused", "succeeded", "failed", "interrupted", "rolled-back"]
StepStatus = Literal["planned", "succeeded", "failed", "skipped"]
TargetStatus = Literal["untouched", "reconnected", "disconnected", "purged", "unknown"]
Where = Literal["connected", "disconnected", "elsewhere", "other-plan", "gone", "unclear"]
"""Where an app is: on the run's subnet, on none, on another, of another plan, deleted, or not to be told."""


class StepResult(Struct, frozen=True):
    """How a step ended."""

    n: int
    do: str
    target: str
    status: StepStatus
    seconds: float | None = None
    request: Request | None = None
    detail: str | None = None


class TargetResult(Struct, frozen=True):
    """What a run did to one app, or with a purge to the subnet.

    `outage_seconds` runs from the disconnect's request to the reconnect's answer. `expect` is what the
    app itself may do while it is without its network, where something of it is known to lie there.
    """

    id: str
    subnet: str | None
    status: TargetStatus
    outage_seconds: float | None = None
    routing_before: Routing | None = None
    routing_after: Routing | None = None
    expect: str | None = None


class Requests(Struct, frozen=True):
    """How many requests went out."""

    reads: int = 0
    writes: int = 0


class Run(Struct, frozen=True):
    """A run, or with `dry_run` what one would be: the document `remediate.run/1`."""

    run: str
    status: RunStatus
    dry_run: bool
    scope: Scope
    playbook: str
    targets: tuple[TargetResult, ...]
    steps: tuple[StepResult, ...]
    findings_before: tuple[Finding, ...]
    findings_after: tuple[Finding, ...]
    requests: Requests
    started: datetime
    seconds: float
    message: str | None = None
    changed: bool = False
    support: str | None = None
    resume: str | None = None
    purpose: Purpose = "reconnect"
    probes_before: tuple[Probe, ...] = ()
    probes_after: tuple[Probe, ...] = ()
    schema: Literal["remediate.run/1"] = "remediate.run/1"


class Verification(Struct, frozen=True):
    """The document `remediate.verify/1`. `healthy` is None with any unknown: we could not look.

    `changed_since` compares with the newest healthy snapshot; None when healthy, or when there is none.
    """

    target: str
    healthy: bool | None
    findings: tuple[Finding, ...]
    views: dict[str, View]
    requests: int
    probes: tuple[Probe, ...] = ()
    changed_since: ChangedSince | None = None
    schema: Literal["remediate.verify/1"] = "remediate.verify/1"


class ErrorReport(Struct, frozen=True):
    """The document `remediate.error/1`: what stdout holds under `-o json` when a command fails."""

    code: str
    message: str
    hint: str
    exit: int
    schema: Literal["remediate.error/1"] = "remediate.error/1"


class CurrentState(Struct, frozen=True):
    """How Azure is now: where each app of a run is, and whether the subnet is delegated.

    `found` holds the subnet or the plan of each app that is not where the run knows it. `subnet_gone` says
    that the subnet was deleted; `other_links` are the plans of others that its links name.
    """

    apps: dict[str, Where]
    delegated: bool
    found: dict[str, str] = {}
    subnet_gone: bool = False
    other_links: tuple[str, ...] = ()

    def may_be_off(self, app: str) -> bool:
        """Whether an app may be without its network: connecting it again does no harm if it is not."""
        return self.apps[app] in ("disconnected", "unclear")

    @property
    def may_be_connected(self) -> tuple[str, ...]:
        """The apps that may be connected still: disconnecting one that is not does no harm."""
        return tuple(app for app, where in self.apps.items() if where in ("connected", "unclear"))

    @property
    def lost(self) -> tuple[str, ...]:
        """The apps that somebody else deleted or moved: they are left alone."""
        lost = ("elsewhere", "other-plan", "gone")
        return tuple(app for app, where in self.apps.items() if where in lost)
