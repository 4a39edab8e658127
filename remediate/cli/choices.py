"""The entries of a list question, without a terminal: search, columns within a width, the part in view."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from rich.cells import cell_len, set_cell_size

Title = str | tuple[str, ...]
"""What an entry says: a sentence, or the cells of a row. The first cell is the name of the entry."""
GAP = 2
"""Columns between two cells."""
_LEAST = 6
"""The columns that a cell in the middle keeps; below that the first and the last cell are shortened too."""


@dataclass(frozen=True)
class Selection:
    """A list question: what is asked, the titles of its entries, and what may be done."""

    question: str
    titles: Sequence[Title]
    noun: str
    search: bool
    back: bool
    at: int | None
    """The position of the entry that is the default, if there is one."""


def name_of(title: Title) -> str:
    """The short form of an entry, which is repeated after the question once it is chosen."""
    return title if isinstance(title, str) else title[0]


def matching(titles: Sequence[Title], words: str) -> list[int]:
    """The positions of the titles that contain every word, in any order and any case."""
    wanted = words.casefold().split()
    return [
        position
        for position, title in enumerate(titles)
        if all(word in (title if isinstance(title, str) else " ".join(title)).casefold() for word in wanted)
    ]


def shortened(text: str, width: int, ellipsis: str = "…") -> str:
    """The text in at most `width` columns; the ellipsis is where it was cut, after a word if possible."""
    if cell_len(text) <= width:
        return text
    head = _cut(text, width - cell_len(ellipsis))
    words = head if text.startswith(f"{head} ") else head.rpartition(" ")[0]
    return _cut(f"{(words or head).rstrip()}{ellipsis}", width)


def _cut(text: str, width: int) -> str:
    """As much of the text as fits; a wide character takes two columns."""
    while cell_len(text) > width and text:
        text = text[:-1]
    return text


def aligned(titles: Sequence[Title], width: int, ellipsis: str = "…") -> list[list[str]]:
    """The lines of each entry in at most `width` columns: a row is one line, a sentence wraps at words."""
    rows = [title for title in titles if not isinstance(title, str)]
    widths = column_widths(rows, width)
    return [
        wrapped(title, width, ellipsis) if isinstance(title, str) else [_row(title, widths, ellipsis)]
        for title in titles
    ]


def column_widths(rows: Sequence[tuple[str, ...]], width: int) -> list[int]:
    """The width of each column. What does not fit is taken from the middle, from the name last.

    A column in the middle that says the same in every row is left out first: its width is 0.
    """
    columns = list(zip(*rows, strict=True))
    widths = [max(map(cell_len, column)) for column in columns]
    for at, column in enumerate(columns[1:-1], start=1):
        if _total(widths) > width and len(set(column)) == 1 < len(rows):
            widths[at] = 0
    count, room = len(widths), width - GAP * (sum(map(bool, widths)) - 1)
    _narrow(widths, range(1, count - 1), room, _LEAST)
    _narrow(widths, range(1, count), room, _LEAST)
    _narrow(widths, range(count), room, 1)
    return widths


def _total(widths: Sequence[int]) -> int:
    """The columns of a row with the gaps between its cells."""
    return sum(widths) + GAP * (sum(map(bool, widths)) - 1)


def _narrow(widths: list[int], columns: Iterable[int], room: int, least: int) -> None:
    """Take columns away from the widest of these until all fit, or each has only `least`."""
    while sum(widths) > room:
        widest = max(columns, key=lambda at: widths[at], default=None)
        if widest is None or widths[widest] <= least:
            return
        widths[widest] -= 1


def _row(cells: tuple[str, ...], widths: Sequence[int], ellipsis: str) -> str:
    fitted = (
        set_cell_size(shortened(cell, width, ellipsis), width)
        for cell, width in zip(cells, widths, strict=True)
        if width
    )
    return (" " * GAP).join(fitted).rstrip()


def wrapped(text: str, width: int, ellipsis: str = "…") -> list[str]:
    """The sentence in lines; only a word that is longer than a line is shortened."""
    lines = [""]
    for word in text.split():
        longer = f"{lines[-1]} {word}".lstrip()
        if cell_len(longer) <= width or not lines[-1]:
            lines[-1] = longer
        else:
            lines.append(word)
    return [shortened(line, width, ellipsis) for line in lines]


def in_view(heights: Sequence[int], first: int, at: int, room: int) -> range:
    """The positions that `room` lines can show, with `at` among them; `first` was the first one before."""
    first = min(first, at)
    while first < at and sum(heights[first : at + 1]) > room:
        first += 1
    last, used = first, 0
    while last < len(heights) and (last <= at or used + heights[last] <= room):
        used, last = used + heights[last], last + 1
    while first > 0 and used + heights[first - 1] <= room:
        first, used = first - 1, used + heights[first - 1]
    return range(first, last)
