"""The journal of a run, written ahead: what is about to happen is on disk before it does.

One JSON object a line. The first holds the whole plan, so that any machine that can read the journal
can finish or undo the run. No line ever holds a token, an app setting or another secret.
"""

from __future__ import annotations

import getpass
import hashlib
import os
import platform
from collections.abc import Iterator
from contextlib import suppress
from datetime import datetime
from typing import Annotated, Literal

import msgspec
from msgspec import Struct

from remediate import __version__, ids
from remediate.azure.clock import Clock
from remediate.azure.write import Answer
from remediate.model import Finding, Plan, Request, RunStatus, Step, StepResult
from remediate.state.store import Holder, Store, StoreError, checked_part, is_name

VERSION = 1
Moment = Annotated[datetime, msgspec.Meta(tz=True)]


class Begin(Struct, frozen=True, tag_field="kind", tag="begin"):
    """The first line: who, from where, on which Azure, and the whole plan."""

    at: Moment
    run: str
    tool: str
    who: str
    host: str
    pid: int
    signed_in: str
    arm: str
    plan: Plan
    findings: tuple[Finding, ...]
    journal: int = VERSION


class Resumed(Struct, frozen=True, tag_field="kind", tag="resumed"):
    """Somebody took the run up again."""

    at: Moment
    who: str
    host: str
    pid: int
    verb: Literal["resume", "rollback"]


class Intent(Struct, frozen=True, tag_field="kind", tag="intent"):
    """A write that is about to go out."""

    at: Moment
    n: int
    do: str
    target: str
    request: Request


class Outcome(Struct, frozen=True, tag_field="kind", tag="outcome"):
    """How that write was answered: its status and Azure's ids for it, or why there is none."""

    at: Moment
    n: int
    status: int | None
    request_id: str
    correlation_id: str
    error: str | None = None


class Ended(Struct, frozen=True, tag_field="kind", tag="step"):
    """A step that ended."""

    at: Moment
    result: StepResult


class End(Struct, frozen=True, tag_field="kind", tag="end"):
    """The last line. Without one the run is unfinished."""

    at: Moment
    status: RunStatus
    message: str | None = None
    left_open: bool = True


Line = Begin | Resumed | Intent | Outcome | Ended | End
_LINES: msgspec.json.Decoder[Line] = msgspec.json.Decoder(Line)


class _Version(Struct, frozen=True):
    """As much of a first line as every version has."""

    journal: int = VERSION


class Unreadable(Exception):
    """The journal of a run is missing or damaged; the message names it and the line."""


class Journal:
    """Writes the lines of one run. Raises StoreError when a line cannot be kept."""

    def __init__(self, store: Store, run: str, clock: Clock) -> None:
        self._store = store
        self._clock = clock
        self.run = run
        self.written: list[Line] = []
        self._held: list[Line] | None = None

    def begin(self, plan: Plan, findings: tuple[Finding, ...], signed_in: str, arm: str) -> None:
        """Keep the plan, before anything else happens."""
        who, host, pid = _here()
        now = self._clock.now()
        self._write(Begin(now, self.run, __version__, who, host, pid, signed_in, arm, plan, findings))

    def resumed(self, verb: Literal["resume", "rollback"]) -> None:
        """Note who took the run up again; kept once that was confirmed, see `release`."""
        who, host, pid = _here()
        self._held = [Resumed(self._clock.now(), who, host, pid, verb)]

    def release(self) -> None:
        """Keep what was noted until now: a question that was answered with no leaves no line behind."""
        held, self._held = self._held or [], None
        for line in held:
            self._write(line)

    def intent(self, step: Step, request: Request) -> None:
        """Announce a write. Only when this returned may it go out; what was noted before is kept first."""
        self.release()
        self._write(Intent(self._clock.now(), step.n, step.do, step.target, request))

    def outcome(self, step: Step, answer: Answer, error: str | None = None) -> None:
        """Keep how a write was answered."""
        ids_ = answer.request_id, answer.correlation_id
        self._write(Outcome(self._clock.now(), step.n, answer.status, *ids_, error))

    def step(self, result: StepResult) -> None:
        """Keep how a step ended."""
        self._write(Ended(self._clock.now(), result))

    def end(self, status: RunStatus, message: str | None, *, left_open: bool) -> None:
        """Close the run; `left_open` says whether `resume` has something to do."""
        self._write(End(self._clock.now(), status, message, left_open))

    @property
    def announced(self) -> bool:
        """Whether this process announced a write."""
        return any(isinstance(line, Intent) for line in self.written)

    def _write(self, line: Line) -> None:
        if self._held is not None:
            self._held.append(line)
            return
        self._store.append(_name(self.run), msgspec.json.encode(line))
        self.written.append(line)


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
    """The journal of a run. Raises Unreadable, and StoreError for a name that no run can have.

    A line counts with its line break: one that a crash cut off announced nothing that went out, and
    is left out.
    """
    content = store.read(_name(run))
    if content is None:
        raise Unreadable(f"there is no run {run}")
    whole = content.split(b"\n")[:-1]
    _check_version(run, whole)
    lines = tuple(_decoded(run, number, text) for number, text in enumerate(whole, 1))
    begins = [line for line in lines if isinstance(line, Begin)]
    if len(begins) != 1 or lines[0] is not begins[0] or begins[0].run != run:
        raise Unreadable(f"the journal of run {run} does not begin with the plan of that run")
    return Record(begins[0], lines)


