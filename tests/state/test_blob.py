"""The shared store where it is hard: lost answers, a lost lock, a container that will not do."""

from __future__ import annotations

import time
from collections.abc import Callable

import pytest

from remediate.errors import StoreError
from remediate.state import lease as leases
from remediate.state import service
from remediate.state.store import LockHeld
from tests.azurite.proxy import APPEND, Fate, Proxy, Seen
from tests.azurite.server import Azurite, Container
from tests.conftest import Azure, Ran
from tests.state.test_store import HOLDER, JOURNAL, blob_store

PATIENCE = 20.0
"""Seconds within which something has to happen; nothing waits once it has."""
RUN = ("reconnect", "orders-func", "--yes", "-o", "json", "--poll-interval", "0.02", "--timeout", "1")


@pytest.fixture
def impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    """A call that fails is given up at once."""
    monkeypatch.setattr(service, "CALL_LIMIT", 0.0)


@pytest.fixture
def never_sure(monkeypatch: pytest.MonkeyPatch) -> None:
    """Whether a lock is still ours is asked after every line."""
    monkeypatch.setattr(leases, "CONFIRMED_FOR", -1.0)


@pytest.mark.parametrize("fate", ["lost", "twice", "busy", "cut"])
def test_each_line_is_kept_once_whatever_became_of_its_answer(proxy: Proxy, fate: Fate) -> None:
    store = blob_store()
    mishaps = iter([fate, "pass"] * 3)
    proxy.fate = lambda one: next(mishaps) if one.comp == APPEND else "pass"
    for line in (b"first", b"second", b"third"):
        store.append(JOURNAL, line)
    assert store.read(JOURNAL) == b"first\nsecond\nthird\n"


@pytest.mark.usefixtures("impatient")
def test_a_line_that_was_given_up_and_kept_all_the_same_is_found_by_the_next(proxy: Proxy) -> None:
    store = blob_store()
    store.append(JOURNAL, b"first")
    proxy.from_nth(1, "lost")
    with pytest.raises(StoreError, match=r"cannot write azblob://devstoreaccount1/state-.*: no answer"):
        store.append(JOURNAL, b"second")
    proxy.from_nth(1, "pass")
    store.append(JOURNAL, b"third")
    assert store.read(JOURNAL) == b"first\nsecond\nthird\n"


@pytest.mark.usefixtures("container")
def test_a_line_of_somebody_else_is_not_written_over_or_behind() -> None:
    one, other = blob_store(), blob_store()
    one.append(JOURNAL, b"first")
    other.append(JOURNAL, b"theirs")
    with pytest.raises(StoreError, match=r"another process wrote to runs/one/journal\.jsonl"):
        one.append(JOURNAL, b"ours")
    assert blob_store().read(JOURNAL) == b"first\ntheirs\n"


@pytest.mark.usefixtures("container")
def test_a_line_that_somebody_else_wrote_after_a_read_is_not_written_behind() -> None:
    one, other = blob_store(), blob_store()
    other.append(JOURNAL, b"first")
    assert one.read(JOURNAL) == b"first\n"
    other.append(JOURNAL, b"theirs")
    with pytest.raises(StoreError, match="another process wrote"):
        one.append(JOURNAL, b"ours")


def test_a_whole_file_is_kept_whole_although_its_answer_was_lost(proxy: Proxy) -> None:
    store = blob_store()
    fates = iter(["lost"])
    proxy.fate = lambda one: next(fates, "pass") if one.method == "PUT" else "pass"
    store.write("snapshots/app.json", b"new")
    assert store.read("snapshots/app.json") == b"new"


def test_a_lock_whose_answer_was_lost_is_ours(proxy: Proxy) -> None:
    proxy.from_nth(1, "lost", times=1, comp="lease")
    with blob_store().lock("link", HOLDER), pytest.raises(LockHeld), blob_store().lock("link", HOLDER):
        pytest.fail("two hold it")


