"""Every wait of the remediation, as named tenacity policies on a clock that is handed in.

azure-core repeats reads that are throttled or broken (session.py). Here the remediation waits for the link,
a lock, an operation, or the effect of a write without an answer. Each wait makes one Deadline for all in it.

`--timeout` bounds every wait and repetition but one: what connects an app again has at least RETURN seconds.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import TypeVar

from tenacity import AttemptManager, RetryError, Retrying, retry_if_exception, retry_if_result, stop_any
from tenacity.retry import retry_base
from tenacity.stop import stop_base
from tenacity.wait import wait_base, wait_exponential

from remediate.azure.clock import Clock
from remediate.azure.deadline import LEAST, Deadline, bounded_by, in_force
from remediate.azure.retry_policies import INSTANT, stop_before, stop_when, wait_as_told
from remediate.model.failure import OutcomeUnknown, RequestFailed, WaitTimedOut

Seen = TypeVar("Seen")

LAST_LOOK = 2.0
"""Seconds before the end of a wait at which the last look begins, so that it can be answered in time."""
LOCK = 300.0
"""Seconds that an exclusive lock or another operation may last; recorded site writes took up to 53 s."""
RETURN = 90.0
"""Seconds at least for connecting an app again: a disconnect whose answer was not awaited holds the
exclusive lock for up to 53 s, and the connect itself took up to 34 s (azure-facts.md, 2)."""
EFFECT = 10.0
"""Seconds to look for a lost answer's effect before sending again; if it is still under way behind
a 504, the exclusive lock answers the repetition (recorded: 504, 429, 429 for 20 s, 200)."""


def _passes(error: BaseException) -> bool:
    return isinstance(error, RequestFailed) and (error.passing or error.unsettled)


def _never() -> bool:
    return False


def _always(_: RequestFailed) -> bool:
    return True


def _unlocked(failure: RequestFailed) -> bool:
    """Whether no other write was met: it may be a disconnect that has not yet changed what is read."""
    return not failure.passing


@dataclass(frozen=True)
class Patience:
    """How this run waits. Seconds.

    `every` and `ceiling` are the operator's `--poll-interval` and `--timeout` and win over the
    playbook; `hurried` says that waiting is to end now.
    """

    clock: Clock
    every: float | None = None
    ceiling: float | None = None
    hurried: Callable[[], bool] = field(default=_never)

    def until(
        self,
        look: Callable[[], Seen],
        enough: Callable[[Seen], bool],
        *,
        ceiling: float,
        every: float | None = None,
    ) -> Seen:
        """Look until it is enough, first at once. Raises WaitTimedOut before the ceiling, or when hurried.

        A look that fails in passing counts as not enough; any other RequestFailed is raised.
        """
        seen: list[Seen] = []

        def remembered() -> Seen:
            seen.append(look())
            return seen[-1]

        retry = retry_if_result(lambda result: not enough(result)) | retry_if_exception(_passes)
        began = self.clock.monotonic()
        limit = self._limit(ceiling)
        try:
            with bounded_by(self._begun(limit)):
                ends, pace, hurry = self._ends(limit), self._pace(every), stop_when(self.hurried)
                return self._retrying(retry, ends, pace, _last_look(limit), hurry)(remembered)
        except RetryError as error:
            raise WaitTimedOut(self.clock.monotonic() - began, seen[-1] if seen else None) from error

    def write(
        self, send: Callable[[], object], done: Callable[[], bool], *, bringing_back: bool = False
    ) -> None:
        """Carry out a write whose effect `done` can see, by `send`. See `attempts`."""
        for attempt in self.attempts(done, bringing_back=bringing_back):
            with attempt:
                send()

    def attempts(
        self, done: Callable[[], bool], *, bringing_back: bool = False
    ) -> Iterator[AbstractContextManager[None]]:
        """The attempts at a write whose effect `done` can see; within each it is sent once.

        There is another one only for a failure that passes, and never before `done` was looked at with an
        answer: behind a 504 the operation goes on (azure-facts.md, 3). Its read timeout ends so early that
        its effect can still be looked for before the deadline; `hurried` ends the repetition, never a
        request. What is `bringing_back` an app has at least RETURN seconds, for every lock that it meets.
        Raises the RequestFailed of a write that was surely not carried out, and OutcomeUnknown for any other.
        """
        doubts: list[RequestFailed] = []
        try:
            limit = self._for_write(bringing_back=bringing_back)
            with bounded_by(self._begun(limit)) as deadline:
                believed = _unlocked if bringing_back else _always
                for attempt in self._repeating(self._ends(limit), bringing_back=bringing_back):
                    yield self._attempt(attempt, done, deadline, doubts, believed)
        except OutcomeUnknown:
            raise
        except Exception as error:
            if doubts:
                raise OutcomeUnknown(f"{error}; an earlier attempt: {doubts[0]}") from error
            raise

    @contextmanager
    def _attempt(
        self,
        attempt: AttemptManager,
        done: Callable[[], bool],
        deadline: Deadline,
        doubts: list[RequestFailed],
        believed: Callable[[RequestFailed], bool],
    ) -> Iterator[None]:
        """Within, a write is sent once; after a failure look whether it took effect all the same.

        What is raised goes to `attempt`, which decides about another one. `believed` says whether what is
        seen after a failure counts.
        """
        with attempt:
            try:
                with bounded_by(deadline.earlier(min(self.effect, deadline.left / 2))):
                    yield
            except RequestFailed as failure:
                if failure.unsettled:
                    doubts.append(failure)
                effect = self._effect_of(failure, done)
                if effect is None:
                    raise OutcomeUnknown(f"{failure}; and its effect could not be read") from failure
                if not (effect and believed(failure)):
                    raise

    def _for_write(self, *, bringing_back: bool) -> float:
        limit = min(LOCK, self._limit(LOCK))
        return max(limit, RETURN) if bringing_back else limit

    def _repeating(self, deadline: Deadline, *, bringing_back: bool) -> Retrying:
        """How a write is repeated: a lock is waited out, a broken answer is tried again within --timeout.

        The operator's hurry ends it at once; what brings an app back goes on for RETURN seconds even then.
        """
        least = Deadline(self.clock, RETURN if bringing_back else 0)
        unsettled = Deadline(self.clock, min(deadline.left, self._limit(LOCK)))

        def again(error: BaseException) -> bool:
            lost = isinstance(error, RequestFailed) and error.unsettled
            return _passes(error) and not (lost and unsettled.left <= self.effect)

        stop = stop_when(lambda: self.hurried() and least.left <= 0)
        return self._retrying(
            retry_if_exception(again), deadline, self._pace(None), 2 * self.effect, stop, reraise=True
        )

    def repeatedly(
        self, send: Callable[[], object], done: Callable[[], bool], *, ceiling: float, again: float
    ) -> None:
        """Carry out a write that Azure may answer without doing it, until `done` sees its effect.

        It is sent again every `again` seconds, and never before a look that was answered. Raises WaitTimedOut
        at the ceiling or when hurried, RequestFailed for a first write that was surely not carried out, and
        OutcomeUnknown for anything that goes wrong later.
        """
        began, limit = self.clock.monotonic(), self._limit(ceiling)
        looking = replace(self, ceiling=min(again, limit))
        sent = False
        with bounded_by(self._begun(limit)):
            ends = self._ends(limit)
            while True:
                try:
                    self.write(send, done)
                    sent = True
                    looking.until(done, bool, ceiling=again)
                    return
                except WaitTimedOut as ran_out:
                    if ran_out.last is None:
                        raise OutcomeUnknown("what the write did could not be read") from ran_out
                    if ends.left <= _last_look(limit) + INSTANT or self.hurried():
                        raise WaitTimedOut(self.clock.monotonic() - began, ran_out.last) from ran_out
                except RequestFailed as failure:
                    if sent:
                        raise OutcomeUnknown(f"{failure}; it was sent before, too") from failure
                    raise

    def _effect_of(self, failure: RequestFailed, done: Callable[[], bool]) -> bool | None:
        """Whether the write took effect all the same; None while nobody could look.

        A write that was surely not carried out needs one look; any other gets time to show itself.
        """
        if not (failure.passing or failure.unsettled):
            return False
        wanting = retry_if_result(lambda seen: seen is None or (failure.unsettled and not seen))
        try:
            with bounded_by(self._begun(self.effect)):
                ends, reserve = self._ends(self.effect), _last_look(self.effect)
                return self._retrying(wanting, ends, self._pace(None), reserve)(lambda: _seen(done))
        except RetryError as error:
            seen: bool | None = error.last_attempt.result()
            return seen

    @property
    def effect(self) -> float:
        """Seconds within which a write's effect is to be seen before it is sent again."""
        return EFFECT if self.ceiling is None else min(EFFECT, self.ceiling / 4)

    def ends(self, ceiling: float) -> datetime:
        """When a wait that starts now will end at the latest, for the operator to see."""
        return self.clock.now() + timedelta(seconds=self._limit(ceiling))

    def _begun(self, limit: float) -> Deadline:
        """The deadline of whatever begins within a wait of so many seconds."""
        return Deadline(self.clock, max(limit, LEAST))

    def _ends(self, limit: float) -> Deadline:
        """When nothing is begun any more, in a wait of so many seconds within any other."""
        return Deadline(self.clock, limit).sooner(in_force())

    def _limit(self, ceiling: float) -> float:
        return ceiling if self.ceiling is None else self.ceiling

    def _pace(self, every: float | None) -> wait_base:
        """The operator's pace, else that of the playbook; growing."""
        first = self.every or every or 2.0
        return wait_exponential(multiplier=first, exp_base=1.5, min=first, max=max(first, 15.0))

    def _retrying(
        self,
        retry: retry_base,
        deadline: Deadline,
        pace: wait_base,
        reserve: float,
        *stops: stop_base,
        reraise: bool = False,
    ) -> Retrying:
        """Compose one policy: at a pace, until the reserve before the deadline or any other stop."""
        return Retrying(
            sleep=self.clock.sleep,
            retry=retry,
            wait=wait_as_told(pace, deadline, reserve),
            stop=stop_any(stop_before(deadline, reserve), *stops),
            reraise=reraise,
        )


def _last_look(limit: float) -> float:
    """Seconds before the end of a wait at which its last look begins."""
    return min(LAST_LOOK, limit / 10)


def _seen(done: Callable[[], bool]) -> bool | None:
    """Look once; None where the look itself failed, for whatever reason."""
    try:
        return done()
    except RequestFailed:
        return None
