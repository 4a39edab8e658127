"""The questions as plain lines, for terminals that cannot redraw and for screen readers.

Nothing is redrawn and no escape code is printed: a numbered list, and an answer that ends with Enter.
"""

from __future__ import annotations

import signal
import sys
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager

from remediate.cli.choices import Selection, aligned, matching, wrapped
from remediate.errors import Interrupted
from remediate.jobs.invocation import CANCELLED
from remediate.show.console import safe
from remediate.show.words import plural

SHOWN = 15
"""The entries of a long list that are printed at once."""
_WIDTH = 80
"""Columns of a line; a terminal that cannot redraw does not tell its width."""
_MARGIN = " " * 6
"""In front of an entry stands its number."""
_LEAVE = frozenset({"q", "quit", "\x1b"})
_BACK = frozenset({"b", "back"})


def select(selection: Selection) -> int | None:
    """The position of the chosen entry, or None to go back. Raises Interrupted."""
    every = range(len(selection.titles))
    _print(f"{selection.question} ({plural(len(every), selection.noun)})")
    left = _print_entries(selection, every)
    while True:
        answer = _read(_how(selection, len(left)))
        if selection.back and answer.casefold() in _BACK:
            return None
        if not answer and left:
            left = _print_entries(selection, left)
        elif not answer and selection.at is not None:
            return selection.at
        elif answer.isdecimal() and int(answer) - 1 in every:
            return int(answer) - 1
        elif answer and not answer.isdecimal() and selection.search:
            left = _search(selection, answer)
        else:
            _print(f"Type a number from 1 to {len(every)}.")


def line(question: str, color: bool) -> str:
    """A typed line. Raises Interrupted."""
    return _read(question)


def yes_or_no(question: str, back: bool, color: bool) -> bool | None:
    """A yes or no that defaults to no, or None to go back. Raises Interrupted."""
    ways = "b for back, or q to leave" if back else "or q to leave"
    while True:
        answer = _read(f"{question} Type y or n, {ways} [n]:").casefold()
        if back and answer in _BACK:
            return None
        if answer in ("", "n", "no", "y", "yes"):
            return answer.startswith("y")
        _print("Type y for yes or n for no.")


def _search(selection: Selection, words: str) -> Sequence[int]:
    """Print the entries with these words under their numbers; what is not printed yet is returned."""
    found = matching(selection.titles, words)
    total = plural(len(selection.titles), selection.noun)
    _print(f"{len(found)} of {total}" if found else f"No match among {total}.")
    return _print_entries(selection, found)


def _print_entries(selection: Selection, positions: Sequence[int]) -> Sequence[int]:
    """Print the first of these entries under their numbers; the others are returned."""
    lines = aligned(selection.titles, _WIDTH - len(_MARGIN))
    for position in positions[:SHOWN]:
        first, *others = lines[position]
        _print(f"{position + 1:>4}  {first}")
        for other in others:
            _print(f"{_MARGIN}{other}")
    return positions[SHOWN:]


def _how(selection: Selection, left: int) -> str:
    """Which answers there are."""
    number = "a number" if selection.at is None or left else f"a number [{selection.at + 1}]"
    ways = [number, *(["words to search"] if selection.search else [])]
    ways += [f"Enter for {left} more"] if left else []
    ways += ["b for back"] if selection.back else []
    return f"Type {', '.join(ways)}, or q to leave:"


def _read(question: str) -> str:
    """Print the question and read a line. Raises Interrupted for q, Esc, Ctrl-C and the end of the input."""
    try:
        with _interruptible():
            print("\n".join(wrapped(question, _WIDTH)), end=" ", file=sys.stderr, flush=True)
            answer = sys.stdin.readline()
    except (KeyboardInterrupt, OSError):
        answer = ""
    if not answer:
        _print("")  # the line of the question has no end yet
    if not answer or answer.strip().casefold() in _LEAVE:
        raise Interrupted(CANCELLED)
    return answer.strip()


@contextmanager
def _interruptible() -> Iterator[None]:
    """Within, Ctrl-C raises KeyboardInterrupt: it leaves the question, whatever it means during a run."""
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, before)


def _print(text: str) -> None:
    print(safe(text), file=sys.stderr)
