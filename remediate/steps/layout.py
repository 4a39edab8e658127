"""What the steps of a plan depend on beside the playbook, and how a playbook's step becomes a plan's."""

from __future__ import annotations

from typing import TYPE_CHECKING

from msgspec import Struct

from remediate.model import Request, Step

if TYPE_CHECKING:
    from remediate.playbook import PlaybookStep


class Layout(Struct, frozen=True):
    """Which apps leave and come back, and what is awaited and looked at. All are ids.

    `target` is what the operator is asked about. `leaving` are the apps to disconnect, `returning` those to
    connect, each in their order. `awaited` is the subnet that is to lose its link, or the app whose
    disconnect is to show; None where nothing leaves. `checked` is what the last look is about.
    `delegation` is the write that delegates the subnet, None where that is not needed; `purge` is the one
    that clears its link.
    """

    target: str
    subnet: str
    checked: str
    leaving: tuple[str, ...] = ()
    returning: tuple[str, ...] = ()
    awaited: str | None = None
    delegation: Request | None = None
    purge: Request | None = None


def from_playbook(
    step: PlaybookStep, target: str, request: Request | None = None, fallback: Request | None = None
) -> Step:
    """A step of a plan from one of a playbook, still without a number."""
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
