"""All journals of a store, and which of their runs were left unfinished."""

from __future__ import annotations

from msgspec import Struct

from remediate.run.journal.reading import Record, Unreadable, read
from remediate.run.journal.validation import checked
from remediate.state.store import Store, StoreError, is_name


def runs(store: Store) -> list[str]:
    """The ids of all runs, oldest first; what else lies in the folder is none."""
    return [name for name in store.names("runs") if is_name(name)]


class Journals(Struct, frozen=True):
    """Every journal of a store by its run, oldest first; `damaged` says why one cannot be read or trusted."""

    records: dict[str, Record]
    damaged: dict[str, str]

    def unfinished(self, arm: str) -> list[Record]:
        """Runs on this Azure that changed something and did not end well, oldest first.

        A run is settled by later ones that ended well and were about all of its apps. What a damaged one
        left behind nobody knows.
        """
        found: list[Record] = []
        settled: set[str] = set()
        for record in sorted(self.records.values(), key=lambda one: one.begin.at, reverse=True):
            apps = {one.casefold() for one in record.begin.plan.changes}
            if record.begin.arm.casefold() != arm.casefold() or not record.touched:
                continue
            if record.finished:
                settled |= apps if record.settles else set()
            elif not apps <= settled:
                found.insert(0, record)
        return found


def read_all(store: Store) -> Journals:
    """Each journal, read once: a shared store is far away. Raises StoreError where it cannot be listed."""
    records: dict[str, Record] = {}
    damaged: dict[str, str] = {}
    for run in runs(store):
        try:
            records[run] = checked(read(store, run))
        except (Unreadable, StoreError) as error:
            damaged[run] = str(error)
    return Journals(records, damaged)
