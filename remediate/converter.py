"""Documents → types of ours, also where several threads convert the first one at the same moment."""

from __future__ import annotations

from typing import Any, Generic, TypeVar

import msgspec

T = TypeVar("T")


class Converter(Generic[T]):
    """Converts lists, dictionaries and values to one type. Made at the level of a module, like a decoder.

    msgspec inspects a type at its first use, and two threads that do so at once, as in reads side by side,
    crash the process (a segmentation fault, seen with msgspec 0.22). A module is imported by one thread.
    """

    def __init__(self, kind: type[T]) -> None:
        self._kind = kind
        msgspec.json.Decoder(kind)  # inspects it

    def convert(self, document: Any) -> T:
        """Raises msgspec.ValidationError, and RecursionError where the document is nested too deeply."""
        return msgspec.convert(document, self._kind)
