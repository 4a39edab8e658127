"""The real command line, killed or interrupted at a point: around a request, or a line of the journal.

A point is SIGKILL, so nothing of the process can clean up after it, or the signal that is named.
`Commands` runs commands in processes forked by tests/forked.py, where `main` is the command line that counts
its points, and the writes that were begun after the signal. A read changes neither Azure nor the journal,
so that a process killed anywhere among reads leaves the same behind: there, some points may stand for all.
"""

from __future__ import annotations

import json
import os
import signal
import sys
import tempfile
import threading
import traceback
from collections.abc import Callable
from pathlib import Path
from typing import Any

from remediate.azure.pipeline import is_read
from remediate.azure.transport import ClockedTransport
from remediate.cli.app import run
from remediate.state.blob import BlobStore
from remediate.state.local import LocalStore
from tests.forked import Command

ORDER = "CRASHING"
"""The variable in which a command is told its fatal point."""


class Points:
    """Counts the points that a process passes, and sends it the signal at the chosen one."""

    def __init__(self, fatal: int, number: int, every: int) -> None:
        self._fatal = fatal
        self._number = number
        self._every = every
        self._lock = threading.Lock()
        self._among_reads = 0
        self.passed = self.writes_after = 0

    def around(self, method: Callable[..., Any]) -> Callable[..., Any]:
        """The method with a point before and a point after it."""

        def surrounded(*arguments: Any, **options: Any) -> Any:
            reads = isinstance(arguments[0], ClockedTransport) and is_read(arguments[1])
            self._count_write(arguments)
            self._pass(reads)
            result = method(*arguments, **options)
            self._pass(reads)
            return result

        return surrounded

    def _pass(self, reads: bool) -> None:
        with self._lock:
            self._among_reads = self._among_reads + 1 if reads else 0
            counts = not reads or self._among_reads % self._every == 1 % self._every
            self.passed += counts
            due = counts and self.passed == self._fatal
        if due:  # without the lock: what the signal raises comes out of here
            os.kill(os.getpid(), self._number)

    def _count_write(self, arguments: tuple[Any, ...]) -> None:
        """A request that is about to be sent when the signal comes was begun before it."""
        begun = isinstance(arguments[0], ClockedTransport) and not is_read(arguments[1])
        if begun and 0 < self._fatal <= self.passed:
            self.writes_after += 1


class Commands:
    """The command line in processes of its own, which can be killed at a point."""

    def __init__(self, environment: dict[str, str]) -> None:
        self._environment = environment

    def run(
        self,
        *arguments: str,
        state: Path | str,
        fatal: int = 0,
        number: signal.Signals = signal.SIGKILL,
        every: int = 1,
    ) -> dict[str, Any]:
        """Run a command, and send it a signal at the point `fatal`; 0 is never.

        Of the points in a row of reads only the first and then every `every`-th is one.
        Returns `code`, negative for a signal, `out`, `err`, `points`, and `writes_after`: the writes that
        were begun after the signal.
        """
        with tempfile.TemporaryDirectory() as folder:
            environment = {**os.environ, **self._environment, "REMEDIATE_STATE": str(state)}
            order = {"fatal": fatal, "signal": number, "every": every, "counted": f"{folder}/counted"}
            code = self._end(Path(folder), *arguments, environment={**environment, ORDER: json.dumps(order)})
            counted = Path(folder, "counted")
            return {
                "code": code,
                "out": Path(folder, "out").read_text(),
                "err": Path(folder, "err").read_text(),
                **(json.loads(counted.read_text()) if counted.exists() else {}),
            }

    def _end(self, folder: Path, *arguments: str, environment: dict[str, str]) -> int:
        with (
            Path(os.devnull).open() as nothing,
            (folder / "out").open("w") as out,
            (folder / "err").open("w") as err,
        ):
            files = (nothing.fileno(), out.fileno(), err.fileno())
            return Command(*arguments, files=files, environment=environment, entry=__name__).end()


def main() -> None:
    """Be the command line, and note at the end what was counted."""
    code, order = 1, json.loads(os.environ.pop(ORDER))
    try:
        points = Points(order["fatal"], order["signal"], order["every"])
        ClockedTransport.send = points.around(ClockedTransport.send)
        LocalStore.append = points.around(LocalStore.append)  # type: ignore[method-assign]
        BlobStore.append = points.around(BlobStore.append)  # type: ignore[method-assign]
        code = run(tuple(sys.argv[1:]))
        sys.stdout.flush()
        counted = {"points": points.passed, "writes_after": points.writes_after}
        Path(order["counted"]).write_text(json.dumps(counted))
    except BaseException:
        traceback.print_exc()
    finally:
        sys.stderr.flush()
        os._exit(code)
