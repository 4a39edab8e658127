"""Which snapshots and which state of a receiver are found again: by app, by Azure, by label."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from msgspec.structs import replace

from remediate.errors import StoreError
from remediate.model import Snapshot
from remediate.state.local import LocalStore
from remediate.state.receivers import ReceiverState, ReceiverStates, webhook_name
from remediate.state.snapshots import DamagedSnapshot, SnapshotStore, time_label
from tests.checks.worlds import NEIGHBOUR, SUBNET, TARGET

ARM = "https://management.azure.com"
AT = datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC)
ONE = Snapshot("a", TARGET, SUBNET, AT, True, (), {"x": "ü"}, {}, (), "azure", "me", "0", "AzureCloud", ARM)


def kept(folder: Path, arm: str = ARM) -> SnapshotStore:
    return SnapshotStore(LocalStore(folder), arm)


def test_a_snapshot_is_found_however_the_id_of_its_app_is_spelled(tmp_path: Path) -> None:
    store = kept(tmp_path)
    store.save(ONE)
    for spelled in (TARGET, TARGET.upper(), f"{TARGET}/", TARGET.strip("/")):
        assert store.find(spelled, "a") == ONE
    assert store.find(NEIGHBOUR, "a") is None
    assert store.find(TARGET, "b") is None
    assert store.key(TARGET).startswith("orders-")
    assert len(store.key(TARGET).removeprefix("orders-")) == 12
    store.save(replace(ONE, healthy=False))
    assert store.all().snapshots == [replace(ONE, healthy=False)]


def test_the_folder_of_an_app_is_plain_and_not_too_long(tmp_path: Path) -> None:
    key = kept(tmp_path).key
    site = TARGET.rpartition("/")[0]
    assert key(f"{site}/{'x' * 90}").startswith(f"{'x' * 60}-")
    assert key(f"{site}/-a.b--c-").startswith("a-b-c-")
    assert key(f"{site}/---").startswith("app-")
    assert len({key(f"{site}/{'x' * 90}"), key(f"{site}/{'x' * 91}")}) == 2


@pytest.mark.parametrize(
    ("saved", "asked", "ours"),
    [
        (ARM, ARM, True),
        (ARM, ARM.upper().replace("HTTPS", "https"), True),
        (ARM, f"{ARM}:443/", True),
        (ARM, f"{ARM}:444", False),
        (ARM, "https://management.usgovcloudapi.net", False),
        (ARM, "", True),
        ("https://localhost:5000", "https://127.0.0.1:6000", True),
        ("https://[::1]:5000", "https://localhost", True),
        ("https://localhost:5000", ARM, False),
        ("management.azure.com", "management.azure.com", True),
    ],
)
def test_snapshots_are_those_of_one_azure(tmp_path: Path, saved: str, asked: str, ours: bool) -> None:
    one = replace(ONE, arm=saved)
    kept(tmp_path, saved).save(one)
    assert kept(tmp_path, asked).all().snapshots == ([one] if ours else [])
    assert kept(tmp_path, asked).labelled("a") == ([one] if ours else [])
    if asked:
        assert kept(tmp_path, asked).find(TARGET, "a") == (one if ours else None)


def test_all_are_listed_oldest_first_and_those_of_a_label_by_themselves(tmp_path: Path) -> None:
    store = kept(tmp_path)
    made = [
        replace(ONE, label="b", at=AT),
        replace(ONE, label="a", at=AT),
        replace(ONE, label="c", at=AT - timedelta(seconds=1), target=NEIGHBOUR),
        replace(ONE, label="a", at=AT + timedelta(seconds=1), target=NEIGHBOUR),
        replace(ONE, label="aa", at=AT + timedelta(seconds=2)),
    ]
    for one in made:
        store.save(one)
    assert [(one.label, one.target) for one in store.all().snapshots] == [
        ("c", NEIGHBOUR),
        ("a", TARGET),
        ("b", TARGET),
        ("a", NEIGHBOUR),
        ("aa", TARGET),
    ]
    assert {one.target for one in store.labelled("a")} == {TARGET, NEIGHBOUR}
    assert len(store.labelled("a")) == 2
    assert store.labelled("z") == []


@pytest.mark.parametrize("content", [b"", b"{", b"{}", b"[" * 5000])
def test_a_file_that_is_damaged_is_named_and_hides_no_other(tmp_path: Path, content: bytes) -> None:
    store, files = kept(tmp_path), LocalStore(tmp_path)
    store.save(ONE)
    name = f"snapshots/{store.key(TARGET)}/bad.json"
    files.write(name, content)
    for other in ("odd.txt", "~odd.json", "noend"):
        (tmp_path / "snapshots" / store.key(TARGET) / other).write_bytes(b"")
    (tmp_path / "snapshots/~odd").mkdir(mode=0o700)
    found = store.all()
    assert found.snapshots == [ONE]
    assert [one.startswith(f"{name} is not a snapshot that this version reads") for one in found.damaged] == [
        True
    ]
    with pytest.raises(DamagedSnapshot, match=r"bad\.json"):
        store.find(TARGET, "bad")


def test_before_and_after_a_run_are_kept_with_the_run(tmp_path: Path) -> None:
    store = kept(tmp_path)
    store.save_for_run("r", "before", ONE)
    assert (store.find_for_run("r", "before"), store.find_for_run("r", "after")) == (ONE, None)
    assert store.all().snapshots == []
    text = (tmp_path / "runs/r/before.json").read_text("ascii")
    assert text.startswith('{\n  "schema": "remediate.snapshot/1",\n  "label": "a",')
    assert text.endswith("}\n")
    assert json.loads(text)["facts"] == {"x": "ü"}


def test_a_label_is_the_time_where_none_is_given() -> None:
    assert time_label(AT) == "20260102T030405Z"


def test_what_a_receiver_was_told_is_kept_for_each_app_azure_and_receiver(tmp_path: Path) -> None:
    files = LocalStore(tmp_path)
    one = ReceiverStates(files, ARM, "console")
    assert one.find(TARGET) == ReceiverState()
    assert (ReceiverState().seen, ReceiverState().failing, ReceiverState().pending) == (None, False, ())
    told = ReceiverState(ONE, True)
    one.save(TARGET, told)
    assert one.find(TARGET.upper()) == told
    assert one.find(NEIGHBOUR) == ReceiverState()
    assert ReceiverStates(files, ARM, "other").find(TARGET) == ReceiverState()
    assert ReceiverStates(files, "https://other", "console").find(TARGET) == ReceiverState()
    name = f"watch/{kept(tmp_path).key(TARGET)}/console.json"
    for content in (b"{", b'{"failing": 7}', b"[" * 5000):
        files.write(name, content)
        with pytest.raises(StoreError, match=f"{name} cannot be read"):
            one.find(TARGET)


def test_the_address_of_a_webhook_is_not_told_by_its_name() -> None:
    one, other = webhook_name("https://hook/secret"), webhook_name("https://hook/secret2")
    assert one != other
    assert (one.startswith("webhook-"), len(one)) == (True, len("webhook-") + 16)
    assert "secret" not in one
