"""Which thread takes a signal: Python runs handlers in the main thread, and only there."""

from __future__ import annotations

import signal


def block_signals() -> None:
    """Keep this thread from taking SIGINT, SIGTERM and SIGHUP; every thread but the main one begins with it.

    While one signal is pending for the main thread, the kernel gives the next one to another. Its handler
    would then run only once the main thread wakes up by itself, which may wait for a read that hangs.
    """
    if hasattr(signal, "pthread_sigmask"):  # Windows has none
        signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT, signal.SIGTERM, signal.SIGHUP})
