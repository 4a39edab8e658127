"""A disconnect that was not sent, or that was refused, took nothing away: a rollback leaves the app alone."""

from __future__ import annotations

import json
import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from remediate.azure.clock import SystemClock
from remediate.azure.write import Answer
from remediate.run.journal import Journal
from remediate.run.state import untouched
from remediate.run.support import support_request
from remediate.state.local import LocalStore
from tests.conftest import APP, SUBNET, Azure, Ran
from tests.faults.invariants import sites
from tests.faults.operators import Cut, typed
from tests.run.test_faults import DENIED, connected
from tests.run.test_remaining import REBUILD
from tests.untried import untried

QUICK = ("--yes", "-o", "json", "--poll-interval", "0.02", "--timeout", "1")
ALL = ("reconnect", "orders-func", *untried("rebuild-link"), *QUICK)
LEAVE = ("guard", APP, "--disconnect", *QUICK)
FIRST, SECOND = 4, 7
"""The lines of a journal that announce its first write and its second one."""
WITHHELD = "interrupted before it was sent"


def run_ids() -> set[str]:
    return {one.name for one in Path(os.environ["REMEDIATE_STATE"], "runs").iterdir()}


def attempt(run: str, number: int) -> tuple[str, dict[str, Any]]:
    """The app of one write of a run, and the line that says how it was answered."""
    text = Path(os.environ["REMEDIATE_STATE"], "runs", run, "journal.jsonl").read_text()
    lines = [json.loads(line) for line in text.splitlines()]
    intent, outcome = (line for line in lines if line.get("attempt") == number)
    return intent["target"], outcome


def disconnect_for_good(remediate: Callable[..., Ran], azure: Azure, app: str) -> None:
    """Another run takes an app off its subnet."""
    before = run_ids()
    remediate("guard", app, "--disconnect", *QUICK)
    assert len(run_ids() - before) == 1
    assert sites(azure, (app,))[app]["virtualNetworkSubnetId"] is None


def withhold_the_second(remediate: Callable[..., Ran], azure: Azure) -> None:
    ran = typed(azure, *ALL, cut=Cut("ctrl-c", "line", SECOND, "after"))
    assert ran.document["status"] == "interrupted"


def refuse_the_second(remediate: Callable[..., Ran], azure: Azure) -> None:
    azure.fault({"match": {"method": "DELETE", "path": "/sites/", "nth": 2}, "times": 0, "answer": DENIED})
    assert remediate(*ALL).document["status"] == "failed"
    azure.fault()


@pytest.mark.parametrize(
    ("begin", "status", "sent"),
    [(withhold_the_second, None, False), (refuse_the_second, 403, True)],
    ids=["withheld", "refused"],
)
def test_a_rollback_leaves_an_app_alone_that_only_another_run_disconnected(
    remediate: Callable[..., Ran],
    azure: Callable[..., Azure],
    begin: Callable[..., None],
    status: int | None,
    sent: bool,
) -> None:
    there = azure("shared-link")
    begin(remediate, there)
    (run,) = run_ids()
    app, outcome = attempt(run, 2)
    assert (outcome["status"], outcome["sent"]) == (status, sent)
    disconnect_for_good(remediate, there, app)
    before = len(there.sent)
    back = remediate("rollback", run, *QUICK)
    assert there.sent[before:] == []
    assert (back.code, back.document["status"]) == (0, "rolled-back"), back.out
    assert f"{app.rpartition('/')[2]} is disconnected, and not changed" in back.err
    assert {one["id"]: one["status"] for one in back.document["targets"]}[app] == "untouched"


def test_a_rollback_of_a_run_that_sent_nothing_says_so_and_sends_nothing(
    remediate: Callable[..., Ran], azure: Callable[..., Azure]
) -> None:
    there = azure("healthy")
    assert typed(there, *LEAVE, cut=Cut("ctrl-c", "line", FIRST, "after")).code == 130
    (run,) = run_ids()
    disconnect_for_good(remediate, there, APP)
    before = len(there.sent)
    back = remediate("rollback", run, *QUICK)
    assert there.sent[before:] == []
    assert (back.code, back.document["status"]) == (0, "interrupted")
    assert back.document["message"] == f"Run {run} changed nothing: there is nothing to roll back."
    assert back.document["message"] in back.err


