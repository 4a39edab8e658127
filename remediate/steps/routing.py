"""Comparing the routing and DNS settings of the apps with those from before the run."""

from __future__ import annotations

import shlex
from collections.abc import Iterator
from functools import partial
from typing import Any

import msgspec

from remediate.model import App, Step
from remediate.model.failure import WaitTimedOut
from remediate.steps.context import Resumption, StepExecution
from remediate.steps.kind import SETTLE, StepFailed, StepKind


class CheckRouting(StepKind):
    """Compares routing flags and DNS configuration of every app with those before the run."""

    name = "check-routing"
    purposes = frozenset({"reconnect"})
    looks = compares = True

    def carry_out(self, step: Step, execution: StepExecution) -> None:
        """Each app gets time to be as it was."""
        apps = execution.plan.apps
        if wrong := [line for app in apps for line in _changes(step, app, execution)]:
            raise StepFailed("; ".join(wrong))

    def undo(self, step: Step, resumption: Resumption) -> Iterator[Step]:
        """A rollback compares, too."""
        yield step


def _changes(step: Step, before: App, execution: StepExecution) -> list[str]:
    try:
        after = execution.waiter.until(
            partial(execution.reader.app, before.id),
            lambda now: now.routing == before.routing and now.dns == before.dns,
            timeout=step.timeout or SETTLE,
        )
    except WaitTimedOut as timed_out:
        if timed_out.last is None:
            return [f"{before.name}: its routing could not be read"]
        after = timed_out.last
    execution.seen.routing[before.id] = after.routing
    return differences(before, after)


def differences(before: App, after: App) -> list[str]:
    """What became of an app's routing and DNS settings, each with the command that sets it back."""
    was, now = msgspec.to_builtins(before.routing), msgspec.to_builtins(after.routing)
    changed = [
        (f"outboundVnetRouting.{flag}", was[flag], now[flag]) for flag in was if was[flag] != now[flag]
    ]
    if before.dns != after.dns:
        changed.append(("dnsConfiguration", before.dns, after.dns))
    return [
        f"{before.name}: {field} was {_json(old)}, is {_json(new)}; set it back with: "
        f"`{_set_back(before.id, field, old)}`"
        for field, old, new in changed
    ]


def _set_back(app: str, field: str, value: Any) -> str:
    return f"az resource update --ids {app} --set {shlex.quote(f'properties.{field}={_json(value)}')}"


def _json(value: Any) -> str:
    return msgspec.json.encode(value).decode()
