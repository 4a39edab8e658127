"""Where a run stands: what it did to each app, how each step ended, and what that makes of the run."""

from __future__ import annotations

import shlex
from dataclasses import dataclass, field
from datetime import datetime

import msgspec

from remediate import ids
from remediate.checks.content_share import expectation
from remediate.model import (
    Plan,
    Purpose,
    Request,
    Routing,
    RunStatus,
    Step,
    StepResult,
    StepStatus,
    TargetResult,
    TargetStatus,
)
from remediate.run.support import other_ways

ONLY_ANEW = "Every app is connected; only a new run can do what is left: remediate reconnect"
"""Where a link was not rebuilt, and nothing of the run is left to do."""


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

    `meant_out` are the apps that are to be disconnected in the end. `tolls` are by app, or with a purge
    by subnet. `stays` says that a link was still there when the patience for a purge had ended. `unkept`
    says why the journal could not be kept, or that the lock is lost: then nothing more is taken. `moved` says
    what somebody else changed: the run then only brings back, and has not reached what it is for.
    """

    tolls: dict[str, Toll]
    meant_out: frozenset[str] = frozenset()
    purpose: Purpose = "reconnect"
    stays: bool = False
    ended: RunStatus | None = None
    results: list[StepResult] = field(default_factory=list)
    failed: Step | None = None
    declined: Step | None = None
    delegated: bool = False
    unkept: str | None = None
    moved: str | None = None
    started: datetime | None = None
    began: float = 0.0

    @property
    def disconnected(self) -> list[str]:
        """The apps that may be without their network now, and should not be."""
        astray = ("disconnected", "unknown")
        if self.purpose == "purge":
            return []
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

    def take_note(self, seen: dict[str, TargetStatus]) -> None:
        """Take what a last look saw. What is still there was left alone only where nothing was sent, or
        where Azure had all the time that there is: else it may yet go, and nobody knows.
        """
        for one, status in seen.items():
            toll = self.tolls[one]
            if status != "untouched":
                toll.status = status
            elif self.stays:
                toll.status = "untouched"
            elif toll.status != "untouched":
                toll.status = "unknown"

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
            if interrupted and self.failed.do in ("verify", "probe", "purge"):
                return "interrupted"
            return "rolled-back" if self._put_back() else "failed"
        if interrupted and self._cut_short():
            return "interrupted"
        return "failed" if self.moved else "succeeded"

    def _cut_short(self) -> bool:
        """Whether anything was left out that counts; for a wait the look after it makes up."""
        skipped = {result.do for result in self.results if result.status == "skipped"}
        return bool(skipped & {"delegate", "disconnect", "reconnect", "purge", "verify", "probe"})

    @property
    def open(self) -> bool:
        """Whether there is anything left that `resume` could do.

        Where every app is connected and some were never disconnected, the link was not rebuilt, and
        only a new run can do that; so it is where somebody else changed something. What leaves for good goes
        on from anywhere.
        """
        if self.purpose != "reconnect":
            return self.changed and self.ended in ("failed", "interrupted")
        if self.disconnected or not self.changed or self.moved:
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
        if plan.purpose == "purge":
            return tuple(TargetResult(one, plan.subnet, toll.status) for one, toll in self.tolls.items())
        return tuple(
            TargetResult(
                id=app.id,
                subnet=plan.subnet,
                status=self.tolls[app.id].status,
                outage_seconds=self.tolls[app.id].outage,
                routing_before=app.routing,
                routing_after=routing.get(app.id),
                expect=expectation(app),
            )
            for app in plan.apps
        )

    def message(self, plan: Plan, status: RunStatus) -> str | None:
        """What the operator has to know and do, where the run did not end well."""
        lines = [
            f"{result.do} {ids.app_name(result.target)}: {result.detail}"
            for result in self.results
            if result.status == "failed"
        ]
        if self.unkept and status != "succeeded":
            lines.insert(0, f"stopped: {self.unkept}")
        if self.moved:
            lines.insert(0, self.moved)
        for step in plan.steps:
            if step.do == "reconnect" and step.target in self.disconnected and step.request:
                name = ids.app_name(step.target)
                lines.append(f"{name} may be without its network. By hand: {by_hand(step.request)}")
        if self.stays and any(one.do == "purge" and one.status == "failed" for one in self.results):
            lines.append(other_ways(plan))
        if self.purpose == "reconnect" and self._only_anew(status):
            lines.append(ONLY_ANEW)
        return "\n".join(lines) or None

    def unclosed(self, plan: Plan, status: RunStatus) -> str:
        """The same where the journal could not say how the run ended, so that a new run is not let in yet."""
        lines = [one for one in (self.message(plan, status) or "").splitlines() if one != ONLY_ANEW]
        return "\n".join([*lines, "How the run ended could not be kept: resume it, and it is settled."])

    def _only_anew(self, status: RunStatus) -> bool:
        ended = status in ("failed", "interrupted") and self.moved is None
        return ended and self.touched and not self.open and not self.meant_out


def begun(plan: Plan) -> Course:
    """The course of a run that has done nothing yet."""
    out = frozenset(plan.changes) if plan.purpose == "disconnect" else frozenset()
    return Course({one: Toll() for one in plan.changes}, out, plan.purpose)


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
