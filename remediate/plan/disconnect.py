"""World + question + playbook → the steps that disconnect apps from it for good."""

from __future__ import annotations

from collections.abc import Iterable

import msgspec

from remediate import ids
from remediate.model import App, Finding, Link, Occupancy, Plan, Question, World
from remediate.plan.planner import Options, check_playbook, planned_steps, sorted_by_name
from remediate.plan.refusals import refuses
from remediate.playbook import Playbook
from remediate.steps import Layout

_BLOCKING = frozenset(
    {"deny-assignment", "locked", "managed-instance", "no-permission", "operation-in-progress"}
)
"""Findings with which Azure would not let an app go, or only half of them: refused before any write."""


def disconnect(
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
        steps=() if refusals else planned_steps(playbook, disconnect_layout(subnet, leaving, target, held)),
        refusals=refusals,
        links=_links(world, subnet, leaving),
        purpose="disconnect",
    )


def slots_first(apps: Iterable[App]) -> tuple[App, ...]:
    """Slots before apps: the order in which they are disconnected."""
    return tuple(sorted(apps, key=lambda app: not app.is_slot))


def disconnect_layout(subnet: str, apps: tuple[App, ...], target: str, held: bool) -> Layout:
    """The link is awaited only where no other app keeps it; `held` says that one does."""
    leaving = tuple(app.id for app in apps)
    return Layout(
        target=target, subnet=subnet, checked=subnet, leaving=leaving, awaited=leaving[-1] if held else subnet
    )


def _links(world: World, subnet: str, apps: tuple[App, ...]) -> tuple[str, ...]:
    """What the links name that go with these apps: no other app uses them (azure-facts.md, 2)."""
    named = [
        link.target
        for link in world.links(subnet)
        if link.target
        and Occupancy(world, subnet).apps_using(link)
        and not _staying(world, subnet, link, apps)
    ]
    return tuple(sorted(named, key=str.casefold))


def _is_held(world: World, subnet: str, apps: tuple[App, ...]) -> bool:
    """Whether an app that stays uses a link of the subnet, so that the link stays too."""
    return any(_staying(world, subnet, link, apps) for link in world.links(subnet))


def _staying(world: World, subnet: str, link: Link, apps: tuple[App, ...]) -> list[App]:
    using = Occupancy(world, subnet).apps_using(link)
    return [one for one in using if not any(ids.same(one.id, app.id) for app in apps)]
