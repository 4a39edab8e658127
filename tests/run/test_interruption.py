"""What a signal stops: the whole command, within a second, and never the way back of an app."""

from __future__ import annotations

import json
import os
import signal
import threading
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from remediate.run.interruption import Interruption, StopNow
from tests.conftest import GROUP, SUBNET, Azure, Ran
from tests.faults.invariants import APPS, sites
from tests.run.test_two_operators import (
    CONFIG,
    PATIENCE,
    RECONNECT,
    Operator,
    check_whole,
    disconnects,
    rule,
    wait_for_write,
)
from tests.sampled import in_sweep
from tests.terminal import Terminal

pytestmark = pytest.mark.skipif(os.name != "posix", reason="the signals of POSIX")
QUICK = ("--yes", "-o", "json", "--poll-interval", "0.02", "--timeout", "20")
GUARD = ("guard", GROUP.removesuffix("/providers"), "--disconnect", *QUICK)
TWO_SUBNETS = "slot-differs"
"""An app and its slot on two subnets: two runs of one command."""
HANGS = 600_000
"""Simulated seconds; ten minutes."""
SOON = 5.0
"""Seconds; it ends within one, and a busy machine is given five. What hangs would take minutes."""
ANY_READ = rule("GET", "^/subscriptions/", delay=HANGS, times=0)


def connected(azure: Azure) -> list[str]:
    return [app for app, one in sites(azure, APPS[:2]).items() if one["virtualNetworkSubnetId"]]


def wait_for_hanging_read(azure: Azure) -> None:
    """Until a read has arrived since now, and hangs."""
    before = len(azure.log)
    deadline = time.monotonic() + PATIENCE
    while not any(one["status"] is None and not one["mutating"] for one in azure.log[before:]):
        assert time.monotonic() < deadline, "nothing was read"


def ended_soon(operator: Operator) -> Ran:
    began = time.monotonic()
    ran = operator.end()
    assert time.monotonic() - began < SOON
    assert "Traceback" not in ran.err
    return ran


@pytest.mark.parametrize("number", [signal.SIGTERM, *in_sweep(signal.SIGINT, signal.SIGHUP)])
def test_a_signal_in_the_first_run_of_a_command_lets_no_other_run_begin(
    azure: Callable[..., Azure],
    operator: Callable[..., Operator],
    remediate: Callable[..., Ran],
    number: signal.Signals,
) -> None:
    simulated = azure(TWO_SUBNETS)
    simulated.fault(rule("DELETE", CONFIG, delay=1000))
    guard = operator(*GUARD)
    wait_for_write(simulated, "DELETE", answered=False)
    guard.signal(number)
    ended = guard.end()
    assert "no further app is disconnected" in ended.err
    assert (ended.code, disconnects(simulated), len(connected(simulated))) == (5, 1, 1)
    assert (ended.document["safe"], len(ended.document["runs"])) == (False, 1)
    assert "interrupted: nothing was disconnected from vnet-prod/" in ended.err
    simulated.fault()
    assert remediate(*GUARD).document["safe"]
    assert disconnects(simulated) == 2


def test_a_second_signal_in_the_second_run_ends_the_command_with_what_the_first_did(
    azure: Callable[..., Azure], operator: Callable[..., Operator], remediate: Callable[..., Ran]
) -> None:
    simulated = azure(TWO_SUBNETS)
    simulated.fault({"match": {"method": "DELETE", "path": ".*", "nth": 2}, "delay": HANGS})
    guard = operator(*GUARD)
    deadline = time.monotonic() + PATIENCE
    while disconnects(simulated) < 2:
        assert time.monotonic() < deadline
    guard.signal(signal.SIGINT)
    guard.wait_for("Ctrl-C")
    guard.signal(signal.SIGINT)
    ended = ended_soon(guard)
    assert (ended.code, [run["status"] for run in ended.document["runs"]]) == (5, ["succeeded"])
    assert "stopped at once" in ended.err
    assert "remediate resume " in ended.err
    simulated.fault()
    assert remediate("resume", *QUICK).code == 0
    assert remediate(*GUARD).document["safe"]


def test_a_signal_before_the_second_run_sent_anything_is_no_130(
    azure: Callable[..., Azure], operator: Callable[..., Operator]
) -> None:
    simulated = azure(TWO_SUBNETS)
    guard = operator(*GUARD)
    wait_for_write(simulated, "DELETE", answered=True)
    simulated.fault(rule("GET", "^/subscriptions/", delay=1000, times=0))
    guard.wait_for("step 1 ")
    guard.wait_for("step 1 ")
    guard.signal(signal.SIGTERM)
    simulated.fault()
    ended = guard.end()
    assert (ended.code, disconnects(simulated)) == (5, 1)


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
def test_a_signal_ends_a_reading_command_whatever_hangs(
    azure: Callable[..., Azure], operator: Callable[..., Operator], number: signal.Signals
) -> None:
    simulated = azure("healthy")
    simulated.fault(rule("GET", "/subnets/snet-apps$", delay=HANGS, times=0))
    verify = operator("verify", "orders-func", "-o", "json")
    wait_for_hanging_read(simulated)
    verify.signal(number)
    ended = ended_soon(verify)
    assert (ended.code, ended.document["exit"]) == (130, 130)


