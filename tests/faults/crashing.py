"""The real command line, killed or interrupted at a point: around a request, or a line of the journal.

A point is SIGKILL, so nothing of the process can clean up after it, or the signal that is named.
`python -m tests.faults.crashing` is a server: it loads everything once, and for each line
`{"fatal", "signal", "environment", "arguments"}` on stdin forks a process that is the command line, and
answers `{"code", "out", "err", "points", "writes_after"}`; `code` is negative for a signal, and
`writes_after` counts the writes that were begun after the signal. `fatal` 0 never sends one.
"""

from __future__ import annotations

import json
import os
import sys
import tempfile
import threading
import traceback
from collections.abc import Callable
from pathlib import Path
from typing import Any

from remediate.azure.pipeline import ClockedTransport, is_read
from remediate.cli.app import run
from remediate.state.blob import BlobStore
from remediate.state.local import LocalStore
from tests.forked import load


class Points:
    """Counts the points that a process passes, and sends it the signal at the chosen one."""

    def __init__(self, fatal: int, number: int) -> None:
        self._fatal = fatal
        self._number = number
        self._lock = threading.Lock()
        self.passed = self.writes_after = 0

    def around(self, method: Callable[..., Any]) -> Callable[..., Any]:
        """The method with a point before and a point after it."""

        def surrounded(*arguments: Any, **options: Any) -> Any:
            self._count_write(arguments)
            self._pass()
            result = method(*arguments, **options)
            self._pass()
            return result

        return surrounded

    def _pass(self) -> None:
        with self._lock:
            self.passed += 1
            due = self.passed == self._fatal
        if due:  # without the lock: what the signal raises comes out of here
            os.kill(os.getpid(), self._number)

    def _count_write(self, arguments: tuple[Any, ...]) -> None:
        """A request that is about to be sent when the signal comes was begun before it."""
        begun = isinstance(arguments[0], ClockedTransport) and not is_read(arguments[1])
        if begun and 0 < self._fatal <= self.passed:
            self.writes_after += 1


def main() -> None:
    load()
    for line in sys.stdin:
        print(json.dumps(_ran(json.loads(line))), flush=True)


def _ran(order: dict[str, Any]) -> dict[str, Any]:
    with tempfile.TemporaryDirectory() as folder:
        child = os.fork()
        if child == 0:
            _be_the_command(order, Path(folder))
        _, status = os.waitpid(child, 0)
        points = Path(folder, "points")
        counted = json.loads(points.read_text()) if points.exists() else {}
        return {
            "code": os.waitstatus_to_exitcode(status),
            "out": Path(folder, "out").read_text(),
            "err": Path(folder, "err").read_text(),
            "points": counted.get("passed"),
            "writes_after": counted.get("writes_after"),
        }


def _be_the_command(order: dict[str, Any], folder: Path) -> None:
    code = 1
    try:
        os.environ.update(order["environment"])
        os.dup2(os.open(os.devnull, os.O_RDONLY), 0)
        for number, name in ((1, "out"), (2, "err")):
            os.dup2(os.open(folder / name, os.O_WRONLY | os.O_CREAT), number)
        sys.stdin, sys.stdout, sys.stderr = (os.fdopen(number, mode) for number, mode in enumerate("rww"))
        points = Points(order["fatal"], order["signal"])
        ClockedTransport.send = points.around(ClockedTransport.send)
        LocalStore.append = points.around(LocalStore.append)  # type: ignore[method-assign]
        BlobStore.append = points.around(BlobStore.append)  # type: ignore[method-assign]
        code = run(order["arguments"])
        sys.stdout.flush()
        sys.stderr.flush()
        counted = {"passed": points.passed, "writes_after": points.writes_after}
        (folder / "points").write_text(json.dumps(counted))
    except BaseException:
        traceback.print_exc()
        sys.stderr.flush()
    finally:
        os._exit(code)


if __name__ == "__main__":
    main()
