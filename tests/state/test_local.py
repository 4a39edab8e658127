"""State is private, stays in its folder, and a machine that fails never costs an app its network."""

from __future__ import annotations

import errno
import os
import stat
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from remediate.errors import StoreError
from remediate.run import journal as journals
from remediate.state.local import LocalStore
from remediate.state.store import Holder, InvalidRunName, LockHeld
from tests.conftest import APP, SUBNET, Azure, Ran
from tests.sampled import in_sweep

QUICK = ("--yes", "-o", "json", "--poll-interval", "0.02", "--timeout", "1")
RECONNECT = ("reconnect", "orders-func", *QUICK)
HOLDER = Holder("run-1", "ada", "desk", 1, "2026-01-01T00:00:00Z")
POSIX = pytest.mark.skipif(os.name != "posix", reason="Windows has no such modes")


@pytest.fixture
def healthy(azure: Callable[..., Azure]) -> Azure:
    return azure("healthy")


@pytest.fixture
def any_umask() -> Iterator[None]:
    before = os.umask(0)
    yield
    os.umask(before)


def state() -> Path:
    return Path(os.environ["REMEDIATE_STATE"])


def modes(root: Path) -> dict[str, int]:
    return {str(one.relative_to(root)): stat.S_IMODE(one.stat().st_mode) for one in root.rglob("*")}


def connected(azure: Azure) -> bool:
    body = azure.ask("GET", f"{APP}?api-version=2025-05-01").json()
    return bool(body["properties"]["virtualNetworkSubnetId"] == SUBNET)


def problems(ran: Ran) -> list[str]:
    return [line for line in ran.err.splitlines() if line.startswith("✗ ")]


@POSIX
@pytest.mark.usefixtures("any_umask")
def test_files_are_0600_and_folders_0700_even_without_a_umask(
    remediate: Callable[..., Ran], healthy: Azure, tmp_path: Path
) -> None:
    folder = tmp_path / "new" / "state"
    assert remediate(*RECONNECT, "--state", str(folder)).code == 0
    assert stat.S_IMODE(folder.stat().st_mode) == 0o700
    assert stat.S_IMODE(folder.parent.stat().st_mode) == 0o700
    found = modes(folder)
    assert {"runs", "locks"} < set(found)
    assert any(name.endswith(".lock") for name in found)
    for name, mode in found.items():
        assert mode == (0o700 if (folder / name).is_dir() else 0o600), name


@POSIX
@pytest.mark.usefixtures("any_umask")
def test_while_a_lock_is_held_its_files_are_0600(tmp_path: Path) -> None:
    store = LocalStore(tmp_path / "state")
    with store.lock("link", HOLDER):
        found = modes(tmp_path / "state" / "locks")
    assert found == {"link.lock": 0o600, "link.json": 0o600}


@POSIX
@pytest.mark.parametrize("inside", ["", "runs", "locks"])
@pytest.mark.parametrize("mode", [0o770, 0o702, 0o1777])
def test_a_folder_that_others_can_write_to_is_refused(
    remediate: Callable[..., Ran], healthy: Azure, inside: str, mode: int
) -> None:
    folder = state() / inside
    state().mkdir(mode=0o700)
    folder.mkdir(mode=0o700, exist_ok=True)
    folder.chmod(mode)
    ran = remediate(*RECONNECT)
    assert (ran.code, ran.document["code"]) == (4, "state")
    assert "other users can write to" in ran.document["message"]
    assert len(problems(ran)) == 1
    assert healthy.writes == []


@POSIX
@pytest.mark.parametrize("inside", ["", "runs", "locks"])
def test_a_folder_of_somebody_else_is_refused(
    remediate: Callable[..., Ran], healthy: Azure, inside: str
) -> None:
    if os.getuid() != 0:
        pytest.skip("only root can give a folder away")
    folder = state() / inside
    state().mkdir(mode=0o700)
    folder.mkdir(mode=0o700, exist_ok=True)
    os.chown(folder, 12345, -1)
    ran = remediate(*RECONNECT)
    assert (ran.code, ran.document["code"]) == (4, "state")
    assert "belongs to another user" in ran.document["message"]
    assert healthy.writes == []


