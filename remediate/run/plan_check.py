"""The last read before the first write: a plan holds only for what it was made from."""

from __future__ import annotations

from collections.abc import Callable

from remediate.azure.waiting import Waiter
from remediate.errors import Exit, NotFound, StateChanged, StateUnknown
from remediate.model import Plan
from remediate.model.failure import RequestFailed, WaitTimedOut
from remediate.steps import SETTLE

_CHANGED = "Azure is no longer as it was when the plan was made"


def check_plan(plan: Plan, replan: Callable[[], Plan], waiter: Waiter, resume: str | None) -> None:
    """Make the plan anew and compare. Raises StateChanged, and StateUnknown where Azure could not be read.

    `resume` is the command that goes on with a run which changed Azure before; None where it did not.
    """
    try:
        same = plan_again(plan, replan, waiter) == plan
    except NotFound as error:
        raise StateChanged(f"{_CHANGED}: {error}; nothing was changed") from error
    except RequestFailed as failure:
        raise _unknown(failure, resume) from failure
    if not same:
        raise StateChanged(f"{_CHANGED}; nothing was changed")


def plan_again(plan: Plan, replan: Callable[[], Plan], waiter: Waiter) -> Plan:
    """The plan as it is made now; while a read fails in a way that passes, it is made again.

    Raises the RequestFailed of the last read.
    """
    try:
        return replan()
    except RequestFailed as failure:
        if not (failure.retryable or failure.outcome_unknown):
            raise
        failed = [failure]

    def again() -> Plan:
        try:
            return replan()
        except RequestFailed as failure:
            failed.append(failure)
            raise

    try:
        return waiter.until(again, lambda _: True, timeout=SETTLE)
    except WaitTimedOut as timed_out:
        if waiter.interrupted():
            return plan  # nothing is sent any more
        raise failed[-1] from timed_out


def _unknown(why: RequestFailed, resume: str | None) -> StateUnknown:
    error = StateUnknown(f"Azure could not be read again before the first write: {why}; nothing was changed")
    if resume:
        error.exit, error.hint = Exit.NOT_FINISHED, resume
    return error
