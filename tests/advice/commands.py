"""The commands in a text that the product printed, and how an operator would follow them."""

from __future__ import annotations

import re
import shlex
from collections.abc import Iterator
from typing import Any

_SET_OFF = re.compile(r"`((?:remediate|az)(?:\s[^`]*)?)`")
_ALONE = re.compile(r"(?:remediate|az) [a-z].*")
_ALTERNATIVE = re.compile(r"(?<=[.;,]) +(?:or|otherwise)\b", re.IGNORECASE)
_NOT_SET_OFF = re.compile(
    r"\b(?:az [a-z]+|remediate (?:verify|reconnect|guard|purge|watch|snapshot|runs|resume|rollback|sandbox|"
    r"playbooks)) "
)


def commands(text: str) -> list[str]:
    """Every command in a text: set off by backticks, or alone on a line."""
    alone = [line for line in _lines(text) if _ALONE.fullmatch(line)]
    return alone or [" ".join(found.split()) for found in _SET_OFF.findall(text)]


def alternatives(text: str) -> list[list[str]]:
    """The ways that a text offers, each the commands of it in order."""
    parts = _ALTERNATIVE.split(text)
    return [found for part in parts if (found := commands(part))]


def not_set_off(text: str) -> list[str]:
    """Commands in the middle of a sentence that no backticks set off: they cannot be collected."""
    rest = [_SET_OFF.sub("", line) for line in _lines(text) if not _ALONE.fullmatch(line)]
    return [line for line in rest if _NOT_SET_OFF.search(line)]


def texts(document: Any) -> Iterator[str]:
    """Every text of a JSON document; a list of commands, such as an order, is one text."""
    if isinstance(document, str):
        yield document
    elif isinstance(document, dict):
        for value in document.values():
            yield from texts(value)
    elif isinstance(document, list):
        if document and all(isinstance(one, str) for one in document):
            yield "\n".join(document)
        else:
            for value in document:
                yield from texts(value)


def words(command: str, values: dict[str, str]) -> list[str]:
    """A command as a shell passes it on, its placeholders filled in."""
    return [values.get(word, word) for word in shlex.split(command)]


def _lines(text: str) -> list[str]:
    return [line.strip().removeprefix("→ ") for line in text.splitlines()]
