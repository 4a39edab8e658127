"""Two operators reach for one link, or one of them dies or is stopped: each app is disconnected once."""

from __future__ import annotations

import json
import os
import signal
import time
from collections.abc import Callable
from tempfile import TemporaryFile
from typing import Any

import pytest

from tests.conftest import APP, PLAN, SUBNET, Azure, Ran
from tests.faults.invariants import link
from tests.forked import Command
from tests.untried import untried

QUICK = ("--yes", "-o", "json", "--poll-interval", "0.02", "--timeout", "20")
RECONNECT = ("reconnect", "orders-func", *untried(), *QUICK)
CONFIG = "/sites/orders-func/networkConfig/virtualNetwork$"
SITE = "/sites/orders-func$"
SPEED = 1000
PATIENCE = 60.0
"""Seconds within which something has to happen; nothing waits once it has."""
pytestmark = pytest.mark.skipif(os.name != "posix", reason="the signals of POSIX")


class Operator:
    """The command line in a process of its own; nobody reads its `deaf` output."""

    def __init__(self, *arguments: str, deaf: str = "") -> None:
        heard, said = os.pipe()
        nothing = os.open(os.devnull, os.O_RDONLY)
        unread, broken = os.pipe()
        os.close(unread)
        self._out = TemporaryFile("w+")  # noqa: SIM115 - as long as the operator is there
        self._err = os.fdopen(heard)
        out = broken if deaf == "out" else self._out.fileno()
        err = broken if deaf == "err" else said
        self._command = Command(*arguments, files=(nothing, out, err))
        for number in (nothing, said, broken):
            os.close(number)
        self._heard: list[str] = []

    def wait_for(self, words: str) -> None:
        """Read stderr until a line holds these words."""
        for line in self._err:
            self._heard.append(line)
            if words in line:
                return
        raise AssertionError(f"{words!r} was never said: {''.join(self._heard)}")

    def signal(self, number: signal.Signals) -> None:
        self._command.signal(number)

    def end(self) -> Ran:
        code, err = self._command.end(), self._err.read()
        self._out.seek(0)
        return Ran(code, self._out.read(), "".join(self._heard) + err)

    def kill(self) -> None:
        self._command.kill()
        self._err.close()
        self._out.close()


@pytest.fixture
def simulated(azure: Callable[..., Azure]) -> Azure:
    return azure("link-missing", SPEED)


def wait_for_write(azure: Azure, method: str, *, answered: bool, after: int = 0) -> None:
    """Until a write has arrived, or has been answered; the first `after` ones do not count."""
    deadline = time.monotonic() + PATIENCE
    while not any(
        one["method"] == method and (one["status"] or not answered) for one in azure.writes[after:]
    ):
        assert time.monotonic() < deadline, f"no {method} came"


def disconnects(azure: Azure) -> int:
    return sum(method == "DELETE" for method, _ in azure.sent)


def check_whole(azure: Azure) -> None:
    body = azure.ask("GET", f"{APP}?api-version=2025-05-01").json()
    assert body["properties"]["virtualNetworkSubnetId"] == SUBNET
    assert link(azure) == PLAN


def rule(method: str, path: str, **what: Any) -> dict[str, Any]:
    return {"match": {"method": method, "path": path}, **what}


LOST = {"status": 504, "body": {"error": {"code": "GatewayTimeout", "message": "no answer"}}}


def test_two_that_start_together_end_as_0_and_6(simulated: Azure, operator: Callable[..., Operator]) -> None:
    simulated.fault(rule("DELETE", CONFIG, delay=6 * SPEED))
    both = [operator(*RECONNECT), operator(*RECONNECT)]
    ended = sorted((one.end() for one in both), key=lambda ran: ran.code)
    assert [ran.code for ran in ended] == [0, 6], [ran.err for ran in ended]
    assert ended[1].document["code"] == "held"
    assert disconnects(simulated) == 1
    check_whole(simulated)