def test_a_lock_is_renewed_for_as_long_as_it_is_held(proxy: Proxy, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(leases, "RENEW_EVERY", 0.01)
    deadline = time.monotonic() + PATIENCE
    with blob_store().lock("link", HOLDER):
        while proxy.count("lease", "renew") < 3:
            assert time.monotonic() < deadline, "it is not renewed"
    assert proxy.count("lease", "acquire") == 1


def test_a_lock_that_lapsed_is_taken_over_and_the_other_writes_nothing_more(container: Container) -> None:
    one, other = blob_store(), blob_store()
    with one.lock("link", HOLDER):
        one.append(JOURNAL, b"first")
        assert container.break_leases() == 1
        with other.lock("link", HOLDER):
            with pytest.MonkeyPatch.context() as patch:
                patch.setattr(leases, "CONFIRMED_FOR", -1.0)
                for told in ("another process broke it or acquired it",) * 2:
                    with pytest.raises(StoreError, match=told):
                        one.append("runs/two/journal.jsonl", b"line")
            with pytest.raises(LockHeld), blob_store().lock("link", HOLDER):
                pytest.fail("two hold it")
    with blob_store().lock("link", HOLDER):
        assert container.names() == ["locks/link.lock", JOURNAL, "runs/two/journal.jsonl"]


def test_a_lock_that_could_not_be_renewed_for_its_minute_is_lost(
    proxy: Proxy, monkeypatch: pytest.MonkeyPatch
) -> None:
    store = blob_store()
    with store.lock("link", HOLDER):
        proxy.from_nth(1, "cut", comp="lease")
        monkeypatch.setattr(leases, "_age", lambda _: leases.LEASE_SECONDS - 1)
        store.append(JOURNAL, b"nobody else can have it yet")
        monkeypatch.setattr(leases, "_age", lambda _: leases.LEASE_SECONDS + 1)
        with pytest.raises(StoreError, match="could not be renewed for 60 s"):
            store.append(JOURNAL, b"somebody may have it")
        with pytest.raises(StoreError, match="is lost"):
            store.append(JOURNAL, b"still")


@pytest.mark.usefixtures("container", "never_sure")
def test_a_machine_that_slept_while_nobody_else_came_goes_on() -> None:
    store = blob_store()
    with store.lock("link", HOLDER), pytest.MonkeyPatch.context() as patch:
        now = time.monotonic(), time.time() + 3600
        patch.setattr(leases, "_now", lambda: now)
        store.append(JOURNAL, b"line")


def test_a_container_that_anybody_can_read_is_refused_before_anything_is_changed(
    remediate: Callable[..., Ran], azure: Callable[..., Azure], container: Container, azurite: Azurite
) -> None:
    healthy, public = azure("healthy"), azurite.container(public=True)
    ran = remediate(*RUN, "--state", public.url)
    assert (ran.code, ran.document["code"]) == (4, "state")
    assert "has public access" in ran.document["message"]
    assert healthy.writes == []
    assert [name for name in public.names() if name.startswith("runs/")] == []


def test_a_container_that_is_not_there_is_named_and_a_look_needs_none(
    remediate: Callable[..., Ran], azure: Callable[..., Azure], container: Container
) -> None:
    healthy = azure("healthy")
    where = ("--state", "azblob://devstoreaccount1/nowhere/team")
    ran = remediate(*RUN, *where)
    assert (ran.code, ran.document["code"]) == (4, "state")
    assert (
        "azblob://devstoreaccount1/nowhere/team/runs: the container does not exist" in ran.document["message"]
    )
    assert healthy.writes == []
    look = remediate("verify", "orders-func", *where)
    assert (look.code, "the container does not exist" in look.err) == (0, True)


def test_who_may_not_write_is_told_which_role_is_needed(
    remediate: Callable[..., Ran], azure: Callable[..., Azure], proxy: Proxy
) -> None:
    healthy = azure("healthy")

    def denied(one: Seen) -> Fate:
        return "denied" if one.method == "PUT" or one.comp == "" else "pass"

    proxy.fate = denied
    ran = remediate(*RUN)
    assert (ran.code, ran.document["code"]) == (4, "state")
    assert "Storage Blob Data Contributor" in ran.document["message"]
    assert healthy.writes == []


def test_a_prefix_keeps_two_teams_apart(remediate: Callable[..., Ran], container: Container) -> None:
    one = ("--state", f"{container.url}/platform/prod/")
    ran = remediate("reconnect", "orders-func", "--sandbox", "healthy", "--yes", *one)
    assert ran.code == 0, ran.err
    assert len(remediate("runs", "list", "-o", "json", *one).document["runs"]) == 1
    assert remediate("runs", "list", "-o", "json").document["runs"] == []
    assert all(name.startswith("platform/prod/") for name in container.names())
