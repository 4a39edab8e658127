"""The consoles for stdout and stderr, colours and symbols, and `safe`, which escapes all external text."""

from __future__ import annotations

import os
import sys
import unicodedata
from dataclasses import dataclass
from io import TextIOWrapper
from typing import TextIO

from rich.cells import cell_len
from rich.console import Console
from rich.text import Text
from rich.theme import Theme

from remediate.errors import Interrupted, RemediateError
from remediate.redaction import redacted
from remediate.show.commands import with_options

PIPED_WIDTH = 4000
"""Columns without a terminal: wider than any resource id, so that none is wrapped."""

STYLES = {
    "good": "green",
    "error": "bold red",
    "warning": "magenta",
    "unknown": "bold",
    "info": "default",
    "quiet": "dim",
    "strong": "bold",
}
"""Readable on light and dark backgrounds in 16 colours; every coloured text also has a symbol or a word.

Red and magenta stand out from both backgrounds. Green, cyan and yellow are too faint on white, blue on
black: green is only the colour of a symbol (`marked`), and the others are not used.
"""
THEME = Theme(STYLES)
_COMMANDS = ("remediate ", "az ")
_HIDDEN = frozenset({"Cc", "Cf", "Cs", "Cn", "Co", "Zl", "Zp"})


@dataclass(frozen=True)
class Symbols:
    """The symbols in front of texts, named like the styles of the theme."""

    good: str = "✓"
    error: str = "✗"
    warning: str = "!"
    unknown: str = "?"
    info: str = "·"
    dot: str = "·"
    next: str = "→"

    def of(self, style: str) -> str:
        """The symbol of a severity or of `good`."""
        return str(getattr(self, style))


_ASCII = Symbols(good="+", error="x", info="-", dot="-", next="->")


def symbols(console: Console) -> Symbols:
    """The symbols that the console's encoding can show."""
    return _ASCII if console.options.ascii_only else Symbols()


def warn(console: Console, text: str) -> None:
    """Print a warning."""
    _print_line(console, f"{symbols(console).warning} ", with_options(text), style="warning")


def print_error(console: Console, error: RemediateError) -> None:
    """Print what happened, without secrets, and what to do about it; to leave a question is no error."""
    if isinstance(error, Interrupted):
        _print_line(console, "", " ".join(_error_lines(error)))
        return
    for line in _error_lines(error):
        _print_line(console, f"{symbols(console).error} ", line, style="error")
    for detail in error.details:
        _print_line(console, f"  {symbols(console).dot} ", redacted(detail), style="quiet")
    if error.hint:
        _print_line(console, f"  {symbols(console).next} ", with_options(error.hint))


def _print_line(console: Console, margin: str, text: str, style: str = "") -> None:
    """Print a line; it wraps at words, unless it is something to copy, such as an id or a command."""
    copied = "/subscriptions/" in text or text.startswith(_COMMANDS)
    lines, room = [safe(text)], console.width - len(margin)
    if not copied and room < PIPED_WIDTH - len(margin) and cell_len(lines[0]) > room > 0:
        lines = [line.plain.rstrip() for line in Text(lines[0]).wrap(console, room, overflow="fold")]
    for number, line in enumerate(lines):
        console.print(f"{' ' * len(margin) if number else margin}{line}", style=style, soft_wrap=True)


def _error_lines(error: RemediateError) -> list[str]:
    """One line; for a playbook or a world file one line for each of its errors."""
    lines = redacted(with_options(str(error))).splitlines() or [""]
    return lines if error.code in ("playbook", "world") else [" ".join(lines)]


def safe(value: object) -> str:
    """External text with every character escaped that could move, hide or restyle output.

    These are control characters with C1 and newlines, bidirectional overrides and other invisible format
    characters, lone surrogates, line separators, and every kind of space but the ordinary one.
    """
    return "".join(_visible(character) for character in str(value))


def _visible(character: str) -> str:
    category = unicodedata.category(character)
    if category in _HIDDEN or (category == "Zs" and character != " "):
        return character.encode("unicode_escape").decode("ascii")
    return character


PLAIN = "REMEDIATE_PLAIN"
"""The environment variable that asks for plain lines, as for a screen reader."""


def is_plain() -> bool:
    """Whether nothing is redrawn in this terminal: it cannot move its cursor, or REMEDIATE_PLAIN is set."""
    if os.environ.get(PLAIN, "") not in ("", "0"):
        return True
    unset = "" if sys.platform == "win32" else "dumb"  # Windows sets no TERM
    return os.environ.get("TERM", unset).casefold() in ("dumb", "unknown")


@dataclass(frozen=True)
class Consoles:
    """`out` (stdout) for results, and `err` (stderr) for everything else."""

    out: Console
    err: Console

    @property
    def live(self) -> bool:
        """Whether progress can redraw its line: stderr is a terminal that can move its cursor."""
        return self.err.is_terminal and not self.err.is_dumb_terminal


def open_consoles(
    *,
    no_color: bool = False,
    out: TextIO | None = None,
    err: TextIO | None = None,
    width: int | None = None,
) -> Consoles:
    """The consoles for stdout and stderr, or for other streams.

    `no_color` (or a NO_COLOR that is not empty) disables bold and dim as well. `width` in columns overrides
    that of the terminal; without a terminal no line is wrapped.
    """
    bare = no_color or bool(os.environ.get("NO_COLOR"))
    return Consoles(_console(out or sys.stdout, bare, width), _console(err or sys.stderr, bare, width))


def _console(stream: TextIO, bare: bool, width: int | None) -> Console:
    if isinstance(stream, TextIOWrapper):
        # A name that the encoding cannot represent must not end the command with a UnicodeEncodeError.
        stream.reconfigure(errors="backslashreplace")
    terminal = stream.isatty()
    redraws = terminal and not is_plain()
    return Console(
        file=stream,
        theme=THEME,
        force_terminal=redraws,
        color_system=None if bare or not redraws else "auto",
        no_color=bare,
        markup=False,
        highlight=False,
        emoji=False,
        width=width or (None if terminal else PIPED_WIDTH),
    )
