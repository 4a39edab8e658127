"""What each step of a plan does, and how it is seen to have worked."""

from __future__ import annotations

import shlex
from collections.abc import Callable
from contextlib import suppress
from datetime import datetime
from typing import Any

import msgspec
from msgspec.structs import replace

from remediate import ids
from remediate.azure.failure import RequestFailed
from remediate.azure.patience import ADDRESSED, FRESH, LINK_GONE, LINK_READY, SETTLE, Patience, WaitTimedOut
from remediate.azure.reader import Reader
from remediate.checks import judge
from remediate.model import (
    App,
    Denial,
    Finding,
    Link,
    Plan,
    Probe,
    Question,
    Request,
    Routing,
    Step,
    Subnet,
    World,
)
from remediate.run.clearing import StepFailed
from remediate.run.sending import Sender

REFUSALS = frozenset({"denied", "policy", "refused", "absent"})
"""Answers to the PATCH after which the PUT of networkConfig is worth sending."""


class Steps:
    """The steps of one run. Each method carries one out; raises StepFailed, RequestFailed or StoreError."""

    def __init__(
        self,
        reader: Reader,
        sender: Sender,
        patience: Patience,
        plan: Plan,
        waiting: Callable[[Step, str, datetime | None], None],
    ) -> None:
        self._read = reader
        self._sender = sender
        self._patience = patience
        self._plan = plan
        self._waiting = waiting
        self._taken: dict[str, tuple[Step, float]] = {}
        self._back: dict[str, float] = {}
        self._probes: dict[int, Probe] = {}
        self.routing_after: dict[str, Routing] = {}
        self.denials: list[Denial] = []
        self.seen: World | None = None

    @property
    def probes(self) -> tuple[Probe, ...]:
        """What the workers said last, one for each step that asked them."""
        return tuple(self._probes.values())

    @property
    def findings_after(self) -> tuple[Finding, ...]:
        """What the last look and the refused writes mean; and the last probes, whatever that look saw."""
        probe = Question("probe", self._plan.target)
        known = replace(self.seen or World(), denials=tuple(self.denials))
        looked = judge(known, self.question if self.seen else probe)
        return (*looked, *judge(World(probes=self.probes), probe))

    @property
    def question(self) -> Question:
        """What the last look asks: is the integration of the plan's app right?"""
        return Question("look", self._plan.target, self._plan.subnet if self._plan.subnet_asked else None)

    def delegate(self, step: Step) -> None:
        """Delegate the subnet, and read back that it is delegated and that Azure is done with it."""

        def delegated() -> bool:
            return self._read.subnet(step.target).delegated_to(self._plan.service)

        def settled(subnet: Subnet) -> bool:
            return subnet.delegated_to(self._plan.service) and subnet.state.casefold() == "succeeded"

        self._send(step, step.request, delegated)
        self._until(step, lambda: self._read.subnet(step.target), settled, "the delegation", SETTLE)

    def disconnect(self, step: Step) -> None:
        """Take the integration away. Its effect is seen by the wait that follows.

        Between this answer and the reconnect nothing is done that could have been done before.
        """
        self._send(step, step.request, lambda: self._read.connected_to(step.target) is None)
        self._taken[step.target] = (step, self._patience.clock.monotonic())

    def reconnect(self, step: Step) -> Callable[[], None]:
        """Connect again. Returns at Azure's answer with the read-back that proves it.

        It has a deadline of its own: a wait that ran out before never keeps an app from being connected.
        """
        try:
            self._send(step, step.request, lambda: self._is_connected(step), bringing_back=True)
        except RequestFailed as failure:
            if step.fallback is None or failure.kind not in REFUSALS:
                raise
            self._send(step, step.fallback, lambda: self._is_connected(step), bringing_back=True)
        self._back[step.target] = self._patience.clock.monotonic()
        return lambda: self._until(step, lambda: self._is_connected(step), bool, "the connection", SETTLE)

    def wait_link_gone(self, step: Step) -> None:
        """Wait until every app is read as disconnected, and the subnet without a link to their plan.

        A step whose target is an app waits for that alone: others hold the link. A disconnect that was
        answered, and whose effect does not show, is sent once more.
        """
        subnet = self._plan.subnet if ids.same(step.target, self._plan.subnet) else None

        def gone() -> bool:
            link, staying = self._read.link_and_apps(subnet, tuple(self._taken))
            for app in staying:
                self._take_again(app)
            return not staying and (link is None or self._link_gone(link))

        self._until(step, gone, bool, "the link to go" if subnet else "the disconnect to show", LINK_GONE)

    def wait_link_ready(self, step: Step) -> None:
        """Wait until the subnet is read with a finished link to this plan."""
        what = "the link to come"
        look = lambda: self._read.subnet_by_any_view(step.target)  # noqa: E731
        self._until(step, look, self._link_ready, what, LINK_READY)

    def check_routing(self, step: Step) -> None:
        """Compare routing flags and DNS configuration of every app with those before the run."""
        wrong = [line for app in self._plan.apps for line in self._routing_changes(step, app)]
        if wrong:
            raise StepFailed("; ".join(wrong))

    def verify(self, step: Step, *, settle: bool) -> None:
        """Read everything again and judge it; with `settle`, until the views agree or time is up."""
        unseen: list[str] = []

        def look() -> tuple[Finding, ...]:
            self.seen = self._read.read(self.question)
            unseen[:] = [one.what for one in self.seen.unread]
            return judge(self.seen, self.question)

        findings = self.agreed(step, look, _fine) if settle else look()
        problems = [one.title for one in findings if one.severity == "error"]
        problems += [f"could not read {what}" for what in unseen]
        if problems:
            raise StepFailed("; ".join(problems))

    def agreed(self, step: Step, look: Callable[[], Any], enough: Callable[[Any], bool]) -> Any:
        """Look until the views agree, and return what was seen. Raises StepFailed when time is up."""
        return self._until(step, look, enough, "the views to agree", SETTLE)

    def probe(self, step: Step) -> None:
        """Ask the workers whether they have an address and reach what the step names.

        Right after a connect they get time for it: until they have an address, and then a little more.
        """
        app = next(one for one in self._plan.apps if ids.same(one.id, step.target))
        probe = self._ask_patiently(step, app) if self._is_fresh(step) else self._ask(step, app)
        if not probe.good:
            found = judge(World(probes=(probe,)), Question("probe", app.id))
            raise StepFailed("; ".join(one.title for one in found))

    def _ask(self, step: Step, app: App) -> Probe:
        if step.probe is None:
            raise StepFailed("the plan names no host and port for this step")
        self._probes[step.n] = self._read.probe(app, step.probe)
        return self._probes[step.n]

    def _ask_patiently(self, step: Step, app: App) -> Probe:
        probe = self._asked(step, app, _in_network, "the workers to join the network", ADDRESSED)
        if probe.good:
            return probe
        return self._asked(step, app, lambda seen: seen.good, f"an answer from {step.probe}", SETTLE)

    def _asked(
        self, step: Step, app: App, enough: Callable[[Probe], bool], what: str, ceiling: float
    ) -> Probe:
        """What the workers said last, when it was enough or the time was up."""
        with suppress(StepFailed):
            self._until(step, lambda: self._ask(step, app), enough, what, ceiling)
        return self._probes[step.n]

    def _is_fresh(self, step: Step) -> bool:
        """Whether this run connected the app so lately that its workers may still be on their way."""
        back = self._back.get(step.target)
        return back is not None and self._patience.clock.monotonic() - back < FRESH

    def _send(
        self, step: Step, request: Request | None, done: Callable[[], bool], *, bringing_back: bool = False
    ) -> None:
        if request is None:
            raise StepFailed("the plan holds no request for this step")
        self._patience.write(lambda: self._send_once(step, request), done, bringing_back=bringing_back)

    def _send_once(self, step: Step, request: Request) -> None:
        try:
            self._sender.send(step, request)
        except RequestFailed as failure:
            if failure.kind == "policy":
                other_way = step.fallback is not None and request is not step.fallback
                self.denials.append(Denial(step.target, request, str(failure), other_way))
            raise

    def _take_again(self, app: str) -> None:
        step, sent = self._taken[app]
        if self._patience.clock.monotonic() - sent >= self._patience.effect:
            self.disconnect(step)

    def _is_connected(self, step: Step) -> bool:
        return ids.same(self._read.connected_to(step.target), self._plan.subnet)

    def _until(
        self, step: Step, look: Callable[[], Any], enough: Callable[[Any], bool], what: str, ceiling: float
    ) -> Any:
        limit = step.timeout or ceiling
        self._waiting(step, f"waiting for {what}", self._patience.ends(limit))
        try:
            return self._patience.until(look, enough, ceiling=limit, every=step.every)
        except WaitTimedOut as ran_out:
            raise StepFailed(f"waited {ran_out.waited:.0f} s for {what}, in vain") from ran_out

    def _link_gone(self, subnet: Subnet) -> bool:
        if self._plan.purpose == "disconnect":
            own = self._plan.links
        else:
            own = self._plan.links[:1] or (self._plan.apps[0].plan or "",)
        return not any(
            _integrates(link) and ids.same(link.target, one) for link in subnet.links for one in own
        )

    def _link_ready(self, subnet: Subnet) -> bool:
        return any(
            _integrates(link)
            and link.state == "Succeeded"
            and any(ids.same(link.target, one) for one in self._plan.links)
            for link in subnet.links
        )

    def _routing_changes(self, step: Step, before: App) -> list[str]:
        try:
            after = self._patience.until(
                lambda: self._read.app(before.id),
                lambda now: now.routing == before.routing and now.dns == before.dns,
                ceiling=step.timeout or SETTLE,
            )
        except WaitTimedOut as ran_out:
            if ran_out.last is None:
                return [f"{before.name}: its routing could not be read"]
            after = ran_out.last
        self.routing_after[before.id] = after.routing
        return differences(before, after)


