"""Calls side by side for which nobody waits longer than a limit that they share."""

from __future__ import annotations

import time
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from types import TracebackType
from typing import Self, TypeVar

from remediate.signals import block_signals

Result = TypeVar("Result")


class TimeLimit:
    """Runs calls in threads from `with` on; after `seconds` their results are not waited for any more.

    A call that hangs then stays in its thread. A session has a pool of its own, but only after the sign-in,
    which can hang as well.
    """

    def __init__(self, seconds: float) -> None:
        self.seconds = seconds
        self._end = time.monotonic() + seconds
        self._pool = ThreadPoolExecutor(8, thread_name_prefix="limited", initializer=block_signals)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: type[BaseException] | BaseException | TracebackType | None) -> None:
        self._pool.shutdown(wait=False, cancel_futures=True)

    def start(self, call: Callable[[], Result]) -> Future[Result]:
        """Begin a call."""
        return self._pool.submit(call)

    def result(self, running: Future[Result]) -> Result:
        """What a call returns or raises. Raises TimeoutError where it has not ended in time."""
        try:
            return running.result(max(0.0, self._end - time.monotonic()))
        except TimeoutError as error:
            if running.done():  # its own error
                raise
            raise TimeoutError(f"no answer in {self.seconds:g} s") from error