def test_a_second_signal_ends_a_run_whatever_hangs(
    azure: Callable[..., Azure],
    operator: Callable[..., Operator],
    remediate: Callable[..., Ran],
    tmp_path: Path,
) -> None:
    simulated = azure("link-missing")
    simulated.fault(rule("DELETE", CONFIG, delay=1000))
    run = operator(*RECONNECT, "--state", str(tmp_path / "kept"))  # the printed command has to repeat it
    wait_for_write(simulated, "DELETE", answered=False)
    simulated.fault(ANY_READ)
    wait_for_hanging_read(simulated)
    run.signal(signal.SIGINT)
    run.wait_for("Ctrl-C")
    run.signal(signal.SIGINT)
    ended = ended_soon(run)
    assert (ended.code, ended.document["code"]) == (5, "stopped")
    simulated.fault()
    resumed = remediate(*ended.document["hint"].split()[1:], *QUICK)
    assert (resumed.code, resumed.document["status"]) == (0, "succeeded")
    check_whole(simulated)


def test_a_hangup_never_counts_as_the_second_signal(
    azure: Callable[..., Azure], operator: Callable[..., Operator]
) -> None:
    simulated = azure("healthy")
    simulated.fault(rule("DELETE", CONFIG, delay=2000))
    run = operator(*RECONNECT)
    wait_for_write(simulated, "DELETE", answered=False)
    for _ in range(3):
        run.signal(signal.SIGHUP)  # the shell, the kernel and the login manager each send one
    run.wait_for("SIGHUP")
    run.signal(signal.SIGHUP)
    ended = run.end()
    assert ended.document["targets"][0]["status"] == "reconnected"
    assert ended.code in (0, 5)
    assert sites(simulated, APPS[:1])[APPS[0]]["virtualNetworkSubnetId"] == SUBNET


def test_a_terminal_that_closes_during_a_run_fails_nothing(
    azure: Callable[..., Azure], remediate: Callable[..., Ran]
) -> None:
    simulated = azure("healthy")
    simulated.fault(rule("DELETE", CONFIG, delay=2000))
    terminal = Terminal("reconnect", "orders-func", "--yes", "--poll-interval", "0.02", "--timeout", "20")
    wait_for_write(simulated, "DELETE", answered=False)
    assert terminal.hang_up() in (0, 5)
    assert sites(simulated, APPS[:1])[APPS[0]]["virtualNetworkSubnetId"] == SUBNET
    [kept] = remediate("runs", "list", "-o", "json").document["runs"]
    assert kept["status"] in ("succeeded", "interrupted")
    shown = remediate("runs", "show", kept["run"], "-o", "json")
    assert [one for one in shown.document["journal"] if one.get("status") == "failed"] == []


@pytest.mark.parametrize("lost", ["out", "err"])
def test_a_pipe_that_nobody_reads_any_more_fails_nothing(azure: Callable[..., Azure], lost: str) -> None:
    simulated = azure("link-missing")
    run = Operator(*RECONNECT, deaf=lost)
    try:
        ended = run.end()
    finally:
        run.kill()
    assert ended.code == 0
    if lost == "err":
        assert json.loads(ended.out)["status"] == "succeeded"
    check_whole(simulated)


def test_a_shell_that_starts_it_in_the_background_does_not_keep_ctrl_c_away() -> None:
    """A script's shell has its background commands ignore SIGINT; one that is sent to the command counts."""
    before = signal.signal(signal.SIGINT, signal.SIG_IGN)
    try:
        with Interruption().installed(), pytest.raises(KeyboardInterrupt):
            signal.raise_signal(signal.SIGINT)
        assert signal.getsignal(signal.SIGINT) is signal.SIG_IGN
    finally:
        signal.signal(signal.SIGINT, before)


def test_two_signals_at_once_are_two_however_their_handlers_interrupt_each_other() -> None:
    def send_both() -> None:
        for number in (signal.SIGTERM, signal.SIGINT):
            os.kill(os.getpid(), number)

    for _ in range(200):
        interruption = Interruption()
        with interruption.installed():
            interruption.defer(lambda _: None, KeyboardInterrupt)
            sender = threading.Thread(target=send_both)
            with pytest.raises(StopNow):
                sender.start()
                sender.join()
                time.sleep(10)
            sender.join()


def test_a_signal_that_comes_as_the_main_thread_begins_to_wait_does_not_wait_as_well() -> None:
    """Another thread takes it: Python has noted it, and nothing interrupts the wait of the main thread."""
    waiting = threading.Condition()

    def take_a_signal() -> None:
        with waiting:  # the main thread has given the lock back, and waits
            signal.pthread_kill(threading.get_ident(), signal.SIGTERM)

    taker = threading.Thread(target=take_a_signal)
    began = time.monotonic()
    with Interruption().installed(), pytest.raises(KeyboardInterrupt), waiting:
        taker.start()
        waiting.wait(timeout=4 * SOON)
    taker.join()
    assert time.monotonic() - began < SOON
