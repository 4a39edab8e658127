"""How the process ends: after its output is flushed, without waiting for reads that hang."""

from __future__ import annotations

import os
import sys
import threading
from collections.abc import Callable
from contextlib import suppress
from typing import NoReturn

REPORT_LIMIT = 0.3
"""Seconds that a stopped command has to print what is unfinished; nobody may be reading its output."""


def end(code: int) -> NoReturn:
    """End the process at once, once its output is flushed.

    `sys.exit` would wait minutes for reads that hang in other threads, and take apart what was imported:
    a tenth of the time of `--help`.
    """
    _flush()
    os._exit(code)


def end_at_once(code: int, report: Callable[[], object]) -> NoReturn:
    """End the process from any thread, whatever the main thread does; `report` prints what is unfinished."""

    def print_and_flush() -> None:
        report()
        _flush()

    printing = threading.Thread(target=print_and_flush, name="ending", daemon=True)
    printing.start()
    printing.join(REPORT_LIMIT)
    os._exit(code)


def _flush() -> None:
    for stream in (sys.stdout, sys.stderr):
        with suppress(Exception):  # a full disk: only the exit code is left to report
            stream.flush()
