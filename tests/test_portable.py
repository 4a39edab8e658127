"""The product runs where there is nothing of Unix: our modules are kept from what Windows has not.

It is no test of Windows: what we depend on, and the files, are those of this system. The workflow runs there.
"""

from __future__ import annotations

import os
import subprocess
import sys
import textwrap
from pathlib import Path

import pytest

AS_ON_WINDOWS = """
import builtins, importlib, os, pkgutil, signal, sys

MODULES = ("fcntl", "grp", "pty", "pwd", "readline", "resource", "termios", "tty")
NAMES = (
    "chown", "fchmod", "fork", "geteuid", "getpgid", "getuid", "killpg", "set_blocking", "setsid", "uname",
    "SIGALRM", "SIGHUP", "SIGQUIT", "SIGTSTP", "SIGURG", "SIGUSR1", "SIGWINCH",
    "pthread_kill", "pthread_sigmask", "setitimer",
)
found = builtins.__import__


class AsOnWindows:
    def __init__(self, module):
        object.__setattr__(self, "_module", module)

    def __getattr__(self, name):
        if name in NAMES:
            raise AttributeError(f"Windows has no {name}")
        return "win32" if name == "platform" else getattr(self._module, name)

    def __setattr__(self, name, value):
        setattr(self._module, name, value)


def importing(name, scope=None, locals=None, fromlist=(), level=0):
    if (scope or {}).get("__name__", "").split(".")[0] != "remediate":
        return found(name, scope, locals, fromlist, level)
    if name in MODULES:
        raise ImportError(f"Windows has no {name}")
    module = found(name, scope, locals, fromlist, level)
    return AsOnWindows(module) if name in ("os", "signal", "sys") else module


builtins.__import__ = importing
import remediate
"""
"""Only our own modules are kept from it: those that we depend on look at the system."""


def as_on_windows(script: str, state: Path) -> subprocess.CompletedProcess[str]:
    """Run a script in a Python in which our modules find what Windows has."""
    return subprocess.run(
        [sys.executable, "-c", AS_ON_WINDOWS + textwrap.dedent(script)],
        capture_output=True,
        encoding="utf-8",
        env={**os.environ, "REMEDIATE_STATE": str(state), "NO_PROXY": "localhost"},
        timeout=240,
        check=False,
    )


def test_every_module_can_be_imported(tmp_path: Path) -> None:
    ran = as_on_windows(
        """
        names = [one.name for one in pkgutil.walk_packages(remediate.__path__, "remediate.")]
        for name in names:
            importlib.import_module(name)
        print(len(names))
        """,
        tmp_path / "state",
    )
    assert ran.returncode == 0, ran.stderr
    assert int(ran.stdout) > 200


def test_a_repair_runs_and_leaves_its_journal(tmp_path: Path) -> None:
    ran = as_on_windows(
        """
        from remediate.__main__ import main
        words = "reconnect orders-func --sandbox link-missing --sandbox-speed 1000 --yes --state"
        sys.argv = ["remediate", *words.split(), os.environ["REMEDIATE_STATE"]]
        main()
        """,
        tmp_path / "state",
    )
    assert ran.returncode == 0, ran.stderr
    assert "✓ reconnected" in ran.stdout
    assert list((tmp_path / "state").glob("runs/*/journal.jsonl"))


@pytest.mark.parametrize(
    "wrong", ["import fcntl", "import signal\nsignal.SIGHUP", "from os import getuid", "import os\nos.fork"]
)
def test_what_windows_has_not_would_be_noticed(tmp_path: Path, wrong: str) -> None:
    ran = as_on_windows(
        f"exec({wrong!r}, {{'__name__': 'remediate.wrong', '__builtins__': builtins}})", tmp_path
    )
    assert ran.returncode == 1
    assert "Windows has no" in ran.stderr or "cannot import name" in ran.stderr
