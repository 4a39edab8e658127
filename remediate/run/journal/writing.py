"""Writing the journal ahead of what it announces, and who writes it."""

from __future__ import annotations

import getpass
import hashlib
import os
import platform
from contextlib import suppress
from datetime import datetime
from typing import Literal

import msgspec

from remediate import __version__
from remediate.azure.clock import Clock
from remediate.azure.write import Answer
from remediate.errors import StoreError
from remediate.model import Finding, Plan, Request, RunStatus, Step, StepResult
from remediate.run.journal.index import take_up
from remediate.run.journal.lines import Begin, End, Ended, Intent, Line, Outcome, Resumed, name_of
from remediate.run.journal.listing import read_open
from remediate.run.journal.reading import Record
from remediate.run.journal.validation import check_plan
from remediate.state.store import Holder, Store
from remediate.steps import kind_of


class Journal:
    """Writes the lines of one run. Raises StoreError when a line cannot be kept."""

    def __init__(self, store: Store, run: str, clock: Clock) -> None:
        self._store = store
        self._clock = clock
        self.run = run
        self.written: list[Line] = []
        self._held: list[Line] | None = None
        self._attempt = 0
        self._taken_up = 0
        self._marked = False

    def begin(self, plan: Plan, findings: tuple[Finding, ...], signed_in: str, arm: str) -> None:
        """Keep the plan before anything else. Raises InvalidJournal for one that cannot be resumed."""
        check_plan(self.run, plan)
        who, host, pid = _here()
        now = self._clock.now()
        self._write(Begin(now, self.run, __version__, who, host, pid, signed_in, arm, plan, findings))

    def resumed(self, verb: Literal["resume", "rollback"], record: Record) -> None:
        """Note who took the run up again; kept once that was confirmed, see `release`.

        `record` is the journal until now: writes are counted on from its last one.
        """
        self._attempt, self._taken_up = record.last_attempt, record.times_taken_up + 1
        who, host, pid = _here()
        self._held = [Resumed(self._clock.now(), who, host, pid, verb)]

    def release(self) -> None:
        """Keep what was noted until now: a question that was answered with no leaves no line behind."""
        held, self._held = self._held or [], None
        for line in held:
            self._write(line)

    def intent(self, step: Step, request: Request) -> None:
        """Announce a write. Only when this returned may it go out; what was noted before is kept first."""
        self._attempt += 1
        self.release()
        self._write(Intent(self._clock.now(), step.n, step.do, step.target, request, self._attempt))

    def outcome(self, step: Step, answer: Answer, error: str | None = None) -> None:
        """Keep how the write that was announced last was answered, or that it was not sent."""
        ids_ = answer.request_id, answer.correlation_id
        now = self._clock.now()
        self._write(Outcome(now, step.n, answer.status, *ids_, error, self._attempt, answer.sent))

    def step(self, result: StepResult) -> None:
        """Keep how a step ended."""
        self._write(Ended(self._clock.now(), result))

    def end(self, status: RunStatus, message: str | None, *, left_open: bool) -> None:
        """Close the run; `left_open` says whether `resume` has something to do."""
        self._write(End(self._clock.now(), status, message, left_open))
        if not left_open and self._held is None:
            with suppress(StoreError):  # the next command finds out by reading
                read_open(self._store)

    @property
    def announced(self) -> bool:
        """Whether this process announced a write that it did not withhold afterwards."""
        return bool(self.sent)

    @property
    def sent(self) -> tuple[Intent, ...]:
        """The writes that this process announced and did not withhold afterwards."""
        withheld = {line.attempt for line in self.written if isinstance(line, Outcome) and not line.sent}
        lines = (line for line in self.written if isinstance(line, Intent))
        return tuple(line for line in lines if line.attempt not in withheld)

    @property
    def changes(self) -> bool:
        """Whether this process announced a write that may have changed something: any but a trial."""
        return any(not kind_of(one.do).tries for one in self.sent)

    def _write(self, line: Line) -> None:
        if self._held is not None:
            self._held.append(line)
            return
        if self._taken_up and not self._marked:
            take_up(self._store, self.run, self._taken_up)
            self._marked = True
        self._store.append(name_of(self.run), msgspec.json.encode(line))
        self.written.append(line)


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
