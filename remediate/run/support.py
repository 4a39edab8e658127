"""What to tell Microsoft's support: the ids, times and attempts of a run, ready to paste."""

from __future__ import annotations

from remediate.model import PURPOSES, Finding, Plan, RunStatus
from remediate.run.journal import Intent, Journal, Outcome
from remediate.run.state import RunState
from remediate.steps import kind_of


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
        *(f"App Service plan: {one}" for one in plan.links[:1]),
        *(f"App: {app.id}" for app in plan.apps),
        *(f"Seen afterwards: {one.title} ({one.code})" for one in after),
        f"What was tried (remediate run {journal.run}):",
        *_attempts(journal),
    ]
    return "\n".join(lines)


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
