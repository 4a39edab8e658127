"""What was judged: findings with their evidence, and the verdict that they make."""

from __future__ import annotations

from typing import Any, Literal

from msgspec import Struct

Severity = Literal["error", "warning", "info", "unknown"]


class Evidence(Struct, frozen=True):
    """One fact behind a finding: the view it was read in, the field, and the value as Azure gave it."""

    view: str
    field: str
    value: Any


class Finding(Struct, frozen=True):
    """Something worth saying about the integration. Codes are fixed; `action` is what to do."""

    code: str
    severity: Severity
    title: str
    detail: str
    evidence: tuple[Evidence, ...] = ()
    playbook: str | None = None
    action: str = ""


def healthy(findings: tuple[Finding, ...]) -> bool | None:
    """False with any error or warning, else None with any unknown, else True (docs/json.md)."""
    severities = {finding.severity for finding in findings}
    if severities & {"error", "warning"}:
        return False
    return None if "unknown" in severities else True