def _integrates(link: Link) -> bool:
    """Whether a link is of a kind that an integration makes; foreign ones are left alone."""
    return link.is_web or link.is_flex


def _in_network(probe: Probe) -> bool:
    """Whether waiting for addresses is over. Where they are not told, only a port that is reached tells."""
    return probe.good or (probe.addressed is True and probe.reached is not None)


def _fine(findings: tuple[Finding, ...]) -> bool:
    """Whether looking again could not make it better."""
    return not any(one.severity == "error" or one.code == "views-disagree" for one in findings)


def differences(before: App, after: App) -> list[str]:
    """What became of an app's routing and DNS settings, each with the command that sets it back."""
    was, now = msgspec.to_builtins(before.routing), msgspec.to_builtins(after.routing)
    changed = [
        (f"outboundVnetRouting.{flag}", was[flag], now[flag]) for flag in was if was[flag] != now[flag]
    ]
    if before.dns != after.dns:
        changed.append(("dnsConfiguration", before.dns, after.dns))
    return [
        f"{before.name}: {field} was {_json(old)}, is {_json(new)}; set it back with: "
        f"{_set_back(before.id, field, old)}"
        for field, old, new in changed
    ]


def _set_back(app: str, field: str, value: Any) -> str:
    return f"az resource update --ids {app} --set {shlex.quote(f'properties.{field}={_json(value)}')}"


def _json(value: Any) -> str:
    return msgspec.json.encode(value).decode()
