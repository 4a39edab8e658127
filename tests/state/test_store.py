"""What every store promises, each kind held to the same tests."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path

import pytest

from remediate.azure.storage import from_connection_string
from remediate.state.address import parse
from remediate.state.blob import BlobStore
from remediate.state.local import LocalStore
from remediate.state.store import Holder, InvalidRunName, LockHeld, Store

HOLDER = Holder("run-1", "ada", "desk", 1, "2026-01-01T00:00:00Z")
JOURNAL = "runs/one/journal.jsonl"
NAMES = ["../x", "/etc", "..", ".", "", "a\\b", "a\nb", "\x1b[2J", "x" * 500, "run\u202e", "runs/../..", "~"]

Open = Callable[[], Store]
"""Opens the same store once more, as another machine would."""


def blob_store() -> BlobStore:
    """The store that the environment names."""
    where = parse(os.environ["REMEDIATE_STATE"])
    given = os.environ["AZURE_STORAGE_CONNECTION_STRING"]
    return BlobStore(from_connection_string(given, where.account, where.container), where.prefix)


@pytest.fixture(params=["local", "blob"])
def reopen(request: pytest.FixtureRequest, tmp_path: Path) -> Open:
    if request.param == "local":
        return lambda: LocalStore(tmp_path / "state")
    request.getfixturevalue("container")
    return blob_store


def test_lines_are_kept_in_their_order_whoever_appends(reopen: Open) -> None:
    one, other = reopen(), reopen()
    one.append(JOURNAL, b"first")
    one.append(JOURNAL, b"second")
    other.append(JOURNAL, b"third")
    assert reopen().read(JOURNAL) == b"first\nsecond\nthird\n"


def test_what_was_read_is_appended_to(reopen: Open) -> None:
    reopen().append(JOURNAL, b"first")
    later = reopen()
    assert later.read(JOURNAL) == b"first\n"
    later.append(JOURNAL, b"second")
    assert later.read(JOURNAL) == b"first\nsecond\n"


def test_a_whole_file_takes_the_place_of_what_was_there(reopen: Open) -> None:
    reopen().write("snapshots/app.json", b"a longer old one")
    reopen().write("snapshots/app.json", b"new")
    assert reopen().read("snapshots/app.json") == b"new"


def test_what_is_not_there_is_none_and_not_an_error(reopen: Open) -> None:
    assert reopen().read(JOURNAL) is None
    assert reopen().names("runs") == []


def test_names_are_those_directly_below_a_folder(reopen: Open) -> None:
    store = reopen()
    for name in ("runs/two/journal.jsonl", JOURNAL, "snapshots/app.json", "runs.json"):
        store.append(name, b"{}")
    assert reopen().names("runs") == ["one", "two"]
    assert reopen().names("runs/one") == ["journal.jsonl"]


def test_a_file_that_is_removed_is_gone_and_those_beside_it_stay(reopen: Open) -> None:
    for name in (JOURNAL, "runs/one/before.json", "index/one.0.settled"):
        reopen().write(name, b"{}")
    reopen().remove("runs/one/before.json")
    assert (reopen().read("runs/one/before.json"), reopen().read(JOURNAL)) == (None, b"{}")
    reopen().remove(JOURNAL)
    reopen().remove(JOURNAL)
    reopen().remove("index/one.0.settled")
    assert [reopen().names(one) for one in ("runs", "runs/one", "index")] == [[], [], []]
    reopen().append(JOURNAL, b"new")
    assert reopen().read(JOURNAL) == b"new\n"


@pytest.mark.parametrize("name", NAMES)
def test_a_name_that_leads_out_is_refused(reopen: Open, name: str) -> None:
    store = reopen()
    for use in (store.read, store.names, store.remove, lambda one: store.append(one, b"")):
        with pytest.raises(InvalidRunName):
            use(name)


def test_a_lock_that_is_held_names_its_holder_and_is_free_afterwards(reopen: Open) -> None:
    one, other = reopen(), reopen()
    told = pytest.raises(LockHeld, match="ada on desk since 2026-01-01T00:00:00Z \\(run run-1\\)")
    with one.lock("link", HOLDER), told, other.lock("link", HOLDER):
        pytest.fail("two hold it")
    with other.lock("link", HOLDER), one.lock("another", HOLDER):
        other.append(JOURNAL, b"line")


def test_a_lock_is_free_after_whatever_ended_its_holder(reopen: Open) -> None:
    with pytest.raises(KeyboardInterrupt), reopen().lock("link", HOLDER):
        raise KeyboardInterrupt
    with reopen().lock("link", HOLDER):
        assert reopen().read(JOURNAL) is None
