"""The questions, on stderr. Each says how it is answered and left; one that is left changes nothing.

They are asked with questionary in a terminal that can redraw, and as plain lines elsewhere.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Sequence
from typing import Any, TypeVar

from remediate.cli import plain, redrawn
from remediate.cli.choices import Selection, Title
from remediate.errors import Interrupted
from remediate.jobs.invocation import CANCELLED
from remediate.show.console import is_plain, safe

Answer = TypeVar("Answer")
LEAVE = "leave"
"""The value of the choice that ends the wizard."""


class Back(Interrupted):
    """The operator wants the question before this one again; where nobody asks it again, this leaves too."""


def choose(
    question: str,
    choices: Sequence[tuple[Title, Any]],
    *,
    search: bool = False,
    back: bool = False,
    default: Any = None,
    noun: str = "choice",
    color: bool = True,
) -> Any:
    """The value of one of several `(title, value)`; a title is a sentence, or a row whose cells are aligned.

    With `search`, typed words narrow the list, and its entries are counted with `noun`. With `back`, the
    operator can go one question back. `default` is the value that Enter chooses.
    Raises Interrupted and Back.
    """
    values = [value for _, value in choices]
    at = values.index(default) if default in values else None
    selection = Selection(question, [title for title, _ in choices], noun, search, back, at)
    position = plain.select(selection) if is_plain() else redrawn.select(selection, color)
    if position is None:
        raise Back(CANCELLED)
    if values[position] == LEAVE:
        raise Interrupted(CANCELLED)
    return values[position]


def text(
    question: str, validate: Callable[[str], Answer], *, back: bool = False, color: bool = True
) -> Answer:
    """What `validate` makes of a typed line; its ValueError says what was expected, and it is asked again.

    With `back`, the word "back" goes one question back. Raises Interrupted and Back.
    """
    while True:
        answer = _line(f"{question} ({_ways_out(back)}):", color)
        try:
            return validate(answer)
        except ValueError as error:
            _go_back_if(back and answer.casefold() == "back")
            _note(str(error))


def confirm_word(word: str, about: str = "", *, back: bool = False, color: bool = True) -> None:
    """Return once the operator typed this word, in any case; anything else is asked again.

    `about` is a sentence above the question, such as what is going to be deleted.
    Raises Interrupted and Back.
    """
    if about:
        print(safe(about), file=sys.stderr)
    question = f"Type {word} to go on ({_ways_out(back)}):"
    while (answer := _line(question, color)).casefold() != word.casefold():
        _go_back_if(back and answer.casefold() == "back")
        _note(f'"{answer}" is not {word}.' if answer else "Nothing was typed.")


def confirm(question: str, *, back: bool = False, color: bool = True) -> bool:
    """A yes or no that defaults to no. Raises Interrupted and Back."""
    ask = plain.yes_or_no if is_plain() else redrawn.yes_or_no
    answer = ask(question, back, color)
    _go_back_if(answer is None)
    return bool(answer)


def _line(question: str, color: bool) -> str:
    ask = plain.line if is_plain() else redrawn.line
    return ask(question, color).strip()


def _ways_out(back: bool) -> str:
    leave = "q to leave" if is_plain() else "Esc to leave"
    return f'"back" to go back, {leave}' if back else leave


def _go_back_if(wanted: bool) -> None:
    if wanted:
        raise Back(CANCELLED)


def _note(text: str) -> None:
    print(f"  {safe(text)}", file=sys.stderr)
