"""Where a run stands: what it did to each app, how each step ended, and what that makes of the run."""

from __future__ import annotations

import shlex
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime

import msgspec

from remediate import ids
from remediate.model import (
    Plan,
    Request,
    Routing,
    RunStatus,
    Step,
    StepResult,
    StepStatus,
    TargetResult,
    TargetStatus,
)


@dataclass
class Toll:
    """What the run did to one app so far. Times are readings of the clock, in seconds."""

    status: TargetStatus = "untouched"
    left: float | None = None
    back: float | None = None

    @property
    def outage(self) -> float | None:
        """Seconds between the request that disconnected and the answer that connected."""
        if self.left is None or self.back is None:
            return None
        return round(self.back - self.left, 3)


@dataclass
class Course:
    """Mutable: this is the one thing that changes while a run goes on.

    `meant_out` are the apps that are to be disconnected in the end, as they were before the run.
    `unkept` says why the journal could not be kept, or that the lock is lost: then nothing more is taken.
    """

    tolls: dict[str, Toll]
    meant_out: frozenset[str] = frozenset()
    results: list[StepResult] = field(default_factory=list)
    failed: Step | None = None
    declined: Step | None = None
    delegated: bool = False
    unkept: str | None = None
    started: datetime | None = None
    began: float = 0.0

    @property
    def disconnected(self) -> list[str]:
        """The apps that may be without their network now, and should not be."""
        astray = ("disconnected", "unknown")
        return [
            app for app, toll in self.tolls.items() if toll.status in astray and app not in self.meant_out
        ]

    @property
    def touched(self) -> bool:
        """Whether any app may be different from before."""
        return any(toll.status != "untouched" for toll in self.tolls.values())

    @property
    def changed(self) -> bool:
        """Whether Azure may be different from before: a write that was refused changed nothing."""
        return self.delegated or self.touched

    def replace(self, result: StepResult) -> None:
        """Take a step's later result instead of its earlier one."""
        self.results = [result if one.n == result.n else one for one in self.results]

    def status(self, *, interrupted: bool) -> RunStatus:
        """What the run came to."""
        if self.disconnected:
            return "failed"
        if self.declined is not None:
            return "interrupted"
        if self.failed is not None:
            if interrupted and self.failed.do == "verify":
                return "interrupted"
            return "rolled-back" if self._put_back() else "failed"
        return "interrupted" if interrupted and self._cut_short() else "succeeded"

    def _cut_short(self) -> bool:
        """Whether anything was left out that counts; for a wait the look after it makes up."""
        skipped = {result.do for result in self.results if result.status == "skipped"}
        return bool(skipped & {"delegate", "disconnect", "reconnect", "verify"})

    @property
    def open(self) -> bool:
        """Whether there is anything left that `resume` could do.

        Where every app is connected and some were never disconnected, the link was not rebuilt, and
        only a new run can do that.
        """
        if self.disconnected or not self.changed:
            return bool(self.disconnected)
        given_up = any(one.do == "disconnect" and one.status != "succeeded" for one in self.results)
        wrong = any(one.status == "failed" for one in self.results)
        return not given_up and not self._put_back() and (wrong or self.failed is not None)

    def _put_back(self) -> bool:
        """Whether a failure led to everything being as it was before."""
        if self.failed is None or self.failed.on_failure != "rollback" or self.disconnected:
            return False
        back = any(toll.status == "reconnected" for toll in self.tolls.values())
        same = not any(one.do == "check-routing" and one.status == "failed" for one in self.results)
        return back and same

    def targets(self, plan: Plan, routing: dict[str, Routing]) -> tuple[TargetResult, ...]:
        """What became of each app."""
        return tuple(
            TargetResult(
                id=app.id,
                subnet=plan.subnet,
                status=self.tolls[app.id].status,
                outage_seconds=self.tolls[app.id].outage,
                routing_before=app.routing,
                routing_after=routing.get(app.id),
            )
            for app in plan.apps
        )

    def message(self, steps: Sequence[Step], status: RunStatus) -> str | None:
        """What the operator has to know and do, where the run did not end well."""
        lines = [
            f"{result.do} {ids.app_name(result.target)}: {result.detail}"
            for result in self.results
            if result.status == "failed"
        ]
        if self.unkept and status != "succeeded":
            lines.insert(0, f"stopped: {self.unkept}")
        for step in steps:
            if step.do == "reconnect" and step.target in self.disconnected and step.request:
                name = ids.app_name(step.target)
                lines.append(f"{name} may be without its network. By hand: {by_hand(step.request)}")
        if status in ("failed", "interrupted") and self.touched and not self.open and not self.meant_out:
            lines.append("Every app is connected; only a new run can do what is left: remediate reconnect")
        return "\n".join(lines) or None


def result(
    step: Step, status: StepStatus, seconds: float | None = None, detail: str | None = None
) -> StepResult:
    """How a step ended; seconds to the millisecond."""
    rounded = None if seconds is None else round(seconds, 3)
    return StepResult(step.n, step.do, step.target, status, rounded, step.request, detail)


def by_hand(request: Request) -> str:
    """The same request as a command for `az`, ready to paste."""
    body = msgspec.json.encode(request.body).decode()
    method, url = request.method.lower(), shlex.quote(request.path)
    return f"az rest --method {method} --url {url} --body {shlex.quote(body)}"
