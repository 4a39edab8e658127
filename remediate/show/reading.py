"""That Azure is being read: a spinner in a terminal, and whom it waits for where that takes long."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import NamedTuple

from rich.console import Console
from rich.live import Live
from rich.spinner import Spinner
from rich.text import Text

from remediate.show.console import safe, symbols
from remediate.signals import block_signals

SPINNER_AFTER = 0.3
NAMED_AFTER = 5.0
"""Seconds of reading after which there is a spinner, and of one request after which its host is named."""
TICK = 0.1
"""Seconds between two looks at what is waited for."""


class Waited(NamedTuple):
    """Whom is waited for, for how many seconds, and for how many Azure has been read."""

    whom: str
    seconds: float
    reading: float


class ReadingNotice:
    """Tells on stderr that Azure is read, and by whose silence it takes long.

    `waiting` says what is waited for right now. In a terminal that redraws it is a line with a spinner that
    goes when the answer is there; elsewhere one line for each wait that takes long.
    """

    def __init__(self, console: Console, *, live: bool, waiting: Callable[[], Waited | None]) -> None:
        self._console = console
        self._live = live
        self._waiting = waiting
        self._lock = threading.Lock()
        self._line: Live | None = None
        self._spinner = Spinner("line" if console.options.ascii_only else "dots", style="strong")
        self._paused = 0
        self._told: str | None = None
        self._over = threading.Event()

    @contextmanager
    def shown(self) -> Iterator[None]:
        """Within, it is told."""
        thread = threading.Thread(target=self._watch, name="reading", daemon=True)
        thread.start()
        try:
            yield
        finally:
            self._over.set()
            self.hide()
            thread.join()

    @contextmanager
    def paused(self) -> Iterator[None]:
        """Within, something else tells what happens."""
        self._paused += 1
        self.hide()
        try:
            yield
        finally:
            self._paused -= 1

    def hide(self) -> None:
        """Take the spinner away at once: something else is going to be printed."""
        with self._lock:
            if self._line is not None:
                self._line.stop()
                self._line = None

    def look(self) -> None:
        """Show what is waited for now."""
        with self._lock:
            waited = None if self._paused or self._over.is_set() else self._waiting()
            if waited is None:
                return
            if self._live:
                self._spin(waited)
            else:
                self._tell(waited)

    def _watch(self) -> None:
        block_signals()
        while not self._over.wait(TICK):
            self.look()

    def _spin(self, waited: Waited) -> None:
        if waited.reading < SPINNER_AFTER:
            return
        text = _named(waited) if waited.seconds >= NAMED_AFTER else "Reading Azure"
        self._spinner.update(text=Text(text))
        if self._line is None:
            self._line = Live(
                self._spinner,
                console=self._console,
                refresh_per_second=8,
                transient=True,
                redirect_stdout=False,
                redirect_stderr=False,
            )
            self._line.start(refresh=True)
        else:
            self._line.refresh()

    def _tell(self, waited: Waited) -> None:
        if waited.seconds < NAMED_AFTER:
            self._told = None
        elif self._told != waited.whom:
            self._told = waited.whom
            self._console.print(f"{symbols(self._console).info} {_named(waited)}", soft_wrap=True)


def _named(waited: Waited) -> str:
    return f"Still waiting for {safe(waited.whom)} ({waited.seconds:.0f} s)"
