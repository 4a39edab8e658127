"""What can be wrong with a world file, and with the name of a world."""

from __future__ import annotations

from typing import NamedTuple


class WorldError(NamedTuple):
    """One thing that is wrong with a world file, and the line where it is."""

    line: int
    message: str


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
