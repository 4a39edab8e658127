"""Parsed JSON → msgspec types, safe where several threads convert at once."""

from __future__ import annotations

from typing import Any, Generic, TypeVar

import msgspec

T = TypeVar("T")


class Converter(Generic[T]):
    """Converts lists, dictionaries and values to one type. Create it at module level.

    msgspec inspects a type when it is first used. Two threads that do so at once crash the process (a
    segmentation fault, seen with msgspec 0.22). Only one thread imports a module, so it is inspected there.
    """

    def __init__(self, kind: type[T]) -> None:
        self._kind = kind
        msgspec.json.Decoder(kind)  # inspects it

    def convert(self, document: Any) -> T:
        """The document as that type. Raises msgspec.ValidationError; RecursionError if nested too deeply."""
        return msgspec.convert(document, self._kind)