def test_the_second_is_told_who_is_at_work_and_since_when(
    simulated: Azure, operator: Callable[..., Operator], remediate: Callable[..., Ran]
) -> None:
    first = operator(*RECONNECT)
    first.wait_for("step 1 ")
    first.signal(signal.SIGSTOP)
    second = remediate(*RECONNECT)
    writes = simulated.writes
    first.signal(signal.SIGCONT)
    ended = first.end()
    assert (second.code, writes) == (6, [])
    holder = json.loads(ended.out)["run"]
    began = f"{holder[:4]}-{holder[4:6]}-{holder[6:8]}T{holder[9:11]}:"
    assert f"(run {holder})" in second.document["message"]
    assert f"since {began}" in second.document["message"]
    assert ended.code == 0
    assert disconnects(simulated) == 1
    check_whole(simulated)


def test_the_lock_of_somebody_who_was_killed_is_free_and_the_run_is_to_be_resumed_first(
    simulated: Azure, operator: Callable[..., Operator], remediate: Callable[..., Ran]
) -> None:
    simulated.fault(rule("DELETE", CONFIG, answer=LOST, effect="none"))
    first = operator(*RECONNECT)
    wait_for_write(simulated, "DELETE", answered=True)
    first.kill()
    simulated.fault()
    again = remediate(*RECONNECT)
    assert (again.code, again.document["code"]) == (4, "unfinished")
    assert "remediate resume " in again.document["hint"]
    assert disconnects(simulated) == 1
    resumed = remediate(*again.document["hint"].split()[1:], *QUICK)
    assert (resumed.code, resumed.document["status"]) == (0, "succeeded")
    check_whole(simulated)
    assert remediate(*RECONNECT).code == 0


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_a_second_signal_stops_at_once_and_names_the_command_that_goes_on(
    simulated: Azure,
    operator: Callable[..., Operator],
    remediate: Callable[..., Ran],
    number: signal.Signals,
) -> None:
    simulated.fault(rule("PATCH", SITE, delay=30 * SPEED))
    first = operator(*RECONNECT)
    wait_for_write(simulated, "PATCH", answered=False)
    first.signal(number)
    first.wait_for("disconnected apps are connected again first")
    began = time.monotonic()
    first.signal(number)
    stopped = first.end()
    assert time.monotonic() - began < 10
    assert (stopped.code, stopped.document["code"]) == (5, "stopped")
    assert "Traceback" not in stopped.err
    simulated.fault()
    resumed = remediate(*stopped.document["hint"].split()[1:], *QUICK)
    assert (resumed.code, resumed.document["status"]) == (0, "succeeded")
    assert disconnects(simulated) == 1
    check_whole(simulated)


def test_one_signal_before_anything_was_taken_away_changes_nothing(
    simulated: Azure, operator: Callable[..., Operator]
) -> None:
    simulated.fault({**rule("GET", "/locks$", delay=0.3 * SPEED), "times": 0})
    first = operator(*RECONNECT)
    first.wait_for("step 1 ")
    first.signal(signal.SIGINT)
    ended = first.end()
    assert ended.code == 130
    assert simulated.writes == []


def test_somebody_at_work_on_the_link_is_somebody_else_for_resume_and_rollback_too(
    simulated: Azure, operator: Callable[..., Operator], remediate: Callable[..., Ran]
) -> None:
    simulated.fault(rule("PATCH", SITE, delay=30 * SPEED))
    first = operator(*RECONNECT)
    wait_for_write(simulated, "PATCH", answered=False)
    runs = remediate("runs", "list", "-o", "json").document["runs"]
    for verb in ("resume", "rollback"):
        ran = remediate(verb, runs[0]["run"], *QUICK)
        assert (ran.code, ran.document["code"]) == (6, "held")
    assert [method for method, _ in simulated.sent] == ["DELETE", "PATCH"]
    first.kill()
