"""Reading the journal of one run as a `Record`."""

from __future__ import annotations

from typing import Literal

import msgspec
from msgspec import Struct

from remediate import ids
from remediate.errors import UsageError
from remediate.model import Request, StepResult
from remediate.run.journal.lines import VERSION, Begin, End, Ended, Intent, Line, Outcome, Resumed, name_of
from remediate.state.store import Store
from remediate.steps import Disconnect, Reconnect, kind_of

_WELL = ("succeeded", "rolled-back")
_LINES: msgspec.json.Decoder[Line] = msgspec.json.Decoder(Line)


class _Version(Struct, frozen=True):
    """As much of a first line as every version has."""

    journal: int = VERSION


_VERSION = msgspec.json.Decoder(_Version)


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
        """Whether Azure may have been changed: a write that was refused or not sent changed nothing."""
        return any(not _changed_nothing(intent, answer) for intent, answer in self._pairs)

    @property
    def settles(self) -> bool:
        """Whether the run is finished and surely changed what it is about: then earlier ones need no more."""
        if self.end is None or self.end.left_open or not self.intents:
            return False
        changes = [answer for intent, answer in self._pairs if not kind_of(intent.do).tries]
        return self.end.status in _WELL or any(one and _says_yes(one) for one in changes)

    @property
    def kept_delegation(self) -> Request | None:
        """The write that delegates the subnet as the first line has it; only for comparison."""
        (first, *_) = self.lines
        steps = first.plan.steps if isinstance(first, Begin) else ()
        return next((step.request for step in steps if kind_of(step.do).delegates), None)

    @property
    def direction(self) -> Literal["resume", "rollback"]:
        """Which way the run goes: a rollback that was begun is what `resume` finishes."""
        verbs = [one.verb for one in self.lines if isinstance(one, Resumed)]
        return verbs[-1] if verbs else "resume"

    @property
    def last_attempt(self) -> int:
        """The number of the last write; where writes have none, how many were announced."""
        numbers = [one.attempt or 0 for one in self.lines if isinstance(one, Intent | Outcome)]
        return max([len(self.intents), *numbers])

    @property
    def times_taken_up(self) -> int:
        """How often somebody took the run up again."""
        return sum(isinstance(one, Resumed) for one in self.lines)

    def answered(self, do: str, target: str) -> Outcome | None:
        """The last answer that said yes to such a write for an app."""
        answers = [
            answer
            for intent, answer in self._pairs
            if intent.do == do and ids.same(intent.target, target) and answer and _says_yes(answer)
        ]
        return answers[-1] if answers else None

    def disconnected(self, app: str) -> Outcome | None:
        """The last answer that said yes to the disconnect of an app."""
        return self.answered(Disconnect.name, app)

    def reconnected(self, app: str) -> Outcome | None:
        """The last answer that said yes to the connect of an app."""
        return self.answered(Reconnect.name, app)

    def accepted(self, app: str) -> Request | None:
        """The connect request of an app that Azure accepted in the last trial; None without one."""
        accepted = [
            intent.request
            for intent, answer in self._pairs
            if kind_of(intent.do).tries and ids.same(intent.target, app) and answer and _says_yes(answer)
        ]
        return accepted[-1] if accepted else None

    def first_write(self, do: str, target: str) -> Intent | None:
        """The first write of a kind of step for an app or a subnet that may have been carried out."""
        return next(
            (
                line
                for at, line in enumerate(self.lines)
                if isinstance(line, Intent)
                and line.do == do
                and ids.same(line.target, target)
                and not _changed_nothing(line, self._answer(at, line))
            ),
            None,
        )

    def first_disconnect(self, app: str) -> Intent | None:
        """The first disconnect of an app that may have been carried out."""
        return self.first_write(Disconnect.name, app)

    def first_reconnect(self, app: str) -> Intent | None:
        """The first connect of an app that may have been carried out."""
        return self.first_write(Reconnect.name, app)

    @property
    def _pairs(self) -> list[tuple[Intent, Outcome | None]]:
        """Each write with its answer."""
        return [
            (line, self._answer(at, line)) for at, line in enumerate(self.lines) if isinstance(line, Intent)
        ]

    def _answer(self, at: int, intent: Intent) -> Outcome | None:
        """The answer to a write: by number, else the next one of its step before another write."""
        return self._answer_to(intent) if intent.attempt else self._next_answer(at, intent.n)

    def _answer_to(self, intent: Intent) -> Outcome | None:
        """The answer with the number of a write; None where there is none, or the number is not its own."""
        answers = [one for one in self.outcomes if one.attempt == intent.attempt]
        writes = [one for one in self.intents if one.attempt == intent.attempt]
        return answers[0] if len(answers) == len(writes) == 1 and answers[0].n == intent.n else None

    def _next_answer(self, at: int, n: int) -> Outcome | None:
        """What follows the line of a write without a number, up to the next write."""
        for line in self.lines[at + 1 :]:
            if isinstance(line, Intent | Resumed):
                return None
            if isinstance(line, Outcome) and line.n == n:
                return line
        return None

    @property
    def results(self) -> dict[int, StepResult]:
        """How each step last ended."""
        return {one.result.n: one.result for one in self.lines if isinstance(one, Ended)}

    @property
    def outcomes(self) -> tuple[Outcome, ...]:
        """Every answer to a write."""
        return tuple(one for one in self.lines if isinstance(one, Outcome))


def _changed_nothing(intent: Intent, answer: Outcome | None) -> bool:
    """Whether a write surely had no effect: it was not sent, or Azure refused it.

    408 does not say so, nor does a pair without a number. A forged `sent` does no more harm than removed
    lines: it adds no write, it only keeps `resume` and `rollback` from connecting an app again.
    """
    if intent.attempt is None or answer is None:
        return False
    if answer.status is None:
        return not answer.sent
    return 400 <= answer.status < 500 and answer.status != 408


def _says_yes(answer: Outcome) -> bool:
    """Whether Azure carried a write out. A long-running operation that failed is told in a 200, too."""
    return answer.status is not None and answer.status < 300 and answer.error is None


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
        version = _VERSION.decode(lines[0]).journal if lines else VERSION
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
