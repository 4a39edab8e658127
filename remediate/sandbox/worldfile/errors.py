"""What can be wrong with a world file, and with the name of a world."""

from __future__ import annotations

from collections.abc import Set
from typing import NamedTuple


class WorldError(NamedTuple):
    """One thing that is wrong with a world file, and the line where it is."""

    line: int
    message: str


Path = tuple[str | int, ...]
"""The keys and list positions that lead to a part of a world file."""


class ContentError(NamedTuple):
    """An error that no schema finds, such as a name that stands for nothing.

    `missing` are the parts of the file that would avert it. If one of them was left out because the schema
    rejects it, that is the only error to report.
    """

    error: WorldError
    missing: tuple[Path, ...] = ()

    def may_come_from(self, omitted: Set[Path]) -> bool:
        """Whether one of the missing parts is in a part that was left out."""
        return any(path[:length] in omitted for path in self.missing for length in range(len(path) + 1))


class InvalidWorld(ValueError):
    """Everything that is wrong with a world file; as text one line each, `FILE:LINE: message`."""

    def __init__(self, source: str, errors: list[WorldError]) -> None:
        self.source = source
        self.errors = sorted(set(errors))
        super().__init__("\n".join(f"{source}:{one.line}: {one.message}" for one in self.errors))


class UnknownScenario(ValueError):
    """There is no scenario of that name; the message offers the nearest ones."""


class UnreadableWorld(ValueError):
    """A world file that cannot be read; the message says why."""
