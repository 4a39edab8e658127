"""Resource Graph's quota: queries wait for it, and one that was refused for it is sent again."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest

from remediate.azure import discover
from remediate.azure.cloud import discovered
from remediate.azure.deadline import Deadline, bounded_by
from remediate.azure.graph_quota import _seconds
from remediate.azure.session import Session, open_session
from remediate.model.failure import RequestFailed
from remediate.sandbox.clock import SimulatedClock
from remediate.sandbox.scenarios import load
from remediate.sandbox.world import World
from tests.clocks import ManualClock
from tests.conftest import Azure
from tests.sandbox.clients import SUBSCRIPTION

QUERY = "/providers/Microsoft.ResourceGraph/resources"


class Both:
    """A sandbox and a session whose time is one: it passes when the session sleeps."""

    def __init__(self, simulated: Azure, session: Session, clock: ManualClock) -> None:
        self.simulated, self.session, self.clock = simulated, session, clock

    def ask(self) -> None:
        assert discover.names(self.session, SUBSCRIPTION) == ("orders-func",)

    def use_up(self) -> None:
        """All of the quota, by somebody else who is signed in as the same account."""
        for _ in range(15):
            body = {"query": "resources | take 1"}
            self.simulated.ask("POST", f"{QUERY}?api-version=2022-10-01", json=body)

    @property
    def answers(self) -> list[int]:
        return [one["status"] for one in self.simulated.log if one["path"].startswith(QUERY)]


@pytest.fixture
def both(azure: Callable[..., Azure]) -> Iterator[Both]:
    clock = ManualClock()
    simulated = azure(World(load("healthy").state, SimulatedClock(source=clock.monotonic)))
    cloud = discovered(simulated.environment["REMEDIATE_ARM_ENDPOINT"])
    with open_session(cloud, clock) as session:
        yield Both(simulated, session, clock)


def test_queries_wait_until_the_quota_is_there_again(both: Both) -> None:
    for _ in range(40):
        both.ask()
    assert both.answers == [200] * 40
    assert both.clock.slept == [5, 5]


def test_a_query_that_was_refused_because_others_asked_is_sent_again(both: Both) -> None:
    both.use_up()
    both.ask()
    assert both.answers == [200] * 15 + [429, 200]
    assert both.clock.slept == [5]


def test_a_query_that_may_not_wait_so_long_is_throttled(both: Both) -> None:
    both.use_up()
    with bounded_by(Deadline(both.clock, 3)), pytest.raises(RequestFailed) as refused:
        discover.row(both.session, f"/subscriptions/{SUBSCRIPTION}/resourceGroups/rg-sandbox")
    assert refused.value.kind == "throttled"
    assert both.clock.slept == []


@pytest.mark.parametrize(
    ("text", "seconds"),
    [("00:00:05", 5), ("00:01:00", 60), ("01:00:00", 60), ("-1:00:00", 0), ("", 5), ("soon", 5), ("1:2", 5)],
)
def test_after_how_many_seconds_a_quota_is_there_again(text: str, seconds: float) -> None:
    assert _seconds(text) == seconds
