"""stdout and stderr that do not fail when their reader is gone."""

from __future__ import annotations

import errno
import io
import sys
from typing import TextIO

READER_LOST = frozenset({errno.EIO, errno.EPIPE, errno.ENXIO, errno.ECONNRESET})
"""The errors of a write to a closed terminal, or to a pipe or socket that nobody reads any more."""
if sys.platform == "win32":
    READER_LOST |= {errno.EINVAL}  # a closed pipe on Windows


def survive_lost_readers() -> None:
    """Replace stdout and stderr by streams that ignore the loss of their reader.

    A terminal that closes while an app is disconnected must not fail the step that connects it again, and
    a reader such as `head` that ends early does not change the exit code.
    """
    sys.stdout, sys.stderr = surviving(sys.stdout), surviving(sys.stderr)


def surviving(stream: TextIO) -> TextIO:
    """A stream to the same file that discards writes after its reader is lost; other errors are raised.

    A stream that is not a plain file, such as a Windows console, is returned unchanged.
    """
    if not isinstance(stream, io.TextIOWrapper):
        return stream
    raw = getattr(stream.buffer, "raw", stream.buffer)  # with PYTHONUNBUFFERED there is no buffer between
    if not isinstance(raw, io.FileIO):
        return stream
    stream.flush()
    return io.TextIOWrapper(
        io.BufferedWriter(_Surviving(stream)),
        encoding=stream.encoding,
        errors=stream.errors,
        line_buffering=stream.line_buffering,
        write_through=stream.write_through,
    )


class _Surviving(io.FileIO):
    def __init__(self, original: TextIO) -> None:
        super().__init__(original.fileno(), "w", closefd=False)
        self._original = original  # keeps the file open

    def write(self, data: object, /) -> int:
        """Write to the file; after the reader is lost everything counts as written."""
        block = memoryview(data)  # type: ignore[arg-type]  # bytes or a view of them, as BufferedWriter says
        try:
            return super().write(block)
        except OSError as error:
            if error.errno not in READER_LOST:
                raise
            return block.nbytes
