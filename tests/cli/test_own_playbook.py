"""A playbook of the operator's own, with a step that asks: in a terminal, with --yes, and without either."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from tests.conftest import Azure, Ran
from tests.terminal import Terminal

PAUSE = "  - do: pause\n    tell: Call the shop before it loses its network\n\n  - do: disconnect\n"


@pytest.fixture
def own(tmp_path: Path) -> str:
    """A copy of the shipped playbook that stops for a call before it disconnects."""
    text = Path("playbooks/reconnect-app.yaml").read_text(encoding="utf-8")
    path = tmp_path / "call-first.yaml"
    path.write_text(
        text.replace("id: reconnect-app", "id: call-first").replace("  - do: disconnect\n", PAUSE),
        encoding="utf-8",
    )
    return str(path)


def run_of(playbook: str) -> Terminal:
    """The run in a terminal, confirmed, at its pause."""
    terminal = Terminal(
        *(
            "reconnect",
            "orders-func",
            "--playbook",
            playbook,
            "--sandbox",
            "healthy",
            "--sandbox-speed",
            "500",
        )
    )
    terminal.wait_for("Type orders-func to go on")
    terminal.type("orders-func\r")
    terminal.wait_for("Call the shop before it loses its network. Go on?")
    return terminal


def test_in_a_terminal_the_pause_asks_and_the_run_goes_on(own: str) -> None:
    terminal = run_of(own)
    terminal.type("y")
    assert terminal.exit_code() == 0
    assert "succeeded: orders-func is connected and healthy" in terminal.flowing


def test_a_no_at_the_pause_ends_it_with_nothing_changed(own: str) -> None:
    terminal = run_of(own)
    terminal.type("n")
    assert terminal.exit_code() == 130
    assert "Nothing was changed." in terminal.flowing


def test_with_yes_the_pause_is_passed_and_without_a_terminal_the_flag_is_named(
    remediate: Callable[..., Ran], azure: Callable[..., Azure], own: str
) -> None:
    simulated = azure("healthy")
    asked = remediate("reconnect", "orders-func", "--playbook", own, "-o", "json")
    assert (asked.code, simulated.writes) == (2, [])
    assert "pass --yes" in asked.document["message"]
    ran = remediate("reconnect", "orders-func", "--playbook", own, "--yes", "-o", "json")
    assert (ran.code, ran.document["playbook"]) == (0, "call-first")
    assert [one["status"] for one in ran.document["steps"] if one["do"] == "pause"] == ["succeeded"]