@pytest.mark.parametrize("inside", ["", "runs", "locks"])
def test_a_file_in_the_place_of_a_folder_is_refused(
    remediate: Callable[..., Ran], healthy: Azure, inside: str
) -> None:
    (state() / inside).parent.mkdir(mode=0o700, exist_ok=True)
    (state() / inside).write_text("not a folder")
    ran = remediate(*RECONNECT)
    assert (ran.code, ran.document["code"]) == (4, "state")
    assert healthy.writes == []


NAMES = [
    "../x",
    "/etc",
    "..",
    ".",
    "",
    "a/b",
    "a\\b",
    "a\nb",
    "\x1b[2J",
    "x" * 500,
    "run\u202e",
    "runs/../..",
    "~",
]


@pytest.mark.parametrize("command", [("runs", "show"), ("resume",), ("rollback",)])
@pytest.mark.parametrize("name", NAMES)
def test_a_name_that_no_run_can_have_is_refused(
    remediate: Callable[..., Ran], healthy: Azure, command: tuple[str, ...], name: str
) -> None:
    ran = remediate(*command, "--", name)
    assert (ran.code, ran.out) == (2, "")
    assert len(problems(ran)) == 1
    assert not set("\x1b\u202e") & set(ran.err)
    assert healthy.writes == []


@pytest.mark.parametrize("name", NAMES)
def test_no_store_goes_where_such_a_name_leads(tmp_path: Path, name: str) -> None:
    store = LocalStore(tmp_path / "state")
    writing = (lambda one: store.append(one, b""), lambda one: store.write(one, b""))
    for use in (store.read, store.names, *writing):
        if name != "a/b":  # two plain parts are a path within
            with pytest.raises(InvalidRunName):
                use(name)
    with pytest.raises((InvalidRunName, journals.UnreadableJournal)):
        journals.read(store, name)
    assert list(tmp_path.rglob("*")) == []


def test_what_else_lies_among_the_runs_is_no_run(remediate: Callable[..., Ran], healthy: Azure) -> None:
    assert remediate(*RECONNECT).code == 0
    (state() / "runs" / ".DS_Store").write_bytes(b"")
    (state() / "runs" / "a copy of it").mkdir()
    ran = remediate("runs", "list", "-o", "json")
    assert (ran.code, [one["status"] for one in ran.document["runs"]]) == (0, ["succeeded"])


def test_somebody_without_a_home_has_no_state_folder_either(
    remediate: Callable[..., Ran], healthy: Azure
) -> None:
    ran = remediate(*RECONNECT, "--state", "~nobody-of-that-name/state")
    assert (ran.code, ran.document["exit"]) == (2, 2)
    assert healthy.writes == []


