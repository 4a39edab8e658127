"""Every wait ends, at the right moment, and no write goes out twice without a look in between."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest
from hypothesis import given
from hypothesis import strategies as st

from remediate.azure.deadline import MINIMUM, current_deadline
from remediate.azure.waiting import (
    EFFECT,
    LAST_LOOK,
    LOCK,
    RECONNECT,
    Waiter,
)
from remediate.model.failure import Kind, OutcomeUnknown, RequestFailed, WaitTimedOut
from remediate.steps.purge import PURGE
from tests.clocks import ManualClock

LOCKED = RequestFailed("exclusive-lock", "Cannot acquire exclusive lock")
GATEWAY = RequestFailed("timeout", "The gateway did not receive a response")
DENIED = RequestFailed("denied", "no")


class Azure:
    """A write and its effect: answers come from a list, the effect after so many looks."""

    def __init__(self, *answers: RequestFailed | None, looks_until_effect: int = 10_000) -> None:
        self.answers: Iterator[RequestFailed | None] = iter(answers)
        self.looks_until_effect = looks_until_effect
        self.log: list[str] = []

    def send(self) -> None:
        self.log.append("send")
        answer = next(self.answers, None)
        if answer is not None:
            raise answer

    def done(self) -> bool:
        self.log.append("look")
        return self.log.count("look") > self.looks_until_effect


def looking(*seen: object) -> Callable[[], object]:
    """A look that sees these one after the other, the last one for ever; failures are raised."""
    remaining = list(seen)

    def look() -> object:
        value = remaining.pop(0) if len(remaining) > 1 else remaining[0]
        if isinstance(value, RequestFailed):
            raise value
        return value

    return look


def test_what_is_already_so_is_seen_without_waiting() -> None:
    clock = ManualClock()
    assert Waiter(clock).until(looking("gone"), lambda seen: seen == "gone", timeout=900) == "gone"
    assert clock.slept == []


def test_waits_grow_from_the_first_pace_to_a_quarter_of_a_minute() -> None:
    clock = ManualClock()
    with pytest.raises(WaitTimedOut):
        Waiter(clock).until(looking("here"), lambda seen: seen == "gone", timeout=120, interval=2)
    assert clock.slept[:3] == [2, 3, 4.5]
    assert max(clock.slept) == 15


def test_the_timeout_ends_the_wait_and_says_what_was_seen_last() -> None:
    clock = ManualClock()
    with pytest.raises(WaitTimedOut) as ran_out:
        Waiter(clock).until(looking("here"), lambda seen: seen == "gone", timeout=60)
    assert ran_out.value.last == "here"
    assert clock.seconds == pytest.approx(60 - LAST_LOOK)


def test_the_operators_timeout_wins_over_the_playbook() -> None:
    clock = ManualClock()
    with pytest.raises(WaitTimedOut):
        Waiter(clock, timeout=10).until(looking("here"), lambda seen: seen == "gone", timeout=900)
    assert clock.seconds < 30


def test_the_operators_interval_wins_over_the_playbook() -> None:
    clock = ManualClock()
    Waiter(clock, poll_interval=0.5).until(
        looking("here", "gone"), lambda seen: seen == "gone", timeout=9, interval=4
    )
    assert clock.slept == [0.5]


def test_an_interruption_ends_a_wait_at_the_next_look() -> None:
    clock = ManualClock()
    with pytest.raises(WaitTimedOut):
        Waiter(clock, interrupted=lambda: clock.seconds > 3).until(
            looking("here"), lambda seen: seen == "gone", timeout=900
        )
    assert clock.seconds < 15


def test_a_look_that_fails_with_a_transient_error_is_looked_again() -> None:
    clock = ManualClock()
    look = looking(GATEWAY, RequestFailed("unreachable", "reset"), "gone")
    assert Waiter(clock).until(look, lambda seen: seen == "gone", timeout=900) == "gone"


def test_a_look_that_is_forbidden_ends_the_wait() -> None:
    with pytest.raises(RequestFailed) as failure:
        Waiter(ManualClock()).until(looking(DENIED), bool, timeout=900)
    assert failure.value.kind == "denied"


def test_quota_429_waits_as_long_as_azure_says() -> None:
    clock = ManualClock()
    throttled = RequestFailed("throttled", "slow down", retry_after=37)
    Waiter(clock).until(looking(throttled, "gone"), lambda seen: seen == "gone", timeout=900)
    assert clock.seconds == 37


@pytest.mark.parametrize("timeout", [None, 5.0])
def test_an_interruption_ends_a_long_retry_after_within_a_quarter_of_a_minute(timeout: float | None) -> None:
    throttled = RequestFailed("throttled", "slow down", retry_after=300)
    clock = ManualClock()
    waiter = Waiter(clock, timeout=timeout, interrupted=lambda: clock.seconds > 3)
    with pytest.raises(WaitTimedOut):
        waiter.until(looking(throttled), bool, timeout=900)
    azure = Azure(*[throttled] * 1000)
    with pytest.raises(RequestFailed):
        waiter.write(azure.send, azure.done)
    assert clock.seconds <= 15


@pytest.mark.parametrize("interrupted", [False, True])
def test_a_lock_that_never_opens_is_waited_out_for_all_apps_together_and_no_more(interrupted: bool) -> None:
    """A plan of many apps would otherwise wait 90 s for each, and once more for each."""
    clock, azure = ManualClock(), Azure(*[LOCKED] * 1000)
    timeout = None if interrupted else 5.0
    waiter = Waiter(clock, timeout=timeout, interrupted=lambda: interrupted)
    for _ in range(10):
        sent = azure.log.count("send")
        with pytest.raises(RequestFailed):
            waiter.write(azure.send, azure.done, bringing_back=True)
        assert azure.log.count("send") > sent
    assert clock.seconds <= RECONNECT + 9 * 5
    assert azure.log.count("send") <= 11 + 9 * 3


def test_what_was_connected_in_the_end_takes_nothing_from_the_apps_that_follow() -> None:
    clock = ManualClock()
    waiter = Waiter(clock, timeout=5)
    for _ in range(3):
        azure, began = Azure(), clock.seconds

        def send(azure: Azure = azure, began: float = began) -> None:
            azure.send()
            if clock.seconds - began < 53:
                raise LOCKED

        waiter.write(send, azure.done, bringing_back=True)


def test_a_connect_has_the_time_that_one_takes_even_where_others_were_tried_in_vain() -> None:
    """A request that was cut off early would have an unknown outcome, although Azure carries it out."""
    clock = ManualClock()
    waiter = Waiter(clock, timeout=5)
    with pytest.raises(RequestFailed):
        azure = Azure(*[LOCKED] * 1000)
        waiter.write(azure.send, azure.done, bringing_back=True)
    seconds: list[float] = []

    def send() -> None:
        deadline = current_deadline()
        assert deadline is not None
        seconds.append(deadline.left)

    waiter.write(send, Azure().done, bringing_back=True)
    assert seconds[0] >= 53


def test_a_write_that_is_answered_goes_out_once_and_is_not_looked_at() -> None:
    azure = Azure()
    Waiter(ManualClock()).write(azure.send, azure.done)
    assert azure.log == ["send"]


def test_an_exclusive_lock_is_waited_out_with_a_look_before_each_repetition() -> None:
    azure = Azure(LOCKED, LOCKED)
    Waiter(ManualClock()).write(azure.send, azure.done)
    assert azure.log == ["send", "look", "send", "look", "send"]


def test_a_lock_that_never_opens_ends_as_what_it_is() -> None:
    clock = ManualClock()
    azure = Azure(*[LOCKED] * 1000)
    with pytest.raises(RequestFailed) as failure:
        Waiter(clock).write(azure.send, azure.done)
    assert failure.value.kind == "exclusive-lock"
    assert LOCK - 2 * EFFECT <= clock.seconds <= LOCK


def test_behind_a_504_the_effect_is_awaited_and_the_write_not_repeated() -> None:
    azure = Azure(GATEWAY, looks_until_effect=2)
    Waiter(ManualClock()).write(azure.send, azure.done)
    assert azure.log == ["send", "look", "look", "look"]


def test_a_504_without_effect_is_repeated_only_after_looking_for_it_for_a_while() -> None:
    clock = ManualClock()
    azure = Azure(GATEWAY)
    Waiter(clock).write(azure.send, azure.done)
    assert azure.log[0] == "send"
    assert azure.log[-1] == "send"
    assert azure.log.count("send") == 2
    assert clock.seconds >= EFFECT


def test_a_refusal_is_not_repeated() -> None:
    azure = Azure(DENIED)
    with pytest.raises(RequestFailed):
        Waiter(ManualClock()).write(azure.send, azure.done)
    assert azure.log == ["send"]


def test_timeout_ends_the_repetition_of_a_write() -> None:
    clock = ManualClock()
    azure = Azure(*[LOCKED] * 1000)
    with pytest.raises(RequestFailed):
        Waiter(clock, timeout=5).write(azure.send, azure.done)
    assert azure.log.count("send") <= 3
    assert clock.seconds <= 5


def test_an_interruption_ends_the_repetition_of_a_write_after_a_look() -> None:
    azure = Azure(*[LOCKED] * 1000)
    with pytest.raises(RequestFailed):
        Waiter(ManualClock(), interrupted=lambda: True).write(azure.send, azure.done)
    assert azure.log == ["send", "look"]


@pytest.mark.parametrize("interrupted", [False, True])
def test_neither_interruption_nor_timeout_keeps_an_app_from_being_brought_back_once_the_lock_is_gone(
    interrupted: bool,
) -> None:
    """The disconnect that holds the lock was recorded to take up to 53 s."""
    clock = ManualClock()
    azure = Azure()

    def send() -> None:
        azure.send()
        if clock.seconds < 53:
            raise LOCKED

    Waiter(clock, timeout=0.001, interrupted=lambda: interrupted).write(send, azure.done, bringing_back=True)
    assert 53 <= clock.seconds <= RECONNECT


def test_a_connect_that_meets_a_lock_is_sent_again_although_the_app_still_reads_as_connected() -> None:
    azure = Azure(LOCKED, LOCKED, looks_until_effect=0)
    Waiter(ManualClock()).write(azure.send, azure.done, bringing_back=True)
    assert azure.log.count("send") == 3


@pytest.mark.parametrize("bringing_back", [False, True])
@pytest.mark.parametrize("failure", [GATEWAY, RequestFailed("broken", "500")])
def test_an_answer_that_is_broken_for_ever_is_repeated_within_the_timeout(
    failure: RequestFailed, bringing_back: bool
) -> None:
    clock = ManualClock()
    azure = Azure(*[failure] * 1000)
    with pytest.raises(OutcomeUnknown):
        Waiter(clock, timeout=5).write(azure.send, azure.done, bringing_back=bringing_back)
    assert clock.seconds <= 5
    assert azure.log.count("send") <= 3


def test_a_purge_whose_answer_is_lost_again_and_again_ends_at_its_timeout() -> None:
    for timeout, limit in ((None, PURGE), (20.0, 20.0)):
        clock = ManualClock()
        azure = Azure(*[GATEWAY] * 1000)
        with pytest.raises(OutcomeUnknown):
            Waiter(clock, timeout=timeout).write_repeatedly(
                azure.send, azure.done, timeout=PURGE, interval=30
            )
        assert clock.seconds <= limit


@given(
    timeout=st.floats(0.01, 1000),
    every=st.floats(0.1, 60),
    took=st.floats(0, 30),
    bringing_back=st.booleans(),
    kinds=st.lists(st.sampled_from(["exclusive-lock", "throttled", "timeout", "broken"]), min_size=1),
)
def test_nothing_is_sent_or_looked_at_after_the_deadline(
    timeout: float, every: float, took: float, bringing_back: bool, kinds: list[Kind]
) -> None:
    """Every request takes its time, but never longer than the deadline in force lets it."""
    clock = ManualClock()

    def request() -> None:
        deadline = current_deadline()
        assert deadline is not None
        clock.seconds += min(took, deadline.left)

    def send() -> None:
        request()
        raise RequestFailed(kinds[0], "", retry_after=3600 if kinds[0] == "throttled" else None)

    def done() -> bool:
        request()
        return False

    with pytest.raises((RequestFailed, OutcomeUnknown)):
        Waiter(clock, poll_interval=every, timeout=timeout).write(send, done, bringing_back=bringing_back)
    limit = max(min(timeout, LOCK), MINIMUM)
    assert clock.seconds <= (max(limit, RECONNECT) if bringing_back else limit) + 0.01
    began = clock.seconds
    with pytest.raises(WaitTimedOut):
        Waiter(clock, poll_interval=every, timeout=timeout).until(done, bool, timeout=900)
    assert clock.seconds - began <= max(timeout, MINIMUM) + 0.01
    assert current_deadline() is None


TRANSIENT: list[Kind] = [
    "exclusive-lock",
    "busy",
    "throttled",
    "timeout",
    "broken",
    "unreachable",
    "unreadable",
]


@given(
    kinds=st.lists(st.sampled_from(TRANSIENT), max_size=6),
    looks=st.integers(0, 30),
    every=st.floats(0.1, 20),
)
def test_between_two_sends_there_is_always_a_look(kinds: list[Kind], looks: int, every: float) -> None:
    azure = Azure(*[RequestFailed(kind, "") for kind in kinds], looks_until_effect=looks)
    Waiter(ManualClock(), poll_interval=every).write(azure.send, azure.done)
    assert "send,send" not in ",".join(azure.log)
    assert azure.log.count("send") <= len(kinds) + 1
