"""The questions, on stderr. The operator can leave each of them; then nothing is changed."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from typing import Any

import questionary
from prompt_toolkit.output import ColorDepth, create_output
from questionary import Style

from remediate.errors import Interrupted
from remediate.jobs.invocation import CANCELLED
from remediate.show.streams import READER_LOST
from remediate.signals import signals_noted_as_before

LEAVE = "leave"
"""The value of the choice that ends the wizard."""


def choose(
    question: str, choices: Sequence[tuple[str, Any]], *, search: bool = False, color: bool = True
) -> Any:
    """One of several `(title, value)`; with `search`, typing narrows the list. Raises Interrupted."""
    listed = [questionary.Choice(title, value) for title, value in choices]
    instruction = "(type to search, arrows to move, Enter to choose)" if search else "(arrows, Enter)"
    chosen = _answer(
        questionary.select(
            question,
            listed,
            instruction=instruction,
            use_search_filter=search,
            use_jk_keys=not search,
            **_settings(color),
        )
    )
    if chosen == LEAVE:
        raise Interrupted(CANCELLED)
    return chosen


def aligned(rows: Sequence[tuple[str, ...]]) -> list[str]:
    """The titles of choices: rows as lines with aligned columns."""
    widths = [max(len(cell) for cell in column) for column in zip(*rows, strict=True)]
    return [
        "  ".join(f"{text:<{width}}" for text, width in zip(row, widths, strict=True)).rstrip()
        for row in rows
    ]


def confirm_word(question: str, word: str, *, color: bool = True) -> bool:
    """Whether the operator typed exactly this word; anything else is a no. Raises Interrupted."""
    answer = _answer(questionary.text(question, **_settings(color)))
    return str(answer).strip().casefold() == word.casefold()


def confirm(question: str, *, color: bool = True) -> bool:
    """A yes or no that defaults to no. Raises Interrupted."""
    return bool(_answer(questionary.confirm(question, default=False, **_settings(color))))


def _settings(color: bool) -> dict[str, Any]:
    """Prompts are printed on stderr, so that stdout holds only results."""
    style = Style([("qmark", "bold"), ("question", "bold"), ("answer", ""), ("highlighted", "bold")])
    settings: dict[str, Any] = {"output": create_output(stdout=sys.stderr), "style": style, "qmark": "?"}
    if not color:
        settings["color_depth"] = ColorDepth.DEPTH_1_BIT
    return settings


def _answer(question: Any) -> Any:
    try:
        with signals_noted_as_before():
            return question.unsafe_ask()
    except (KeyboardInterrupt, EOFError) as error:
        raise Interrupted(CANCELLED) from error
    except OSError as error:
        if error.errno not in READER_LOST:
            raise
        raise Interrupted(CANCELLED) from error  # the terminal is gone
