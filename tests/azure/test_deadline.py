"""A deadline is the sooner of all that are in force, in every thread, and in real seconds for sockets."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from remediate.azure.clock import ScaledClock, SystemClock
from remediate.azure.cloud import discovered
from remediate.azure.deadline import READ, Deadline, bounded_by, current_deadline, read_deadline, read_limit
from remediate.azure.session import open_session
from remediate.model.failure import RequestFailed
from tests.clocks import ManualClock
from tests.conftest import APP, Azure

LOCKS = f"{APP}/providers/Microsoft.Authorization/locks?api-version=2016-09-01"


@given(st.lists(st.floats(0, 1e6), min_size=1, max_size=6))
def test_of_nested_deadlines_the_soonest_counts(seconds: list[float]) -> None:
    clock = ManualClock()

    def nest(rest: list[float]) -> None:
        if not rest:
            deadline = current_deadline()
            assert deadline is not None
            assert deadline.left == min(seconds)
            return
        with bounded_by(Deadline(clock, rest[0])) as inner:
            assert inner is current_deadline()
            nest(rest[1:])

    nest(seconds)
    assert current_deadline() is None


def test_a_deadline_never_has_less_than_nothing_left() -> None:
    clock = ManualClock()
    deadline = Deadline(clock, 5)
    clock.seconds = 7
    assert (deadline.left, deadline.passed) == (0, True)


def test_a_read_is_given_half_of_what_is_left_so_that_another_view_can_be_read() -> None:
    clock = ManualClock()
    assert read_deadline(clock).left == READ
    with bounded_by(Deadline(clock, 10)):
        assert read_deadline(clock).left == 5


def test_a_limit_of_reads_is_asked_for_each_read_and_never_widens_an_outer_one() -> None:
    clock, away = ManualClock(), [True]
    with read_limit(lambda: 50), read_limit(lambda: 20 if away else READ):
        assert read_deadline(clock).left == 20
        away.clear()
        assert read_deadline(clock).left == 50
    assert read_deadline(clock).left == READ


def test_sockets_are_given_real_seconds() -> None:
    assert Deadline(ScaledClock(60, least_real=0), 120).real_seconds_left == pytest.approx(2, abs=1)
    assert Deadline(ScaledClock(1000), 10).real_seconds_left == pytest.approx(3, abs=2)
    assert not Deadline(ScaledClock(1000), -1).passed
    assert Deadline(SystemClock(), 120).real_seconds_left == pytest.approx(120, abs=5)


@pytest.fixture
def session(azure: Callable[..., Azure]) -> Any:
    simulated = azure("healthy")
    cloud = discovered(simulated.environment["REMEDIATE_ARM_ENDPOINT"])
    with open_session(cloud, SystemClock()) as opened:
        yield simulated, opened


def test_nothing_is_sent_after_the_deadline(session: Any) -> None:
    simulated, opened = session
    sent = len(simulated.log)
    with bounded_by(Deadline(opened.clock, 0)), pytest.raises(RequestFailed) as raised:
        opened.ask("GET", LOCKS)
    assert raised.value.kind == "unreachable"
    assert len(simulated.log) == sent


def test_a_read_that_hangs_is_not_tried_again_once_its_time_is_over(session: Any) -> None:
    simulated, opened = session
    simulated.fault({"match": {"path": "/locks$"}, "times": 0, "delay": 1_000_000})
    with bounded_by(Deadline(opened.clock, 2)), pytest.raises(RequestFailed):
        opened.ask("GET", LOCKS)
    assert len([entry for entry in simulated.log if entry["path"].endswith(LOCKS[-40:])]) <= 2


def test_a_retry_after_beyond_the_deadline_is_told_at_once(session: Any) -> None:
    simulated, opened = session
    slow = {"status": 429, "headers": {"Retry-After": "30"}, "body": {"error": {"code": "TooManyRequests"}}}
    simulated.fault({"match": {"path": "/locks$"}, "times": 0, "answer": slow})
    with bounded_by(Deadline(opened.clock, 20)), pytest.raises(RequestFailed) as raised:
        opened.ask("GET", LOCKS)
    assert (raised.value.kind, raised.value.retry_after) == ("throttled", 30)
    assert len([entry for entry in simulated.log if "/locks" in entry["path"]]) == 1


def test_the_threads_of_parallel_reads_know_the_deadline(session: Any) -> None:
    _, opened = session
    with bounded_by(Deadline(opened.clock, 7)) as deadline:
        assert opened.side_by_side([current_deadline, current_deadline]) == [deadline, deadline]
    assert opened.side_by_side([current_deadline]) == [None]
