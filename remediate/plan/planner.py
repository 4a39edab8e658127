"""What all plans are made of: a playbook's steps, spread over the apps, and what the operator chose."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from msgspec import Struct
from msgspec.structs import replace

from remediate import ids
from remediate.errors import UsageError
from remediate.model import PURPOSES, App, Endpoint, Purpose, Scope, Step
from remediate.playbook import CARRIED_OUT, Playbook
from remediate.steps import Layout, kind_of


class Options(Struct, frozen=True):
    """What the operator chose: how far a reconnect goes, what is allowed to be unknown, what to probe."""

    scope: Scope = "link"
    allowed: frozenset[str] = frozenset()
    probe: Endpoint | None = None


def check_playbook(playbook: Playbook, purpose: Purpose) -> None:
    """Refuse a playbook that is for something else, or holds a step that is not carried out here.

    Raises UsageError: no playbook is run halfway.
    """
    if playbook.purpose != purpose:
        command = PURPOSES[playbook.purpose].command
        raise UsageError(f"playbook {playbook.id} is for `{command}`, not for this")
    strange = sorted({step.do for step in playbook.steps} - CARRIED_OUT[purpose])
    if strange:
        raise UsageError(f"playbook {playbook.id}: {purpose} does not carry out {', '.join(strange)}")


def sorted_by_name(apps: Iterable[App]) -> tuple[App, ...]:
    """Apps and slots in an order of their own: Resource Manager promises none for its listings."""
    return tuple(sorted(apps, key=lambda app: (ids.app_name(app.id).casefold(), app.id.casefold())))


def planned_steps(playbook: Playbook, layout: Layout) -> tuple[Step, ...]:
    """The playbook's steps, spread over the apps and counted from one; one subnet, so one app at a time.

    The first app is connected alone, and the others follow once its link was seen.
    """
    return tuple(replace(step, n=n) for n, step in enumerate(_ordered(playbook, layout), 1))


def _ordered(playbook: Playbook, layout: Layout) -> Iterator[Step]:
    waiting: list[Step] = []
    for step in playbook.steps:
        kind = kind_of(step.do)
        planned = kind.plan(step, layout)
        if kind.brings_back:
            first, *waiting = planned
            yield first
        elif kind.after_first_app:
            yield from planned
            yield from waiting
            waiting = []
        elif kind.needs_all_connected:
            yield from waiting
            waiting = []
            yield from planned
        else:
            yield from planned
    yield from waiting