def test_a_run_that_sent_nothing_keeps_no_other_from_the_link_however_it_ended(
    remediate: Callable[..., Ran], azure: Callable[..., Azure]
) -> None:
    there = azure("healthy")
    typed(there, *LEAVE, cut=Cut("ctrl-c", "line", FIRST, "after"))
    (run,) = run_ids()
    file = Path(os.environ["REMEDIATE_STATE"], "runs", run, "journal.jsonl")
    file.write_bytes(b"".join(file.read_bytes().splitlines(keepends=True)[: FIRST + 1]))
    listed = remediate("runs", "list", "-o", "json").document["runs"]
    assert [one["status"] for one in listed] == ["nothing changed"]
    assert "no run is unfinished" in remediate("resume", *QUICK).err
    disconnect_for_good(remediate, there, APP)


def test_the_journal_of_a_run_says_that_a_write_was_not_sent(
    remediate: Callable[..., Ran], azure: Callable[..., Azure]
) -> None:
    typed(azure("healthy"), *LEAVE, cut=Cut("ctrl-c", "line", FIRST, "after"))
    (run,) = run_ids()
    shown = remediate("runs", "show", run)
    assert f"  {WITHHELD}\n" in shown.out
    assert "answered" not in shown.out
    (outcome,) = [
        one
        for one in remediate("runs", "show", run, "-o", "json").document["journal"]
        if one["kind"] == "outcome"
    ]
    assert (outcome["sent"], outcome["status"], outcome["error"]) == (False, None, WITHHELD)


def test_what_support_is_told_says_which_write_was_not_sent(tmp_path: Path) -> None:
    journal = Journal(LocalStore(tmp_path / "state"), "20260101T000000Z-0000", SystemClock())
    steps = [step for step in REBUILD.steps if step.do == "disconnect"]
    for step, answer in zip(steps, (Answer(200, "r", "c"), Answer(sent=False)), strict=True):
        assert step.request is not None
        journal.intent(step, step.request)
        journal.outcome(step, answer)
    text = support_request(journal, REBUILD, untouched(REBUILD), "failed", ())
    assert text is not None
    *_, answered, withheld = text.splitlines()
    assert answered.endswith(" answered 200, request r, correlation c")
    assert withheld.endswith(" was not sent")


def test_a_process_that_withheld_its_write_announced_none(tmp_path: Path) -> None:
    journal = Journal(LocalStore(tmp_path / "state"), "20260101T000000Z-0000", SystemClock())
    step = next(one for one in REBUILD.steps if one.request)
    assert step.request is not None
    found = [journal.announced]
    for answer in (Answer(sent=False), Answer(403)):
        journal.intent(step, step.request)
        found.append(journal.announced)
        journal.outcome(step, answer)
        found.append(journal.announced)
    assert found == [False, True, False, True, True]


def test_resume_connects_an_app_whose_connect_was_refused_after_its_subnet_was_delegated(
    remediate: Callable[..., Ran], azure: Callable[..., Azure]
) -> None:
    simulated = azure("not-integrated")
    for network in simulated.world.state.vnets.values():
        for subnet in network.subnets:
            subnet.delegations.clear()
    simulated.fault(
        {"match": {"method": "PATCH", "path": "/sites/"}, "times": 0, "answer": DENIED},
        {"match": {"method": "PUT", "path": "/networkConfig/"}, "times": 0, "answer": DENIED},
    )
    refused = remediate("reconnect", "orders-func", "--subnet", SUBNET, *QUICK)
    assert (refused.code, refused.document["resume"]) == (5, f"remediate resume {refused.document['run']}")
    simulated.fault()
    resumed = remediate("resume", refused.document["run"], *QUICK)
    assert (resumed.code, resumed.document["status"]) == (0, "succeeded")
    assert connected(simulated)
