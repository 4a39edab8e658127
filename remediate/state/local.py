"""State in a local folder: files 0600, folders 0700; every line is synced to disk before `append` returns."""

from __future__ import annotations

import os
import shlex
import stat
import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import msgspec
from filelock import FileLock, Timeout

from remediate.errors import StoreError
from remediate.state.store import HOLDER, Holder, LockHeld, checked_name

_BINARY = getattr(os, "O_BINARY", 0)
"""Without it Windows writes two bytes for a line break."""


class LocalStore:
    """State in a folder. Raises StoreError for a folder that other users can write to."""

    def __init__(self, root: Path) -> None:
        self._root = root
        with _store_errors(f"cannot use the state folder {root}"):
            _check_private(root)

    def append(self, name: str, line: bytes) -> None:
        """Append one line and sync it to disk, with the folder if the file is new.

        A partial line that a crash or a full disk left is cut off first.
        """
        path = self._path(name)
        with _store_errors(f"cannot write {path}"):
            fresh = not path.exists()
            self._make_folder(path.parent)
            descriptor = os.open(path, os.O_RDWR | os.O_APPEND | os.O_CREAT | _BINARY, 0o600)
            try:
                _cut_to_whole_lines(descriptor)
                _write_all(descriptor, line + b"\n")
                os.fsync(descriptor)
            finally:
                os.close(descriptor)
            if fresh:
                _sync_folder(path.parent)

    def write(self, name: str, content: bytes) -> None:
        """Write or replace a file atomically."""
        path = self._path(name)
        with _store_errors(f"cannot write {path}"):
            self._make_folder(path.parent)
            self._replace(path, content)

    def read(self, name: str) -> bytes | None:
        """The content of a file, None if there is none."""
        path = self._path(name)
        with _store_errors(f"cannot read {path}"):
            self._check_way(path.parent)
            return path.read_bytes() if path.is_file() else None

    def names(self, folder: str) -> list[str]:
        """The names in a folder; none if it does not exist."""
        path = self._path(folder)
        with _store_errors(f"cannot read {path}"):
            self._check_way(path)
            return sorted(entry.name for entry in path.iterdir()) if path.is_dir() else []

    def remove(self, name: str) -> None:
        """Delete a file, and its folder if it is empty then."""
        path = self._path(name)
        with _store_errors(f"cannot delete {path}"):
            self._check_way(path.parent)
            path.unlink(missing_ok=True)
        if path.parent.parent != self._root:  # a folder that all runs share is kept
            with suppress(OSError):  # it is not empty
                path.parent.rmdir()

    @contextmanager
    def lock(self, name: str, holder: Holder) -> Iterator[None]:
        """Hold a lock that the operating system releases when this process dies."""
        path = self._path(f"locks/{name}.lock")
        holder_file = path.with_suffix(".json")
        with _store_errors(f"cannot lock {path}"):
            self._make_folder(path.parent)
            lock = FileLock(path, timeout=0, mode=0o600)
            try:
                lock.acquire()
            except Timeout as error:
                raise LockHeld(_holder(holder_file)) from error
        try:
            with suppress(OSError):  # the holder is for information; the file is the lock
                self._replace(holder_file, msgspec.json.encode(holder))
            yield
        finally:
            with suppress(OSError):
                holder_file.unlink(missing_ok=True)
            lock.release()

    def _path(self, name: str) -> Path:
        return self._root.joinpath(*checked_name(name).split("/"))

    def _make_folder(self, folder: Path) -> None:
        """Create the folder and its missing parents with mode 0700, whatever the umask."""
        for one in reversed((folder, *folder.parents)):
            if not one.exists():
                one.mkdir(mode=0o700, exist_ok=True)
                _sync_folder(one.parent)
        self._check_way(folder)

    def _check_way(self, folder: Path) -> None:
        """Raises StoreError if another user could replace a file, in any folder from the root down."""
        for one in (folder, *folder.parents):
            if one.is_relative_to(self._root):
                _check_private(one)

    def _replace(self, path: Path, content: bytes) -> None:
        """Replace atomically: a new file under another name, then renamed."""
        draft = path.with_name(f"{path.name}.{os.getpid()}.new")
        try:
            _write_new(draft, content)
            draft.replace(path)
        except OSError:
            draft.unlink(missing_ok=True)
            raise
        _sync_folder(path.parent)


def _write_new(path: Path, content: bytes) -> None:
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC | _BINARY, 0o600)
    try:
        _write_all(descriptor, content)
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def _write_all(descriptor: int, content: bytes) -> None:
    """Write everything: a disk that is nearly full may accept only a part at a time."""
    remaining = memoryview(content)
    while remaining:
        remaining = remaining[os.write(descriptor, remaining) :]


def _cut_to_whole_lines(descriptor: int) -> None:
    """Drop what follows the last line break: an append that did not return stored nothing."""
    size = os.fstat(descriptor).st_size
    if size == 0 or _bytes_at(descriptor, size - 1, 1) == b"\n":
        return
    whole = _bytes_at(descriptor, 0, size).rfind(b"\n") + 1
    os.ftruncate(descriptor, whole)


def _bytes_at(descriptor: int, start: int, count: int) -> bytes:
    os.lseek(descriptor, start, os.SEEK_SET)
    return os.read(descriptor, count)


def _sync_folder(folder: Path) -> None:
    """Sync the entries of a folder to disk; Windows cannot do that for folders."""
    if sys.platform == "win32":
        return
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def _check_private(folder: Path) -> None:
    """Raises StoreError for a path that is not a folder, or that another user owns or can write to."""
    if not folder.exists():
        return
    found = folder.stat()
    if not stat.S_ISDIR(found.st_mode):
        raise StoreError(f"{folder} is not a folder")
    if sys.platform == "win32":
        return
    if found.st_uid != os.getuid():
        raise StoreError(f"the state folder {folder} belongs to another user")
    if stat.S_IMODE(found.st_mode) & 0o022:
        fix = f"chmod go-w {shlex.quote(str(folder))}"
        raise StoreError(f"other users can write to the state folder {folder}: {fix}")


def _holder(path: Path) -> Holder | None:
    """Who holds the lock, None if that was not stored or cannot be read."""
    try:
        return HOLDER.decode(path.read_bytes())
    except (OSError, msgspec.DecodeError):
        return None


@contextmanager
def _store_errors(what: str) -> Iterator[None]:
    try:
        yield
    except OSError as error:
        raise StoreError(f"{what}: {error.strerror or error}") from error
