"""The two consoles, their few colours and signs, and `safe`, through which everything from outside goes."""

from __future__ import annotations

import os
import sys
import unicodedata
from dataclasses import dataclass
from io import TextIOWrapper
from typing import TextIO

from rich.console import Console
from rich.theme import Theme

from remediate.errors import RemediateError
from remediate.redaction import redacted

PIPED_WIDTH = 4000
"""Columns where there is no terminal: wider than any resource id, so that none is ever broken."""

THEME = Theme(
    {
        "good": "green",
        "error": "bold red",
        "warning": "dark_orange3",
        "unknown": "magenta",
        "info": "default",
        "quiet": "dim",
        "strong": "bold",
    }
)
"""Readable on light and on dark; every coloured thing also has a sign or a word."""

_HIDDEN = frozenset({"Cc", "Cf", "Cs", "Cn", "Co", "Zl", "Zp"})


@dataclass(frozen=True)
class Symbols:
    """The signs beside the words. The fields are named after the theme's styles where there is one."""

    good: str = "✓"
    error: str = "✗"
    warning: str = "!"
    unknown: str = "?"
    info: str = "·"
    dot: str = "·"
    next: str = "→"

    def of(self, style: str) -> str:
        """The sign that belongs to a severity or to `good`."""
        return str(getattr(self, style))


_ASCII = Symbols(good="+", error="x", info="-", dot="-", next="->")


def symbols(console: Console) -> Symbols:
    """The signs that the console's encoding can show."""
    return _ASCII if console.options.ascii_only else Symbols()


def warn(console: Console, text: str) -> None:
    """Print a warning in one line."""
    console.print(f"{symbols(console).warning} {safe(text)}", style="warning", soft_wrap=True)


def print_error(console: Console, error: RemediateError) -> None:
    """Print what happened, without secrets, and what to do about it."""
    for line in _error_lines(error):
        console.print(f"{symbols(console).error} {safe(line)}", style="error", soft_wrap=True)
    if error.hint:
        console.print(f"  {symbols(console).next} {safe(error.hint)}", soft_wrap=True)


def _error_lines(error: RemediateError) -> list[str]:
    """One line, but for a playbook: there every error is told at once."""
    lines = redacted(str(error)).splitlines() or [""]
    return lines if error.code == "playbook" else [" ".join(lines)]


def safe(value: object) -> str:
    """Text from outside with everything that could move, hide or restyle turned into a visible escape.

    Escaped are control characters with C1 and newlines, bidirectional overrides and other invisible
    format characters, lone surrogates, line separators, and every blank but the space.
    """
    return "".join(_visible(character) for character in str(value))


def _visible(character: str) -> str:
    category = unicodedata.category(character)
    if category in _HIDDEN or (category == "Zs" and character != " "):
        return character.encode("unicode_escape").decode("ascii")
    return character


@dataclass(frozen=True)
class Consoles:
    """Where results go (`out`, stdout) and where everything else goes (`err`, stderr)."""

    out: Console
    err: Console

    @property
    def live(self) -> bool:
        """Whether progress may redraw its line: stderr is a terminal that can move its cursor."""
        return self.err.is_terminal and not self.err.is_dumb_terminal


def open_consoles(
    *,
    no_color: bool = False,
    out: TextIO | None = None,
    err: TextIO | None = None,
    width: int | None = None,
) -> Consoles:
    """The consoles for stdout and stderr, or for the streams given.

    `no_color` (or a NO_COLOR that is not empty) leaves out bold and dim as well. `width` in columns
    overrides the terminal's own; without a terminal lines are as long as they need to be.
    """
    bare = no_color or bool(os.environ.get("NO_COLOR"))
    return Consoles(_console(out or sys.stdout, bare, width), _console(err or sys.stderr, bare, width))


def _console(stream: TextIO, bare: bool, width: int | None) -> Console:
    if isinstance(stream, TextIOWrapper):
        # A name that the encoding cannot hold must not end the command with a UnicodeEncodeError.
        stream.reconfigure(errors="backslashreplace")
    terminal = stream.isatty()
    return Console(
        file=stream,
        theme=THEME,
        force_terminal=terminal,
        color_system=None if bare or not terminal else "auto",
        no_color=bare,
        markup=False,
        highlight=False,
        emoji=False,
        width=width or (None if terminal else PIPED_WIDTH),
    )
