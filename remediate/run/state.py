"""Where a run stands: what it did to each app, what it saw, how each step ended, and how the run ended."""

from __future__ import annotations

import logging
import shlex
from dataclasses import dataclass, field
from datetime import datetime

import msgspec

from remediate import ids
from remediate.checks.content_share import expectation
from remediate.errors import RemediateError, UnexpectedError
from remediate.model import (
    PURPOSES,
    App,
    Plan,
    Purpose,
    PurposeTraits,
    Request,
    Routing,
    RunStatus,
    Step,
    StepResult,
    StepStatus,
    TargetResult,
    TargetStatus,
)
from remediate.steps import AppOutcome, kind_of, other_ways, preferring


def only_anew(plan: Plan) -> str:
    """What to do where a link was not rebuilt, and nothing of the run is left to do."""
    target = ids.app_name(plan.target)
    words = ["remediate", "reconnect", plan.target if "/" in target else target, "--scope", plan.scope]
    return f"Every app is connected, but the link was not rebuilt. Start a new run: `{shlex.join(words)}`"


REPAIRED = "After the trial Azure shows the integration as repaired, so no app was disconnected."
"""Where nothing is left to repair before the first disconnect."""
NOT_ACCEPTED = (
    "Azure has not accepted the request that would connect the app again, so no app was disconnected. "
    "What Azure does not accept now could keep the app without its network after a disconnect."
)
"""Where a trial ends the run."""


@dataclass
class RunState:
    """Mutable: this is the one thing that changes while a run goes on.

    `outcomes` are by app, or with a purge by subnet. `not_to_connect` are those that are not to be connected
    in the end. `link_remains` says that a link was still there when the time for a purge had ended.
    `repaired` says that the trial brought back what was missing: then nothing is disconnected.
    `journal_error` says why the journal could not be written, or that the lock is lost: then nothing more is
    taken. `changed_by_others` says what somebody else changed: the run then only brings back, and has not
    reached what it is for. `answering` are the seconds that the operator took to answer, which the run did
    not take.
    """

    outcomes: dict[str, AppOutcome]
    not_to_connect: frozenset[str] = frozenset()
    purpose: Purpose = "reconnect"
    link_remains: bool = False
    ended: RunStatus | None = None
    results: list[StepResult] = field(default_factory=list)
    failed: Step | None = None
    declined: Step | None = None
    delegated: bool = False
    repaired: bool = False
    journal_error: str | None = None
    changed_by_others: str | None = None
    started: datetime | None = None
    began: float = 0.0
    answering: float = 0.0

    @property
    def traits(self) -> PurposeTraits:
        """What follows from the purpose of the run."""
        return PURPOSES[self.purpose]

    @property
    def disconnected(self) -> list[str]:
        """The apps that may be without their network now, and should not be."""
        astray = ("disconnected", "unknown")
        return [
            one
            for one, outcome in self.outcomes.items()
            if outcome.status in astray and one not in self.not_to_connect
        ]

    @property
    def touched(self) -> bool:
        """Whether any app may be different from before."""
        return any(outcome.status != "untouched" for outcome in self.outcomes.values())

    @property
    def changed(self) -> bool:
        """Whether Azure may be different from before: a write that was refused changed nothing."""
        return self.delegated or self.touched

    def update_from(self, seen: dict[str, TargetStatus]) -> None:
        """Take what a last look saw. What is still there was left alone only where nothing was sent, or
        where Azure had all the time that there is: else it may yet go, and nobody knows.
        """
        for one, status in seen.items():
            outcome = self.outcomes[one]
            if status != "untouched":
                outcome.status = status
            elif self.link_remains:
                outcome.status = "untouched"
            elif outcome.status != "untouched":
                outcome.status = "unknown"

    def preferred(self, step: Step) -> Step:
        """The step with the request first that Azure accepted in the trial of its app."""
        outcome = self.outcomes.get(step.target)
        return preferring(step, outcome.accepted if outcome else None)

    def replace(self, result: StepResult) -> None:
        """Take a step's later result instead of its earlier one."""
        self.results = [result if one.n == result.n else one for one in self.results]

    def status(self, *, interrupted: bool) -> RunStatus:
        """What the run came to."""
        if self.disconnected:
            return "failed"
        if self.repaired:
            return "succeeded"
        if self.declined is not None:
            return "interrupted"
        if self.failed is not None:
            if interrupted and kind_of(self.failed.do).interruptible:
                return "interrupted"
            if kind_of(self.failed.do).tries and not self.changed:
                return "refused"
            return "rolled-back" if self._put_back() else "failed"
        if interrupted and self._is_incomplete():
            return "interrupted"
        return "failed" if self.changed_by_others else "succeeded"

    def _is_incomplete(self) -> bool:
        """Whether anything was left out that counts; for a wait the look after it makes up."""
        return any(kind_of(one.do).essential for one in self.results if one.status == "skipped")

    @property
    def open(self) -> bool:
        """Whether there is anything left that `resume` could do.

        Where every app is connected and some were never disconnected, the link was not rebuilt, and
        only a new run can do that; so it is where somebody else changed something. What leaves for good goes
        on from anywhere.
        """
        if not self.traits.brings_back:
            return self.changed and self.ended in ("failed", "interrupted")
        if self.disconnected or not self.changed or self.changed_by_others:
            return bool(self.disconnected)
        given_up = any(kind_of(one.do).takes_away and one.status != "succeeded" for one in self.results)
        wrong = any(one.status == "failed" for one in self.results)
        return not given_up and not self._put_back() and (wrong or self.failed is not None)

    def _put_back(self) -> bool:
        """Whether a failure led to everything being as it was before."""
        if self.failed is None or self.failed.on_failure != "rollback" or self.disconnected:
            return False
        back = any(outcome.status == "reconnected" for outcome in self.outcomes.values())
        same = not any(kind_of(one.do).compares and one.status == "failed" for one in self.results)
        return back and same

    def targets(self, plan: Plan, routing: dict[str, Routing]) -> tuple[TargetResult, ...]:
        """What became of each app, or with a purge of the subnet."""
        apps = {app.id: app for app in plan.apps}
        return tuple(
            _target(plan.subnet, one, self.outcomes[one], apps.get(one), routing.get(one))
            for one in plan.changes
        )

    def message(self, plan: Plan, status: RunStatus) -> str | None:
        """What the operator has to know and do, where the run did not end well."""
        failed = [one for one in self.results if one.status == "failed"]
        lines = [f"{one.do} {ids.app_name(one.target)}: {one.detail}" for one in failed]
        if self.journal_error and status != "succeeded":
            lines.insert(0, f"stopped: {self.journal_error}")
        if self.changed_by_others:
            lines.insert(0, self.changed_by_others)
        if self.repaired:
            lines.append(REPAIRED)
        if any(kind_of(one.do).tries and not self.outcomes[one.target].accepted for one in failed):
            lines.append(NOT_ACCEPTED)
        if self.delegated and not self.touched and status != "succeeded":
            lines.append(f"This run delegated {ids.name(plan.subnet)} to {plan.service}, and that stays.")
        for step in (self.preferred(one) for one in plan.steps):
            if kind_of(step.do).brings_back and step.target in self.disconnected and step.request:
                name = ids.app_name(step.target)
                lines.append(f"{name} may be without its network. By hand: `{by_hand(step.request)}`")
        if self.link_remains and any(kind_of(one.do).clears_link for one in failed):
            lines.append(other_ways(plan))
        if self._only_anew(status):
            lines.append(only_anew(plan))
        return "\n".join(lines) or None

    def unclosed(self, plan: Plan, status: RunStatus) -> str:
        """The same where the journal could not say how the run ended, so that a new run is not let in yet."""
        lines = [one for one in (self.message(plan, status) or "").splitlines() if one != only_anew(plan)]
        return "\n".join(
            [*lines, "The end of the run could not be journaled. To complete it: `remediate resume`"]
        )

    def _only_anew(self, status: RunStatus) -> bool:
        ended = status in ("failed", "interrupted") and self.changed_by_others is None
        return ended and self.touched and not self.open and not self.not_to_connect