def _check_version(run: str, lines: list[bytes]) -> None:
    try:
        version = msgspec.json.decode(lines[0], type=_Version).journal if lines else VERSION
    except (msgspec.DecodeError, RecursionError):
        return  # a damaged line; it is told as one
    if version > VERSION:
        raise Unreadable(
            f"the journal of run {run} is of version {version}, and this remediate reads version {VERSION}: "
            "a newer one wrote it"
        )


def _decoded(run: str, number: int, text: bytes) -> Line:
    try:
        return _LINES.decode(text)
    except (msgspec.DecodeError, RecursionError) as error:
        raise Unreadable(f"line {number} of the journal of run {run} is damaged: {error}") from error


def runs(store: Store) -> list[str]:
    """The ids of all runs, oldest first; what else lies in the folder is none."""
    return [name for name in store.names("runs") if is_name(name)]


def unfinished(store: Store, arm: str) -> list[Record]:
    """Runs on this Azure that changed something and did not end well, oldest first.

    A run is settled by later ones that ended well and were about all of its apps. Journals that cannot
    be read are told by `unreadable`.
    """
    found: list[Record] = []
    settled: set[str] = set()
    for record in sorted(_readable(store), key=lambda one: one.begin.at, reverse=True):
        apps = {one.casefold() for one in record.begin.plan.changes}
        if record.begin.arm.casefold() != arm.casefold() or not record.touched:
            continue
        if record.finished:
            settled |= apps
        elif not apps <= settled:
            found.insert(0, record)
    return found


def unreadable(store: Store) -> list[str]:
    """What is wrong with each journal that cannot be read: nobody knows what its run left behind."""
    told = []
    for run in runs(store):
        try:
            read(store, run)
        except (Unreadable, StoreError) as error:
            told.append(str(error))
    return told


def _readable(store: Store) -> Iterator[Record]:
    for run in runs(store):
        with suppress(Unreadable, StoreError):
            yield read(store, run)


def lock_name(subnet: str) -> str:
    """The name of a link's lock: one run at a time on one subnet, however its id is spelled."""
    return hashlib.sha256(subnet.strip("/").casefold().encode()).hexdigest()[:32]


def holder(run: str, now: datetime) -> Holder:
    """Us, as the holder of a lock."""
    who, host, pid = _here()
    return Holder(run, who, host, pid, now.strftime("%Y-%m-%dT%H:%M:%SZ"))


def _here() -> tuple[str, str, int]:
    try:
        who = getpass.getuser()
    except (KeyError, OSError):  # a container may have no name for its user
        who = f"uid {os.getuid()}" if hasattr(os, "getuid") else "unknown"
    return who, platform.node(), os.getpid()


def _name(run: str) -> str:
    return f"runs/{checked_part(run)}/journal.jsonl"
