"""In which order a journal and the index of open runs are written, and what is held back until an answer."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import pytest
from msgspec.structs import replace

from remediate.azure.write import Answer
from remediate.errors import StoreError
from remediate.run.journal import (
    End,
    Intent,
    InvalidJournal,
    Journal,
    Line,
    Outcome,
    Resumed,
    holder,
    lock_name,
    read,
    writing,
)
from remediate.run.journal.index import open_runs, settle
from remediate.state.local import LocalStore
from tests.checks.worlds import SUBNET, TARGET
from tests.clocks import ManualClock
from tests.run.test_record import OUT
from tests.run.test_remaining import AT, REBUILD

(STEP,) = [one for one in REBUILD.steps if one == OUT[TARGET]]
REQUEST = STEP.request
assert REQUEST is not None


class Noting(LocalStore):
    """A store that notes what is written, in order."""

    def __init__(self, root: Path) -> None:
        super().__init__(root)
        self.noted: list[str] = []

    def append(self, name: str, line: bytes) -> None:
        super().append(name, line)
        self.noted.append(line.decode().partition('"kind":"')[2].partition('"')[0])

    def write(self, name: str, content: bytes) -> None:
        super().write(name, content)
        self.noted.append(name)


@pytest.fixture
def store(tmp_path: Path) -> Noting:
    return Noting(tmp_path / "state")


def journal(store: Noting) -> Journal:
    return Journal(store, "r", ManualClock())


def begun(store: Noting) -> Journal:
    made = journal(store)
    made.begin(REBUILD, (), "ada@contoso.com", "https://arm")
    return made


def taken_up(store: Noting, verb: Any = "resume") -> Journal:
    made = journal(store)
    made.resumed(verb, read(store, "r"))
    return made


def send(made: Journal) -> None:
    assert REQUEST is not None
    made.intent(STEP, REQUEST)
    made.outcome(STEP, Answer(200, "a", "b"))


def lines(store: Noting, kind: type[Line]) -> list[Any]:
    return [one for one in read(store, "r").lines if isinstance(one, kind)]


def test_the_plan_is_kept_first_with_who_began_it(store: Noting) -> None:
    begun(store)
    begin = read(store, "r").begin
    assert store.noted == ["begin"]
    assert (begin.at, begin.run, begin.plan, begin.signed_in) == (AT, "r", REBUILD, "ada@contoso.com")
    assert (begin.arm, begin.pid, begin.findings) == ("https://arm", os.getpid(), ())


def test_a_plan_that_could_not_be_resumed_is_not_begun(store: Noting) -> None:
    with pytest.raises(InvalidJournal):
        journal(store).begin(replace(REBUILD, steps=REBUILD.steps[1:]), (), "me", "https://arm")
    assert store.noted == []


def test_writes_are_numbered_from_one_and_each_answer_has_the_number_of_its_write(store: Noting) -> None:
    made = begun(store)
    assert not made.announced
    send(made)
    send(made)
    assert made.announced
    assert [one.attempt for one in lines(store, Intent)] == [1, 2]
    assert [(one.attempt, one.n, one.status) for one in lines(store, Outcome)] == [
        (1, STEP.n, 200),
        (2, STEP.n, 200),
    ]
    (first, _) = lines(store, Outcome)
    assert (first.request_id, first.correlation_id, first.error, first.sent) == ("a", "b", None, True)


def test_writes_are_counted_on_when_a_run_is_taken_up(store: Noting) -> None:
    send(begun(store))
    for n in (1, 2):
        send(taken_up(store))
        assert lines(store, Intent)[-1].attempt == n + 1
    assert read(store, "r").times_taken_up == 2


@pytest.mark.parametrize("verb", ["resume", "rollback"])
def test_who_takes_a_run_up_leaves_no_line_until_the_answer_is_yes(store: Noting, verb: Any) -> None:
    send(begun(store))
    store.noted.clear()
    made = taken_up(store, verb)
    made.end("interrupted", None, left_open=False)
    assert store.noted == []
    assert not made.written
    again = taken_up(store, verb)
    again.release()
    again.release()
    assert store.noted == ["index/r.1.taken-up", "resumed"]
    assert [one.verb for one in lines(store, Resumed)] == [verb]


def test_a_run_is_open_in_the_index_before_a_line_of_its_next_turn_and_noted_once(store: Noting) -> None:
    begun(store).end("succeeded", None, left_open=False)
    settle(store, "r", 0)
    assert open_runs(store) == []
    store.noted.clear()
    send(taken_up(store, "rollback"))
    assert store.noted == ["index/r.1.taken-up", "resumed", "intent", "outcome"]
    assert open_runs(store) == ["r"]


@pytest.mark.parametrize("left_open", [True, False])
def test_the_end_says_whether_anything_is_left_and_settles_the_run_where_not(
    store: Noting, left_open: bool
) -> None:
    made = begun(store)
    send(made)
    made.end("failed", "why", left_open=left_open)
    assert lines(store, End) == [End(AT, "failed", "why", left_open)]
    assert open_runs(store) == (["r"] if left_open else [])


def test_an_index_that_cannot_be_written_does_not_spoil_the_end(
    store: Noting, monkeypatch: pytest.MonkeyPatch
) -> None:
    made = begun(store)

    def fail(*_: Any) -> Any:
        raise StoreError("no")

    monkeypatch.setattr(writing, "read_open", fail)
    made.end("succeeded", None, left_open=False)
    assert read(store, "r").finished


def test_a_lock_is_that_of_a_subnet_however_its_id_is_spelled() -> None:
    assert lock_name(SUBNET) == lock_name(SUBNET.upper()) == lock_name(f"{SUBNET}/") == lock_name(SUBNET[1:])
    assert lock_name(SUBNET) != lock_name(f"{SUBNET}x")
    assert len(lock_name(SUBNET)) == 32


@pytest.mark.parametrize("error", [KeyError, OSError])
def test_who_has_no_name_is_told_by_the_number(
    monkeypatch: pytest.MonkeyPatch, error: type[Exception]
) -> None:
    def nobody() -> str:
        raise error

    monkeypatch.setattr("getpass.getuser", nobody)
    us = holder("r", AT)
    assert us.who == (f"uid {os.getuid()}" if hasattr(os, "getuid") else "unknown")
    assert (us.run, us.pid, us.since) == ("r", os.getpid(), "2026-01-01T03:00:00Z")
