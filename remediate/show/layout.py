"""The parts of every page: headings, prose, indented lines, plain tables."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence

from rich.cells import cell_len
from rich.console import Console, ConsoleOptions, RenderableType, RenderResult
from rich.constrain import Constrain
from rich.padding import Padding
from rich.segment import Segment
from rich.table import Table
from rich.text import Text

from remediate.show.commands import with_options
from remediate.show.console import safe, symbols

PROSE_WIDTH = 100
"""The maximum width of prose in columns, however wide the terminal is."""


_WORDS = re.compile(r"[^/?&, ]*[/?&, ]|[^/?&, ]+")
"""A resource id, an address or JSON may be broken after each of these."""


class WithoutTrailingSpaces:
    """A renderable without trailing spaces on its lines, for clean piped text."""

    def __init__(self, inner: RenderableType) -> None:
        self._inner = inner

    def __rich_console__(self, console: Console, options: ConsoleOptions) -> RenderResult:
        for line in console.render_lines(self._inner, options, pad=False):
            yield from _trimmed(line)
            yield Segment.line()


def _trimmed(line: Sequence[Segment]) -> list[Segment]:
    kept = list(line)
    while kept and not kept[-1].text.strip():
        kept.pop()
    if kept:
        kept[-1] = Segment(kept[-1].text.rstrip(" "), kept[-1].style)
    return kept


def print_parts(console: Console, *parts: RenderableType) -> None:
    """Print the parts below each other."""
    for part in parts:
        if isinstance(part, Unbroken):
            console.print(part.text, soft_wrap=True)
        else:
            console.print(WithoutTrailingSpaces(part), end="")


class Unbroken:
    """A line that the terminal wraps, so that a command with an id in it can be copied completely."""

    def __init__(self, text: Text) -> None:
        self.text = text

    def __rich_console__(self, console: Console, options: ConsoleOptions) -> RenderResult:
        yield self.text


def blank() -> Text:
    """An empty line."""
    return Text("")


def heading(text: str) -> Text:
    """The line above a section."""
    return Text(text, style="strong")


def indented(part: RenderableType, by: int = 2) -> Padding:
    """The part, indented by that many columns."""
    return Padding(part, (0, 0, 0, by), expand=False)


def prose(text: str, by: int = 2, style: str = "") -> Constrain:
    """A paragraph, wrapped at PROSE_WIDTH, or wider if it contains a longer resource id."""
    text = with_options(text)
    return _measured(indented(Text(safe(text.strip()), style=style), by), text, by)


def paragraphs(text: str) -> list[RenderableType]:
    """The prose of a playbook, with its line breaks."""
    return [prose(line, by=0) for line in text.strip().split("\n")]


def _measured(part: RenderableType, text: str, by: int) -> Constrain:
    longest = max((len(safe(word)) for word in text.split(" ")), default=0)
    return Constrain(part, max(PROSE_WIDTH, longest + by))


def marked(console: Console, style: str, text: str) -> Text:
    """The symbol of a severity (or of `good`) and words in its colour; only the symbol is green."""
    symbol = symbols(console).of(style)
    if style == "good":
        return Text().append(symbol, style=style).append(f" {safe(text)}")
    return Text().append(f"{symbol} {safe(text)}", style=style)


def message(text: str) -> list[RenderableType]:
    """A message line by line; a line with a resource id is not wrapped."""
    lines = with_options(text).split("\n")
    return [Unbroken(Text(f"  {safe(line)}")) if _holds_id(line) else prose(line) for line in lines]


def _holds_id(text: str) -> bool:
    return "/subscriptions/" in text.casefold()


def next_step(console: Console, text: str, by: int = 2) -> RenderableType:
    """What to do next, after an arrow; further lines are indented, and a line with an id is not wrapped."""
    text = with_options(text)
    if _holds_id(text):
        return Unbroken(
            Text().append(f"{' ' * by}{symbols(console).next} ").append(safe(text), style="strong")
        )
    row = Table.grid(padding=(0, 1, 0, 0))
    row.add_column(no_wrap=True)
    row.add_column(overflow="fold")
    row.add_row(symbols(console).next, Text(safe(text), style="strong"))
    return _measured(indented(row, by), text, by + len(symbols(console).next) + 1)


class HangingIndent:
    """Text with ids or JSON in it: wrapped after a slash if possible, further lines are indented."""

    def __init__(self, text: Text) -> None:
        self._text = text

    def __rich_console__(self, console: Console, options: ConsoleOptions) -> RenderResult:
        for line in self._text.split("\n", allow_blank=True):
            margin = len(line.plain) - len(line.plain.lstrip(" ")) + 2
            offsets = _breaks(line.plain, options.max_width, margin)
            for number, piece in enumerate(line.divide(offsets)):
                yield Text(" " * margin).append_text(piece) if number else piece


def _breaks(line: str, width: int, margin: int) -> list[int]:
    """Where to wrap: the offsets at which the second and each later piece begins."""
    offsets: list[int] = []
    at, room = 0, width
    inner = max(width - margin, 2)
    for word in _WORDS.findall(line):
        for piece in (word,) if cell_len(word) <= inner else word:
            room -= cell_len(piece)
            if room < 0 and at:
                offsets.append(at)
                room = inner - cell_len(piece)
            at += len(piece)
    return offsets


def table(headers: Sequence[str], rows: Iterable[Sequence[str | Text]]) -> Padding:
    """Aligned columns without lines, without a header if every header is empty; long cells are folded."""
    grid = Table(box=None, pad_edge=False, padding=(0, 2, 0, 0), header_style="dim", show_header=any(headers))
    for header in headers:
        grid.add_column(header, overflow="fold")
    for row in rows:
        grid.add_row(*(Text(safe(cell)) if isinstance(cell, str) else cell for cell in row))
    return indented(grid)
