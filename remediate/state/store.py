"""The interface of the state stores, and their errors."""

from __future__ import annotations

import re
from contextlib import AbstractContextManager
from typing import Protocol

import msgspec
from msgspec import Struct

from remediate.errors import Exit, RemediateError, StoreError

_PART = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,99}")


class InvalidRunName(StoreError):
    """A name that is not allowed: it could lead out of the store."""

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


HOLDER = msgspec.json.Decoder(Holder)


class LockHeld(RemediateError):
    """Another run holds the lock; `lapses` is after how many seconds it expires if its holder died."""

    exit = Exit.CONFLICT
    code = "held"
    hint = "wait for it to end; remediate runs list shows it"

    def __init__(self, holder: Holder | None, lapses: int | None = None) -> None:
        self.holder = holder
        who = (
            f"{holder.who} on {holder.host} since {holder.since} (run {holder.run})" if holder else "somebody"
        )
        until = f"; if that machine died, its lock expires within {lapses} s" if lapses else ""
        super().__init__(f"{who} holds the lock on this link{until}")


class Store(Protocol):
    """Names are relative paths of plain parts. Every method raises StoreError when the store fails."""

    def append(self, name: str, line: bytes) -> None:
        """Append a line; it survives a crash once this returns."""
        ...

    def write(self, name: str, content: bytes) -> None:
        """Write or replace a file; it survives a crash once this returns.

        A reader finds the old content or the new one, never a part.
        """
        ...

    def read(self, name: str) -> bytes | None:
        """The content of a file, None if there is none."""
        ...

    def names(self, folder: str) -> list[str]:
        """The names in a folder, sorted."""
        ...

    def remove(self, name: str) -> None:
        """Delete a file, if it exists; an empty folder is deleted with it."""
        ...

    def lock(self, name: str, holder: Holder) -> AbstractContextManager[None]:
        """Hold a lock in the block. Raises LockHeld; the lock of a dead process is free."""
        ...


def checked_name(name: str) -> str:
    """The name, if every part of it is plain. Raises InvalidRunName."""
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
