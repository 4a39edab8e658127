"""How a signal reaches its handler: Python runs handlers in the main thread, between two of its steps."""

from __future__ import annotations

import os
import signal
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager

_PAUSES = (0.05, 0.1, 0.2, 0.4)
"""Seconds before each attempt to wake the main thread; one attempt may come too early as well."""


def block_signals() -> None:
    """Keep this thread from taking SIGINT, SIGTERM and SIGHUP; every thread but the main one begins with it.

    While one signal is pending for the main thread, the kernel gives the next one to another. Its handler
    would then run only once the main thread wakes up by itself, which may wait for a read that hangs.
    """
    if sys.platform != "win32":
        signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT, signal.SIGTERM, signal.SIGHUP})


if sys.platform != "win32":

    class Waker:
        """Wakes the main thread for a signal that came just as it began to wait. Windows has no such signal.

        Python notes a signal at once and runs its handler at the main thread's next step. One that comes
        after the last step and before the system call that waits, for a lock or a socket, would be handled
        only after that wait. So Python also writes each signal to a pipe, and its reader interrupts the wait
        with SIGURG, which is ignored by default.
        https://docs.python.org/3/library/signal.html#signal.set_wakeup_fd
        """

        def __init__(self) -> None:
            self._main = threading.get_ident()
            self._noted, self._notes = os.pipe()
            os.set_blocking(self._notes, False)
            self._over = threading.Event()

        @contextmanager
        def running(self) -> Iterator[None]:
            """Within, it wakes. To be entered once, by the main thread."""
            before = signal.signal(signal.SIGURG, _no_operation)
            descriptor = signal.set_wakeup_fd(self._notes, warn_on_full_buffer=False)
            threading.Thread(target=self._wake, name="waker", daemon=True).start()
            try:
                yield
            finally:
                signal.set_wakeup_fd(descriptor)
                signal.signal(signal.SIGURG, before or signal.SIG_DFL)
                self._over.set()
                os.close(self._notes)

        def _wake(self) -> None:
            block_signals()
            while numbers := os.read(self._noted, 64):
                if set(numbers) != {signal.SIGURG}:
                    self._interrupt_waits()
            os.close(self._noted)

        def _interrupt_waits(self) -> None:
            for pause in _PAUSES:
                if self._over.wait(pause):
                    return
                signal.pthread_kill(self._main, signal.SIGURG)


@contextmanager
def signals_noted_as_before() -> Iterator[None]:
    """Within, an event loop may have Python note signals elsewhere; afterwards it notes them as before."""
    if sys.platform == "win32" or threading.current_thread() is not threading.main_thread():
        yield
        return
    before = signal.set_wakeup_fd(-1)
    signal.set_wakeup_fd(before, warn_on_full_buffer=False)
    try:
        yield
    finally:
        signal.set_wakeup_fd(before, warn_on_full_buffer=False)


def _no_operation(*_: object) -> None:
    """It is enough that the system call ends: Python then runs the handlers of all signals that it noted."""
