"""The Waiter: every wait and repetition of the remediation, as tenacity policies on a given clock.

azure-core repeats reads that are throttled or broken (pipeline.py). Here the remediation waits for the link,
a lock, an operation, or the effect of a write without an answer. Each wait makes one Deadline for all in it.

`--timeout` bounds every wait and repetition but one: what connects apps again goes on for RECONNECT seconds
in vain, counted over all apps of the command. A request that connects one has RECONNECT seconds in any case.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import TypeVar

from tenacity import AttemptManager, RetryError, Retrying, retry_if_exception, retry_if_result, stop_any
from tenacity.retry import retry_base
from tenacity.wait import wait_base, wait_exponential

from remediate.azure.clock import Clock
from remediate.azure.deadline import MINIMUM, Allowance, Deadline, bounded_by, current_deadline
from remediate.azure.retry_policies import INSTANT, stop_before, stop_when, wait_retry_after
from remediate.model.failure import OutcomeUnknown, RequestFailed, WaitTimedOut

Seen = TypeVar("Seen")

LAST_LOOK = 2.0
"""Seconds before the end of a wait at which the last look begins, so that it can be answered in time."""
LOCK = 300.0
"""Seconds that an exclusive lock or another operation may last; recorded site writes took up to 53 s."""
RECONNECT = 90.0
"""Seconds at least for connecting apps again: what is waited in vain, for all apps of a command together. A
disconnect without an answer holds the lock for up to 53 s, a connect takes up to 34 s (azure-facts.md, 2)."""
LONGEST_PAUSE = 15.0
"""Seconds after which a pause asks whether it was interrupted; the longest that the growing pace takes."""
EFFECT = 10.0
"""Seconds to look for a lost answer's effect before sending again; if it is still under way behind
a 504, the exclusive lock answers the repetition (recorded: 504, 429, 429 for 20 s, 200)."""


def _transient(error: BaseException) -> bool:
    return isinstance(error, RequestFailed) and (error.retryable or error.outcome_unknown)


def _never() -> bool:
    return False


@dataclass(frozen=True)
class Waiter:
    """How this run waits for what it reads, and repeats a write. Seconds.

    `poll_interval` and `timeout` are the operator's `--poll-interval` and `--timeout` and win over the
    playbook; `interrupted` says that waiting is to end now. `allowance` is what connects have beyond that.
    """

    clock: Clock
    poll_interval: float | None = None
    timeout: float | None = None
    interrupted: Callable[[], bool] = field(default=_never)
    allowance: Allowance = field(default_factory=lambda: Allowance(RECONNECT))

    def until(
        self,
        look: Callable[[], Seen],
        enough: Callable[[Seen], bool],
        *,
        timeout: float,
        interval: float | None = None,
    ) -> Seen:
        """Look until it is enough, first at once.

        A look that fails with a transient error counts as not enough; any other RequestFailed is raised.
        Raises WaitTimedOut before the timeout, or when interrupted.
        """
        seen: list[Seen] = []

        def remembered() -> Seen:
            seen.append(look())
            return seen[-1]

        retry = retry_if_result(lambda result: not enough(result)) | retry_if_exception(_transient)
        began = self.clock.monotonic()
        limit = self._limit(timeout)
        try:
            with bounded_by(self._begun(limit)):
                ends, pace = self._ends(limit), self._pace(interval)
                return self._retrying(retry, ends, pace, _last_look(limit), self.interrupted)(remembered)
        except RetryError as error:
            raise WaitTimedOut(self.clock.monotonic() - began, seen[-1] if seen else None) from error

    def pause(self, seconds: float) -> None:
        """Let so many seconds pass, or `--timeout` if that is less."""
        self._sleep(min(seconds, self._limit(seconds)), self.interrupted)

    def write(
        self, send: Callable[[], object], done: Callable[[], bool], *, bringing_back: bool = False
    ) -> None:
        """Carry out a write whose effect `done` can see, by `send`. See `attempts`."""
        for attempt in self.attempts(done, bringing_back=bringing_back):
            with attempt:
                send()

    def attempts(
        self, done: Callable[[], bool], *, bringing_back: bool = False, shows: bool = True
    ) -> Iterator[AbstractContextManager[None]]:
        """The attempts at a write whose effect `done` can see; within each it is sent once.

        There is another one only for a transient failure, and never before `done` was looked at with an
        answer: behind a 504 the operation goes on (azure-facts.md, 3). Its read timeout ends so early that
        its effect can still be looked for before the deadline; `interrupted` ends the repetition, never a
        request. What is `bringing_back` an app has at least the rest of the allowance, for each lock.
        Without `shows` no read shows the effect, and one look is enough. Raises the
        RequestFailed of a write that was surely not carried out, and OutcomeUnknown for any other.
        """
        earlier: list[RequestFailed] = []
        began = self.clock.monotonic()
        try:
            limit = self._for_write(bringing_back=bringing_back)
            with bounded_by(self._begun(max(limit, RECONNECT) if bringing_back else limit)) as deadline:
                for attempt in self._repeating(self._ends(limit), bringing_back=bringing_back):
                    yield self._attempt(attempt, done, deadline, earlier, bringing_back, shows)
        except Exception as error:
            if bringing_back:
                self.allowance.spend(self.clock.monotonic() - began)
            if earlier and not isinstance(error, OutcomeUnknown):
                before = next((str(one) for one in earlier if str(one) != str(error)), None)
                also = f"; an earlier attempt: {before}" if before else ""
                raise OutcomeUnknown(f"{error}{also}") from error
            raise

    @contextmanager
    def _attempt(
        self,
        attempt: AttemptManager,
        done: Callable[[], bool],
        deadline: Deadline,
        earlier: list[RequestFailed],
        bringing_back: bool,
        shows: bool,
    ) -> Iterator[None]:
        """Within, a write is sent once; after a failure look whether it took effect all the same.

        What is raised goes to `attempt`, which decides about another one. A connect that meets a lock may
        have met a disconnect that has not yet changed what is read.
        """
        with attempt:
            try:
                with bounded_by(deadline.minus(min(self.effect, deadline.left / 2))):
                    yield
            except RequestFailed as failure:
                if failure.outcome_unknown:
                    earlier.append(failure)
                effect = self._effect_of(failure, done, shows)
                if effect is None:
                    raise OutcomeUnknown(f"{failure}; and its effect could not be read") from failure
                if not effect or (bringing_back and failure.retryable):
                    raise

    def _for_write(self, *, bringing_back: bool) -> float:
        limit = min(LOCK, self._limit(LOCK))
        return max(limit, self.allowance.left) if bringing_back else limit

    def _repeating(self, deadline: Deadline, *, bringing_back: bool) -> Retrying:
        """How a write is repeated: a lock is waited out, a broken answer is tried again within --timeout.

        An interruption ends it at once; what brings an app back goes on while the allowance lasts.
        """
        least = Deadline(self.clock, self.allowance.left if bringing_back else 0)
        unknown_until = Deadline(self.clock, min(deadline.left, self._limit(LOCK)))

        def again(error: BaseException) -> bool:
            unknown = isinstance(error, RequestFailed) and error.outcome_unknown
            return _transient(error) and not (unknown and unknown_until.left <= self.effect)

        def stopped() -> bool:
            return self.interrupted() and least.left <= 0

        return self._retrying(
            retry_if_exception(again), deadline, self._pace(None), 2 * self.effect, stopped, reraise=True
        )

    def write_repeatedly(
        self, send: Callable[[], object], done: Callable[[], bool], *, timeout: float, interval: float
    ) -> None:
        """Carry out a write that Azure may answer without doing it, until `done` sees its effect.

        It is sent again every `interval` seconds, and never before a look that was answered. Raises
        WaitTimedOut at the timeout or when interrupted, RequestFailed for a first write that was surely not
        carried out, and OutcomeUnknown for anything that goes wrong later.
        """
        began, limit = self.clock.monotonic(), self._limit(timeout)
        looking = replace(self, timeout=min(interval, limit))
        sent = False
        with bounded_by(self._begun(limit)):
            ends = self._ends(limit)
            while True:
                try:
                    self.write(send, done)
                    sent = True
                    looking.until(done, bool, timeout=interval)
                    return
                except WaitTimedOut as ran_out:
                    if ran_out.last is None:
                        raise OutcomeUnknown("what the write did could not be read") from ran_out
                    if ends.left <= _last_look(limit) + INSTANT or self.interrupted():
                        raise WaitTimedOut(self.clock.monotonic() - began, ran_out.last) from ran_out
                except RequestFailed as failure:
                    if sent:
                        raise OutcomeUnknown(f"{failure}; it was sent before, too") from failure
                    raise

    def _effect_of(self, failure: RequestFailed, done: Callable[[], bool], shows: bool) -> bool | None:
        """Whether the write took effect all the same; None if that could not be read.

        A write that was surely not carried out needs one read; any other gets time until its effect shows.
        """
        if not (failure.retryable or failure.outcome_unknown):
            return False
        awaited = shows and failure.outcome_unknown
        wanting = retry_if_result(lambda seen: seen is None or (awaited and not seen))
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
        return EFFECT if self.timeout is None else min(EFFECT, self.timeout / 4)

    def ends(self, timeout: float) -> datetime:
        """When a wait that starts now will end at the latest, for the operator to see."""
        return self.clock.now() + timedelta(seconds=self._limit(timeout))

    def _begun(self, limit: float) -> Deadline:
        """The deadline of whatever begins within a wait of so many seconds."""
        return Deadline(self.clock, max(limit, MINIMUM))

    def _ends(self, limit: float) -> Deadline:
        """When nothing is begun any more, in a wait of so many seconds within any other."""
        return Deadline(self.clock, limit).earlier_of(current_deadline())

    def _limit(self, timeout: float) -> float:
        return timeout if self.timeout is None else self.timeout

    def _pace(self, interval: float | None) -> wait_base:
        """The operator's pace, else that of the playbook; growing."""
        first = self.poll_interval or interval or 2.0
        return wait_exponential(multiplier=first, exp_base=1.5, min=first, max=max(first, LONGEST_PAUSE))

    def _retrying(
        self,
        retry: retry_base,
        deadline: Deadline,
        pace: wait_base,
        reserve: float,
        stopped: Callable[[], bool] = _never,
        *,
        reraise: bool = False,
    ) -> Retrying:
        """Compose one policy: at a pace, until the reserve before the deadline, or until it is stopped."""
        return Retrying(
            sleep=lambda seconds: self._sleep(seconds, stopped),
            retry=retry,
            wait=wait_retry_after(pace, deadline, reserve),
            stop=stop_any(stop_before(deadline, reserve), stop_when(stopped)),
            reraise=reraise,
        )

    def _sleep(self, seconds: float, stopped: Callable[[], bool]) -> None:
        """Let seconds pass; a long Retry-After ends within LONGEST_PAUSE once it is stopped."""
        left = seconds
        while left > 0 and not stopped():
            pause = min(left, LONGEST_PAUSE)
            self.clock.sleep(pause)
            left -= pause


def _last_look(limit: float) -> float:
    """Seconds before the end of a wait at which its last look begins."""
    return min(LAST_LOOK, limit / 10)


def _seen(done: Callable[[], bool]) -> bool | None:
    """Look once; None where the look itself failed, for whatever reason."""
    try:
        return done()
    except RequestFailed:
        return None
