"""The mutants that are known to be equivalent (equivalent.toml), each with the reason."""

from __future__ import annotations

import tomllib
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from tests.mutants.mutants import Change

LIST = Path(__file__).with_name("equivalent.toml")


@dataclass(frozen=True)
class Equivalent:
    """A change that no test can notice: found by its file, function and text, never by a line number."""

    file: str
    function: str
    was: str
    becomes: str
    why: str

    def is_stale(self, root: Path) -> bool:
        """Whether the lines that it is about are no longer there."""
        path = root / self.file
        if not path.exists():
            return True
        lines = [line.strip() for line in path.read_text().splitlines()]
        return any(line not in lines for line in self.was.splitlines())


def equivalents() -> tuple[Equivalent, ...]:
    """The list as it is kept. Raises TypeError for an entry without one of its keys, or with one more."""
    return tuple(Equivalent(**entry) for entry in tomllib.loads(LIST.read_text()).get("equivalent", ()))


def find(known: Iterable[Equivalent], file: str, function: str, change: Change) -> Equivalent | None:
    """The entry for a change, where there is one."""
    wanted = (file, function, change.was, change.becomes)
    return next((one for one in known if (one.file, one.function, one.was, one.becomes) == wanted), None)
