"""Kinds of steps whose names are reserved and that are not carried out: a playbook with one is refused."""

from __future__ import annotations

from remediate.steps.kind import StepKind


class Snapshot(StepKind):
    """Keeping a snapshot; a run keeps its own before and after."""

    name = "snapshot"


class Restart(StepKind):
    """Restarting an app; a disconnect and a connect each do."""

    name = "restart"
    restarts = True
