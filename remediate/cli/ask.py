"""How a run asks its operator before it goes on."""

from __future__ import annotations

from collections.abc import Callable

from remediate import ids
from remediate.cli.deferred import load
from remediate.cli.desk import Desk
from remediate.errors import Interrupted
from remediate.model import Plan, Step
from remediate.run.progress import Progress
from remediate.steps import kind_of


def for_run(desk: Desk, progress: Progress) -> Callable[[Step, Plan], bool]:
    """How a run asks: `--yes` says yes, and says so; in a terminal the app's name is typed."""

    def answer(step: Step, plan: Plan) -> bool:
        if desk.options.yes:
            return True
        progress.close()
        color = not desk.options.no_color
        try:
            if kind_of(step.do).needs_name_typed:
                word = ids.app_name(plan.target)
                typed = load("remediate.cli.prompts:typed")
                return bool(typed(f"To go on, type {word}:", word, color=color))
            return bool(load("remediate.cli.prompts:agreed")(f"{step.tell}. Go on?", color=color))
        except Interrupted:  # left at the question: the run ends as it does after a no
            return False

    return answer
