"""A list question in a terminal: one entry is chosen with the arrow keys, words narrow the list.

questionary's own list neither counts what it found, nor takes words in any order, nor ends with Esc. This
one is an application of prompt_toolkit, which questionary brings and runs.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from prompt_toolkit.application import Application, get_app
from prompt_toolkit.buffer import Buffer
from prompt_toolkit.filters import Condition, is_done
from prompt_toolkit.formatted_text import StyleAndTextTuples
from prompt_toolkit.key_binding import KeyBindings, KeyPressEvent
from prompt_toolkit.layout import (
    BufferControl,
    ConditionalContainer,
    Container,
    FormattedTextControl,
    HSplit,
    Layout,
    VerticalAlign,
    VSplit,
    Window,
)

from remediate.cli.choices import Selection, aligned, in_view, matching, name_of, shortened
from remediate.show.words import plural

_MARGIN = 3
"""Columns in front of each entry, for the pointer."""
_AROUND = 6
"""Lines of the screen that the entries leave free: the question, the search, the notes and two more."""


@dataclass(frozen=True)
class Glyphs:
    """The characters of a list that an encoding may not have."""

    pointer: str = "»"
    ellipsis: str = "…"
    up: str = "↑"
    down: str = "↓"
    left: str = "←"
    dot: str = "·"


ASCII = Glyphs(pointer=">", ellipsis="...", up="up", down="down", left="left", dot="-")


class Listing:
    """The state of a list question while it is answered."""

    def __init__(self, selection: Selection, glyphs: Glyphs) -> None:
        self.selection = selection
        self.glyphs = glyphs
        self.answer: int | None = None
        self.search = Buffer(multiline=False, on_text_changed=lambda _: self._narrow())
        self._found = list(range(len(selection.titles)))
        self._at = selection.at or 0
        self._first = 0
        self._width = 0
        self._lines: list[list[str]] = []

    @property
    def highlighted(self) -> int | None:
        """The position of the highlighted entry; None where nothing was found."""
        return self._found[self._at] if self._found else None

    @property
    def may_go_back(self) -> bool:
        """Whether the left arrow goes back; within a search it moves in the words."""
        return self.selection.back and not self.search.text

    def move(self, by: int) -> None:
        """Highlight an entry further down or up; one step goes around at the ends, more stop there."""
        if not self._found:
            return
        at, last = self._at + by, len(self._found) - 1
        self._at = at % (last + 1) if abs(by) == 1 else min(max(at, 0), last)

    def _narrow(self) -> None:
        self._found = matching(self.selection.titles, self.search.text)
        self._at = self._first = 0

    def heading(self, columns: int) -> StyleAndTextTuples:
        """The question; with a search how many there are, and after the answer the name of the entry."""
        question = self.selection.question
        asked: StyleAndTextTuples = [("class:qmark", "? "), ("class:question", question)]
        note = self._count() if self.answer is None else name_of(self.selection.titles[self.answer])
        style = "class:instruction" if self.answer is None else "class:answer"
        room = max(columns - len(question) - 4, 10)
        return [*asked, (style, f" {shortened(note, room, self.glyphs.ellipsis)}")] if note else asked

    def _count(self) -> str:
        if not self.selection.search:
            return ""
        total, found = len(self.selection.titles), len(self._found)
        counted = plural(total, self.selection.noun)
        return f"({counted})" if found == total else f"({found} of {counted})"

    def entries(self, columns: int, lines: int) -> StyleAndTextTuples:
        """The entries that are in view, the highlighted one among them, and how many are not."""
        if not self._found:
            return [("class:text", "   no match")]
        lines_of = self._lines_of(columns - _MARGIN - 1)
        texts = [lines_of[position] for position in self._found]
        heights = [len(text) for text in texts]
        room = max(min(lines - _AROUND, max(lines // 2, 8)), 1)
        view = in_view(heights, self._first, self._at, room)
        self._first = view.start
        drawn = [self._entry(texts[position], position == self._at) for position in view]
        drawn += self._rest(view.start, len(texts) - view.stop)
        fragments: StyleAndTextTuples = [part for entry in drawn for part in (("", "\n"), entry)]
        return fragments[1:]

    def _lines_of(self, width: int) -> list[list[str]]:
        """The lines of every entry. A search does not move the columns."""
        if self._width != width:
            self._width, self._lines = width, aligned(self.selection.titles, width, self.glyphs.ellipsis)
        return self._lines

    def _entry(self, text: list[str], chosen: bool) -> tuple[str, str]:
        pointer = f" {self.glyphs.pointer} " if chosen else " " * _MARGIN
        style = "class:highlighted" if chosen else "class:text"
        body = f"\n{' ' * (_MARGIN + 2)}".join(text)
        return style, f"{pointer}{body}"

    def _rest(self, above: int, below: int) -> list[tuple[str, str]]:
        parts = [
            f"{arrow} {number} more"
            for arrow, number in ((self.glyphs.up, above), (self.glyphs.down, below))
            if number
        ]
        return [("class:instruction", f"   {'  '.join(parts)}")] if parts else []

    def keys(self, columns: int) -> StyleAndTextTuples:
        """Which key does what."""
        glyphs = self.glyphs
        told = ["type words to search"] if self.selection.search else []
        told += [f"{glyphs.up}{glyphs.down} Enter to choose".replace("updown", "up/down")]
        told += [f"{glyphs.left} to go back"] if self.may_go_back else []
        told += ["Esc to leave"]
        text = f" {glyphs.dot} ".join(told)
        return [("class:instruction", f"   {shortened(text, columns - _MARGIN - 1, glyphs.ellipsis)}")]


def application(selection: Selection, **settings: Any) -> Application[int | None]:
    """The application that asks; it returns the position of the answer, or None to go back.

    `settings` are those of Application, with an `output`.
    """
    encoding = settings["output"].encoding().lower()
    listing = Listing(selection, Glyphs() if encoding.startswith("utf") else ASCII)
    return Application(
        layout=_layout(listing),
        key_bindings=_bindings(listing),
        include_default_pygments_style=False,
        **settings,
    )


def _layout(listing: Listing) -> Layout:
    def drawn(text: Callable[[int, int], StyleAndTextTuples]) -> Window:
        control = FormattedTextControl(lambda: text(*_size()), focusable=False)
        return Window(control, dont_extend_height=True)

    search = BufferControl(listing.search)
    line = VSplit(
        [Window(FormattedTextControl("  Search: "), dont_extend_width=True), Window(search, height=1)]
    )
    rest: list[Container] = [
        drawn(listing.entries),
        drawn(lambda columns, _: listing.keys(columns)),
    ]
    if listing.selection.search:
        rest.insert(0, line)
    body = ConditionalContainer(HSplit(rest), filter=~is_done)
    heading = Window(
        FormattedTextControl(lambda: listing.heading(_size()[0]), focusable=True, show_cursor=False),
        dont_extend_height=True,
        wrap_lines=True,
    )
    focused = search if listing.selection.search else heading
    return Layout(HSplit([heading, body], align=VerticalAlign.TOP), focused_element=focused)


def _size() -> tuple[int, int]:
    """Columns and lines of the terminal."""
    size = get_app().output.get_size()
    return size.columns, size.rows


def _bindings(listing: Listing) -> KeyBindings:
    bindings = KeyBindings()
    _bind_moves(bindings, listing)
    _bind_ends(bindings, listing)

    @bindings.add("<any>")
    def ignore(event: KeyPressEvent) -> None:
        """Without a search there is nothing to type."""
        if listing.selection.search and event.data.isprintable():
            listing.search.insert_text(event.data)

    return bindings


def _bind_moves(bindings: KeyBindings, listing: Listing) -> None:
    page, far = 10, 1_000_000
    moves = {"up": -1, "c-p": -1, "down": 1, "c-n": 1, "s-tab": -1, "tab": 1}
    moves |= {"pageup": -page, "pagedown": page, "home": -far, "end": far}
    if not listing.selection.search:
        moves |= {"k": -1, "j": 1}
    for key, by in moves.items():
        bindings.add(key, eager=True)(lambda event, by=by: listing.move(by))


def _bind_ends(bindings: KeyBindings, listing: Listing) -> None:
    """Enter chooses, the left arrow goes back."""

    @bindings.add("enter", eager=True)
    def choose(event: KeyPressEvent) -> None:
        if listing.highlighted is not None:
            listing.answer = listing.highlighted
            event.app.exit(result=listing.answer)

    @bindings.add("left", eager=True, filter=Condition(lambda: listing.may_go_back))
    def back(event: KeyPressEvent) -> None:
        event.app.erase_when_done = True
        event.app.exit(result=None)
