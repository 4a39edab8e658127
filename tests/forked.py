"""The command `remediate` in a process of its own, forked from one that has loaded everything already.

To start Python and to load the SDKs takes a second of a core, to fork next to nothing; what runs is the
same entry with its own memory, files, signals and end, and on request with a terminal of its own. Only its
waits are short, unless Python is started afresh.
`python -m tests.forked N` is the process that is forked: for each order on the socket with the number N,
files and a line of JSON, it answers the process id of a command, or how one ended.
"""

from __future__ import annotations

import atexit
import gc
import importlib
import json
import os
import select
import signal
import socket
import subprocess
import sys
from functools import cache
from pathlib import Path
from typing import Any

from remediate.azure.clock import SystemClock
from tests.clocks import sleep_shortly

ROOT = Path(__file__).resolve().parent.parent
PATIENCE = 60.0
"""Seconds within which a command that is waited for has ended; nothing waits once it has."""
EVERYTHING = (
    "azure.identity",
    "azure.mgmt.network",
    "azure.mgmt.web",
    "azure.storage.blob",
    "filelock",
    "questionary",
    "remediate.cli.app",
    "remediate.cli.error",
    "remediate.cli.invoke",
    "remediate.cli.wizard",
    "remediate.jobs.doctor",
    "remediate.jobs.guard",
    "remediate.jobs.playbooks",
    "remediate.jobs.purge",
    "remediate.jobs.reconnect",
    "remediate.jobs.resume",
    "remediate.jobs.runs",
    "remediate.jobs.sandbox",
    "remediate.jobs.snapshots",
    "remediate.jobs.verify",
    "remediate.jobs.watch",
    "remediate.run.execution",
    "remediate.sandbox.server",
    "remediate.state.snapshots",
)
"""What a command may import."""


class Command:
    """`remediate ARGUMENTS` with these three files, in this environment if no other is given.

    `terminal` makes the first of them its controlling terminal; `afresh` starts Python and loads
    everything, as a shell would. `entry` is the module whose `main` is the command.
    """

    def __init__(
        self,
        *arguments: str,
        files: tuple[int, int, int],
        environment: dict[str, str] | None = None,
        terminal: bool = False,
        afresh: bool = False,
        entry: str = "remediate.__main__",
    ) -> None:
        order = {
            "arguments": arguments,
            "environment": environment or dict(os.environ),
            "folder": str(Path.cwd()),
            "terminal": terminal,
            "afresh": afresh,
            "entry": entry,
        }
        self._alive, held = os.pipe()
        self._pid: int = _server().ask(order, (*files, held))
        os.close(held)
        self._code: int | None = None

    def signal(self, number: int) -> None:
        """Send a signal, unless it has ended."""
        if not self._has_ended(within=0):
            os.kill(self._pid, number)

    def end(self) -> int:
        """The exit code, negative for the signal that ended it."""
        if self._code is None:
            assert self._has_ended(within=PATIENCE), "the command does not end"
            self._code = _server().ask({"ended": self._pid})
            os.close(self._alive)
        return self._code

    def kill(self) -> None:
        """Make sure that it is gone."""
        self.signal(signal.SIGKILL)
        self.end()

    def _has_ended(self, within: float) -> bool:
        """The command alone holds the other end of a pipe, to which nothing is ever written."""
        return self._code is not None or bool(select.select([self._alive], [], [], within)[0])


class _Server:
    """The process that is forked, as its owner sees it; it ends with its owner."""

    def __init__(self) -> None:
        self._socket, theirs = socket.socketpair()
        number = theirs.fileno()
        command = [sys.executable, "-m", "tests.forked", str(number)]
        self._process = subprocess.Popen(command, pass_fds=[number], cwd=ROOT)
        theirs.close()
        self._answers = self._socket.makefile("r")
        atexit.register(self._close)

    def ask(self, order: dict[str, Any], files: tuple[int, ...] = ()) -> Any:
        socket.send_fds(self._socket, [b"\n"], files)
        self._socket.sendall(json.dumps(order).encode() + b"\n")
        return json.loads(self._answers.readline())

    def _close(self) -> None:
        self._socket.shutdown(socket.SHUT_RDWR)
        self._process.wait()


@cache
def _server() -> _Server:
    return _Server()


def main(number: int) -> None:
    """Do what is ordered until nobody is there any more; in a fork, be the command."""
    load()
    link = socket.socket(fileno=number)
    lines = link.makefile("r")
    while (ordered := socket.recv_fds(link, 1, 4))[0]:
        order, files = json.loads(lines.readline()), ordered[1]
        answer = _how_it_ended(order["ended"]) if "ended" in order else os.fork()
        if answer == 0 and "arguments" in order:
            os.close(link.detach())
            _be(order, files)
            break
        link.sendall(json.dumps(answer).encode() + b"\n")
        for file in files:
            os.close(file)


def _how_it_ended(pid: int) -> int:
    return os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1])


def load() -> None:
    """Load it once, for all the processes that are forked from this one."""
    for name in EVERYTHING:
        importlib.import_module(name)
    gc.freeze()


def _be(order: dict[str, Any], files: list[int]) -> None:
    """Be the command, to the end of the interpreter."""
    os.setsid()
    signal.signal(
        signal.SIGINT, signal.default_int_handler
    )  # as in a shell's foreground, whatever pytest has
    for number in (signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, signal.SIG_DFL)
    for number, file in enumerate(files[:3]):
        os.dup2(file, number)
        os.close(file)
    os.set_inheritable(files[3], True)  # held to the end
    if order["terminal"]:
        _take_the_terminal()
    os.environ.clear()
    os.environ.update(order["environment"])
    os.chdir(order["folder"])
    if order["afresh"]:
        os.execv(sys.executable, [sys.executable, "-m", "remediate", *order["arguments"]])
    sys.stdin, sys.stdout, sys.stderr = open(0), open(1, "w"), open(2, "w", buffering=1)  # noqa: SIM115
    SystemClock.sleep = sleep_shortly  # type: ignore[method-assign,assignment]
    sys.argv = ["remediate", *order["arguments"]]
    importlib.import_module(order["entry"]).main()


def _take_the_terminal() -> None:
    import fcntl  # POSIX alone has these
    import termios

    fcntl.ioctl(0, termios.TIOCSCTTY, 0)


if __name__ == "__main__":
    main(int(sys.argv[1]))
