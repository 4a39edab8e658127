"""What all plans are made of: a playbook's step with its target, and the exact requests."""

from __future__ import annotations

from collections.abc import Iterable

import msgspec
from msgspec import Struct

from remediate import ids
from remediate.errors import UsageError
from remediate.model import WEB_API, App, Endpoint, Purpose, Request, Scope, Step
from remediate.playbook import CARRIED_OUT, Playbook, PlaybookStep

_COMMANDS: dict[Purpose, str] = {
    "reconnect": "`remediate reconnect`",
    "disconnect": "`remediate guard --disconnect`",
    "purge": "`remediate purge`",
}
"""Which command carries out the playbooks of a purpose."""


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
        raise UsageError(f"playbook {playbook.id} is for {_COMMANDS[playbook.purpose]}, not for this")
    strange = sorted({step.do for step in playbook.steps} - CARRIED_OUT[purpose])
    if strange:
        raise UsageError(f"playbook {playbook.id}: {purpose} does not carry out {', '.join(strange)}")


def sorted_by_name(apps: Iterable[App]) -> tuple[App, ...]:
    """Apps and slots in an order of their own: Resource Manager promises none for its listings."""
    return tuple(sorted(apps, key=lambda app: (ids.app_name(app.id).casefold(), app.id.casefold())))


def disconnection(app: str) -> Request:
    """The write that takes an app's or slot's integration away (azure-facts.md, 2)."""
    return Request("DELETE", f"{app}/networkConfig/virtualNetwork?api-version={WEB_API}")


def connection(app: str, subnet: str) -> tuple[Request, Request]:
    """PATCH needs `subnets/join/action`; the PUT needs write on the subnet, so only if PATCH is refused."""
    patch = Request(
        "PATCH", f"{app}?api-version={WEB_API}", {"properties": {"virtualNetworkSubnetId": subnet}}
    )
    put = Request(
        "PUT",
        f"{app}/networkConfig/virtualNetwork?api-version={WEB_API}",
        {"properties": {"subnetResourceId": subnet, "swiftSupported": True}},
    )
    return patch, put


def made(
    step: PlaybookStep, target: str, request: Request | None = None, fallback: Request | None = None
) -> Step:
    """A step of a plan from one of a playbook; `numbered` gives it its number."""
    return Step(
        n=0,
        do=step.do,
        target=target,
        tell=step.tell,
        request=request,
        fallback=fallback,
        timeout=step.timeout,
        every=step.every,
        on_failure=step.on_failure,
        probe=step.probe,
    )


def numbered(steps: Iterable[Step]) -> tuple[Step, ...]:
    """The steps, counted from one."""
    return tuple(msgspec.structs.replace(step, n=n) for n, step in enumerate(steps, 1))
