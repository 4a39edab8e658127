"""What to tell Microsoft's support: the ids, times and attempts of a run, ready to paste."""

from __future__ import annotations

from remediate.model import Finding, Plan
from remediate.run.journal import Intent, Journal, Outcome


def support_request(journal: Journal, plan: Plan, findings: tuple[Finding, ...]) -> str:
    """Everything support asks for first, from the journal's own lines. Times are UTC."""
    lines = [
        "Regional VNet integration: the service association link of a subnet does not come right.",
        f"Subnet: {plan.subnet}",
        *(f"App Service plan: {one}" for one in plan.links[:1]),
        *(f"App: {app.id}" for app in plan.apps),
        *(f"Seen afterwards: {one.title} ({one.code})" for one in findings),
        f"What was tried (remediate run {journal.run}):",
        *_attempts(journal),
    ]
    return "\n".join(lines)


def _attempts(journal: Journal) -> list[str]:
    """One line a write: when, what, how it was answered, and Azure's own ids of it."""
    lines: list[str] = []
    for line in journal.written:
        if isinstance(line, Intent):
            lines.append(f"{line.at:%Y-%m-%dT%H:%M:%SZ} {line.request.method} {line.request.path}")
        elif isinstance(line, Outcome) and lines:
            ids = f"request {line.request_id or 'unknown'}, correlation {line.correlation_id or 'unknown'}"
            lines[-1] += f" answered {line.status or 'nothing'}, {ids}"
    return lines