def untouched(plan: Plan) -> RunState:
    """The state of a run that has done nothing yet."""
    changes = plan.changes
    staying = frozenset() if plan.brings_back else frozenset(changes)
    return RunState({one: AppOutcome() for one in changes}, staying, plan.purpose)


def _target(
    subnet: str | None, one: str, outcome: AppOutcome, app: App | None, routing: Routing | None
) -> TargetResult:
    return TargetResult(
        id=one,
        subnet=subnet,
        status=outcome.status,
        outage_seconds=outcome.outage,
        routing_before=app.routing if app else None,
        routing_after=routing,
        expect=expectation(app) if app else None,
    )


def result(
    step: Step, status: StepStatus, seconds: float | None = None, detail: str | None = None
) -> StepResult:
    """How a step ended; seconds to the millisecond."""
    rounded = None if seconds is None else round(seconds, 3)
    return StepResult(step.n, step.do, step.target, status, rounded, step.request, detail)


def failure_text(error: Exception) -> str:
    """What a step's result says of the error that ended it."""
    if not isinstance(error, RemediateError):
        logging.getLogger(__name__).debug("unexpected", exc_info=error)
        error = UnexpectedError(error)
    return str(error)


def by_hand(request: Request) -> str:
    """The same request as a command for `az`, ready to paste."""
    body = msgspec.json.encode(request.body).decode()
    method, url = request.method.lower(), shlex.quote(request.path)
    return f"az rest --method {method} --url {url} --body {shlex.quote(body)}"
