"""What a plan is for, and all that follows from it."""

from __future__ import annotations

from typing import Literal

from msgspec import Struct

Purpose = Literal["reconnect", "disconnect", "purge"]
"""What a plan is for: to bring apps back, to disconnect them for good, or to clear a link nobody uses."""


class PurposeTraits(Struct, frozen=True):
    """What distinguishes the plans of one purpose.

    `brings_back`: every app is connected in the end. `disconnects_for_good`: every app is off the subnet in
    the end. `clears_link`: it is about a subnet's link, and about no app. `reached` is the status of what it
    changes once it is as it should be. The rest are words: the command that carries it out, what its playbook
    does, what a first Ctrl-C leads to, and what the link does where support has to help.
    """

    reached: Literal["reconnected", "disconnected", "purged"]
    command: str
    does: str
    on_interrupt: str
    for_support: str
    brings_back: bool = False
    disconnects_for_good: bool = False
    clears_link: bool = False


PURPOSES: dict[Purpose, PurposeTraits] = {
    "reconnect": PurposeTraits(
        reached="reconnected",
        command="remediate reconnect",
        does="reconnects",
        on_interrupt="no further app is disconnected; disconnected apps are connected again first.",
        for_support="is not restored, although its apps were disconnected and connected again",
        brings_back=True,
    ),
    "disconnect": PurposeTraits(
        reached="disconnected",
        command="remediate guard --disconnect",
        does="disconnects for good",
        on_interrupt="no further app is disconnected; what was disconnected stays so, and is read first.",
        for_support="is not removed, although its apps are disconnected",
        disconnects_for_good=True,
    ),
    "purge": PurposeTraits(
        reached="purged",
        command="remediate purge",
        does="purges",
        on_interrupt="no further request is sent; the subnet is read first.",
        for_support="is not removed, although its plan is gone or does not use the subnet",
        clears_link=True,
    ),
}
"""The traits of each purpose."""
