"""What a plan is for, and what it is made of: requests, steps, and the steps of its playbook."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Literal

from msgspec import Struct

from remediate.model.azure import App
from remediate.model.finding import Finding
from remediate.model.network import WEB_DELEGATION
from remediate.model.probe import Endpoint

Scope = Literal["app", "link"]
"""What is rebuilt: this app's integration alone, or every integration of the plan on the subnet."""
OnFailure = Literal["rollback", "stop", "continue"]
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


class PlaybookStep(Struct, frozen=True, rename="kebab"):
    """One step: what to do, the line shown meanwhile, times in seconds, its line in the file.

    `probe` is what a step `probe` is to reach, where the file says it.
    """

    do: str
    tell: str
    timeout: float | None = None
    every: float | None = None
    on_failure: OnFailure = "stop"
    line: int = 0
    probe: Endpoint | None = None


class Request(Struct, frozen=True, omit_defaults=True):
    """A write, exactly as it goes out; `path` includes the api-version."""

    method: str
    path: str
    body: Any = None
    headers: Mapping[str, str] = {}


class Denial(Struct, frozen=True):
    """A write about `target` that Azure Policy refused, and what Azure said.

    `other_way` is whether the plan has another request for the same effect.
    """

    target: str
    request: Request
    said: str
    other_way: bool = False


class Step(Struct, frozen=True):
    """One step of a plan. `target` is an app's or a subnet's id; times are in seconds.

    `request` is the write that the step makes; `fallback` is sent only if Azure refuses the first.
    `probe` is what a step `probe` tries to reach.
    """

    n: int
    do: str
    target: str
    tell: str
    request: Request | None = None
    fallback: Request | None = None
    timeout: float | None = None
    every: float | None = None
    on_failure: OnFailure = "stop"
    probe: Endpoint | None = None


class Plan(Struct, frozen=True):
    """What would be changed, in order. With `refusals` nothing will be.

    `apps` are as they were read before anything was changed. `links` are the plans that the subnet's
    link may name in the end: the apps' own first, and those that share the subnet; with Flex Consumption
    it is the subnet. Where apps leave for good or a link is purged, they are what the links name that are
    to go. `service` is what the subnet is delegated to.
    """

    playbook: str
    scope: Scope
    target: str
    subnet: str | None
    apps: tuple[App, ...]
    steps: tuple[Step, ...]
    refusals: tuple[Finding, ...] = ()
    links: tuple[str, ...] = ()
    subnet_asked: bool = False
    service: str = WEB_DELEGATION
    purpose: Purpose = "reconnect"

    @property
    def brings_back(self) -> bool:
        """Whether every app is to be connected in the end."""
        return PURPOSES[self.purpose].brings_back

    @property
    def disconnects_for_good(self) -> bool:
        """Whether its apps are to be without the subnet in the end."""
        return PURPOSES[self.purpose].disconnects_for_good

    @property
    def clears_link(self) -> bool:
        """Whether Azure is to clear a link that nobody uses; it is about no app."""
        return PURPOSES[self.purpose].clears_link

    @property
    def changes(self) -> tuple[str, ...]:
        """The ids of what is changed: the apps, or with a purge the subnet."""
        if self.clears_link and self.subnet:
            return (self.subnet,)
        return tuple(app.id for app in self.apps)

    @property
    def writes(self) -> tuple[Request, ...]:
        """Every write in order, without the fallbacks."""
        return tuple(step.request for step in self.steps if step.request)
