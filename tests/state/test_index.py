"""Which runs are open: told without reading the settled ones, in a folder and in a container."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import msgspec
import pytest

from remediate.run.journal import Begin, End, Intent, Outcome, Resumed, index, read_open
from remediate.run.journal.lines import Line, name_of
from remediate.state.store import Store
from tests.conftest import Azure, Ran
from tests.run.test_remaining import AT, REBUILD
from tests.run.test_resume_after_changes import APP_RUN
from tests.run.test_resume_and_rollback import QUICK, killed_after, run
from tests.state.test_store import Open, reopen

__all__ = ["reopen"]

ARM = "https://arm"
(DISCONNECT, *_) = [step for step in REBUILD.steps if step.do == "disconnect"]


class Counting:
    """A store that counts which journals are read."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self.read_: list[str] = []

    def read(self, name: str) -> bytes | None:
        self.read_.append(name)
        return self._store.read(name)

    def __getattr__(self, name: str) -> Any:
        return getattr(self._store, name)


def keep(store: Store, name: str, *rest: Line, second: int = 0) -> None:
    at = AT + timedelta(seconds=second)
    lines = (Begin(at, name, "0", "me", "here", 1, "me", ARM, REBUILD, ()), *rest)
    for line in lines:
        store.append(name_of(name), msgspec.json.encode(line))


def writes(answered: int | None = 200) -> tuple[Line, ...]:
    assert DISCONNECT.request is not None
    intent = Intent(AT, DISCONNECT.n, "disconnect", DISCONNECT.target, DISCONNECT.request, 1)
    return (intent, Outcome(AT, DISCONNECT.n, answered, "", "", None, 1))


DONE = End(AT, "succeeded", left_open=False)
OPEN = End(AT, "failed", left_open=True)


def open_in(store: Store) -> list[str]:
    return [one.begin.run for one in read_open(store).unfinished(ARM)]


def test_settled_runs_are_read_once_and_then_no_more(reopen: Open) -> None:
    store = reopen()
    for n in range(5):
        keep(store, f"done-{n}", *writes(), DONE, second=n)
    keep(store, "open", *writes(), OPEN, second=9)
    assert open_in(reopen()) == ["open"]
    counting = Counting(reopen())
    assert open_in(counting) == ["open"]
    assert counting.read_ == [name_of("open")]


def test_a_lost_or_damaged_index_is_built_again(reopen: Open) -> None:
    store = reopen()
    keep(store, "done", *writes(), DONE)
    keep(store, "open", *writes(), second=9)
    open_in(store)
    for name in store.names("index"):
        store.remove(f"index/{name}")
    store.write("index/what.is.this", b"\xff")
    store.write("index/open.x.settled", b"")
    assert open_in(reopen()) == ["open"]
    assert index.open_runs(reopen()) == ["open"]


def test_two_machines_at_once_lose_nothing(reopen: Open) -> None:
    one, other = reopen(), reopen()
    keep(one, "a", *writes(), DONE)
    keep(other, "b", *writes(), second=1)
    index.settle(one, "a", 0)
    assert index.open_runs(other) == ["b"]
    index.settle(other, "b", 0)
    assert index.open_runs(one) == []


def test_a_settled_run_that_is_taken_up_is_open_although_another_machine_notes_it_late(reopen: Open) -> None:
    store = reopen()
    keep(store, "done", *writes(), DONE)
    index.settle(store, "done", 0)
    index.take_up(store, "done", 1)
    index.settle(reopen(), "done", 0)
    assert index.open_runs(reopen()) == ["done"]
    store.append(name_of("done"), msgspec.json.encode(Resumed(AT, "me", "here", 1, "rollback")))
    assert open_in(reopen()) == ["done"]
    index.settle(store, "done", 1)
    assert index.open_runs(reopen()) == []


def test_a_run_that_a_later_one_settled_stays_so_when_that_one_is_not_read_any_more(reopen: Open) -> None:
    store = reopen()
    keep(store, "early", *writes(None))
    keep(store, "late", *writes(), DONE, second=9)
    assert open_in(reopen()) == []
    assert open_in(reopen()) == []
    assert index.open_runs(reopen()) == []


@pytest.fixture
def kept(request: pytest.FixtureRequest) -> None:
    """The state of the commands is in a folder or in a container."""
    if request.param == "blob":
        request.getfixturevalue("container")


@pytest.mark.parametrize("kept", ["local", "blob"], indirect=True)
@pytest.mark.usefixtures("kept")
def test_prune_deletes_settled_runs_that_are_old_and_never_an_open_one(
    remediate: Callable[..., Ran], azure: Callable[..., Azure]
) -> None:
    azure("healthy")
    assert remediate(*APP_RUN).code == 0
    (done,) = names(remediate)
    asked = remediate("runs", "prune", "--older-than", "0h", "-o", "json")
    assert (asked.code, "--yes" in asked.document["message"]) == (2, True)
    assert pruned(remediate, "90d", "--yes") == []
    assert pruned(remediate, "0h", "--dry-run") == [done]
    assert names(remediate) == [done]
    assert pruned(remediate, "0h", "--yes") == [done]
    assert names(remediate) == []
    assert pruned(remediate, "0h", "--yes") == []


def test_prune_keeps_a_run_until_it_is_finished(
    remediate: Callable[..., Ran], azure: Callable[..., Azure]
) -> None:
    killed_after(azure("healthy"), 1, *APP_RUN)
    assert pruned(remediate, "0h", "--yes") == []
    open_ = run()
    assert names(remediate) == [open_]
    assert remediate("resume", *QUICK).code == 0
    assert "No finished run is old enough" in remediate("runs", "prune", "--older-than", "1d", "--yes").out
    assert "1 run deleted" in remediate("runs", "prune", "--older-than", "0h", "--yes").out
    assert names(remediate) == []


@pytest.mark.parametrize("age", ["", "90", "d", "-1d", "90 days", "1.5d"])
def test_an_age_that_is_none_is_wrong_use(remediate: Callable[..., Ran], age: str) -> None:
    assert remediate("runs", "prune", "--older-than", age, "--yes").code == 2


def names(remediate: Callable[..., Ran]) -> list[str]:
    return [one["run"] for one in remediate("runs", "list", "-o", "json").document["runs"]]


def pruned(remediate: Callable[..., Ran], age: str, *options: str) -> list[str]:
    ran = remediate("runs", "prune", "--older-than", age, "-o", "json", *options)
    assert ran.code == 0, ran.err
    document = json.loads(ran.out)
    assert document["dry_run"] is ("--dry-run" in options)
    return [one["run"] for one in document["runs"]]
