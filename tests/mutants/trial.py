"""A copy of the tree, in which one mutant after the other is tried; the checkout is never written to."""

from __future__ import annotations

import json
import os
import shutil
import signal
import subprocess
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

_COPIED = ("remediate", "tests", "playbooks", "docs", "benchmarks", ".github")
_FILES = ("pyproject.toml", "README.md", "CHANGELOG.md", "Makefile", "zensical.toml", "Containerfile")
_NOT_COPIED = shutil.ignore_patterns("__pycache__", "node_modules", ".*")
_NOTHING_RAN = 5
"""pytest's exit code where no test was found."""
Verdict = Literal["killed", "survived", "timed out"]


@dataclass(frozen=True)
class Tried:
    """How the tests ended, and the first that failed: a test's id, or a file that could not be loaded."""

    verdict: Verdict
    killers: tuple[str, ...] = ()


class Copy:
    """The copied tree. `python` is the interpreter with everything that the tests need."""

    def __init__(self, root: Path, scratch: Path, python: Path, seed: int) -> None:
        self.root = root
        self._scratch = scratch
        self._python = python
        self._seed = seed

    @contextmanager
    def mutated(self, file: str, changed: str) -> Iterator[None]:
        """Within, a file of the copy has another text."""
        path = self.root / file
        before = path.read_text()
        try:
            self._write(path, changed)
            yield
        finally:
            self._write(path, before)

    def run(self, tests: Sequence[str], limit: float) -> Tried:
        """Run tests until one fails or the time, in seconds, is up. Raises LookupError where none is."""
        cache, temporary = self._scratch / "cache", self._scratch / "tmp"
        for folder in (cache, temporary, self.root / ".hypothesis"):
            shutil.rmtree(folder, ignore_errors=True)
        temporary.mkdir()
        command = [str(self._python), "-m", "pytest", "-x", "-q", "--no-header", "--tb=no", "-p", "no:xdist"]
        command += ["-m", "not sweep and not conformance", "-o", f"cache_dir={cache}"]
        command += [f"--hypothesis-seed={self._seed}", *tests]
        environment = {**os.environ, "PYTHONPATH": str(self.root), "TMPDIR": str(temporary)}
        process = subprocess.Popen(
            command,
            cwd=self.root,
            env=environment,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            start_new_session=True,
        )
        try:
            code = process.wait(limit)
        except subprocess.TimeoutExpired:
            return Tried("timed out")
        finally:
            _end(process, str(temporary))
        if code == _NOTHING_RAN:
            raise LookupError(f"no test was found in {' '.join(tests)}")
        return Tried("killed", _failed(cache)) if code else Tried("survived")

    @staticmethod
    def _write(path: Path, text: str) -> None:
        """What was compiled may look as if it were up to date: the time and the length may be the same."""
        path.write_text(text)
        for compiled in path.parent.glob(f"__pycache__/{path.stem}.*"):
            compiled.unlink()


@contextmanager
def copied(root: Path, python: Path, seed: int) -> Iterator[Copy]:
    """A copy of the tree in a temporary folder, which is removed whatever happens."""
    with tempfile.TemporaryDirectory(prefix="mutants-") as folder:
        copy = Path(folder, "tree")
        for name in _COPIED:
            shutil.copytree(root / name, copy / name, ignore=_NOT_COPIED)
        for name in _FILES:
            shutil.copy(root / name, copy / name)
        emulator = root / "tests/azurite/node_modules"
        if emulator.exists():
            (copy / "tests/azurite/node_modules").symlink_to(emulator)
        yield Copy(copy, Path(folder), python, seed)


def _failed(cache: Path) -> tuple[str, ...]:
    with suppress(FileNotFoundError):
        return tuple(json.loads((cache / "v/cache/lastfailed").read_text()))
    return ()


def _end(process: subprocess.Popen[bytes], temporary: str) -> None:
    """End the tests and all that they started: some of it leads a session of its own."""
    with suppress(ProcessLookupError):
        os.killpg(process.pid, signal.SIGKILL)
    process.wait()
    mark = f"TMPDIR={temporary}".encode()
    for entry in Path("/proc").glob("[0-9]*"):
        with suppress(OSError):
            if mark in (entry / "environ").read_bytes().split(b"\0"):
                os.kill(int(entry.name), signal.SIGKILL)
