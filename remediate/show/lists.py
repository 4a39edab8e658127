"""The documents of the commands that list and show; all other documents are in the model."""

from __future__ import annotations

from datetime import datetime
from typing import Any, Literal

from msgspec import Struct

from remediate.model.snapshot import Side
from remediate.playbook import Playbook
from remediate.show.runs import ListedRun, RunSummary


class RunList(Struct, frozen=True):
    """The document of `runs list`."""

    runs: tuple[ListedRun, ...]
    schema: Literal["remediate.runs/1"] = "remediate.runs/1"


class PrunedRuns(Struct, frozen=True):
    """The document of `runs prune`: the runs that were deleted, or with `dry_run` would be.

    The last line of each of them is older than `before`.
    """

    dry_run: bool
    before: datetime
    runs: tuple[RunSummary, ...]
    schema: Literal["remediate.prune/1"] = "remediate.prune/1"


class RunJournal(RunSummary, frozen=True):
    """The document of `runs show`: the run in short, and every line of its journal."""

    journal: tuple[dict[str, Any], ...] = ()
    schema: Literal["remediate.journal/1"] = "remediate.journal/1"


class SnapshotSummary(Side, frozen=True):
    """A snapshot in short: its app, time, source, Azure, and the app's subnet."""

    subnet: str | None
    arm: str


class SnapshotList(Struct, frozen=True):
    """The document of `snapshot list`, the newest last."""

    snapshots: tuple[SnapshotSummary, ...]
    schema: Literal["remediate.snapshots/1"] = "remediate.snapshots/1"


class PlaybookList(Struct, frozen=True):
    """The document of `playbooks list`."""

    playbooks: tuple[Playbook, ...]
    schema: Literal["remediate.playbooks/1"] = "remediate.playbooks/1"


class PlaybookDocument(Playbook, frozen=True):
    """The document of `playbooks show`."""

    schema: Literal["remediate.playbook/1"] = "remediate.playbook/1"


class PlaybookCheck(Struct, frozen=True):
    """The document of `playbooks validate` for a playbook without an error."""

    id: str
    valid: Literal[True] = True
    schema: Literal["remediate.playbook-check/1"] = "remediate.playbook-check/1"


class Scenario(Struct, frozen=True):
    """A scenario of the sandbox, in one line."""

    name: str
    summary: str


class CapturedWorld(Struct, frozen=True):
    """The document of `sandbox capture`: where the world was written, the world, and what was not read."""

    file: str | None
    world: dict[str, Any]
    unread: tuple[str, ...]
    schema: Literal["remediate.capture/1"] = "remediate.capture/1"


class WorldCheck(Struct, frozen=True):
    """The document of `sandbox check` for a world file without an error: what there is in its world."""

    file: str
    apps: int
    plans: int
    subnets: int
    valid: Literal[True] = True
    schema: Literal["remediate.world-check/1"] = "remediate.world-check/1"


class ScenarioList(Struct, frozen=True):
    """The document of `sandbox list`."""

    scenarios: tuple[Scenario, ...]
    schema: Literal["remediate.scenarios/1"] = "remediate.scenarios/1"
