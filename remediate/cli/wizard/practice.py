"""Practise on the sandbox: choose a scenario, and begin again on a private one."""

from __future__ import annotations

from msgspec.structs import replace

from remediate.cli import prompts
from remediate.cli.wizard.conversation import Choice, Conversation
from remediate.jobs.extras import import_extra
from remediate.jobs.invocation import Invocation
from remediate.sandbox.scenarios import Summary, summaries
from remediate.show.commands import repeat_options

_FIRST = ("link-missing", "shared-link", "link-orphaned", "not-integrated", "healthy")
"""The scenarios to begin with."""


class Practice(Exception):
    """The operator chose a scenario: the wizard begins again on a sandbox of it."""

    def __init__(self, scenario: str) -> None:
        super().__init__(scenario)
        self.scenario = scenario


def practise(talk: Conversation) -> None:
    """Choose a scenario. Raises Practice, and UsageError in an install without the sandbox."""
    raise Practice(choose_scenario(color=talk.color))


def choose_scenario(*, color: bool) -> str:
    """The scenario that the operator chooses. Raises UsageError without the sandbox, Back and Interrupted."""
    import_extra("remediate.sandbox.server", "sandbox", "the sandbox")
    rows: list[Choice] = [((one.name, one.summary), one.name) for one in sorted(summaries(), key=_place)]
    question = "Which scenario?"
    return str(prompts.choose(question, rows, search=True, back=True, noun="scenario", color=color))


def with_sandbox(invocation: Invocation, scenario: str) -> Invocation:
    """The same invocation on a private sandbox, whose state is not kept."""
    options = replace(
        invocation.options, sandbox=scenario, state=None, subscription=None, cloud=None, arm_endpoint=None
    )
    repeat_options({"sandbox": scenario})
    return invocation._replace(options=options)


def _place(one: Summary) -> tuple[int, str]:
    return (_FIRST.index(one.name) if one.name in _FIRST else len(_FIRST)), one.name
