"""The questions in a terminal that can redraw, asked with questionary."""

from __future__ import annotations

import sys
from typing import Any

import questionary
from prompt_toolkit.key_binding import KeyBindings, KeyPressEvent, merge_key_bindings
from prompt_toolkit.output import ColorDepth, Output, create_output
from questionary import Style

from remediate.cli.choices import Selection, wrapped
from remediate.cli.selection import application
from remediate.errors import Interrupted
from remediate.jobs.invocation import CANCELLED
from remediate.show.streams import READER_LOST
from remediate.signals import signals_noted_as_before

ESCAPE_TIMEOUT = 0.1
"""Seconds after which an Esc is the key itself, and not the beginning of an arrow key."""
_STYLES = {"qmark": "bold", "question": "bold", "highlighted": "bold", "instruction": "dim"}
_UNSTYLED = ("answer", "text", "pointer", "aborting", "exiting")
"""Bold and dim are readable on every background; the libraries give colours to some of these."""


def select(selection: Selection, color: bool) -> int | None:
    """The position of the chosen entry, or None to go back. Raises Interrupted."""
    position: int | None = _ask(questionary.Question(application(selection, **_settings(color))))
    return position


def line(question: str, color: bool) -> str:
    """A typed line. Raises Interrupted."""
    settings = _settings(color)
    return str(_ask(questionary.text(_in_lines(question, settings["output"]), **settings)))


def yes_or_no(question: str, back: bool, color: bool) -> bool | None:
    """A yes or no that defaults to no, or None to go back. Raises Interrupted."""
    keys = "(y/N, b to go back, Esc to leave)" if back else "(y/N, Esc to leave)"
    settings = _settings(color)
    message = _in_lines(f"{question} {keys}", settings["output"])
    asked = questionary.confirm(message, default=False, instruction=" ", **settings)
    bindings = KeyBindings()
    if back:
        bindings.add("b", eager=True)(lambda event: event.app.exit(result=None))
    answer: bool | None = _ask(asked, bindings)
    return answer


def _settings(color: bool) -> dict[str, Any]:
    """Prompts are printed on stderr, so that stdout holds only results."""
    styles = _STYLES if color else dict.fromkeys(_STYLES, "")
    rules = [(name, f"noinherit {style}".rstrip()) for name, style in styles.items()]
    rules += [(name, "noinherit") for name in _UNSTYLED]
    return {"output": _output(), "style": Style(rules), "color_depth": ColorDepth.DEPTH_1_BIT}


def _output() -> Output:
    """stderr, without asking the terminal where its cursor is: no question needs to know."""
    output = create_output(stdout=sys.stderr)
    if hasattr(output, "enable_cpr"):
        output.enable_cpr = False
    return output


def _in_lines(question: str, output: Output) -> str:
    """The question, wrapped at words behind its mark, with room for the beginning of the answer."""
    return "\n  ".join(wrapped(question, output.get_size().columns - 6))


def _ask(question: questionary.Question, bindings: KeyBindings | None = None) -> Any:
    application = question.application
    ours = bindings or KeyBindings()
    for key in ("escape", "c-c", "c-d"):
        ours.add(key)(_leave)
    application.key_bindings = merge_key_bindings([application.key_bindings or KeyBindings(), ours])
    application.ttimeoutlen = application.timeoutlen = ESCAPE_TIMEOUT
    try:
        with signals_noted_as_before():
            return question.unsafe_ask()
    except (KeyboardInterrupt, EOFError) as error:
        raise Interrupted(CANCELLED) from error
    except OSError as error:
        if error.errno not in READER_LOST:
            raise
        raise Interrupted(CANCELLED) from error  # the terminal is gone


def _leave(event: KeyPressEvent) -> None:
    event.app.exit(exception=KeyboardInterrupt)
