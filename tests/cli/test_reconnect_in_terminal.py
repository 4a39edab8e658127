"""The questions and the progress of `reconnect` in a terminal, and what a signal does there."""

from __future__ import annotations

import signal
from collections.abc import Callable

import pytest

from tests.conftest import Azure
from tests.run.test_two_operators import wait_for_write
from tests.sampled import in_sweep
from tests.terminal import Terminal

ENTER, ESC = "\r", "\x1b"


def test_another_word_or_none_is_asked_again_with_what_was_expected(
    azure: Callable[..., Azure],
) -> None:
    simulated = azure("link-missing")
    terminal = Terminal("reconnect", "orders-func")
    terminal.wait_for("Type orders-func to go on")
    terminal.type("yes" + ENTER)
    terminal.wait_for('"yes" is not orders-func. ? Type orders-func to go on (Esc to leave):')
    terminal.type(ENTER)
    terminal.wait_for("Nothing was typed. ? Type orders-func to go on (Esc to leave):")
    terminal.type(ESC)
    assert terminal.exit_code() == 130
    assert simulated.writes == []


def test_the_plan_is_shown_before_the_question_also_where_the_result_is_json(
    azure: Callable[..., Azure],
) -> None:
    simulated = azure("link-missing")
    terminal = Terminal("reconnect", "orders-func", "-o", "json", "--query", "status")
    terminal.wait_for("Type orders-func to go on")
    assert "Which apps are interrupted" in terminal.flowing
    terminal.type(ESC)
    assert terminal.exit_code() == 130
    assert simulated.writes == []


def test_the_delegation_is_asked_for_separately(azure: Callable[..., Azure]) -> None:
    simulated = azure("delegation-missing")
    terminal = Terminal("reconnect", "orders-func", "--poll-interval", "0.05")
    terminal.wait_for("Type orders-func to go on")
    terminal.type("orders-func" + ENTER)
    terminal.wait_for("Delegating the subnet to App Service")
    terminal.wait_for("(y/N, Esc to leave)")
    assert simulated.writes == []
    terminal.type("y")
    assert terminal.exit_code() == 0
    assert [method for method, _ in simulated.sent] == ["PUT", "PATCH", "DELETE", "PATCH"]


@pytest.mark.parametrize("number", [signal.SIGINT, *in_sweep(signal.SIGTERM)])
def test_a_signal_between_disconnect_and_reconnect_lets_the_reconnect_finish(
    azure: Callable[..., Azure], number: int
) -> None:
    simulated = azure("healthy", speed=30)
    simulated.fault({"match": {"method": "DELETE"}, "delay": 90})
    terminal = Terminal("reconnect", "orders-func", "--yes", "--poll-interval", "0.05")
    terminal.wait_for_running("Disconnecting")
    wait_for_write(simulated, "DELETE", answered=False)
    terminal.signal(number)
    terminal.wait_for("no further app is disconnected")
    code = terminal.exit_code()
    assert [method for method, _ in simulated.sent] == ["PATCH", "DELETE", "PATCH"]
    assert "orders-func ✓ reconnected" in terminal.flowing
    # The wait for the link is cut short, so it depends on Azure's pace whether the last look saw it.
    assert ("✓ succeeded" if code == 0 else "! interrupted: 1 of 1 app") in terminal.flowing
    assert code in (0, 5)


def test_a_signal_before_anything_was_changed_ends_with_130(azure: Callable[..., Azure]) -> None:
    simulated = azure("healthy", speed=1)
    simulated.fault({"match": {"method": "GET", "path": ".*/sites/orders-func$", "nth": 2}, "delay": 1})
    terminal = Terminal("reconnect", "orders-func", "--yes")
    terminal.wait_for_running("Reading Azure again")
    terminal.signal(signal.SIGINT)
    assert terminal.exit_code() == 130
    assert simulated.writes == []


def test_a_wait_says_for_whom_how_long_and_how_long_usually(azure: Callable[..., Azure]) -> None:
    simulated = azure("healthy", speed=30)
    simulated.fault({"match": {"method": "DELETE"}, "delay": 60})
    terminal = Terminal("reconnect", "orders-func", "--yes", "--poll-interval", "0.05")
    terminal.wait_for_running("Disconnecting: orders-func · 1 s · usually 1 to 53 s")
    assert terminal.exit_code() == 0


def test_an_answered_question_leaves_no_line_of_its_own(azure: Callable[..., Azure]) -> None:
    azure("healthy")
    terminal = Terminal("reconnect", "orders-func", "--poll-interval", "0.05")
    terminal.wait_for("Type orders-func to go on")
    terminal.type("orders-func" + ENTER)
    assert terminal.exit_code() == 0
    assert "Waiting for your confirmation" not in terminal.text.partition("Type orders-func")[2]
