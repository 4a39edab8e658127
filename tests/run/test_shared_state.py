"""Two machines and one container: while one is at work the other is told so; where one died it goes on."""

from __future__ import annotations

import json
import os
import signal
from collections.abc import Callable

import pytest

from remediate.state import service
from tests.azurite.proxy import APPEND, Fate, Proxy, Seen
from tests.azurite.server import Azurite, Container
from tests.conftest import APP, Azure, Ran
from tests.faults.invariants import check_whole, sites
from tests.run.test_two_operators import CONFIG, LOST, QUICK, RECONNECT, SPEED, Operator, rule, wait_for_write
from tests.state.test_blob import impatient, never_sure
from tests.untried import untried

__all__ = ["impatient", "never_sure"]
LINK = ("reconnect", "orders-func", *untried("rebuild-link"), *QUICK)
AFTER_THE_FIRST_DELETE = 5
"""Appends to a journal: the plan, preflight, confirm, the announced DELETE, and its answer."""
pytestmark = pytest.mark.skipif(os.name != "posix", reason="the signals of POSIX")


@pytest.fixture
def operator(container: Container, operator: Callable[..., Operator]) -> Callable[..., Operator]:
    """Another machine: all that it shares with this one is the container, which outlives it."""
    return operator


@pytest.fixture
def four(azure: Callable[..., Azure]) -> Azure:
    return azure("shared-link", SPEED)


def deletes(azure: Azure) -> int:
    return sum(method == "DELETE" for method, _ in azure.sent)


def test_killed_on_one_machine_a_run_is_resumed_on_another_once_its_lock_has_lapsed(
    azure: Callable[..., Azure],
    operator: Callable[..., Operator],
    container: Container,
    remediate: Callable[..., Ran],
) -> None:
    simulated = azure("link-missing", SPEED)
    before = sites(simulated, (APP,))
    simulated.fault(rule("DELETE", CONFIG, answer=LOST, effect="kept"))
    first = operator(*RECONNECT)
    wait_for_write(simulated, "DELETE", answered=True)
    first.kill()
    simulated.fault()
    at_once = remediate("resume", *QUICK)
    assert (at_once.code, at_once.document["code"]) == (6, "held")
    assert "if that machine died, its lock expires within 60 s" in at_once.document["message"]
    assert container.break_leases() == 1
    resumed = remediate("resume", *QUICK)
    assert (resumed.code, resumed.document["status"]) == (0, "succeeded")
    assert deletes(simulated) == 1
    check_whole(simulated, before)
    assert remediate("runs", "list", "-o", "json").document["runs"][0]["status"] == "succeeded"
    assert container.break_leases() == 0


def test_the_second_machine_is_told_who_is_at_work_and_since_when(
    azure: Callable[..., Azure], operator: Callable[..., Operator], remediate: Callable[..., Ran]
) -> None:
    simulated = azure("link-missing", SPEED)
    first = operator(*RECONNECT)
    first.wait_for("step 1 ")
    first.signal(signal.SIGSTOP)
    second = remediate(*RECONNECT)
    writes = simulated.writes
    first.signal(signal.SIGCONT)
    ended = first.end()
    assert (second.code, writes) == (6, [])
    assert f"(run {json.loads(ended.out)['run']}) holds the lock on this link" in second.document["message"]
    assert ended.code == 0


def run_with(remediate: Callable[..., Ran], azure: Azure, proxy: Proxy, happen: Callable[[], object]) -> Ran:
    """A run over four apps in which something happens once the first is disconnected; all come back."""
    before = sites(azure)
    appends = [0]

    def watch(one: Seen) -> Fate:
        appends[0] += one.comp == APPEND
        if one.comp == APPEND and appends[0] == AFTER_THE_FIRST_DELETE:
            happen()
        return "pass"

    proxy.fate = watch
    ran = remediate(*LINK)
    assert {app: one["virtualNetworkSubnetId"] for app, one in sites(azure).items()} == {
        app: one["virtualNetworkSubnetId"] for app, one in before.items()
    }
    return ran


@pytest.mark.usefixtures("never_sure")
def test_after_the_lock_is_lost_nothing_more_is_disconnected_and_what_is_away_comes_back(
    remediate: Callable[..., Ran], four: Azure, container: Container, proxy: Proxy
) -> None:
    ran = run_with(remediate, four, proxy, container.break_leases)
    assert (ran.code, deletes(four)) == (5, 1)
    told = "stopped: the lock on this link is lost: another process broke it or acquired it"
    assert told in ran.document["message"]
    assert [one["status"] for one in ran.document["targets"]].count("untouched") == 3
    assert "has not ended" in remediate("verify", "orders-func").err


@pytest.mark.usefixtures("impatient")
def test_a_store_that_goes_away_in_the_middle_stops_the_run_and_brings_back_what_is_away(
    remediate: Callable[..., Ran], four: Azure, proxy: Proxy, container: Container
) -> None:
    def gone() -> None:
        proxy.fate = lambda _: "cut"

    ran = run_with(remediate, four, proxy, gone)
    assert (ran.code, deletes(four)) == (5, 1)
    assert "the app is connected anyway" in ran.err
    assert "stopped: cannot write azblob://" in ran.document["message"]
    assert ran.document["resume"] == f"remediate resume {ran.document['run']}"
    assert "Start a new run" not in ran.document["message"]
    assert ran.document["support"] is None
    proxy.fate = lambda _: "pass"
    assert remediate("runs", "list", "-o", "json").document["runs"][0]["status"] == "unfinished"
    container.break_leases()  # the lock could not be given back
    settled = remediate("resume", *QUICK)
    assert (settled.code, settled.document["status"], settled.document["resume"]) == (5, "failed", None)
    assert "Start a new run" in settled.document["message"]
    assert settled.document["support"] is None
    assert settled.document["seconds"] < 30
    assert remediate(*LINK).code == 0


def test_a_store_that_is_away_for_a_moment_is_waited_for(
    remediate: Callable[..., Ran], four: Azure, proxy: Proxy, container: Container
) -> None:
    def blink() -> None:
        proxy.from_nth(1, "cut", times=2)

    ran = run_with(remediate, four, proxy, blink)
    assert (ran.code, ran.document["status"], deletes(four)) == (0, "succeeded", 4)
    check_whole(four, sites(four))
    lines = next(iter(container.journals().values()))
    assert len(lines) == len(set(lines))
    announced = [json.loads(line)["request"]["method"] for line in lines if b'"intent"' in line]
    assert sorted(announced) == ["DELETE"] * 4 + ["PATCH"] * 4


def test_a_store_that_hangs_keeps_no_app_from_coming_back(
    remediate: Callable[..., Ran],
    four: Azure,
    proxy: Proxy,
    azurite: Azurite,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    for name in ("ANSWER_LIMIT", "SHORT_LIMIT", "CALL_LIMIT"):
        monkeypatch.setattr(service, name, 0.2)
    try:
        ran = run_with(remediate, four, proxy, azurite.pause)
    finally:
        azurite.go_on()
    assert (ran.code, deletes(four)) == (5, 1)


@pytest.mark.usefixtures("impatient")
def test_a_store_that_is_gone_before_the_first_write_means_that_nothing_is_changed(
    remediate: Callable[..., Ran], four: Azure, proxy: Proxy
) -> None:
    proxy.fate = lambda one: "cut" if one.comp == APPEND else "pass"
    ran = remediate(*LINK)
    assert (ran.code, ran.document["code"]) == (4, "state")
    assert "no answer" in ran.document["message"]
    assert four.writes == []
