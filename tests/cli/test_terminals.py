"""A whole repair in different terminals: which escape codes it writes there."""

from __future__ import annotations

import re
from collections.abc import Callable

import pytest

from tests.conftest import Azure
from tests.terminal import Terminal

_STYLE = re.compile(r"\x1b\[([\d;]*)m")
READABLE = {"", "0", "1", "2", "31", "32", "35"}
"""Reset, bold, dim, red, green and magenta: the codes of styles that are readable on light and dark."""


def repair(**environment: str) -> Terminal:
    """A repair of `orders-func` at 80x24, confirmed and finished."""
    terminal = Terminal(
        "reconnect", "orders-func", "--poll-interval", "0.05", columns=80, lines=24, **environment
    )
    terminal.wait_for("Type orders-func to go on")
    terminal.type("orders-func\r")
    assert terminal.exit_code() == 0
    return terminal


@pytest.mark.parametrize("environment", [{"TERM": "dumb"}, {"REMEDIATE_PLAIN": "1"}])
def test_a_plain_terminal_gets_lines_and_nothing_else(
    azure: Callable[..., Azure], environment: dict[str, str]
) -> None:
    azure("link-missing")
    terminal = repair(**environment)
    assert "Type orders-func to go on (q to leave): orders-func" in terminal.flowing
    assert "succeeded" in terminal.text
    assert not set(terminal.written.replace("\r\n", "\n")) & {"\x1b", "\r", "\b", "\a"}


@pytest.mark.parametrize("term", ["xterm-256color", "xterm", "linux"])
def test_a_run_has_only_styles_that_are_readable_on_light_and_dark(
    azure: Callable[..., Azure], term: str
) -> None:
    azure("link-missing")
    terminal = repair(TERM=term, COLORTERM="truecolor" if term == "xterm-256color" else "")
    used = {code for found in _STYLE.findall(terminal.written) for code in found.split(";")}
    assert used <= READABLE
    assert {"1", "31", "32"} <= used


def test_without_colours_a_run_has_no_style(azure: Callable[..., Azure]) -> None:
    azure("link-missing")
    terminal = repair(NO_COLOR="1")
    assert {code for found in _STYLE.findall(terminal.written) for code in found.split(";")} <= {"", "0"}
