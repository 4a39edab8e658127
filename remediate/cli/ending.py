"""How the process ends: with its result told, and without the reads that are still under way."""

from __future__ import annotations

import os
import sys
import threading
from collections.abc import Callable
from contextlib import suppress
from typing import NoReturn

TELLING = 0.3
"""Seconds that a stopped command has to say what is open; a reader that takes nothing is not waited for."""


def end(code: int) -> NoReturn:
    """End the process. The interpreter would wait for every read that hangs, for minutes."""
    _flush()
    if any(_is_waited_for(thread) for thread in threading.enumerate()):
        os._exit(code)
    sys.exit(code)


def end_at_once(code: int, tell: Callable[[], object]) -> NoReturn:
    """End the process from any thread, whatever the main thread does; `tell` prints what is open."""

    def told() -> None:
        tell()
        _flush()

    telling = threading.Thread(target=told, name="ending", daemon=True)
    telling.start()
    telling.join(TELLING)
    os._exit(code)


def _is_waited_for(thread: threading.Thread) -> bool:
    return thread is not threading.current_thread() and not thread.daemon


def _flush() -> None:
    for stream in (sys.stdout, sys.stderr):
        with suppress(Exception):  # a full disk; the exit code is all that is left to tell
            stream.flush()
