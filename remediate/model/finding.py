"""What was judged: findings with their evidence, and the verdict that they make."""

from __future__ import annotations

from typing import Any, Literal

from msgspec import Struct

Severity = Literal["error", "warning", "info", "unknown"]
PREVENTS_RECONNECT = frozenset(
    {
        "delegation-other",
        "deny-assignment",
        "gateway-integration",
        "link-foreign",
        "link-former-id",
        "link-orphaned",
        "link-other-plan",
        "link-unused",
        "locked",
        "managed-instance",
        "no-permission",
        "operation-in-progress",
        "plan-limit",
        "plan-unsupported",
        "provider-unregistered",
        "subnet-full",
        "subnet-missing",
        "subnet-occupied",
        "subnet-other-region",
    }
)
"""Findings with which a disconnected app could not be connected again: refused before any write."""
PREVENTS_UNLESS_INFO = frozenset({"flex-consumption", "subnet-shared"})
"""Findings that refuse unless they are an info."""


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


def prevents_reconnect(finding: Finding) -> bool:
    """Whether a reconnect is refused with a finding; what is unknown can be allowed by its code."""
    if finding.severity == "unknown" or finding.code in PREVENTS_RECONNECT:
        return True
    return finding.code in PREVENTS_UNLESS_INFO and finding.severity != "info"


def healthy(findings: tuple[Finding, ...]) -> bool | None:
    """False with any error or warning, else None with any unknown, else True (docs/reference/json.md)."""
    severities = {finding.severity for finding in findings}
    if severities & {"error", "warning"}:
        return False
    return None if "unknown" in severities else True
