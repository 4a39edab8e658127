"""What every place that keeps runs can do, whatever it is made of."""

from __future__ import annotations

import re
from contextlib import AbstractContextManager
from typing import Protocol

from msgspec import Struct

from remediate.errors import Exit, RemediateError

_PART = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,99}")


class StoreError(RemediateError):
    """The state cannot be kept or read; the message says why, in one line."""

    exit = Exit.REFUSED
    code = "state"
    hint = "this command changed nothing; --state DIR names another folder"


class InvalidRunName(StoreError):
    """A name that no run can have: it could lead out of the store."""

    exit = Exit.WRONG_USE
    code = "no-such-run"
    hint = "remediate runs list"


class Holder(Struct, frozen=True):
    """Who holds a lock: the run, who started it, on which machine, since when (ISO 8601)."""

    run: str
    who: str
    host: str
    pid: int
    since: str


class LockHeld(RemediateError):
    """Somebody else holds the lock; one that `lapses` does so that many seconds after its holder died."""

    exit = Exit.SOMEBODY_ELSE
    code = "held"
    hint = "wait for it to end; remediate runs list shows it"

    def __init__(self, holder: Holder | None, lapses: int | None = None) -> None:
        self.holder = holder
        told = (
            f"{holder.who} on {holder.host} since {holder.since} (run {holder.run})" if holder else "somebody"
        )
        until = f"; if that machine died, its lock lapses within {lapses} s" if lapses else ""
        super().__init__(f"{told} is at work on this link{until}")


class Store(Protocol):
    """Names are relative paths of plain parts. Everything raises StoreError when the place fails."""

    def append(self, name: str, line: bytes) -> None:
        """Add a line that is safe against a crash when this returns."""
        ...

    def write(self, name: str, content: bytes) -> None:
        """Put a whole file in the place of what is there: when this returns it is safe against a crash,
        and whatever happens a reader finds the old content or the new one, never a part.
        """
        ...

    def read(self, name: str) -> bytes | None:
        """The whole content, None where there is nothing of that name."""
        ...

    def names(self, folder: str) -> list[str]:
        """The names directly below a folder, sorted."""
        ...

    def remove(self, name: str) -> None:
        """Delete a file; one that is not there is no error. A folder without files is gone, too."""
        ...

    def lock(self, name: str, holder: Holder) -> AbstractContextManager[None]:
        """Hold a lock while within. Raises LockHeld; a dead holder's lock is free."""
        ...


def checked_name(name: str) -> str:
    """The name, if it cannot lead out of the store. Raises InvalidRunName."""
    for part in name.split("/"):
        checked_part(part)
    return name


def is_name(part: str) -> bool:
    """Whether this can be one part of a name: letters, digits, `.`, `_` and `-`, 100 at the most."""
    return _PART.fullmatch(part) is not None


def checked_part(part: str) -> str:
    """One part of a name, such as a run's id. Raises InvalidRunName."""
    if not is_name(part):
        raise InvalidRunName(f"not a name of a run: {part[:100]!a}")
    return part
