"""What PowerShell prints of an object: `Name : value` lines, whose values may be JSON over several lines.

Format-List pads the names to one width, so each line that goes on begins at the column of the values. A line
longer than the console is broken there, also inside a text of the JSON.
"""

from __future__ import annotations

import re
from typing import Any, NamedTuple

import msgspec

_LABEL = re.compile(r"(?P<name>[A-Za-z]\w*) *(?<= ): ?(?P<value>.*)")
_PROMPT = re.compile(r"PS\b[^>\n]*>|>>|[A-Z]:\\[^>\n]*>|\[?\w+@[\w.-]+[^$#\n]{0,200}[$#](?:\s|\Z)|[$%#] ")
_WORDS = {"null": None, "True": True, "False": False, "true": True, "false": False}


class _Property(NamedTuple):
    """One property: its lines, and the column at which its value begins."""

    name: str
    column: int
    lines: list[str]


class _Lists:
    """Reads lines; `objects` are those that were found so far, each as its properties."""

    def __init__(self) -> None:
        self.objects: list[list[_Property]] = []
        self.ended = False

    def take(self, line: str) -> None:
        """One more line of the text."""
        label = _LABEL.match(line)
        if not line.strip() or _PROMPT.match(line):
            self.ended = True
        elif label is not None:
            self._begin(_Property(label["name"], label.start("value"), [label["value"]]))
        elif self.objects and (not self.ended or line[0] in " \t"):
            held = self.objects[-1][-1]
            held.lines.append(line[min(held.column, len(line) - len(line.lstrip())) :])

    def _begin(self, one: _Property) -> None:
        """A name that the object has already begins the next object."""
        if not self.objects or one.name in (held.name for held in self.objects[-1]):
            self.objects.append([])
        self.objects[-1].append(one)
        self.ended = False


def parse_lists(text: str) -> list[dict[str, Any]]:
    """The objects that PowerShell printed, by the names of their properties; none in another text.

    A last line without an end was cut off, and may have been longer.
    """
    lists = _Lists()
    for line in text.expandtabs().split("\n"):
        lists.take(line.rstrip())
    objects = [one for one in lists.objects if len(one) > 1]
    if objects and not text.endswith("\n") and not objects[-1][-1].lines[-1].endswith(("]", "}")):
        objects[-1].pop()
    return [{held.name: _value(held.lines) for held in one if not _is_elided(held.lines)} for one in objects]


def is_prompt(text: str) -> bool:
    """Whether a text begins with the prompt of a shell."""
    return _PROMPT.match(text) is not None


def rejoined(text: str) -> str:
    """JSON without the line breaks inside its texts: a console put them there."""
    parts: list[str] = []
    inside = escaped = False
    for one in text:
        if one == "\n" and inside:
            while parts[-1] == " ":
                parts.pop()
            continue
        inside ^= one == '"' and not escaped
        escaped = inside and one == "\\" and not escaped
        parts.append(one)
    return "".join(parts)


def _is_elided(lines: list[str]) -> bool:
    """Whether PowerShell left out the end of a list: `{10.0.0.0/24, 10.1.0.0/24...}`."""
    return lines[0].startswith("{") and lines[-1].endswith(("...}", "\u2026}"))


def _value(lines: list[str]) -> Any:
    """The value of a property: JSON, a list such as `{10.0.0.0/24, 10.1.0.0/24}`, a word, or a text."""
    text = "".join(lines).strip()
    if not text.startswith(("{", "[")):
        return _WORDS.get(text, text)
    try:
        return msgspec.json.decode(rejoined("\n".join(lines)))
    except (ValueError, RecursionError):
        braced = text.startswith("{") and text.endswith("}") and '"' not in text
        return [one.strip() for one in text[1:-1].split(",")] if braced else text
