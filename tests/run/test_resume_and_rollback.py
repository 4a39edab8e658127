"""Resume and rollback: disconnected apps are connected again, and no other app is disconnected."""

from __future__ import annotations

import json
import os
import signal
from collections.abc import Callable
from contextlib import AbstractContextManager
from pathlib import Path
from typing import Any

import pytest

from remediate.azure.session import Session
from remediate.errors import StoreError
from remediate.state.local import LocalStore
from remediate.state.store import Holder
from tests.conftest import PLAN, SUBNET, Azure, Ran
from tests.faults.invariants import APPS, sites
from tests.faults.operators import Cut, typed
from tests.run.test_two_operators import Operator, wait_for_write
from tests.sampled import in_sweep
from tests.terminal import Terminal

QUICK = ("--yes", "-o", "json", "--poll-interval", "0.02", "--timeout", "1")
RUN = ("reconnect", "orders-func", "--scope", "link", *QUICK)
TO_SUBNET = ("reconnect", "orders-func", "--subnet", SUBNET, *QUICK)
ORDERS, STAGING, BILLING, _ = APPS
posix = pytest.mark.skipif(os.name != "posix", reason="a pseudo-terminal, and processes as POSIX has them")


@pytest.fixture
def shared(azure: Callable[..., Azure]) -> Azure:
    """Four apps that are disconnected one after the other, the slot first and orders-func last."""
    return azure("shared-link")


@pytest.fixture
def unconnected(azure: Callable[..., Azure]) -> Azure:
    return azure("not-integrated")


def killed_after(azure: Azure, write: int, *arguments: str) -> None:
    assert typed(azure, *(arguments or RUN), cut=Cut("killed", "write", write, "after")).code is None


def run() -> str:
    (only,) = Path(os.environ["REMEDIATE_STATE"], "runs").iterdir()
    return only.name


def journal() -> Path:
    return Path(os.environ["REMEDIATE_STATE"], "runs", run(), "journal.jsonl")


def on(azure: Azure, *apps: str) -> list[bool]:
    """Whether each app is on the subnet."""
    now = sites(azure, apps or APPS)
    return [now[app]["virtualNetworkSubnetId"] == SUBNET for app in apps or APPS]


def connect_by_hand(azure: Azure, app: str) -> None:
    body = {"properties": {"virtualNetworkSubnetId": SUBNET}}
    azure.ask("PATCH", f"{app}?api-version=2025-05-01", json=body).raise_for_status()


def denied(path: str, method: str = "GET") -> dict[str, Any]:
    body = {"error": {"code": "AuthorizationFailed", "message": "no longer"}}
    return {"match": {"method": method, "path": path}, "times": 0, "answer": {"status": 403, "body": body}}


def found(path: str, *values: Any) -> dict[str, Any]:
    return {
        "match": {"method": "GET", "path": path},
        "times": 0,
        "answer": {"status": 200, "body": {"value": values}},
    }


LOCK = {
    "name": "keep",
    "id": f"{ORDERS}/providers/Microsoft.Authorization/locks/keep",
    "properties": {"level": "CanNotDelete"},
}


@pytest.mark.parametrize(
    "gone",
    [
        found("/Microsoft.Authorization/permissions$"),
        *in_sweep(
            denied("/Microsoft.Authorization/locks$"),
            denied("/networkConfig/virtualNetwork$", "DELETE"),
            found("/Microsoft.Authorization/locks$", LOCK),
            denied("/Microsoft.Authorization/permissions$"),
        ),
    ],
    ids=["no permission", "locks unread", "disconnects refused", "locked", "permissions unread"],
)
def test_where_a_disconnect_could_not_be_undone_resume_only_brings_back(
    remediate: Callable[..., Ran], shared: Azure, gone: dict[str, Any]
) -> None:
    killed_after(shared, 1)
    assert on(shared) == [True, False, True, True]
    before = len(shared.sent)
    shared.fault(gone)
    remediate("resume", *QUICK)
    carried_out = [one["path"].partition("?")[0] for one in shared.writes[before:] if one["status"] < 300]
    assert carried_out == [STAGING]
    assert on(shared) == [True] * 4


def test_an_app_of_the_run_that_azure_lists_no_more_is_asked_for_its_permissions_too(
    remediate: Callable[..., Ran], shared: Azure
) -> None:
    killed_after(shared, 1)
    before = len(shared.sent)
    path = f"{PLAN}/sites"
    listed = shared.ask("GET", f"{path}?api-version=2025-05-01").json()["value"]
    kept = [one for one in listed if one["name"] != "billing-web"]
    assert len(kept) == len(listed) - 1
    reader = {"actions": ["*/read"], "notActions": []}
    shared.fault(
        found(f"{path}$", *kept), found(f"{BILLING}/providers/Microsoft.Authorization/permissions$", reader)
    )
    remediate("resume", *QUICK)
    assert [path for _, path in shared.sent[before:]] == [STAGING]
    assert on(shared) == [True] * 4


