"""The journals of a store, and which of their runs were left unfinished."""

from __future__ import annotations

from collections.abc import Iterable
from contextlib import suppress
from datetime import datetime

from msgspec import Struct

from remediate.errors import StoreError
from remediate.run.journal.index import forget, open_runs, runs, settle
from remediate.run.journal.lines import JOURNAL
from remediate.run.journal.reading import Record, UnreadableJournal, read
from remediate.run.journal.validation import InvalidJournal, checked
from remediate.state.store import Store


class Journals(Struct, frozen=True):
    """Journals of a store by their run, oldest first; `damaged` says why one cannot be read or trusted."""

    records: dict[str, Record]
    damaged: dict[str, str]
    invalid: tuple[InvalidJournal, ...] = ()

    def unfinished(self, arm: str) -> list[Record]:
        """Runs on this Azure that changed something and did not end well, oldest first.

        A run is settled by later ones that ended well and were about all of its apps. What a damaged one
        left behind nobody knows.
        """
        settled = {one.begin.run for one in self.settled}
        here = (one for one in self.records.values() if one.begin.arm.casefold() == arm.casefold())
        found = [one for one in here if one.touched and one.begin.run not in settled]
        return sorted(found, key=lambda one: one.begin.at)

    @property
    def settled(self) -> list[Record]:
        """Runs that need no more, oldest first: finished, or later ones ended well for their apps."""
        found: list[Record] = []
        done: set[tuple[str, str]] = set()
        for record in sorted(self.records.values(), key=lambda one: one.begin.at, reverse=True):
            arm = record.begin.arm.casefold()
            apps = {(arm, one.casefold()) for one in record.begin.plan.changes}
            if record.finished:
                done |= apps if record.settles else set()
                found.insert(0, record)
            elif record.touched and apps <= done:
                found.insert(0, record)
        return found

    def older_than(self, moment: datetime) -> list[Record]:
        """Settled runs, and those that announced no write, of which nothing was written since a moment."""
        settled = {one.begin.run for one in self.settled}
        return [
            one
            for one in self.records.values()
            if one.lines[-1].at < moment and (one.begin.run in settled or not one.intents)
        ]


def delete(store: Store, run: str) -> None:
    """Delete all that is kept of a run, its journal last. Raises StoreError."""
    names = sorted(store.names(f"runs/{run}"), key=lambda name: name == JOURNAL)
    for name in names:
        store.remove(f"runs/{run}/{name}")
    forget(store, run)


def read_all(store: Store) -> Journals:
    """Every journal, each read once. Raises StoreError where they cannot be listed."""
    return _read(store, runs(store))


def read_open(store: Store) -> Journals:
    """The journals of the runs that are not known to be settled; what turns out to be is noted for next time.

    The cost does not grow with the runs that are settled. Raises StoreError where they cannot be listed.
    """
    found = _read(store, open_runs(store))
    with suppress(StoreError):  # then it is found out again next time
        for record in found.settled:  # the oldest first: a later one shows why an earlier one is settled
            settle(store, record.begin.run, record.times_taken_up)
    return found


def _read(store: Store, names: Iterable[str]) -> Journals:
    records: dict[str, Record] = {}
    damaged: dict[str, str] = {}
    invalid: list[InvalidJournal] = []
    for run in names:
        try:
            records[run] = checked(read(store, run))
        except InvalidJournal as error:
            invalid.append(error)
            damaged[run] = str(error)
        except (UnreadableJournal, StoreError) as error:
            damaged[run] = str(error)
    return Journals(records, damaged, tuple(invalid))
