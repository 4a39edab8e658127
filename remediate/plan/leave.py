"""World + question + playbook → the steps that disconnect apps from it for good."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

import msgspec

from remediate import ids
from remediate.model import App, Finding, Link, Plan, Question, Step, World
from remediate.plan.refusals import refuses
from remediate.plan.steps import Options, check_playbook, disconnection, made, numbered, sorted_by_name
from remediate.playbook import Playbook

_BLOCKING = frozenset({"locked", "managed-instance", "no-permission", "operation-in-progress"})
"""Findings with which Azure would not let an app go, or only half of them: refused before any write."""


def leave(
    world: World, question: Question, findings: tuple[Finding, ...], playbook: Playbook, options: Options
) -> Plan:
    """The ordered steps that disconnect apps from one subnet, or the reasons to refuse. Raises UsageError.

    The question's target is what the operator is asked to type, such as the plan that is to be deleted.
    What is unknown refuses too. Slots go before their app.
    """
    check_playbook(playbook, "disconnect")
    subnet, target = question.subnet or "", question.target
    leaving = slots_first(sorted_by_name(app for one in question.apps if (app := world.app(one))))
    refusals = tuple(one for one in findings if refuses(one, _BLOCKING, frozenset()))
    held = _is_held(world, subnet, leaving)
    return Plan(
        playbook=playbook.id,
        scope=options.scope,
        target=target,
        subnet=subnet,
        apps=tuple(msgspec.structs.replace(app, tags={}) for app in leaving),
        steps=() if refusals else leave_steps(playbook, subnet, leaving, target, held),
        refusals=refusals,
        links=_links(world, subnet, leaving),
        purpose="disconnect",
    )


def slots_first(apps: Iterable[App]) -> tuple[App, ...]:
    """The order in which apps leave."""
    return tuple(sorted(apps, key=lambda app: not app.is_slot))


def leave_steps(
    playbook: Playbook, subnet: str, apps: tuple[App, ...], target: str, held: bool
) -> tuple[Step, ...]:
    """One subnet, so one app at a time; the link is awaited only where nobody stays behind it.

    `held` says that somebody does.
    """
    return numbered(_steps(playbook, subnet, apps, target, held))


def _steps(playbook: Playbook, subnet: str, apps: tuple[App, ...], target: str, held: bool) -> Iterator[Step]:
    for step in playbook.steps:
        if step.do == "disconnect":
            yield from (made(step, app.id, disconnection(app.id)) for app in apps)
        elif step.do == "wait-link-gone":
            yield made(step, apps[-1].id if held else subnet)
        elif step.do == "verify":
            yield made(step, subnet)
        else:
            yield made(step, target)


def _links(world: World, subnet: str, apps: tuple[App, ...]) -> tuple[str, ...]:
    """What the links name that go with these apps: nobody else is behind them (azure-facts.md, 2)."""
    named = [
        link.target
        for link in world.links(subnet)
        if link.target and world.behind(link, subnet) and not _staying(world, subnet, link, apps)
    ]
    return tuple(sorted(named, key=str.casefold))


def _is_held(world: World, subnet: str, apps: tuple[App, ...]) -> bool:
    """Whether somebody stays behind a link of the subnet, so that it stays too."""
    return any(_staying(world, subnet, link, apps) for link in world.links(subnet))


def _staying(world: World, subnet: str, link: Link, apps: tuple[App, ...]) -> list[App]:
    behind = world.behind(link, subnet)
    return [one for one in behind if not any(ids.same(one.id, app.id) for app in apps)]
