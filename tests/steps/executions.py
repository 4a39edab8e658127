"""An execution of the tests' own: what a step is given, with an Azure that shows what the test says."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from msgspec.structs import replace

from remediate.model import (
    App,
    Endpoint,
    Finding,
    Link,
    Plan,
    Probe,
    Request,
    Step,
    Subnet,
    World,
)
from remediate.model.failure import Kind, RequestFailed, WaitTimedOut
from remediate.run.state import RunState, untouched
from remediate.steps import Observations, StepFailed, kind_of
from tests.checks.worlds import NEIGHBOUR, SUBNET, TARGET, case
from tests.clocks import ManualClock
from tests.run.test_remaining import REBUILD

EFFECT = 10.0
HEALTHY = case(others=(replace(REBUILD.apps[1]),)).world


def failure(kind: Kind, status: int = 403) -> RequestFailed:
    return RequestFailed(kind, f"Azure said {kind}", status=status)


class Reading:
    """Azure as the test has it: each value is what is read, or the error that a read ends with."""

    def __init__(self) -> None:
        self.places: dict[str, Any] = {TARGET: SUBNET, NEIGHBOUR: SUBNET}
        self.subnets: Any = Subnet(SUBNET, (), (), (), "Succeeded")
        self.apps: dict[str, Any] = {one.id: one for one in REBUILD.apps}
        self.worlds: Any = HEALTHY
        self.probes: list[Probe] = []

    @staticmethod
    def _of(value: Any) -> Any:
        value = value.pop(0) if isinstance(value, list) and len(value) > 1 else value
        value = value[0] if isinstance(value, list) else value
        if isinstance(value, Exception):
            raise value
        return value

    def connected_to(self, app: str) -> str | None:
        found: str | None = self._of(self.places[app])
        return found

    def subnet(self, _: str) -> Subnet:
        found: Subnet = self._of(self.subnets)
        return found

    subnet_by_any_view = subnet

    def app(self, app: str) -> App:
        found: App = self._of(self.apps[app])
        return found

    def read(self, _: Any) -> World:
        found: World = self._of(self.worlds)
        return found

    def link_and_apps(self, subnet: str | None, apps: Sequence[str]) -> tuple[Subnet | None, tuple[str, ...]]:
        staying = tuple(one for one in apps if self.connected_to(one) is not None)
        return (self.subnet(subnet) if subnet else None), staying

    def probe(self, app: App, probe: Endpoint) -> Probe:
        return self.probes.pop(0) if len(self.probes) > 1 else self.probes[0]


class Waiting:
    """Looks three times, then time is up."""

    effect = EFFECT

    def __init__(self, *, interrupted: bool = False) -> None:
        self._interrupted = interrupted
        self.timeouts: list[float] = []
        self.intervals: list[float] = []
        self.pauses: list[float] = []

    def pause(self, seconds: float) -> None:
        self.pauses.append(seconds)

    def interrupted(self) -> bool:
        return self._interrupted

    def until(self, look: Callable[[], Any], enough: Callable[[Any], bool], *, timeout: float) -> Any:
        self.timeouts.append(timeout)
        last = None
        for _ in range(3):
            try:
                last = look()
            except RequestFailed:
                continue
            if enough(last):
                return last
        raise WaitTimedOut(timeout, last)

    def write_repeatedly(
        self, send: Callable[[], None], done: Callable[[], bool], *, timeout: float, interval: float
    ) -> None:
        self.timeouts.append(timeout)
        self.intervals.append(interval)
        for _ in range(3):
            send()
            if done():
                return
        raise WaitTimedOut(timeout, None)


class Execution:
    """What a step is given. `answers` are the errors that its writes end with, the first one first."""

    def __init__(
        self, plan: Plan, *answers: Exception | None, settles: bool = True, yes: bool = True
    ) -> None:
        self.plan = plan
        self.before: tuple[Finding, ...] = ()
        self.now = plan
        self.seen = Observations()
        self.reader: Any = Reading()
        self.waiter: Any = Waiting()
        self.clock: Any = ManualClock()
        self.state: RunState = untouched(plan)
        self.announced = False
        self.settles = settles
        self.sent: list[Request] = []
        self.waits: list[tuple[str, float]] = []
        self.events: list[str] = []
        self.statuses: list[str] = []
        self._answers = list(answers)
        self._yes = yes

    def send(self, step: Step, request: Request) -> None:
        self.sent.append(request)
        self.statuses.append("/".join(one.status for one in self.state.outcomes.values()))
        if self._answers and (error := self._answers.pop(0)):
            raise error

    def write(self, step: Step, request: Request, done: Callable[[], bool]) -> None:
        self.done = done
        self.send(step, request)

    def until(
        self, step: Step, look: Callable[[], Any], enough: Callable[[Any], bool], what: str, timeout: float
    ) -> Any:
        self.waits.append((what, timeout))
        for _ in range(3):
            self.clock.seconds += 6
            if enough(found := look()):
                return found
        raise StepFailed(f"timed out waiting for {what}")

    def confirm(self, step: Step) -> bool:
        self.events.append("confirm")
        return self._yes

    def refresh_token(self) -> None:
        self.events.append("token")

    def replan(self) -> Plan:
        self.events.append("replanned")
        return self.now

    def check_unchanged(self) -> None:
        self.events.append("unchanged")


def at(plan: Plan, do: str, target: str | None = None) -> Step:
    return next(one for one in plan.steps if one.do == do and target in (None, one.target))


def carry_out(step: Step, execution: Execution) -> None:
    kind_of(step.do).carry_out(step, execution)


OUT, BACK = at(REBUILD, "disconnect", TARGET), at(REBUILD, "reconnect", TARGET)
GONE, READY = at(REBUILD, "wait-link-gone"), at(REBUILD, "wait-link-ready")


def subnet(*links: Link) -> Subnet:
    return Subnet(SUBNET, (), (), links, "Succeeded")