def test_an_app_that_a_colleague_connected_by_hand_is_left_connected(
    remediate: Callable[..., Ran], shared: Azure
) -> None:
    killed_after(shared, 4)
    connect_by_hand(shared, BILLING)
    before = len(shared.sent)
    remediate("resume", *QUICK)
    sent = shared.sent[before:]
    assert {method for method, _ in sent} == {"PATCH"}
    assert BILLING not in {path for _, path in sent}
    assert on(shared) == [True] * 4


@posix
def test_while_one_waits_at_its_question_a_second_resume_is_told_so_and_takes_nothing_away(
    remediate: Callable[..., Ran], shared: Azure
) -> None:
    killed_after(shared, 2)
    before = len(shared.sent)
    first = Terminal("resume", run(), "--poll-interval", "0.02", "--timeout", "5")
    first.wait_for("Type orders-func to go on")
    second = remediate("resume", run(), *QUICK)
    assert (second.code, second.document["code"]) == (6, "held")
    assert shared.sent[before:] == []
    first.type("orders-func\r")
    assert first.exit_code() == 0
    assert on(shared) == [True] * 4


@posix
def test_while_one_resume_is_at_work_a_second_is_told_so_and_takes_nothing_away(
    remediate: Callable[..., Ran], shared: Azure
) -> None:
    killed_after(shared, 4)
    shared.fault({"match": {"method": "PATCH", "path": "/sites/"}, "delay": 3000})
    before, first = len(shared.sent), Operator("resume", run(), *QUICK)
    try:
        wait_for_write(shared, "PATCH", answered=False, after=before)
        second = remediate("resume", run(), *QUICK)
        assert (second.code, second.document["code"]) == (6, "held")
        assert first.end().code == 0
    finally:
        first.kill()
    assert "DELETE" not in {method for method, _ in shared.sent[before:]}
    assert on(shared) == [True] * 4


def test_a_resume_that_another_overtook_before_it_had_the_lock_sends_nothing(
    remediate: Callable[..., Ran], shared: Azure, monkeypatch: pytest.MonkeyPatch
) -> None:
    killed_after(shared, 2)
    lock, overtaken = LocalStore.lock, list[int]()

    def late(store: LocalStore, name: str, holder: Holder) -> AbstractContextManager[None]:
        monkeypatch.setattr(LocalStore, "lock", lock)
        assert remediate("resume", run(), *QUICK).code == 0
        overtaken.append(len(shared.sent))
        return lock(store, name, holder)

    monkeypatch.setattr(LocalStore, "lock", late)
    ran = remediate("resume", run(), *QUICK)
    assert (ran.code, ran.document["code"]) == (6, "moved")
    assert shared.sent[overtaken[0] :] == []
    assert on(shared) == [True] * 4


@posix
@pytest.mark.parametrize("verb", ["resume", "rollback"])
def test_a_question_that_is_left_keeps_azure_and_the_journal_as_they_are(shared: Azure, verb: str) -> None:
    killed_after(shared, 2)
    kept, before = journal().read_bytes(), len(shared.sent)
    terminal = Terminal(verb, run(), "--poll-interval", "0.02", "--timeout", "5")
    terminal.wait_for("Type orders-func to go on")
    terminal.type("\x1b")
    assert terminal.exit_code() == 5
    assert shared.sent[before:] == []
    assert journal().read_bytes() == kept


def test_rollback_of_an_app_that_had_no_network_disconnects_it_again(
    remediate: Callable[..., Ran], unconnected: Azure
) -> None:
    killed_after(unconnected, 1, *TO_SUBNET)
    assert on(unconnected, ORDERS) == [True]
    ran = remediate("rollback", run(), *QUICK)
    assert (ran.code, ran.document["status"]) == (0, "rolled-back")
    assert on(unconnected, ORDERS) == [False]


def test_rollback_connects_what_was_taken_and_asks_for_no_new_run(
    remediate: Callable[..., Ran], shared: Azure
) -> None:
    killed_after(shared, 4)
    ran = remediate("rollback", run(), *QUICK)
    assert (ran.code, ran.document["status"], ran.document["resume"]) == (0, "rolled-back", None)
    assert "new run" not in (ran.document["message"] or "")
    assert on(shared) == [True] * 4


def test_resume_of_a_rollback_that_was_killed_goes_on_rolling_back(
    remediate: Callable[..., Ran], unconnected: Azure
) -> None:
    killed_after(unconnected, 1, *TO_SUBNET)
    killed_after(unconnected, 1, "rollback", run(), *QUICK)
    ran = remediate("resume", run(), *QUICK)
    assert (ran.code, ran.document["status"]) == (0, "rolled-back")
    assert [method for method, _ in unconnected.sent] == ["PATCH", "DELETE"]
    assert on(unconnected, ORDERS) == [False]


