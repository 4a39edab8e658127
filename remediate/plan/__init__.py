"""World + question + playbook → ordered steps, each with the exact request of its write. Pure.

The plan that is shown is the plan that runs; only what brings an app back is sent more than once.
"""

from collections.abc import Callable

from remediate.model import Finding, Plan, Question, QuestionKind, World
from remediate.plan.disconnect import disconnect
from remediate.plan.planner import Options
from remediate.plan.purge import purge
from remediate.plan.rebuild import PlanDiffers, check_delegation, rebuild
from remediate.plan.reconnect import affected, delegation, reconnect, scope_for
from remediate.plan.refusals import PREFLIGHT, cautions
from remediate.playbook import Playbook

__all__ = [
    "PREFLIGHT",
    "Options",
    "PlanDiffers",
    "affected",
    "cautions",
    "check_delegation",
    "delegation",
    "make",
    "rebuild",
    "scope_for",
]

Planner = Callable[[World, Question, tuple[Finding, ...], Playbook, Options], Plan]
DEFAULTS = Options()
_PLANNERS: dict[QuestionKind, Planner] = {
    "look": reconnect,
    "change": reconnect,
    "leave": disconnect,
    "purge": purge,
}


def make(
    world: World,
    question: Question,
    findings: tuple[Finding, ...],
    playbook: Playbook,
    options: Options = DEFAULTS,
) -> Plan:
    """The plan that answers a question, or the reasons to refuse one. Raises UsageError."""
    return _PLANNERS[question.kind](world, question, findings, playbook, options)
