"""Every wait of the remediation, as named tenacity policies on a clock that is handed in.

Reads that are throttled or broken are azure-core's business (session.py); what waits here is the
remediation itself: for the link to go or to come, for an exclusive lock, for an operation in progress,
and for the effect of a write whose answer got lost.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Any, TypeVar

from tenacity import RetryCallState, RetryError, Retrying, retry_if_exception, retry_if_result, stop_any
from tenacity.retry import retry_base
from tenacity.stop import stop_base
from tenacity.wait import wait_base, wait_exponential

from remediate.azure.clock import Clock
from remediate.azure.failure import RequestFailed
from remediate.errors import Exit, RemediateError

Seen = TypeVar("Seen")

LINK_GONE = 900.0
"""Seconds: documentation says 10 to 15 minutes, recordings show at once (azure-facts.md, 2)."""
LINK_READY = 900.0
PURGE = 600.0
"""Seconds over which a purge is repeated; it "may need repeating over minutes" (azure-facts.md, 2)."""
PURGE_AGAIN = 30.0
"""Seconds in which the subnet is looked at before a purge is sent again."""
LOCK = 300.0
"""Seconds that an exclusive lock or another operation may last; recorded site writes took up to 53 s."""
EFFECT = 10.0
"""Seconds to look for a lost answer's effect before sending again; if it is still under way behind
a 504, the exclusive lock answers the repetition (recorded: 504, 429, 429 for 20 s, 200)."""
SETTLE = 60.0
"""Seconds in which the views may still disagree after a write."""
FRESH = 300.0
"""Seconds after a connect in which its workers may still be without an address (azure-facts.md, 1)."""
ADDRESSED = 600.0
"""Seconds that such workers are given until they count as being without one (azure-facts.md, 1)."""


class WaitTimedOut(RemediateError):
    """The patience ended before it was enough. `last` is what was seen last, or None if nothing was."""

    code = "timed-out"

    def __init__(self, waited: float, last: Any) -> None:
        super().__init__(f"gave up after {waited:.0f} s")
        self.waited = waited
        self.last = last


class OutcomeUnknown(RemediateError):
    """A write failed in the end, and an attempt at it may have been carried out all the same."""

    exit = Exit.NOT_FINISHED
    code = "outcome-unknown"


class stop_at(stop_base):  # noqa: N801 - tenacity's own habit for its small composable classes
    """Stop once the clock passes a moment, counted in seconds of `clock.monotonic`."""

    def __init__(self, clock: Clock, moment: float) -> None:
        self._clock = clock
        self._moment = moment

    def __call__(self, retry_state: RetryCallState) -> bool:
        """Whether the moment has passed."""
        return self._clock.monotonic() >= self._moment


class stop_when(stop_base):  # noqa: N801
    """Stop as soon as a condition holds, such as the operator's Ctrl-C."""

    def __init__(self, condition: Callable[[], bool]) -> None:
        self._condition = condition

    def __call__(self, retry_state: RetryCallState) -> bool:
        """Whether the condition holds."""
        return self._condition()


class wait_as_told(wait_base):  # noqa: N801
    """Wait as long as Azure's Retry-After says, up to a limit in seconds, else as another policy says."""

    def __init__(self, otherwise: wait_base, limit: float) -> None:
        self._otherwise = otherwise
        self._limit = limit

    def __call__(self, retry_state: RetryCallState) -> float:
        """Seconds to wait before the next try."""
        error = retry_state.outcome.exception() if retry_state.outcome else None
        told = error.retry_after if isinstance(error, RequestFailed) else None
        return self._otherwise(retry_state) if told is None else min(told, self._limit)


def _passes(error: BaseException) -> bool:
    return isinstance(error, RequestFailed) and (error.passing or error.unsettled)


def _never() -> bool:
    return False


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
        """Look until it is enough, first at once. Raises WaitTimedOut at the ceiling, or when hurried.

        A look that fails in passing counts as not enough; any other Failure is raised.
        """
        seen: list[Seen] = []

        def remembered() -> Seen:
            seen.append(look())
            return seen[-1]

        retry = retry_if_result(lambda result: not enough(result)) | retry_if_exception(_passes)
        began = self.clock.monotonic()
        retrying = self._retrying(retry, self._limit(ceiling), every, stop_when(self.hurried))
        try:
            return retrying(remembered)
        except RetryError as error:
            raise WaitTimedOut(self.clock.monotonic() - began, seen[-1] if seen else None) from error

    def write(self, send: Callable[[], object], done: Callable[[], bool]) -> None:
        """Carry out a write whose effect `done` can see.

        It is sent again only for a failure that passes, and never before `done` was looked at with an
        answer: behind a 504 the operation goes on (azure-facts.md, 3). Hurry does not shorten this.
        Raises the RequestFailed of a write that was surely not carried out, and OutcomeUnknown for any other.
        """
        doubts: list[RequestFailed] = []

        def attempt() -> None:
            try:
                send()
            except RequestFailed as failure:
                if failure.unsettled:
                    doubts.append(failure)
                effect = self._effect_of(failure, done)
                if effect is None:
                    raise OutcomeUnknown(f"{failure}; and its effect could not be read") from failure
                if not effect:
                    raise

        try:
            self._retrying(retry_if_exception(_passes), LOCK, None, reraise=True)(attempt)
        except OutcomeUnknown:
            raise
        except Exception as error:
            if doubts:
                raise OutcomeUnknown(f"{error}; an earlier attempt: {doubts[0]}") from error
            raise

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
        while True:
            try:
                self.write(send, done)
                sent = True
                looking.until(done, bool, ceiling=again)
                return
            except WaitTimedOut as ran_out:
                waited = self.clock.monotonic() - began
                if ran_out.last is None:
                    raise OutcomeUnknown("what the write did could not be read") from ran_out
                if waited >= limit or self.hurried():
                    raise WaitTimedOut(waited, ran_out.last) from ran_out
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
            return self._retrying(wanting, self.effect, None)(lambda: _seen(done))
        except RetryError as error:
            seen: bool | None = error.last_attempt.result()
            return seen

    @property
    def effect(self) -> float:
        """Seconds within which a write's effect is to be seen before it is sent again."""
        return EFFECT if self.ceiling is None else min(EFFECT, self.ceiling)

    def deadline(self, ceiling: float) -> datetime:
        """When a wait that starts now will end at the latest, for the operator to see."""
        return self.clock.now() + timedelta(seconds=self._limit(ceiling))

    def _limit(self, ceiling: float) -> float:
        return ceiling if self.ceiling is None else self.ceiling

    def _retrying(
        self, retry: retry_base, limit: float, every: float | None, *stops: stop_base, reraise: bool = False
    ) -> Retrying:
        """Compose one policy: at the operator's pace, growing, until the limit or any other stop."""
        first = self.every or every or 2.0
        pace = wait_exponential(multiplier=first, exp_base=1.5, min=first, max=max(first, 15.0))
        return Retrying(
            sleep=self.clock.sleep,
            retry=retry,
            wait=wait_as_told(pace, limit),
            stop=stop_any(stop_at(self.clock, self.clock.monotonic() + limit), *stops),
            reraise=reraise,
        )


def _seen(done: Callable[[], bool]) -> bool | None:
    """Look once; None where the look itself failed, for whatever reason."""
    try:
        return done()
    except RequestFailed:
        return None
