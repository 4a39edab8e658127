"""A write and its answer belong together by the number of the attempt, never by their times."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from remediate.run.journal import Begin, End, Intent, Journals, Line, Outcome, Record
from tests.conftest import Azure, Ran
from tests.run.test_remaining import AT, REBUILD, TARGET
from tests.run.test_resume_and_rollback import QUICK, RUN, journal, killed_after, shared

__all__ = ["shared"]

BEGIN = Begin(AT, "r", "0", "me", "here", 1, "me", "https://arm", REBUILD, ())
(DISCONNECT,) = [step for step in REBUILD.steps if step.do == "disconnect" and step.target == TARGET]


def announced(attempt: int | None, second: float = 1) -> Intent:
    assert DISCONNECT.request is not None
    when = AT + timedelta(seconds=second)
    return Intent(when, DISCONNECT.n, "disconnect", TARGET, DISCONNECT.request, attempt)


def answered(attempt: int | None, status: int | None, second: float = 1, n: int = DISCONNECT.n) -> Outcome:
    return Outcome(AT + timedelta(seconds=second), n, status, "", "", None, attempt)


def withheld(attempt: int | None, status: int | None = None, n: int = DISCONNECT.n) -> Outcome:
    """What is kept of a write that was announced and then not sent."""
    return Outcome(AT, n, status, "", "", "interrupted before it was sent", attempt, sent=False)


def record(*lines: Line) -> Record:
    return Record(BEGIN, (BEGIN, *lines))


@pytest.mark.parametrize("status", [404, 429, 409, 403])
@pytest.mark.parametrize(
    "lines",
    [
        (announced(1), announced(2)),
        (announced(1, second=9), answered(1, None, second=1), announced(2, second=10)),
        (announced(1), answered(1, 504), announced(2)),
    ],
    ids=["its answer was not kept", "the clock was set back", "the gateway gave up"],
)
def test_a_refused_repetition_says_nothing_about_the_write_before_it(
    lines: tuple[Line, ...], status: int
) -> None:
    assert record(*lines, answered(2, status, second=11)).touched


def test_a_write_that_azure_refused_changed_nothing() -> None:
    assert not record(announced(1), answered(1, 403), announced(2), answered(2, 429)).touched


@pytest.mark.parametrize(
    ("lines", "touched"),
    [
        ((announced(1), withheld(1)), False),
        ((announced(1), answered(1, 403), announced(2), withheld(2)), False),
        ((announced(1), answered(1, None), announced(2), withheld(2)), True),
        ((announced(1), answered(1, 504), announced(2), withheld(2)), True),
        ((announced(1), announced(2), withheld(2)), True),
        ((announced(1), withheld(1), announced(2)), True),
        ((announced(1), withheld(2)), True),
        ((announced(1), withheld(None)), True),
        ((announced(1), withheld(1, n=99)), True),
        ((announced(1), withheld(1), withheld(1)), True),
        ((announced(None), withheld(None)), True),
        ((announced(1), withheld(1, 200)), True),
        ((announced(1), withheld(1, 504)), True),
    ],
)
def test_a_write_that_was_not_sent_changed_nothing_and_says_nothing_about_any_other(
    lines: tuple[Line, ...], touched: bool
) -> None:
    kept = record(*lines)
    assert kept.touched is touched
    assert (kept.first_disconnect(TARGET) is not None) is touched
    assert bool(Journals({"r": kept}, {}).unfinished("https://arm")) is touched


def test_the_first_disconnect_is_the_first_that_may_have_been_carried_out() -> None:
    lines = announced(1), answered(1, 429), announced(2), withheld(2), announced(3), answered(3, 200)
    assert record(*lines).first_disconnect(TARGET) is lines[4]
    assert record(*lines[:4]).first_disconnect(TARGET) is None
    assert record(*lines[:4]).first_reconnect(TARGET) is None


def test_of_an_answer_that_does_not_say_so_the_write_was_sent() -> None:
    line = {"kind": "outcome", "at": AT, "n": 3, "status": None, "request_id": "", "correlation_id": ""}
    old = msgspec.json.decode(msgspec.json.encode(line), type=Line)
    assert isinstance(old, Outcome)
    assert old.sent
    assert msgspec.json.decode(msgspec.json.encode(withheld(1)), type=Line) == withheld(1)


@pytest.mark.parametrize(
    ("status", "error", "yes"),
    [
        (200, None, True),
        (202, None, True),
        (204, None, True),
        (200, "200 InternalServerError: the operation failed", False),
        (302, None, False),
        (403, None, False),
        (None, None, False),
    ],
)
def test_an_answer_says_yes_unless_its_operation_ended_with_an_error(
    status: int | None, error: str | None, yes: bool
) -> None:
    answer = Outcome(AT, DISCONNECT.n, status, "", "", error, 1)
    kept = record(announced(1), answer, End(AT, "failed", left_open=False))
    assert kept.answered("disconnect", TARGET) is (answer if yes else None)
    assert kept.settles is yes


@pytest.mark.parametrize(
    "answer",
    [
        answered(1, None),
        answered(1, 408),
        answered(1, 500),
        answered(2, 403),
        answered(None, 403),
        answered(1, 403, n=99),
    ],
)
def test_a_write_without_a_refusal_of_its_own_may_have_been_carried_out(answer: Outcome) -> None:
    assert record(announced(1), answer).touched


def test_where_two_writes_or_answers_have_one_number_nobody_knows() -> None:
    assert record(announced(1), announced(1), answered(1, 403)).touched
    assert record(announced(1), answered(1, 403), answered(1, 200)).touched


def test_a_journal_without_numbers_counts_as_changed_and_its_answers_are_still_found() -> None:
    old = record(announced(None), answered(None, 403), announced(None), answered(None, 200))
    assert old.touched
    assert record(announced(None), answered(None, 403)).touched
    assert old.answered("disconnect", TARGET) is old.lines[4]
    assert (
        record(announced(None), announced(None), answered(None, 403)).answered("disconnect", TARGET) is None
    )


def test_the_answer_to_another_write_of_the_same_step_is_not_an_answer_to_this_one() -> None:
    """A rollback disconnects under the number of the step that connected."""
    assert DISCONNECT.request is not None
    connect = Intent(AT, DISCONNECT.n, "reconnect", TARGET, DISCONNECT.request, 2)
    both = record(announced(1), answered(1, 403), connect, answered(2, 200))
    assert both.answered("disconnect", TARGET) is None
    assert both.answered("reconnect", TARGET) is both.lines[-1]


def test_a_finished_run_of_which_nobody_knows_that_it_did_anything_settles_no_other() -> None:
    cut_off = record(announced(1))
    refused = Record(
        replace_run("s", 5),
        (replace_run("s", 5), announced(None), answered(None, 403), End(AT, "failed", left_open=False)),
    )
    done = Record(
        replace_run("t", 6),
        (replace_run("t", 6), announced(None), answered(None, 200), End(AT, "succeeded", left_open=False)),
    )
    assert Journals({"r": cut_off, "s": refused}, {}).unfinished("https://arm") == [cut_off]
    assert Journals({"r": cut_off, "s": refused, "t": done}, {}).unfinished("https://arm") == []


def replace_run(run: str, second: int) -> Begin:
    when = AT + timedelta(seconds=second)
    return Begin(when, run, "0", "me", "here", 1, "me", "https://arm", REBUILD, ())


@given(
    statuses=st.lists(
        st.sampled_from(["withheld", None, 200, 204, 403, 404, 408, 409, 412, 429, 500, 504]), max_size=5
    ),
    kept=st.lists(st.booleans(), min_size=5, max_size=5),
    seconds=st.lists(st.integers(-100, 100), min_size=10, max_size=10),
)
def test_a_run_is_untouched_only_if_each_write_was_refused_or_not_sent_whatever_the_times_say(
    statuses: list[Any], kept: list[bool], seconds: list[int]
) -> None:
    lines: list[Line] = []
    for n, status in enumerate(statuses, 1):
        lines.append(announced(n, seconds[2 * n - 2]))
        answer = withheld(n) if status == "withheld" else answered(n, status, seconds[2 * n - 1])
        lines += [answer] if kept[n - 1] else []
    nothing = ("withheld", 403, 404, 409, 412, 429)
    without_effect = [kept[n] and status in nothing for n, status in enumerate(statuses)]
    assert record(*lines).touched is not all(without_effect)


def test_attempts_are_counted_on_when_a_run_is_taken_up_again(
    remediate: Callable[..., Ran], shared: Azure
) -> None:
    killed_after(shared, 2)
    assert remediate("resume", *QUICK).code == 0
    lines = [json.loads(line) for line in journal().read_bytes().splitlines()]
    announced_ = [one["attempt"] for one in lines if one["kind"] == "intent"]
    assert announced_ == list(range(1, len(shared.writes) + 1))
    answers = [one["attempt"] for one in lines if one["kind"] == "outcome"]
    trials = 4
    assert set(announced_) - set(answers) <= {trials + 2}


def test_a_run_whose_first_delete_was_not_answered_is_listed_although_the_second_was_refused(
    remediate: Callable[..., Ran], shared: Azure
) -> None:
    killed_after(shared, 1)
    lines = [json.loads(line) for line in journal().read_bytes().splitlines()]
    at_ = next(n for n, one in enumerate(lines) if (one["kind"], one.get("do")) == ("intent", "disconnect"))
    first = lines[at_]
    again = {**first, "attempt": first["attempt"] + 1}
    refused = {
        "kind": "outcome",
        "at": first["at"],
        "n": first["n"],
        "status": 429,
        "request_id": "",
        "correlation_id": "",
        "attempt": again["attempt"],
    }
    kept = [*lines[: at_ + 1], again, refused]
    journal().write_bytes(b"".join(json.dumps(one).encode() + b"\n" for one in kept))
    assert "has not ended" in " ".join(remediate("verify", "orders-func").err.split())
    assert remediate(*RUN).document["code"] == "unfinished"
    assert remediate("resume", *QUICK).code == 0
