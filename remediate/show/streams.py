"""Standard output and error that survive the loss of whoever reads them."""

from __future__ import annotations

import errno
import io
import sys
from typing import TextIO

LOST = frozenset({errno.EIO, errno.EPIPE, errno.ENXIO, errno.ECONNRESET})
"""What a write answers once the terminal is closed, or the other end of the pipe or socket."""
if sys.platform == "win32":
    LOST |= {errno.EINVAL}  # a closed pipe, there


def survive_lost_readers() -> None:
    """From now on nothing that this process prints fails because nobody can read it any more.

    A terminal that closes while an app is disconnected must not fail the step that connects it again, and
    a reader such as `head` that leaves early does not change the exit code.
    """
    sys.stdout, sys.stderr = surviving(sys.stdout), surviving(sys.stderr)


def surviving(stream: TextIO) -> TextIO:
    """A stream to the same file, whose writes go nowhere once the reader is lost; other errors are raised.

    A stream that is no plain file, such as a Windows console, is returned as it is.
    """
    if not isinstance(stream, io.TextIOWrapper):
        return stream
    raw = getattr(stream.buffer, "raw", None)
    if not isinstance(raw, io.FileIO):
        return stream
    stream.flush()
    return io.TextIOWrapper(
        io.BufferedWriter(_Surviving(stream)),
        encoding=stream.encoding,
        errors=stream.errors,
        line_buffering=stream.line_buffering,
    )


class _Surviving(io.FileIO):
    def __init__(self, original: TextIO) -> None:
        super().__init__(original.fileno(), "w", closefd=False)
        self._original = original  # it closes the file when nobody holds it any more

    def write(self, data: object, /) -> int:
        """Write what the file takes; all of it counts as written once the reader is lost."""
        block = memoryview(data)  # type: ignore[arg-type]  # bytes or a view of them, as BufferedWriter says
        try:
            return super().write(block)
        except OSError as error:
            if error.errno not in LOST:
                raise
            return block.nbytes
