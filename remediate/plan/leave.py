"""Surroundings of a subnet + playbook → the steps that disconnect apps from it for good."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

import msgspec

from remediate import ids
from remediate.model import App, Finding, Link, Plan, Step, Surroundings
from remediate.plan.refusals import refuses
from remediate.plan.steps import check_playbook, disconnection, made, numbered, sorted_by_name
from remediate.playbook import Playbook

_BLOCKING = frozenset({"locked", "managed-instance", "no-permission", "operation-in-progress"})
"""Findings with which Azure would not let an app go, or only half of them: refused before any write."""


def leave(
    around: Surroundings,
    apps: tuple[App, ...],
    findings: tuple[Finding, ...],
    playbook: Playbook,
    *,
    target: str,
) -> Plan:
    """The ordered steps that disconnect `apps` from one subnet, or the reasons to refuse. Raises UsageError.

    `target` is the resource that the operator is asked to type, such as the plan that is to be deleted.
    What is unknown refuses too. Slots go before their app.
    """
    check_playbook(playbook, "disconnect")
    leaving = slots_first(sorted_by_name(apps))
    refusals = tuple(one for one in findings if refuses(one, _BLOCKING, frozenset()))
    return Plan(
        playbook=playbook.id,
        scope="link",
        target=target,
        subnet=around.id,
        apps=tuple(msgspec.structs.replace(app, tags={}) for app in leaving),
        steps=()
        if refusals
        else leave_steps(playbook, around.id, leaving, target, _is_held(around, leaving)),
        refusals=refusals,
        links=_links(around, leaving),
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


def _links(around: Surroundings, apps: tuple[App, ...]) -> tuple[str, ...]:
    """What the links name that go with these apps: nobody else is behind them (azure-facts.md, 2)."""
    named = [
        link.target
        for link in around.links
        if link.target and around.behind(link) and not _staying(around, link, apps)
    ]
    return tuple(sorted(named, key=str.casefold))


def _is_held(around: Surroundings, apps: tuple[App, ...]) -> bool:
    """Whether somebody stays behind a link of the subnet, so that it stays too."""
    return any(_staying(around, link, apps) for link in around.links)


def _staying(around: Surroundings, link: Link, apps: tuple[App, ...]) -> list[App]:
    return [one for one in around.behind(link) if not any(ids.same(one.id, app.id) for app in apps)]
