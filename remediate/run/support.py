"""What to tell Microsoft's support: the ids, times and attempts of a run, ready to paste."""

from __future__ import annotations

from msgspec.structs import replace

from remediate.checks.advice import called, typed
from remediate.model import FLEX_SERVICE, PURPOSES, Finding, Plan, RunStatus
from remediate.run.journal import Intent, Journal, Outcome
from remediate.run.state import RunState
from remediate.steps import kind_of

_WAIT = (
    "Azure made no link, although every app of the plan was disconnected and connected again; to do that "
    "once more would be the same. Azure may need 15 minutes and more: look again later: {}. If it stays "
    "missing, only Azure support can help."
)


def support_request(
    journal: Journal, plan: Plan, state: RunState, status: RunStatus, after: tuple[Finding, ...]
) -> str | None:
    """Everything support asks for first, from the journal's own lines; None where it could not help.

    Times are UTC.
    """
    if not journal.announced or not _can_help(state, status, after):
        return None
    problem = PURPOSES[plan.purpose].for_support
    lines = [
        f"Regional VNet integration: the service association link of a subnet {problem}.",
        f"Subnet: {plan.subnet}",
        *_owner(plan),
        *(f"App: {app.id}" for app in plan.apps),
        *(f"Seen afterwards: {one.title} ({one.code})" for one in after),
        f"What was tried (remediate run {journal.run}):",
        *_attempts(journal),
    ]
    return "\n".join(lines)


def with_next_steps(findings: tuple[Finding, ...], plan: Plan, *, open_: bool) -> tuple[Finding, ...]:
    """The findings after a run, without actions that cannot help: what they offer was just done.

    `open_` says that the run can be resumed, which comes first.
    """
    return tuple(_with_next_step(one, plan, open_) for one in findings)


def _with_next_step(finding: Finding, plan: Plan, open_: bool) -> Finding:
    if finding.code == "link-missing" and _rebuilds_link(plan):
        return replace(finding, action=_WAIT.format(typed(["remediate", "verify", called(plan.target)])))
    return replace(finding, action="") if open_ else finding


def _rebuilds_link(plan: Plan) -> bool:
    """Whether every app of the plan left the subnet, so that its next integration was the first one."""
    steps = [(kind_of(step.do), step.target) for step in plan.steps]
    freed = (kind.leaves and kind.waits_for_link and target == plan.subnet for kind, target in steps)
    return plan.brings_back and any(freed)


def _owner(plan: Plan) -> list[str]:
    """The plan that the link names; the link of Flex Consumption names the subnet (azure-facts.md, 1)."""
    if plan.service == FLEX_SERVICE:
        plans = dict.fromkeys(app.plan for app in plan.apps if app.plan)
        return [f"Type of the link: {FLEX_SERVICE}", *(f"Flex Consumption plan: {one}" for one in plans)]
    return [f"App Service plan: {one}" for one in plan.links[:1]]


def _can_help(state: RunState, status: RunStatus, after: tuple[Finding, ...]) -> bool:
    """Not with a port that is not reached, nor where our own state failed."""
    reaching = state.failed is not None and kind_of(state.failed.do).reaches
    return (
        status == "failed"
        and state.journal_error is None
        and state.changed_by_others is None
        and not (reaching and all(one.code == "probe-failed" for one in after))
    )


def _attempts(journal: Journal) -> list[str]:
    """One line a write: when, what, how it was answered, and Azure's own ids of it."""
    lines: dict[int | None, str] = {}
    for line in journal.written:
        if isinstance(line, Intent):
            lines[line.attempt] = f"{line.at:%Y-%m-%dT%H:%M:%SZ} {line.request.method} {line.request.path}"
        elif isinstance(line, Outcome) and line.attempt in lines:
            lines[line.attempt] += _answer(line)
    return list(lines.values())


def _answer(line: Outcome) -> str:
    if not line.sent:
        return " was not sent"
    known = f"request {line.request_id or 'unknown'}, correlation {line.correlation_id or 'unknown'}"
    return f" answered {line.status or 'nothing'}, {known}"
