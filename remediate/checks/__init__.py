"""Pure judgement: a World and a Question in, findings out, the most severe first.

One function per finding code, named like the code, told what the question is. `CHECKS` is the one table.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from typing import NamedTuple

from remediate.checks.addresses import subnet_full, subnet_tight
from remediate.checks.advice import with_obstacles
from remediate.checks.beside_apps import link_former_id, link_other_plan
from remediate.checks.deny_assignments import deny_assignment
from remediate.checks.integration import (
    gateway_in_plan,
    gateway_integration,
    not_integrated,
    plan_unsupported,
    routing_conflict,
)
from remediate.checks.kinds import flex_consumption, managed_instance, slot_differs
from remediate.checks.limits import operation_in_progress, plan_limit
from remediate.checks.link import link_missing, link_not_ready, subnet_shared
from remediate.checks.occupied import subnet_occupied
from remediate.checks.ownership import iac_managed
from remediate.checks.permissions import locked, no_permission, policy_denies, provider_unregistered
from remediate.checks.reading import no_read_permission, not_visible
from remediate.checks.subnet import (
    delegation_missing,
    delegation_other,
    network_ipv6,
    subnet_missing,
    subnet_other_region,
)
from remediate.checks.unused_link import link_foreign, link_orphaned, link_unused
from remediate.checks.views import stale_graph, views_disagree
from remediate.checks.workers import probe_failed, worker_without_ip
from remediate.model import Finding, Question, QuestionKind, Severity, World

CheckResult = Finding | tuple[Finding, ...] | None
"""What a check gives; several findings only where workers were asked several times."""

_APP: tuple[QuestionKind, ...] = ("look", "change")
_WORKERS: tuple[QuestionKind, ...] = (*_APP, "probe")
_LINK: tuple[QuestionKind, ...] = (*_APP, "purge")
_ANY_LINK: tuple[QuestionKind, ...] = (*_LINK, "delete")
_SENT: tuple[QuestionKind, ...] = (*_WORKERS, "leave", "purge")


class Check(NamedTuple):
    """A function that looks for one finding, and the questions for which that makes sense."""

    find: Callable[[World, Question], CheckResult]
    questions: tuple[QuestionKind, ...]

    @property
    def code(self) -> str:
        """The code of the finding: the function is named like it."""
        return self.find.__name__.replace("_", "-")


CHECKS: tuple[Check, ...] = (
    Check(not_integrated, _APP),
    Check(gateway_integration, _APP),
    Check(plan_unsupported, _APP),
    Check(subnet_missing, _APP),
    Check(subnet_other_region, _APP),
    Check(network_ipv6, _APP),
    Check(delegation_missing, _APP),
    Check(delegation_other, _APP),
    Check(subnet_full, _APP),
    Check(subnet_occupied, (*_APP, "delete")),
    Check(link_missing, _LINK),
    Check(link_not_ready, _ANY_LINK),
    Check(link_foreign, _ANY_LINK),
    Check(link_orphaned, _ANY_LINK),
    Check(link_other_plan, _ANY_LINK),
    Check(link_unused, _ANY_LINK),
    Check(subnet_tight, _APP),
    Check(views_disagree, _APP),
    Check(stale_graph, _APP),
    Check(routing_conflict, _APP),
    Check(operation_in_progress, (*_APP, "leave", "delete")),
    Check(flex_consumption, _ANY_LINK),
    Check(managed_instance, (*_APP, "leave", "delete")),
    Check(subnet_shared, (*_APP, "delete")),
    Check(link_former_id, _ANY_LINK),
    Check(slot_differs, _APP),
    Check(iac_managed, _APP),
    Check(no_read_permission, (*_APP, "leave", "purge", "delete")),
    Check(not_visible, (*_APP, "leave", "purge", "delete")),
    Check(locked, ("change", "leave", "purge", "delete")),
    Check(no_permission, ("change", "leave", "purge", "delete")),
    Check(deny_assignment, ("change", "leave", "purge", "delete")),
    Check(provider_unregistered, ("change",)),
    Check(gateway_in_plan, ("change",)),
    Check(plan_limit, _APP),
    Check(worker_without_ip, _WORKERS),
    Check(probe_failed, _WORKERS),
    Check(policy_denies, _SENT),
)
"""Every check, in the order in which findings of one severity are shown."""

SEVERITIES: tuple[Severity, ...] = ("error", "warning", "unknown", "info")
"""The severities, most severe first."""


def judge(world: World, question: Question, allowed: frozenset[str] = frozenset()) -> tuple[Finding, ...]:
    """Everything worth saying about what was read, for what the question is; the most severe first.

    `allowed` are the codes that the operator allows to be unknown, which then prevent no advice.
    """
    checks = (check for check in CHECKS if question.kind in check.questions)
    found = ordered(one for check in checks for one in _each(check.find(world, question)))
    return with_obstacles(found, allowed)


def ordered(findings: Iterable[Finding]) -> tuple[Finding, ...]:
    """Findings, the most severe first."""
    return tuple(sorted(findings, key=lambda one: SEVERITIES.index(one.severity)))


def _each(found: CheckResult) -> Iterator[Finding]:
    if isinstance(found, tuple):
        yield from found
    elif found is not None:
        yield found
