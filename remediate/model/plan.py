"""What is planned: requests, steps, and the plan that they make."""

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
    def changes(self) -> tuple[str, ...]:
        """The ids of what is changed: the apps, or with a purge the subnet."""
        if self.purpose == "purge" and self.subnet:
            return (self.subnet,)
        return tuple(app.id for app in self.apps)

    @property
    def writes(self) -> tuple[Request, ...]:
        """Every write in order, without the fallbacks."""
        return tuple(step.request for step in self.steps if step.request)
