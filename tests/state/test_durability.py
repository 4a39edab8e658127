"""What is on disk, in which order, when a method of the local store returns; and what a blob store asks."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import pytest
from azure.core.exceptions import HttpResponseError

from remediate.errors import StoreError
from remediate.state.blob import BlobStore
from remediate.state.local import LocalStore
from remediate.state.store import LockHeld
from tests.state.test_store import HOLDER, JOURNAL

pytestmark = pytest.mark.skipif(not Path("/proc/self/fd").exists(), reason="tells files by their descriptors")


@pytest.fixture
def synced(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """What was synced to disk and what was renamed, in order, as paths in the state folder."""
    noted: list[str] = []
    fsync, replace = os.fsync, Path.replace

    def shown(path: Path) -> str:
        return str(path.relative_to(tmp_path)).replace(f".{os.getpid()}.new", ".new")

    def sync(descriptor: int) -> None:
        noted.append(shown(Path(f"/proc/self/fd/{descriptor}").readlink()))
        fsync(descriptor)

    def rename(path: Path, target: Path) -> Path:
        noted.append(f"{shown(path)} -> {shown(target)}")
        return replace(path, target)

    monkeypatch.setattr(os, "fsync", sync)
    monkeypatch.setattr(Path, "replace", rename)
    return noted


def test_a_line_and_every_new_folder_above_it_are_synced_before_append_returns(
    tmp_path: Path, synced: list[str]
) -> None:
    store = LocalStore(tmp_path / "state")
    store.append(JOURNAL, b"first")
    file = f"state/{JOURNAL}"
    assert synced == [".", "state", "state/runs", file, "state/runs/one"]
    synced.clear()
    store.append(JOURNAL, b"second")
    assert synced == [file]
    synced.clear()
    store.append("runs/one/other", b"first")
    assert synced == ["state/runs/one/other", "state/runs/one"]


def test_a_file_is_synced_before_it_takes_its_name_and_its_folder_after(
    tmp_path: Path, synced: list[str]
) -> None:
    store = LocalStore(tmp_path / "state")
    store.write("a.json", b"old")
    synced.clear()
    store.write("a.json", b"new")
    assert synced == ["state/a.json.new", "state/a.json.new -> state/a.json", "state"]
    assert [one.name for one in (tmp_path / "state").iterdir()] == ["a.json"]


def test_a_draft_that_could_not_be_written_is_removed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    store = LocalStore(tmp_path / "state")
    store.write("a.json", b"old")
    with monkeypatch.context() as patch:

        def full(*_: Any) -> int:
            raise OSError(28, "No space left on device")

        patch.setattr(os, "write", full)
        with pytest.raises(StoreError, match=r"cannot write .*a\.json: No space left on device"):
            store.write("a.json", b"new")
    assert [one.name for one in (tmp_path / "state").iterdir()] == ["a.json"]
    assert store.read("a.json") == b"old"


@pytest.mark.parametrize(
    ("before", "after"),
    [
        (b"", b"new\n"),
        (b"\n", b"\nnew\n"),
        (b"one\n", b"one\nnew\n"),
        (b"one\ntw", b"one\nnew\n"),
        (b"on", b"new\n"),
        (b"\no", b"\nnew\n"),
        (b"one\ntwo\n", b"one\ntwo\nnew\n"),
        (b"one\n\n", b"one\n\nnew\n"),
    ],
)
def test_only_whole_lines_are_appended_to(tmp_path: Path, before: bytes, after: bytes) -> None:
    store = LocalStore(tmp_path / "state")
    store.write(JOURNAL, before)
    store.append(JOURNAL, b"new")
    assert store.read(JOURNAL) == after


def test_a_disk_that_takes_a_part_at_a_time_gets_everything(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    write = os.write
    monkeypatch.setattr(os, "write", lambda descriptor, content: write(descriptor, bytes(content[:3])))
    store = LocalStore(tmp_path / "state")
    store.append(JOURNAL, b"0123456789")
    store.write("a.json", b"0123456789")
    assert (store.read(JOURNAL), store.read("a.json")) == (b"0123456789\n", b"0123456789")


def test_the_last_file_takes_its_folder_with_it_and_never_one_that_all_share(tmp_path: Path) -> None:
    store = LocalStore(tmp_path / "state")
    for name in (JOURNAL, "runs/one/after.json", "index/a.0.settled"):
        store.write(name, b"")
    store.remove("runs/one/after.json")
    assert store.names("runs") == ["one"]
    store.remove(JOURNAL)
    store.remove(JOURNAL)
    store.remove("index/a.0.settled")
    assert [one.name for one in sorted((tmp_path / "state").iterdir())] == ["index", "runs"]
    assert store.names("runs") == []


def test_what_is_not_there_is_empty_and_what_is_a_folder_is_no_file(tmp_path: Path) -> None:
    store = LocalStore(tmp_path / "state")
    assert (store.read(JOURNAL), store.names("runs")) == (None, [])
    for name in ("runs/b/x", "runs/a/x"):
        store.write(name, b"")
    assert store.names("runs") == ["a", "b"]
    assert store.read("runs/a") is None
    with pytest.raises(StoreError, match="is not a folder"):
        store.read("runs/a/x/y")


@pytest.mark.parametrize(
    ("mode", "refused"),
    [(0o700, False), (0o755, False), (0o720, True), (0o702, True), (0o777, True), (0o750, False)],
)
@pytest.mark.parametrize("place", [".", "runs", "runs/one"])
def test_a_folder_that_others_can_write_to_is_never_read_or_written(
    tmp_path: Path, mode: int, refused: bool, place: str
) -> None:
    root = tmp_path / "state"
    LocalStore(root).write(JOURNAL, b"line\n")
    (root / place).chmod(mode)
    for use in (
        lambda: LocalStore(root).read(JOURNAL),
        lambda: LocalStore(root).names("runs/one"),
        lambda: LocalStore(root).append(JOURNAL, b"x"),
        lambda: LocalStore(root).write(JOURNAL, b"x"),
        lambda: LocalStore(root).remove(JOURNAL),
    ):
        if not refused:
            use()
            continue
        with pytest.raises(
            StoreError, match=rf"other users can write to the state folder .*: chmod go-w {root}"
        ):
            use()
    assert refused is (root / JOURNAL).exists()


def test_a_lock_names_its_holder_while_it_is_held_and_leaves_nothing_that_does(tmp_path: Path) -> None:
    one, other = LocalStore(tmp_path / "state"), LocalStore(tmp_path / "state")
    for _ in range(2):
        with one.lock("link", HOLDER):
            with pytest.raises(LockHeld) as held, other.lock("link", HOLDER):
                pytest.fail("two hold it")
            assert held.value.holder == HOLDER
        assert "link.json" not in one.names("locks")
    with one.lock("link", HOLDER):
        (tmp_path / "state/locks/link.json").write_text("{")
        with pytest.raises(LockHeld, match="somebody holds"), other.lock("link", HOLDER):
            pytest.fail("two hold it")


class Container:
    """A container whose public access is asked for, and whose blobs take everything."""

    account_name, container_name = "account", "container"

    def __init__(self, access: Any = None) -> None:
        self._access = access
        self.asked = 0

    def get_container_properties(self, **_: Any) -> Any:
        self.asked += 1
        if isinstance(self._access, Exception):
            raise self._access
        return type("Properties", (), {"public_access": self._access})()

    def get_blob_client(self, name: str) -> Any:
        return type("Blob", (), {"upload_blob": lambda *_, **__: None})()


def answered(status: int) -> HttpResponseError:
    error = HttpResponseError("no")
    error.status_code = status
    return error


@pytest.mark.parametrize("access", [None, "", answered(403)])
def test_whether_a_container_is_public_is_asked_once(access: Any) -> None:
    container = Container(access)
    store = BlobStore(container)  # type: ignore[arg-type]
    for _ in range(3):
        store.write("a.json", b"")
    assert container.asked == 1


@pytest.mark.parametrize(
    ("access", "told"),
    [("blob", "has public access: turn it off"), ("container", "has public access"), (answered(404), "404")],
)
def test_a_container_that_is_public_or_cannot_be_asked_is_asked_and_refused_each_time(
    access: Any, told: str
) -> None:
    container = Container(access)
    store = BlobStore(container)  # type: ignore[arg-type]
    for n in (1, 2):
        with pytest.raises(StoreError, match=told):
            store.write("a.json", b"")
        assert container.asked == n
