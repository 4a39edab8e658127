"""The state of each receiver of `watch` for each app: `watch/<app>/<receiver>.json`."""

from __future__ import annotations

import hashlib

import msgspec
from msgspec import Struct

from remediate.errors import StoreError
from remediate.model import Snapshot, Watched
from remediate.state.snapshots import SnapshotStore
from remediate.state.store import Store

CONSOLE = "console"
"""The receiver that stdout is."""


class ReceiverState(Struct, frozen=True):
    """What one receiver was told about one app.

    `seen` is the snapshot that was last compared for the receiver, without its documents. `failing` says
    that the last assessment failed. `pending` are the events that are not delivered yet, the oldest first.
    """

    seen: Snapshot | None = None
    failing: bool = False
    pending: tuple[Watched, ...] = ()


_STATE = msgspec.json.Decoder(ReceiverState)


class ReceiverStates:
    """The states of one receiver for the apps of one Azure. Every method raises StoreError."""

    def __init__(self, store: Store, arm: str, receiver: str) -> None:
        self._store = store
        self._snapshots = SnapshotStore(store, arm)
        self._receiver = receiver

    def find(self, target: str) -> ReceiverState:
        """The receiver's state for an app; an empty one if there is none."""
        name = self._name(target)
        content = self._store.read(name)
        if content is None:
            return ReceiverState()
        try:
            return _STATE.decode(content)
        except (msgspec.DecodeError, RecursionError) as error:
            raise StoreError(f"{name} cannot be read: {error}") from error

    def save(self, target: str, receipt: ReceiverState) -> None:
        """Store the receiver's state for an app."""
        self._store.write(self._name(target), msgspec.json.encode(receipt))

    def _name(self, target: str) -> str:
        return f"watch/{self._snapshots.key(target)}/{self._receiver}.json"


def webhook_name(url: str) -> str:
    """The name of a webhook in the store: a digest, because its address is a secret."""
    return f"webhook-{hashlib.sha256(url.encode()).hexdigest()[:16]}"