class FailingDisk:
    """The machine's own `fsync` or `write`, that has no space from the n-th call on, or for one call."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch, call: str, first: int, times: int) -> None:
        self._real: Callable[..., int] = getattr(os, call)
        self._failing = range(first, first + times)
        self.calls = 0
        monkeypatch.setattr(os, call, self)

    def __call__(self, *arguments: object) -> int:
        self.calls += 1
        if self.calls in self._failing:
            if len(arguments) == 2 and isinstance(arguments[1], memoryview):
                self._real(arguments[0], arguments[1][: len(arguments[1]) // 2])  # a part still fits
            raise OSError(errno.ENOSPC, "No space left on device")
        return self._real(*arguments)


FOR_EVER = 10_000
FULL = (("fsync", 1), ("write", FOR_EVER))
"""A disk that fails once, and one that stays full."""


@pytest.mark.parametrize("call", ["fsync", "write"])
def test_a_disk_that_is_full_before_the_first_write_means_that_nothing_is_changed(
    remediate: Callable[..., Ran], healthy: Azure, monkeypatch: pytest.MonkeyPatch, call: str
) -> None:
    state().mkdir(mode=0o700)
    FailingDisk(monkeypatch, call, 1, FOR_EVER)
    ran = remediate(*RECONNECT)
    assert (ran.code, ran.document["code"]) == (4, "state")
    assert "No space left on device" in ran.document["message"]
    assert healthy.writes == []


def calls_of_a_run(remediate: Callable[..., Ran], azure: Azure, call: str) -> int:
    with pytest.MonkeyPatch.context() as patch:
        disk = FailingDisk(patch, call, FOR_EVER, 0)
        assert remediate(*RECONNECT, "--state", str(state() / "count")).code == 0
    azure.reset()
    return disk.calls


@pytest.mark.parametrize(
    ("call", "times", "share"),
    [
        *((call, times, share) for share in (0.3, 0.7) for call, times in FULL),
        ("write", FOR_EVER, 0.95),
        *in_sweep(*((call, times, share) for share in (0.5, 0.6, 0.8) for call, times in FULL)),
        *in_sweep(("fsync", 1, 0.95)),
    ],
)
def test_a_disk_that_fills_up_during_a_run_leaves_every_app_connected(
    remediate: Callable[..., Ran], healthy: Azure, call: str, times: int, share: float
) -> None:
    state().mkdir(mode=0o700)
    first = max(1, round(share * calls_of_a_run(remediate, healthy, call)))
    with pytest.MonkeyPatch.context() as patch:
        FailingDisk(patch, call, first, times)
        ran = remediate(*RECONNECT)
    assert connected(healthy)
    assert ran.code in (0, 1, 4, 5), ran.err
    if ran.code == 4:
        assert healthy.writes == []
    else:
        changed = {one["status"] for one in ran.document["targets"]} != {"untouched"}
        taken = any(method == "DELETE" for method, _ in healthy.sent)  # what is sent before only tries
        assert changed == taken
        assert ran.code == {"succeeded": 0}.get(ran.document["status"], 5 if changed else 1)
    for run in journals.runs(LocalStore(state())):
        _readable(run)


def _readable(run: str) -> None:
    """The journal is a run, or says in one line why it is none."""
    try:
        journals.read(LocalStore(state()), run)
    except journals.UnreadableJournal as error:
        assert "does not begin with the plan" in str(error) or "there is no run" in str(error)


def test_a_half_written_line_is_cut_off_before_the_next_one(tmp_path: Path) -> None:
    store = LocalStore(tmp_path)
    store.append("runs/one/journal.jsonl", b"first")
    with (tmp_path / "runs" / "one" / "journal.jsonl").open("ab") as file:
        file.write(b"half of the sec")
    store.append("runs/one/journal.jsonl", b"second")
    assert store.read("runs/one/journal.jsonl") == b"first\nsecond\n"


@pytest.mark.parametrize("call", ["fsync", "write"])
def test_a_whole_file_is_replaced_whole_or_not_at_all(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, call: str
) -> None:
    store = LocalStore(tmp_path)
    store.write("snapshots/one.json", b"old and longer")
    store.write("snapshots/one.json", b"new")
    assert store.read("snapshots/one.json") == b"new"
    FailingDisk(monkeypatch, call, 1, FOR_EVER)
    with pytest.raises(StoreError, match="No space left on device"):
        store.write("snapshots/one.json", b"newer")
    assert store.read("snapshots/one.json") == b"new"
    assert store.names("snapshots") == ["one.json"]


def test_a_lock_that_is_held_names_its_holder_and_is_free_afterwards(tmp_path: Path) -> None:
    one, other = LocalStore(tmp_path), LocalStore(tmp_path)
    told = pytest.raises(LockHeld, match="ada on desk since 2026-01-01T00:00:00Z")
    with one.lock("link", HOLDER), told, other.lock("link", HOLDER):
        pytest.fail("two hold it")
    with other.lock("link", HOLDER):
        assert (tmp_path / "locks" / "link.json").exists()
    assert not (tmp_path / "locks" / "link.json").exists()


def test_a_store_that_cannot_be_written_says_so_as_a_store_error(tmp_path: Path) -> None:
    (tmp_path / "runs").write_text("a file")
    with pytest.raises(StoreError, match=r"cannot write .*Not a directory"):
        LocalStore(tmp_path).append("runs/one/journal.jsonl", b"line")
