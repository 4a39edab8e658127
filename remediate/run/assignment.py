"""What an execution is to carry out, and where the run stands before it."""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

from remediate.model import Finding, Plan, RunStatus, Step
from remediate.run.state import RunState

Ask = Callable[[Step, Plan], bool]
"""How the operator is asked whether to go on with a step; `--yes` answers yes."""


class Assignment(NamedTuple):
    """What is to be carried out, built after the lock is acquired.

    `replan` makes the plan anew from a fresh look, to see whether Azure changed. `state` is where the run
    stands before it. `success_status` is what the run is called when everything worked.
    """

    plan: Plan
    findings: tuple[Finding, ...]
    replan: Callable[[], Plan]
    state: RunState
    success_status: RunStatus = "succeeded"
