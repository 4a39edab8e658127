"""Reading journals: one as a `Record`, and all of them for what was left unfinished."""

from __future__ import annotations

from typing import Literal

import msgspec
from msgspec import Struct

from remediate import ids
from remediate.errors import UsageError
from remediate.model import StepResult
from remediate.run.journal.lines import VERSION, Begin, End, Ended, Intent, Line, Outcome, Resumed, name_of
from remediate.state.store import Store, StoreError, is_name

_LINES: msgspec.json.Decoder[Line] = msgspec.json.Decoder(Line)


class _Version(Struct, frozen=True):
    """As much of a first line as every version has."""

    journal: int = VERSION


class UnreadableJournal(UsageError):
    """The journal of a run is missing or damaged; the message names it and the line."""

    code = "no-such-run"
    hint = "remediate runs list"


class Record(Struct, frozen=True):
    """A journal as it was read."""

    begin: Begin
    lines: tuple[Line, ...]

    @property
    def end(self) -> End | None:
        """The last line of a finished run; a run that was taken up again is open until its next end."""
        last = next((one for one in reversed(self.lines) if isinstance(one, End | Resumed)), None)
        return last if isinstance(last, End) else None

    @property
    def finished(self) -> bool:
        """Whether there is nothing left to resume."""
        return self.end is not None and not self.end.left_open

    @property
    def intents(self) -> tuple[Intent, ...]:
        """Every write that was announced."""
        return tuple(one for one in self.lines if isinstance(one, Intent))

    @property
    def touched(self) -> bool:
        """Whether Azure may have been changed: a write that was plainly refused changed nothing."""
        return any(not self._refused(intent) for intent in self.intents)

    @property
    def direction(self) -> Literal["resume", "rollback"]:
        """Which way the run goes: a rollback that was begun is what `resume` finishes."""
        verbs = [one.verb for one in self.lines if isinstance(one, Resumed)]
        return verbs[-1] if verbs else "resume"

    def answered(self, do: str, target: str) -> Outcome | None:
        """The last answer that said yes to such a write for an app."""
        numbers = {one.n for one in self.intents if one.do == do and ids.same(one.target, target)}
        good = (one for one in self.outcomes if one.n in numbers and one.status and one.status < 300)
        return max(good, key=lambda one: one.at, default=None)

    def _refused(self, intent: Intent) -> bool:
        after = [one for one in self.outcomes if one.n == intent.n and one.at >= intent.at]
        return bool(after) and after[0].status is not None and 400 <= after[0].status < 500

    @property
    def results(self) -> dict[int, StepResult]:
        """How each step last ended."""
        return {one.result.n: one.result for one in self.lines if isinstance(one, Ended)}

    @property
    def outcomes(self) -> tuple[Outcome, ...]:
        """Every answer to a write."""
        return tuple(one for one in self.lines if isinstance(one, Outcome))


def read(store: Store, run: str) -> Record:
    """The journal of a run. Raises UnreadableJournal, and StoreError for a name that no run can have.

    A line counts with its line break: one that a crash cut off announced nothing that went out, and
    is left out.
    """
    content = store.read(name_of(run))
    if content is None:
        raise UnreadableJournal(f"there is no run {run}")
    whole = content.split(b"\n")[:-1]
    _check_version(run, whole)
    lines = tuple(_decoded(run, number, text) for number, text in enumerate(whole, 1))
    begins = [line for line in lines if isinstance(line, Begin)]
    if len(begins) != 1 or lines[0] is not begins[0] or begins[0].run != run:
        raise UnreadableJournal(f"the journal of run {run} does not begin with the plan of that run")
    return Record(begins[0], lines)


def _check_version(run: str, lines: list[bytes]) -> None:
    try:
        version = msgspec.json.decode(lines[0], type=_Version).journal if lines else VERSION
    except (msgspec.DecodeError, RecursionError):
        return  # a damaged line; it is told as one
    if version > VERSION:
        raise UnreadableJournal(
            f"the journal of run {run} is of version {version}, and this remediate reads version {VERSION}: "
            "a newer one wrote it"
        )


def _decoded(run: str, number: int, text: bytes) -> Line:
    try:
        return _LINES.decode(text)
    except (msgspec.DecodeError, RecursionError) as error:
        raise UnreadableJournal(f"line {number} of the journal of run {run} is damaged: {error}") from error


def runs(store: Store) -> list[str]:
    """The ids of all runs, oldest first; what else lies in the folder is none."""
    return [name for name in store.names("runs") if is_name(name)]


class Journals(Struct, frozen=True):
    """Every journal of a store by its run, oldest first; `damaged` says why one cannot be read."""

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
                settled |= apps
            elif not apps <= settled:
                found.insert(0, record)
        return found


def read_all(store: Store) -> Journals:
    """Each journal, read once: a shared store is far away. Raises StoreError where it cannot be listed."""
    records: dict[str, Record] = {}
    damaged: dict[str, str] = {}
    for run in runs(store):
        try:
            records[run] = read(store, run)
        except (UnreadableJournal, StoreError) as error:
            damaged[run] = str(error)
    return Journals(records, damaged)