def test_after_ctrl_c_all_are_back_and_only_a_new_run_can_rebuild_the_link(
    remediate: Callable[..., Ran], shared: Azure
) -> None:
    stopped = typed(shared, *RUN, cut=Cut("ctrl-c", "write", 1, "after"))
    assert on(shared) == [True] * 4
    assert (stopped.document["status"], stopped.document["resume"]) == ("interrupted", None)
    assert "Start a new run: `remediate reconnect orders-func --scope link`" in stopped.document["message"]
    before = len(shared.log)
    assert remediate("resume", run(), *QUICK).code == 0
    assert not any(one["mutating"] for one in shared.log[before:])
    assert not any(one["path"].startswith(SUBNET) for one in shared.log[before:])
    assert remediate(*RUN).code == 0


def test_where_a_colleague_connected_all_by_hand_resume_does_not_wait_for_a_link_that_will_not_come(
    remediate: Callable[..., Ran], shared: Azure
) -> None:
    typed(shared, *RUN, cut=Cut("killed", "write", 2, "before"))
    connect_by_hand(shared, STAGING)
    before = len(shared.sent)
    ran = remediate("resume", run(), *QUICK)
    assert shared.sent[before:] == []
    assert "Start a new run" in " ".join(ran.err.split())
    assert not any(
        one["do"] == "wait-link-ready" and one["status"] == "failed" for one in ran.document["steps"]
    )
    assert remediate(*RUN).code == 0


def test_what_a_resume_brings_back_is_journaled_even_when_it_is_stopped_before_its_question(
    shared: Azure, monkeypatch: pytest.MonkeyPatch
) -> None:
    typed(shared, *RUN, cut=Cut("killed", "write", 3, "before"))
    before = len(shared.sent)
    monkeypatch.setattr(Session, "refresh", lambda _: signal.raise_signal(signal.SIGINT))
    typed(shared, "resume", run(), *QUICK)
    sent = shared.sent[before:]
    assert [method for method, _ in sent] == ["PATCH"] * 2
    announced = [json.loads(line) for line in journal().read_bytes().splitlines()]
    paths = [one["request"]["path"].partition("?")[0] for one in announced if one["kind"] == "intent"]
    assert paths[-2:] == [path for _, path in sent]
    assert on(shared) == [True] * 4


@pytest.fixture
def full_disk(monkeypatch: pytest.MonkeyPatch) -> Callable[[], None]:
    def fill() -> None:
        def append(store: LocalStore, name: str, line: bytes) -> None:
            raise StoreError("no space left on device")

        monkeypatch.setattr(LocalStore, "append", append)

    return fill


@pytest.mark.parametrize("verb", ["resume", *in_sweep("rollback")])
def test_a_full_disk_does_not_keep_the_apps_from_coming_back(
    remediate: Callable[..., Ran], shared: Azure, full_disk: Callable[[], None], verb: str
) -> None:
    killed_after(shared, 4)
    full_disk()
    ran = remediate(verb, run(), *QUICK)
    assert on(shared) == [True] * 4
    assert {one["status"] for one in ran.document["targets"]} == {"reconnected"}


def test_a_damaged_journal_is_told_by_whoever_looks(remediate: Callable[..., Ran], shared: Azure) -> None:
    killed_after(shared, 2)
    journal().write_bytes(journal().read_bytes().replace(b'"kind":"outcome"', b'"kind":"outcone"', 1))
    ran = remediate("verify", "orders-func", "-o", "json")
    assert f"of the journal of run {run()} is damaged" in " ".join(ran.err.split())
    assert json.loads(ran.out)["schema"] == "remediate.verify/1"


def test_a_subnet_is_not_safe_to_delete_while_its_apps_wait_to_be_connected_again(
    remediate: Callable[..., Ran], shared: Azure
) -> None:
    killed_after(shared, 4)
    assert on(shared) == [False] * 4
    ran = remediate("guard", SUBNET, "-o", "json")
    (found,) = ran.document["findings"]
    assert (ran.code, ran.document["safe"], ran.document["order"]) == (3, False, [])
    assert found["code"] == "operation-in-progress"
    assert f"remediate resume {run()}" in found["action"]
    assert remediate("resume", run(), *QUICK).code == 0
    assert remediate("guard", SUBNET, "-o", "json").document["findings"] == []


@pytest.mark.parametrize("unreadable", ["journal", "every run"])
def test_whether_a_deletion_is_safe_is_unknown_while_runs_cannot_be_read(
    remediate: Callable[..., Ran], shared: Azure, unreadable: str
) -> None:
    killed_after(shared, 4)
    assert on(shared) == [False] * 4
    if unreadable == "journal":
        journal().write_bytes(b"{}\n" + journal().read_bytes())
    else:
        runs = journal().parents[1]
        runs.rename(runs.with_name("elsewhere"))
        runs.write_text("")
    ran = remediate("guard", SUBNET, "-o", "json")
    (found,) = ran.document["findings"]
    assert (ran.code, ran.document["safe"], ran.document["order"]) == (3, None, [])
    assert (found["code"], found["severity"]) == ("no-read-permission", "unknown")
    assert found["evidence"][0]["view"] == "runs"
