"""The wizard, walked through in a pseudo-terminal as an operator would."""

from __future__ import annotations

import signal
from collections.abc import Callable

import pytest

from tests.conftest import Azure
from tests.run.test_two_operators import wait_for_write
from tests.sampled import in_sweep
from tests.terminal import Terminal

ENTER, ESC, CTRL_C, DOWN = "\r", "\x1b", "\x03", "\x1b[B"
FAST = ("--sandbox-speed", "300")


def started(scenario: str, *, afresh: bool = False) -> Terminal:
    """The wizard on a private sandbox, at its first question."""
    terminal = Terminal("--sandbox", scenario, *FAST, afresh=afresh)
    terminal.wait_for("What is happening?")
    return terminal


def choose_app(terminal: Terminal, letters: str) -> None:
    """Say that an app lost its network, and search for it."""
    terminal.type(ENTER)
    terminal.wait_for("Which app?")
    terminal.type(letters)
    terminal.wait_for(f"Search: {letters}")
    terminal.type(ENTER)


def test_a_lost_link_comes_back() -> None:
    terminal = started("link-missing", afresh=True)
    assert "Signed in as" in terminal.text
    choose_app(terminal, "orders")
    terminal.wait_for("link-missing")
    terminal.wait_for("Type orders-func to go on")
    assert "What each of Azure's views says" in terminal.text
    assert "without network" in terminal.text
    terminal.type("orders-func" + ENTER)
    assert terminal.exit_code() == 0
    assert "✓ succeeded: orders-func is connected and healthy" in terminal.flowing
    assert "Before you delete" in terminal.flowing


def test_a_shared_link_is_explained_and_rebuilt_with_everybody_on_it() -> None:
    terminal = started("shared-link")
    choose_app(terminal, "orders-func ")
    terminal.wait_for("Which scope?")
    assert "Reconnecting orders-func alone will not bring the link back" in terminal.flowing
    terminal.type(ENTER)
    terminal.wait_for("Type orders-func to go on")
    for name in ("orders-func/staging", "billing-web", "mail-web"):
        assert name in terminal.text
    terminal.type("orders-func" + ENTER)
    assert terminal.exit_code() == 0
    assert "4 apps are connected and healthy" in terminal.flowing


QUESTIONS = ("What is happening?", "Which app?", "Which scope?", "Type orders-func to go on")
ANSWERS = (ENTER, "orders-func " + ENTER, ENTER)


@pytest.mark.parametrize("left", range(len(QUESTIONS)))
def test_every_question_can_be_left_with_nothing_changed(azure: Callable[..., Azure], left: int) -> None:
    simulated = azure("shared-link")
    terminal = Terminal()
    for question, answer in zip(QUESTIONS[:left], ANSWERS, strict=False):
        terminal.wait_for(question)
        terminal.type(answer)
    terminal.wait_for(QUESTIONS[left])
    terminal.type(CTRL_C)
    assert terminal.exit_code() == 130
    assert "nothing was changed" in terminal.flowing
    assert simulated.writes == []


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


def test_only_looking_changes_nothing_and_tells_with_its_exit_code(azure: Callable[..., Azure]) -> None:
    simulated = azure("link-missing")
    terminal = Terminal()
    terminal.wait_for("What is happening?")
    terminal.type(DOWN + DOWN)
    choose_app(terminal, "orders")
    assert terminal.exit_code() == 3
    assert "link-missing" in terminal.text
    assert simulated.writes == []


def test_what_is_refused_is_explained_and_nothing_is_asked() -> None:
    terminal = started("gateway-required")
    choose_app(terminal, "orders")
    assert terminal.exit_code() == 4
    assert "gateway" in terminal.flowing
    assert "refused: nothing was changed" in terminal.flowing


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


def about_to_delete(terminal: Terminal, kind: int, letters: str) -> None:
    """Say that something is to be deleted: the kind by its place in the list, the thing by its name."""
    terminal.wait_for("What is happening?")
    terminal.type(DOWN + ENTER)
    terminal.wait_for("What do you want to delete?")
    terminal.type(DOWN * kind + ENTER)
    terminal.wait_for("Which one?")
    terminal.type(letters)
    terminal.wait_for(f"Search: {letters}")
    terminal.type(ENTER)


def test_before_a_deletion_everybody_who_holds_it_is_named_and_disconnected(
    azure: Callable[..., Azure],
) -> None:
    simulated = azure("shared-link")
    terminal = Terminal("--poll-interval", "0.05")
    about_to_delete(terminal, 2, "plan-orders")
    terminal.wait_for("What now?")
    assert "unsafe: held by 3 apps, 1 slot" in terminal.flowing
    terminal.type(ENTER)
    terminal.wait_for("Type plan-orders to go on")
    for name in ("orders-func/staging", "billing-web", "mail-web"):
        assert f"{name} 1 from then on" in terminal.flowing
    assert simulated.writes == []
    terminal.type("plan-orders" + ENTER)
    assert terminal.exit_code() == 0
    assert "✓ safe: no integration is lost" in terminal.flowing
    assert [method for method, _ in simulated.sent] == ["DELETE"] * 4


def test_before_a_deletion_one_may_leave_it_as_it_is(azure: Callable[..., Azure]) -> None:
    simulated = azure("healthy")
    terminal = Terminal()
    about_to_delete(terminal, 3, "snet-apps")
    terminal.wait_for("What now?")
    terminal.type(DOWN + ENTER)
    assert terminal.exit_code() == 3
    assert simulated.writes == []


def test_before_a_deletion_what_is_safe_is_told_at_once() -> None:
    terminal = Terminal("--sandbox", "not-integrated", *FAST)
    about_to_delete(terminal, 5, "rg-sandbox")
    assert terminal.exit_code() == 0
    assert "✓ safe" in terminal.text


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


def test_in_eighty_columns_every_entry_of_the_wizard_is_one_line() -> None:
    terminal = Terminal("--sandbox", "shared-link", *FAST, columns=80)
    terminal.wait_for("What is happening?")
    terminal.type(ENTER)
    terminal.wait_for("Which app? (4 apps)")
    terminal.wait_for("Esc to leave")
    listed = [line.strip("» ") for line in terminal.text.splitlines() if "vnet-prod/snet-apps" in line]
    names = ["billing-web", "mail-web", "orders-func", "orders-func/staging"]
    assert [line.split()[0] for line in listed] == names
    terminal.type(CTRL_C)
    assert terminal.exit_code() == 130
