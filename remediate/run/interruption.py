"""How the operator stops a command: one object for the whole command, shared by all its runs."""

from __future__ import annotations

import queue
import signal
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext, suppress
from itertools import count
from types import FrameType
from typing import Literal, TypeVar

from remediate import signals

Result = TypeVar("Result")
Mode = Literal["reading", "running", "optional", "reporting"]
_HANGUP: int | None = getattr(signal, "SIGHUP", None)
"""A terminal that was closed, or a dropped ssh connection; Windows has none."""
_SIGNALS = [number for number in (signal.SIGINT, signal.SIGTERM, _HANGUP) if number is not None]
GRACE = 0.6
"""Seconds that the command has to end by itself once it was stopped; then the process is ended."""


class StopNow(BaseException):
    """The operator asked a second time: the run ends where it is, and `resume` goes on."""


class Interruption:
    """Whether the operator asked this command to stop, and what a signal does next.

    - reading: nothing was sent yet, so a signal ends the command with KeyboardInterrupt;
    - running: the first signal sets `requested`, the second raises StopNow;
    - optional: what is read is good to have; a signal raises StopNow, and the read is given up;
    - reporting: the result is being printed; a signal sets `requested`, and no more.

    A hangup sets `requested` and never counts as the second signal: the shell, the kernel and the login
    manager each send one. `changed` says whether a run of this command changed Azure. `explain` returns
    what the command ends with if it is stopped now.
    """

    def __init__(self, end_process: Callable[[BaseException], None] | None = None) -> None:
        """`end_process` is called from another thread if the command does not end within GRACE."""
        self.requested = False
        self.stopped = False
        self.changed = False
        self.explain: Callable[[], BaseException] = KeyboardInterrupt
        self._end_process = end_process
        self._mode: Mode = "reading"
        self._arrivals = count()
        self._report: Callable[[int], None] = _silent
        self._deciding = threading.Lock()
        self._stops: queue.SimpleQueue[None] = queue.SimpleQueue()

    @contextmanager
    def installed(self) -> Iterator[None]:
        """Within, signals come here; a hangup that the command was started to ignore, as by nohup, stays so.

        A shell that starts a command in the background has it ignore SIGINT too. That is not kept: somebody
        who sends one to this process means it.

        Where the process ends with the command, they are ignored afterwards: its result is told.
        """
        if threading.current_thread() is not threading.main_thread():
            yield
            return
        found = {number: signal.getsignal(number) for number in _SIGNALS}
        before = {
            number: handler
            for number, handler in found.items()
            if not (number == _HANGUP and handler is signal.SIG_IGN)
        }
        if self._end_process is not None:
            threading.Thread(target=self._watch, name="interruption", daemon=True).start()
        for number in before:
            signal.signal(number, self._handle)
        try:
            with _waking():
                yield
        finally:
            for number, handler in before.items():
                signal.signal(number, signal.SIG_IGN if self._end_process else handler)

    def defer(self, report: Callable[[int], None], explain: Callable[[], BaseException]) -> None:
        """From now on a run is under way: `report` is called for the first signal, with its number."""
        self._report, self.explain = report, explain
        self._mode = "running"

    def report(self) -> None:
        """From now on the result is printed, and that is not interrupted."""
        with self._deciding:  # never given back once the other thread ends the process
            self._mode = "reporting"

    @contextmanager
    def deferring(self, explain: Callable[[], BaseException]) -> Iterator[None]:
        """Within, the first signal waits for the end of the block; `requested` says that it came."""
        self.defer(_silent, explain)
        yield
        self._mode = "reporting" if self.requested else "reading"

    def optionally(self, read: Callable[[], Result]) -> Result | None:
        """What `read` returns; None where a signal cuts it short, or stopped the command before.

        After it the result is printed.
        """
        if self.stopped:
            return None
        try:
            self._mode = "optional"
            return read()
        except StopNow:
            return None
        finally:
            self.report()

    def _handle(self, number: int, _: FrameType | None) -> None:
        hangup = number == _HANGUP
        # One step, for a handler that interrupts this one must not take the same number.
        second = not hangup and next(self._arrivals) > 0
        first, self.requested = not self.requested, True
        if self._mode == "reporting" or self.stopped:
            return
        if self._mode == "reading":
            self._stop(KeyboardInterrupt())
        if second or (not hangup and self._mode == "optional"):
            self._stop(StopNow())
        if first:
            with suppress(Exception):  # a terminal that is gone, or whose buffer is just being written
                self._report(number)

    def _stop(self, error: BaseException) -> None:
        self.stopped = True
        self._stops.put(None)
        raise error

    def _watch(self) -> None:
        """End the process where the exception was swallowed, or what it passes through hangs."""
        signals.block_signals()
        self._stops.get()
        time.sleep(GRACE)
        with self._deciding:
            if self._mode != "reporting" and self._end_process is not None:
                self._end_process(self.explain())


def _silent(_: int) -> None:
    """Nothing is said."""


def _waking() -> AbstractContextManager[None]:
    """Within, a signal wakes the main thread; Windows has nothing to do that with."""
    if sys.platform == "win32":
        return nullcontext()
    return signals.Waker().running()
