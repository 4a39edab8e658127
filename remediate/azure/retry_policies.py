"""The parts of tenacity policies that know a deadline, the operator, or Azure's Retry-After."""

from __future__ import annotations

from collections.abc import Callable

from tenacity import RetryCallState
from tenacity.stop import stop_base
from tenacity.wait import wait_base

from remediate.azure.deadline import Deadline
from remediate.model.failure import RequestFailed

INSTANT = 0.001
"""Seconds that are no time."""


class stop_before(stop_base):  # noqa: N801 - tenacity's own habit for its small composable classes
    """Stop once no more than `reserve` seconds are left until a deadline."""

    def __init__(self, deadline: Deadline, reserve: float) -> None:
        self._deadline = deadline
        self._reserve = reserve

    def __call__(self, retry_state: RetryCallState) -> bool:
        """Whether what is left is kept in reserve."""
        return self._deadline.left <= self._reserve + INSTANT


class stop_when(stop_base):  # noqa: N801
    """Stop as soon as a condition holds, such as the operator's Ctrl-C."""

    def __init__(self, condition: Callable[[], bool]) -> None:
        self._condition = condition

    def __call__(self, retry_state: RetryCallState) -> bool:
        """Whether the condition holds."""
        return self._condition()


class wait_retry_after(wait_base):  # noqa: N801
    """Wait as long as Azure's Retry-After says, else as another policy says; never into the reserve."""

    def __init__(self, otherwise: wait_base, deadline: Deadline, reserve: float) -> None:
        self._otherwise = otherwise
        self._deadline = deadline
        self._reserve = reserve

    def __call__(self, retry_state: RetryCallState) -> float:
        """Seconds to wait before the next try."""
        error = retry_state.outcome.exception() if retry_state.outcome else None
        told = error.retry_after if isinstance(error, RequestFailed) else None
        wanted = self._otherwise(retry_state) if told is None else told
        return max(0.0, min(wanted, self._deadline.left - self._reserve))
