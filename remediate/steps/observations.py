"""What the steps of a run did and saw: to each app, and of Azure."""

from __future__ import annotations

from dataclasses import dataclass, field

from msgspec.structs import replace

from remediate.checks import judge, ordered
from remediate.model import (
    Denial,
    Finding,
    Plan,
    Probe,
    Question,
    Request,
    Routing,
    Step,
    TargetStatus,
    World,
)


@dataclass
class AppOutcome:
    """What the run did to one app so far. Times are readings of the clock, in seconds.

    `accepted` is the connect request that Azure accepted in the trial, None without one.
    """

    status: TargetStatus = "untouched"
    disconnected_at: float | None = None
    reconnected_at: float | None = None
    accepted: Request | None = None

    @property
    def outage(self) -> float | None:
        """Seconds between the request that disconnected and the answer that connected."""
        if self.disconnected_at is None or self.reconnected_at is None:
            return None
        return round(self.reconnected_at - self.disconnected_at, 3)


@dataclass
class Observations:
    """What this process did and saw, for the steps that follow and for the report. Times are the clock's.

    `disconnected` and `reconnected` hold the writes that were answered, by app. `world` is the last look at
    an app that came back. `at_subnet` is where the last look at a subnet saw what the run changes; what was
    not read is not in it. `findings_at_subnet` are its findings. `probes` are by the number of their step.
    """

    disconnected: dict[str, tuple[Step, float]] = field(default_factory=dict)
    reconnected: dict[str, float] = field(default_factory=dict)
    probes: dict[int, Probe] = field(default_factory=dict)
    routing: dict[str, Routing] = field(default_factory=dict)
    denials: list[Denial] = field(default_factory=list)
    world: World | None = None
    at_subnet: dict[str, TargetStatus] = field(default_factory=dict)
    findings_at_subnet: tuple[Finding, ...] = ()

    def findings(self, plan: Plan) -> tuple[Finding, ...]:
        """What the last looks and the refused writes mean; and the last probes, whatever those looks saw."""
        probe = Question("probe", plan.target)
        known = replace(self.world or World(), denials=tuple(self.denials))
        looked = judge(known, question_of(plan) if self.world else probe)
        probed = judge(World(probes=tuple(self.probes.values())), probe)
        return ordered((*looked, *probed, *self.findings_at_subnet))


def question_of(plan: Plan) -> Question:
    """What the look at an app that came back asks: is its integration right?"""
    return Question("look", plan.target, plan.subnet if plan.subnet_asked else None)
