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


class Misreference(NamedTuple):
    """An error that the whole of a world shows, and the parts of a file that prevent it.

    Where such a part is there and has the wrong form, this may be no further error.
    """

    error: WorldError
    missing: tuple[Path, ...] = ()

    def may_come_from(self, omitted: Set[Path]) -> bool:
        """Whether a part that is `omitted` holds what is missing."""
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
