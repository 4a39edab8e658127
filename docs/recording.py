"""The screen of a pseudo-terminal as text with its styles, and as a picture on light and on dark."""

from __future__ import annotations

import io
import re
from itertools import groupby
from pathlib import Path

import pyte
from rich.console import Console
from rich.style import Style
from rich.terminal_theme import DEFAULT_TERMINAL_THEME, SVG_EXPORT_THEME
from rich.text import Text

PICTURES = Path(__file__).resolve().parent / "images" / "screens"
COLUMNS = 80
THEMES = {"light": DEFAULT_TERMINAL_THEME, "dark": SVG_EXPORT_THEME}
SPEED = 300
"""How many times faster simulated time runs."""
# pyte knows no dim; nothing here is italic, so that attribute stands for it.
pyte.graphics.TEXT[2] = "+italics"


def pictures_of(name: str, title: str, screens: list[Text]) -> str:
    """Write the pictures of some screens, and return what shows them in the page."""
    for look in THEMES:
        image = picture(name, title, screens, look)
        (PICTURES / f"{name}-{look}.svg").write_text(image, encoding="utf-8", newline="\n")
    return "\n".join(f"![{title}, {look} background](../images/screens/{name}-{look}.svg)" for look in THEMES)


def drawn(cells: list[list[pyte.screens.Char]]) -> Text:
    """A screen as text with its styles, without the empty lines at its end."""
    lines = [_line(row) for row in cells]
    for line in lines:
        line.rstrip()
    while lines and not lines[-1].plain:
        lines.pop()
    return Text("\n").join(lines)


def _line(row: list[pyte.screens.Char]) -> Text:
    line = Text()
    for style, cells in groupby(row, _style):
        line.append("".join(cell.data for cell in cells), style)
    return line


def _style(cell: pyte.screens.Char) -> Style:
    return Style(color=None if cell.fg == "default" else cell.fg, bold=cell.bold, dim=cell.italics)


def picture(name: str, title: str, screens: list[Text], look: str) -> str:
    """The screens below each other as SVG that fetches nothing from anywhere."""
    console = Console(file=io.StringIO(), record=True, width=COLUMNS, highlight=False)
    for number, screen in enumerate(screens):
        if number:
            console.rule(style="dim")
        console.print(screen)
    image = console.export_svg(title=title, theme=THEMES[look], unique_id=f"{name}-{look}")
    image = re.sub(r"@font-face \{.*?\}\n", "", image, flags=re.DOTALL)
    return "\n".join(line.rstrip() for line in image.strip().splitlines()) + "\n"
