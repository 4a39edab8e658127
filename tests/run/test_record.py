"""What the lines of a journal say about its run: pairs of writes and answers, its end, its last number."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path
from typing import Literal

import msgspec
import pytest

from remediate.model import RunStatus, StepResult
from remediate.run.journal import (
    VERSION,
    Begin,
    End,
    Ended,
    Intent,
    Journals,
    Line,
    Outcome,
    Record,
    Resumed,
    UnreadableJournal,
    delete,
    read,
    read_open,
)
from remediate.run.journal.lines import name_of
from remediate.state.local import LocalStore
from tests.checks.worlds import NEIGHBOUR, TARGET
from tests.run.test_remaining import AT, CONNECT, REBUILD

ARM = "https://arm"
OUT = {one.target: one for one in REBUILD.steps if one.do == "disconnect"}
BACK = {one.target: one for one in REBUILD.steps if one.do == "reconnect"}


def begin(run: str = "r", second: int = 0, arm: str = ARM, connect: bool = False) -> Begin:
    at = AT + timedelta(seconds=second)
    return Begin(at, run, "0", "me", "here", 1, "me", arm, CONNECT if connect else REBUILD, ())


def write(attempt: int | None, app: str = TARGET, *, back: bool = False) -> Intent:
    step = (BACK if back else OUT)[app]
    assert step.request is not None
    return Intent(AT, step.n, step.do, step.target, step.request, attempt)


def answer(
    attempt: int | None, status: int | None = 200, app: str = TARGET, *, back: bool = False, at: int = 0
) -> Outcome:
    n = (BACK if back else OUT)[app].n
    return Outcome(AT + timedelta(seconds=at), n, status, "", "", attempt=attempt)


def end(status: RunStatus = "succeeded", *, left_open: bool = False) -> End:
    return End(AT, status, None, left_open)


def taken_up(verb: Literal["resume", "rollback"] = "resume") -> Resumed:
    return Resumed(AT, "me", "here", 1, verb)


def record(*lines: Line) -> Record:
    return Record(begin(), (begin(), *lines))


@pytest.mark.parametrize(
    ("lines", "touched", "disconnected"),
    [
        ((write(1), answer(1, 200)), True, True),
        ((write(1), answer(1, 299)), True, True),
        ((write(1), answer(1, 300)), True, False),
        ((write(1), answer(1, 399)), True, False),
        ((write(1), answer(1, 400)), False, False),
        ((write(1), answer(1, 408)), True, False),
        ((write(1), answer(1, 499)), False, False),
        ((write(1), answer(1, 500)), True, False),
        ((write(1), answer(1, None)), True, False),
        ((write(1),), True, False),
        ((), False, False),
        # One that was refused and one that was not: the run changed something.
        ((write(1), answer(1, 403), write(2), answer(2, 200)), True, True),
        ((write(1), answer(1, 200), write(2), answer(2, 403)), True, True),
        ((write(1), answer(1, 403), write(2), answer(2, 403)), False, False),
        # An answer belongs to the write with its number, wherever it stands.
        ((write(1), write(2), answer(2, 403), answer(1, 200)), True, True),
        ((write(1), write(2), answer(2, 403), answer(1, 403)), False, False),
        ((write(1), write(2), answer(2, 403)), True, False),
        # Numbers that stand twice, or an answer to another step, say nothing.
        ((write(1), answer(1, 403), answer(1, 403)), True, False),
        ((write(1), answer(1, 200), answer(1, 200)), True, False),
        ((write(1), write(1), answer(1, 403)), True, False),
        ((write(1), write(1), answer(1, 200)), True, False),
        ((write(1), answer(1, 403, NEIGHBOUR)), True, False),
        ((write(1), answer(1, 200, NEIGHBOUR)), True, False),
        # Without numbers the next answer of the same step counts, up to the next write; a refusal never does.
        ((write(None), answer(None, 200)), True, True),
        ((write(None), answer(None, 403)), True, False),
        ((write(None), answer(None, 200, NEIGHBOUR), answer(None, 200)), True, True),
        ((write(None), answer(None, 200, NEIGHBOUR)), True, False),
        ((write(None), write(None, NEIGHBOUR), answer(None, 200)), True, False),
        ((write(None), taken_up(), answer(None, 200)), True, False),
        ((answer(None, 200), write(None)), True, False),
    ],
)
def test_an_answer_counts_for_its_own_write_alone(
    lines: tuple[Line, ...], touched: bool, disconnected: bool
) -> None:
    found = record(*lines)
    assert found.touched is touched
    assert (found.disconnected(TARGET) is not None) is disconnected
    assert found.disconnected(NEIGHBOUR) is None
    assert found.reconnected(TARGET) is None


def test_of_several_answers_that_said_yes_the_last_one_counts() -> None:
    found = record(write(1), answer(1, at=1), write(2), answer(2, at=2), write(3), answer(3, 403, at=3))
    last = found.disconnected(TARGET.upper())
    assert last is not None
    assert last.attempt == 2
    assert found.first_disconnect(TARGET.upper()) == write(1)
    assert found.first_reconnect(TARGET) is None
    assert record(write(1, NEIGHBOUR), write(2)).first_disconnect(TARGET) == write(2)
    assert record(write(1), write(2, back=True)).first_reconnect(TARGET) == write(2, back=True)
    assert record(write(1, back=True), answer(1, back=True)).reconnected(TARGET) == answer(1, back=True)


@pytest.mark.parametrize(
    ("lines", "finished", "settles"),
    [
        ((), False, False),
        ((write(1), answer(1)), False, False),
        ((write(1), answer(1), end()), True, True),
        ((write(1), answer(1), end("rolled-back")), True, True),
        ((write(1), answer(1), end("failed")), True, True),
        ((write(1), answer(1), end("failed", left_open=True)), False, False),
        ((write(1), answer(1), end(left_open=True)), False, False),
        ((write(1), answer(1, 403), end("failed")), True, False),
        ((write(1), answer(1, 300), end("failed")), True, False),
        ((write(1), answer(1, 299), end("failed")), True, True),
        ((write(1), answer(1, None), end("failed")), True, False),
        ((write(1), end("failed")), True, False),
        ((write(1), answer(1, None), end()), True, True),
        ((write(1), answer(1), write(2), answer(2, 403), end("failed")), True, True),
        ((write(1), answer(1, 403), write(2), answer(2), end("interrupted")), True, True),
        ((end(),), True, False),
        ((write(1), answer(1), end(), taken_up()), False, False),
        ((write(1), answer(1), end(), taken_up(), end("failed")), True, True),
        ((write(1), answer(1), end(), taken_up(), end("failed", left_open=True)), False, False),
        ((write(1), answer(1), taken_up(), end()), True, True),
    ],
)
def test_a_run_is_finished_by_its_last_end_and_settles_what_it_surely_changed(
    lines: tuple[Line, ...], finished: bool, settles: bool
) -> None:
    assert (record(*lines).finished, record(*lines).settles) == (finished, settles)


def test_the_end_is_the_last_one_that_nobody_took_up_again() -> None:
    assert record(write(1)).end is None
    assert record(end("failed"), taken_up()).end is None
    assert record(end("failed"), taken_up(), end("succeeded")).end == end("succeeded")
    assert record(taken_up("rollback"), end("rolled-back"), write(2)).end == end("rolled-back")


@pytest.mark.parametrize(
    ("lines", "direction", "times"),
    [
        ((), "resume", 0),
        ((taken_up(),), "resume", 1),
        ((taken_up("rollback"),), "rollback", 1),
        ((taken_up("rollback"), write(1), taken_up()), "resume", 2),
        ((taken_up(), taken_up(), taken_up("rollback")), "rollback", 3),
    ],
)
def test_the_direction_is_that_of_who_took_the_run_up_last(
    lines: tuple[Line, ...], direction: str, times: int
) -> None:
    assert (record(*lines).direction, record(*lines).times_taken_up) == (direction, times)


@pytest.mark.parametrize(
    ("lines", "last"),
    [
        ((), 0),
        ((write(1),), 1),
        ((answer(None),), 0),
        ((write(None), answer(None)), 1),
        ((write(None), answer(None), write(None)), 2),
        ((write(1), answer(1), write(2)), 2),
        ((write(7),), 7),
        ((write(1), answer(9)), 9),
        ((write(None), write(None), write(None), answer(2)), 3),
    ],
)
def test_writes_are_counted_on_from_the_highest_number(lines: tuple[Line, ...], last: int) -> None:
    assert record(*lines).last_attempt == last


def test_a_step_ended_as_its_last_line_says() -> None:
    step = OUT[TARGET]
    ended = [Ended(AT, StepResult(step.n, step.do, step.target, one)) for one in ("failed", "succeeded")]
    assert record(*ended).results == {step.n: ended[1].result}


def text(*lines: object) -> bytes:
    return b"".join(msgspec.json.encode(one) + b"\n" for one in lines)


def stored(folder: Path, content: bytes, run: str = "r") -> LocalStore:
    store = LocalStore(folder)
    store.write(name_of(run), content)
    return store


def test_a_line_counts_with_its_line_break(tmp_path: Path) -> None:
    whole = text(begin(), write(1), answer(1))
    assert read(stored(tmp_path / "a", whole), "r").lines == (begin(), write(1), answer(1))
    assert read(stored(tmp_path / "b", whole[:-1]), "r").lines == (begin(), write(1))
    assert read(stored(tmp_path / "c", whole + b'{"kind":'), "r").lines == (begin(), write(1), answer(1))


@pytest.mark.parametrize(
    ("content", "told"),
    [
        (b"", "does not begin with the plan of that run"),
        (text(begin())[:-1], "does not begin with the plan of that run"),
        (text(write(1)), "does not begin with the plan of that run"),
        (text(write(1), begin()), "does not begin with the plan of that run"),
        (text(begin(), begin()), "does not begin with the plan of that run"),
        (text(begin(), write(1), begin()), "does not begin with the plan of that run"),
        (text(begin("another")), "does not begin with the plan of that run"),
        (text({"journal": VERSION + 1}), f"is of version {VERSION + 1}, and this remediate reads version"),
        (text({"journal": VERSION}), "line 1 of the journal of run r is damaged"),
        (text({"journal": "two"}), "line 1 of the journal of run r is damaged"),
        (b"\n", "line 1 of the journal of run r is damaged"),
        (text(begin(), {"journal": VERSION + 1}), "line 2 of the journal of run r is damaged"),
        (text(begin()) + b"{}\n", "line 2 of the journal of run r is damaged"),
        (text(begin(), write(1)) + b"{}\n" + text(end()), "line 3 of the journal of run r is damaged"),
        (text(begin()) + b"[" * 5000 + b"\n", "line 2 of the journal of run r is damaged"),
        (b"[" * 5000 + b"\n", "line 1 of the journal of run r is damaged"),
    ],
)
def test_what_is_no_journal_is_said_with_the_line(tmp_path: Path, content: bytes, told: str) -> None:
    with pytest.raises(UnreadableJournal, match=told):
        read(stored(tmp_path, content), "r")


def test_a_run_that_is_not_there_is_said(tmp_path: Path) -> None:
    with pytest.raises(UnreadableJournal, match="there is no run r"):
        read(LocalStore(tmp_path), "r")


ANSWERED: tuple[Line, ...] = (write(1), answer(1))
REFUSED: tuple[Line, ...] = (write(1), answer(1, 403))


def journals(*runs: tuple[Begin, tuple[Line, ...]]) -> Journals:
    return Journals({one.run: Record(one, (one, *lines)) for one, lines in runs}, {})


def listed(found: list[Record]) -> list[str]:
    return [one.begin.run for one in found]


@pytest.mark.parametrize(
    ("late", "lines", "settled", "unfinished"),
    [
        (begin("b", 9), (*ANSWERED, end()), ["a", "b"], []),
        (begin("b", 9), (*ANSWERED, end("failed")), ["a", "b"], []),
        (begin("b", 9), (*REFUSED, end("failed")), ["b"], ["a"]),
        (begin("b", 9), (end(),), ["b"], ["a"]),
        (begin("b", 9), (*ANSWERED, end(left_open=True)), [], ["a", "b"]),
        (begin("b", 9), ANSWERED, [], ["a", "b"]),
        (begin("b", 9), REFUSED, [], ["a"]),
        (begin("b", 9, "HTTPS://ARM"), (*ANSWERED, end()), ["a", "b"], []),
        (begin("b", 9, "https://other"), (*ANSWERED, end()), ["b"], ["a"]),
        (begin("b", 9, "https://other"), ANSWERED, [], ["a"]),
        # One that began before says nothing about what came later; nor does one about fewer apps.
        (begin("b", -9), (*ANSWERED, end()), ["b"], ["a"]),
        (begin("b", 9, connect=True), (*ANSWERED, end()), ["b"], ["a"]),
    ],
)
def test_a_run_is_settled_by_a_later_one_that_changed_all_of_its_apps(
    late: Begin, lines: tuple[Line, ...], settled: list[str], unfinished: list[str]
) -> None:
    found = journals((begin("a"), ANSWERED), (late, lines))
    assert (listed(found.settled), listed(found.unfinished(ARM))) == (settled, unfinished)
    assert listed(found.unfinished(ARM.upper())) == unfinished


def test_settled_runs_are_listed_oldest_first_however_they_are_named() -> None:
    done = (*ANSWERED, end())
    found = journals(
        (begin("a", 9), done), (begin("b", 5), ANSWERED), (begin("c", 7), done), (begin("d"), done)
    )
    assert listed(found.settled) == ["d", "b", "c", "a"]
    away = journals(*((begin(one, n), ANSWERED) for n, one in enumerate("cab")), (begin("z", 9), done))
    assert listed(away.settled) == ["c", "a", "b", "z"]


def test_open_runs_are_listed_oldest_first_however_they_are_named() -> None:
    found = journals(
        (begin("a", 9), ANSWERED), (begin("b", 5), ANSWERED), (begin("c", 7), (*ANSWERED, end()))
    )
    assert listed(found.unfinished(ARM)) == ["a"]
    both = journals((begin("a", 9), ANSWERED), (begin("b", 5), ANSWERED))
    assert listed(both.unfinished(ARM)) == ["b", "a"]


def test_old_are_runs_of_which_nothing_is_left_to_do_and_whose_last_line_is_old() -> None:
    late = End(AT + timedelta(seconds=50), "succeeded", None, False)
    found = journals(
        (begin("done"), (*ANSWERED, end())),
        (begin("late", 1), (*ANSWERED, late)),
        (begin("open", 60), ANSWERED),
        (begin("refused", 61), REFUSED),
        (begin("asked", 1), ()),
    )
    assert listed(found.older_than(AT)) == []
    assert listed(found.older_than(AT + timedelta(seconds=1))) == ["done"]
    assert listed(found.older_than(AT + timedelta(seconds=50))) == ["done", "asked"]
    assert listed(found.older_than(AT + timedelta(seconds=99))) == ["done", "late", "asked"]


def noting(monkeypatch: pytest.MonkeyPatch, method: str) -> list[str]:
    """The names with which a method of the local store is called from now on."""
    noted: list[str] = []
    real = getattr(LocalStore, method)

    def note(store: LocalStore, name: str, *rest: bytes) -> None:
        noted.append(name)
        real(store, name, *rest)

    monkeypatch.setattr(LocalStore, method, note)
    return noted


def test_a_run_is_deleted_with_all_that_is_kept_of_it_and_its_journal_last(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    store = stored(tmp_path, text(begin(), *ANSWERED, end()))
    for name in ("runs/r/after.json", "runs/r/zz.json", "index/r.0.settled", "index/r.1.taken-up"):
        store.write(name, b"")
    store.write("index/other.0.settled", b"")
    removed = noting(monkeypatch, "remove")
    delete(store, "r")
    assert removed == [
        "runs/r/after.json",
        "runs/r/zz.json",
        "runs/r/journal.jsonl",
        "index/r.0.settled",
        "index/r.1.taken-up",
    ]
    assert store.names("index") == ["other.0.settled"]


def test_a_journal_that_fits_no_plan_is_damaged_and_not_trusted(tmp_path: Path) -> None:
    store = stored(tmp_path, text(begin(), write(1), write(1)))
    store.write(name_of("s"), text(begin("s")))
    store.write("runs/t/other", b"")
    store.write("runs/t/journal.jsonl/odd", b"")
    found = read_open(store)
    assert sorted(found.records) == ["s"]
    assert sorted(found.damaged) == ["r", "t"]
    assert [one.run for one in found.invalid] == ["r"]
    assert found.damaged["r"].startswith("line 3 of the journal of run r fits no plan")


def test_what_turns_out_to_be_settled_is_noted_the_oldest_first(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A machine that dies between two notes leaves the later run readable, which shows why the earlier is."""
    store = stored(tmp_path, text(begin("z"), *ANSWERED), "z")
    store.write(name_of("a"), text(begin("a", 9), *ANSWERED, taken_up(), end()))
    store.write(name_of("b"), b"{}\n")
    noted = noting(monkeypatch, "write")
    found = read_open(store)
    assert noted == ["index/z.0.settled", "index/a.1.settled"]
    assert sorted(found.damaged) == ["b"]
    assert listed(list(read_open(store).records.values())) == []
