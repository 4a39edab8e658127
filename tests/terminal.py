"""A real pseudo-terminal with a screen that can be read, for testing prompts as a person sees them."""

from __future__ import annotations

import os
import termios
from collections.abc import Callable

import pexpect
import pexpect.fdpexpect
import pyte

from tests.forked import Command

PATIENCE = 30.0
"""Seconds within which something has to appear on the screen; nothing waits when it is there."""
SPINNING = "⠋⠙⠹⠸⠼⠴⠦⠧⠇⠏"
"""The frames of the line that runs; a slow machine may skip any of them."""


class Terminal:
    """The command `remediate` in a terminal of its own."""

    def __init__(
        self,
        *arguments: str,
        columns: int = 100,
        lines: int = 60,
        afresh: bool = False,
        entry: str = "remediate.__main__",
        **environment: str,
    ) -> None:
        """`environment` is added to that of the tests; `entry` is the module whose `main` is run."""
        self.written = ""
        """Everything that the command wrote, escape codes included."""
        self._screen = pyte.HistoryScreen(columns, lines, history=2000)
        self._stream = pyte.Stream(self._screen)
        ours, theirs = os.openpty()
        termios.tcsetwinsize(theirs, (lines, columns))
        self._command = Command(
            *arguments,
            files=(theirs, theirs, theirs),
            environment={**os.environ, "TERM": "xterm-256color", **environment},
            terminal=True,
            afresh=afresh,
            entry=entry,
        )
        os.close(theirs)
        self._line = pexpect.fdpexpect.fdspawn(ours, encoding="utf-8")

    @property
    def lines(self) -> list[str]:
        """The lines of the screen that are not empty."""
        return [line.rstrip() for line in self._screen.display if line.strip()]

    @property
    def cells(self) -> list[list[pyte.screens.Char]]:
        """The characters of the screen with their styles, line by line."""
        rows = [self._screen.buffer[line] for line in range(self._screen.lines)]
        return [[row[column] for column in range(self._screen.columns)] for row in rows]

    @property
    def text(self) -> str:
        """Everything that was and is on the screen."""
        gone = [
            "".join(line[column].data for column in range(self._screen.columns)) for line in self._history
        ]
        return "\n".join(line.rstrip() for line in [*gone, *self._screen.display])

    @property
    def screen(self) -> str:
        """What is on the screen now."""
        return "\n".join(line.rstrip() for line in self._screen.display).rstrip()

    @property
    def flowing(self) -> str:
        """The same with line breaks taken out, for text that wraps."""
        return " ".join(self.text.split())

    def wait_for(self, text: str) -> None:
        """Read until the text is on the screen. Fails with what is there instead."""
        self.read_until(lambda: text in self.flowing, text)

    def wait_for_running(self, step: str) -> None:
        """Read until a step's line is the one that is redrawn, in whichever frame it is seen."""
        self.read_until(lambda: any(f"{frame} {step}" in self.flowing for frame in SPINNING), step)

    def read_until(self, there: Callable[[], bool], what: str) -> None:
        """Read until something is there; `what` says what in the message of a failure."""
        while not there():
            if not self._read():
                raise AssertionError(f"{what!r} never appeared:\n{self.text}")

    def type(self, keys: str) -> None:
        """Press keys."""
        self._line.send(keys)

    def signal(self, number: int) -> None:
        """Send a signal to the process."""
        self._command.signal(number)

    def exit_code(self) -> int:
        """Read to the end, and return how the process ended."""
        while self._read():
            pass
        self._line.close()
        return self._command.end()

    def hang_up(self) -> int:
        """Close the terminal under the process, and return how it ended."""
        self._line.close()
        return self._command.end()

    @property
    def _history(self) -> list[dict[int, pyte.screens.Char]]:
        return list(self._screen.history.top)

    def _read(self) -> bool:
        try:
            written = self._line.read_nonblocking(4096, timeout=PATIENCE)
        except pexpect.EOF:
            return False
        except pexpect.TIMEOUT as error:
            raise AssertionError(f"nothing more came within {PATIENCE} s:\n{self.text}") from error
        self.written += written
        self._stream.feed(written)
        return True
