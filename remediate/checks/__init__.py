"""Pure judgement: what was read in, findings out, the most severe first.

One small function per finding code, named like the code: those of a look in the table `CHECKS`, those
that only matter to a change in `PREFLIGHT`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable

from remediate.checks import preflight
from remediate.checks.addresses import subnet_full, subnet_tight
from remediate.checks.integration import (
    gateway_integration,
    not_integrated,
    operation_in_progress,
    plan_unsupported,
    routing_conflict,
)
from remediate.checks.kinds import flex_consumption, managed_instance, slot_differs
from remediate.checks.link import (
    link_foreign,
    link_missing,
    link_not_ready,
    link_orphaned,
    link_other_plan,
    link_unused,
    subnet_shared,
)
from remediate.checks.ownership import iac_managed
from remediate.checks.reading import no_read_permission
from remediate.checks.subnet import delegation_missing, delegation_other, subnet_missing, subnet_other_region
from remediate.checks.views import stale_graph, views_disagree
from remediate.model import App, Finding, Severity, Topology

Check = Callable[[Topology], Finding | None]
PreflightCheck = Callable[[Topology, tuple[App, ...]], Finding | None]

CHECKS: tuple[Check, ...] = (
    not_integrated,
    gateway_integration,
    plan_unsupported,
    subnet_missing,
    subnet_other_region,
    delegation_missing,
    delegation_other,
    subnet_full,
    link_missing,
    link_not_ready,
    link_foreign,
    link_orphaned,
    link_other_plan,
    link_unused,
    subnet_tight,
    views_disagree,
    stale_graph,
    routing_conflict,
    operation_in_progress,
    flex_consumption,
    managed_instance,
    subnet_shared,
    slot_differs,
    iac_managed,
    no_read_permission,
)
"""Every check, in the order in which findings of one severity are shown."""

PREFLIGHT: tuple[PreflightCheck, ...] = (
    preflight.locked,
    preflight.no_permission,
    preflight.provider_unregistered,
    preflight.plan_limit,
    preflight.operation_in_progress,
    preflight.no_read_permission,
)
"""Every check of a preflight, in the same order."""

SEVERITIES: tuple[Severity, ...] = ("error", "warning", "unknown", "info")
"""The severities, most severe first."""


def judge(topology: Topology) -> tuple[Finding, ...]:
    """Everything worth saying about what was read, the most severe first."""
    found = (check(topology) for check in CHECKS)
    return ordered(one for one in found if one)


def judge_preflight(topology: Topology, apps: tuple[App, ...]) -> tuple[Finding, ...]:
    """What would keep these apps from being changed, the most severe first; `topology` with its preflight."""
    found = (check(topology, apps) for check in PREFLIGHT)
    return ordered(one for one in found if one)


def ordered(findings: Iterable[Finding]) -> tuple[Finding, ...]:
    """Findings, the most severe first."""
    return tuple(sorted(findings, key=lambda one: SEVERITIES.index(one.severity)))
