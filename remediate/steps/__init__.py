"""One class per kind of step: its request, its proof, its undo, what it takes away and what it brings back.

What plans a step is pure. What carries one out is given an execution, so nothing here imports `azure`.
"""

from __future__ import annotations

from remediate.steps.context import Resumption
from remediate.steps.delegate import Delegate, delegation_of, delegation_path
from remediate.steps.disconnect import DISCONNECT_SECONDS, Disconnect, WaitLinkGone, disconnection
from remediate.steps.kind import SETTLE, Layout, StepFailed, StepKind
from remediate.steps.observations import AppOutcome, Observations, question_of
from remediate.steps.probe import ProbeWorkers
from remediate.steps.purge import Purge, other_ways, purge_of
from remediate.steps.questions import Confirm, Pause, Preflight
from remediate.steps.reconnect import CONNECT_SECONDS, Reconnect, WaitLinkReady, connection, preferring
from remediate.steps.routing import CheckRouting
from remediate.steps.trial import Trial
from remediate.steps.unsupported import Restart, Snapshot
from remediate.steps.verify import Verify

__all__ = [
    "CONNECT_SECONDS",
    "DISCONNECT_SECONDS",
    "KINDS",
    "SETTLE",
    "AppOutcome",
    "CheckRouting",
    "Confirm",
    "Disconnect",
    "Layout",
    "Observations",
    "ProbeWorkers",
    "Reconnect",
    "Resumption",
    "StepFailed",
    "StepKind",
    "Trial",
    "Verify",
    "connection",
    "delegation_of",
    "delegation_path",
    "disconnection",
    "kind_of",
    "other_ways",
    "preferring",
    "purge_of",
    "question_of",
]

KINDS: dict[str, StepKind] = {
    kind.name: kind
    for kind in (
        Snapshot(),
        Preflight(),
        Confirm(),
        Trial(),
        Disconnect(),
        WaitLinkGone(),
        Reconnect(),
        WaitLinkReady(),
        CheckRouting(),
        Restart(),
        ProbeWorkers(),
        Purge(),
        Delegate(),
        Verify(),
        Pause(),
    )
}
"""Every kind of step by its name."""
_UNKNOWN = StepKind()


def kind_of(do: str) -> StepKind:
    """The kind of a step by its name; one that is nothing and fails, where a newer version wrote the name."""
    return KINDS.get(do, _UNKNOWN)
