"""The snapshots in a store: `snapshots/<app>/<label>.json`, and before and after in a run's folder."""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Iterator
from datetime import datetime
from typing import Literal, NamedTuple
from urllib.parse import urlsplit

import msgspec

from remediate import ids
from remediate.errors import StoreError
from remediate.model import Snapshot
from remediate.state.store import Store, checked_part, is_name

HEALTHY = "healthy"
"""The label of an app's newest healthy snapshot, which `verify` keeps."""
LATEST = "latest"
"""The label of the last snapshot of `watch`."""
Moment = Literal["before", "after"]

_LOOPBACK = ("localhost", "127.0.0.1", "::1")
_SUFFIX = ".json"
_SNAPSHOT = msgspec.json.Decoder(Snapshot)


class DamagedSnapshot(StoreError):
    """The file of a snapshot cannot be read; the message names it."""


class StoredSnapshots(NamedTuple):
    """The snapshots that can be read, the oldest first, and a message for each damaged file."""

    snapshots: list[Snapshot]
    damaged: list[str]


class SnapshotStore:
    """The snapshots of one Azure, given by its ARM address; without an address, for reading, of every Azure.
    Every method raises StoreError.

    Every port on loopback counts as the same Azure: a sandbox gets a new port each time that it starts.
    """

    def __init__(self, store: Store, arm: str = "") -> None:
        self._store = store
        self._host = _host(arm)

    def save(self, snapshot: Snapshot) -> None:
        """Store a snapshot; it replaces the one with the same label."""
        self._store.write(self._name(snapshot.target, snapshot.label), encode(snapshot))

    def find(self, target: str, label: str) -> Snapshot | None:
        """An app's snapshot with that label."""
        return self._read(self._name(target, label))

    def labelled(self, label: str) -> list[Snapshot]:
        """The snapshots with that label, of every app."""
        names = (name for name in self._names() if name.endswith(f"/{checked_part(label)}{_SUFFIX}"))
        return [one for one in (self._read(name) for name in names) if one and self._is_ours(one)]

    def all(self) -> StoredSnapshots:
        """Every snapshot; each file is read once, because a shared store is slow."""
        read = [self._readable(name) for name in self._names()]
        snapshots = [one for one in read if isinstance(one, Snapshot)]
        return StoredSnapshots(
            sorted(snapshots, key=lambda one: (one.at, one.label)),
            [str(one) for one in read if isinstance(one, DamagedSnapshot)],
        )

    def save_for_run(self, run: str, moment: Moment, snapshot: Snapshot) -> None:
        """Store the snapshot of an app before or after a run, in the run's folder."""
        self._store.write(_of_run(run, moment), encode(snapshot))

    def find_for_run(self, run: str, moment: Moment) -> Snapshot | None:
        """The snapshot of an app before or after a run."""
        return self._read(_of_run(run, moment))

    def key(self, target: str) -> str:
        """The folder of an app: readable, and unique however the id is spelled."""
        which = f"{self._host}{target.strip('/').casefold()}"
        readable = re.sub(r"[^A-Za-z0-9]+", "-", ids.app_name(target).casefold()).strip("-")[:60] or "app"
        return f"{readable}-{hashlib.sha256(which.encode()).hexdigest()[:12]}"

    def _names(self) -> Iterator[str]:
        for folder in filter(is_name, self._store.names("snapshots")):
            for name in filter(is_name, self._store.names(f"snapshots/{folder}")):
                if name.endswith(_SUFFIX):
                    yield f"snapshots/{folder}/{name}"

    def _readable(self, name: str) -> Snapshot | DamagedSnapshot | None:
        try:
            found = self._read(name)
        except DamagedSnapshot as error:
            return error
        return found if found and self._is_ours(found) else None

    def _is_ours(self, one: Snapshot) -> bool:
        return not self._host or _host(one.arm) == self._host

    def _read(self, name: str) -> Snapshot | None:
        content = self._store.read(name)
        if content is None:
            return None
        try:
            return _SNAPSHOT.decode(content)
        except (msgspec.DecodeError, RecursionError) as error:
            raise DamagedSnapshot(f"{name} is not a snapshot that this version reads: {error}") from error

    def _name(self, target: str, label: str) -> str:
        return f"snapshots/{self.key(target)}/{checked_part(label + _SUFFIX)}"


def encode(snapshot: Snapshot) -> bytes:
    """The snapshot as indented JSON."""
    plain = msgspec.to_builtins(snapshot)
    document = {"schema": plain.pop("schema"), **plain}
    # json's own indent is written in Python, and takes ten times as long.
    return msgspec.json.format(json.dumps(document, ensure_ascii=True).encode(), indent=2) + b"\n"


def time_label(at: datetime) -> str:
    """The default label of a snapshot: its time."""
    return f"{at:%Y%m%dT%H%M%SZ}"


def _of_run(run: str, moment: Moment) -> str:
    return f"runs/{checked_part(run)}/{moment}{_SUFFIX}"


def _host(arm: str) -> str:
    if not arm:
        return ""
    parsed = urlsplit(arm)
    host = (parsed.hostname or arm).casefold()
    return "loopback" if host in _LOOPBACK else f"{host}:{parsed.port or 443}"
