"""The scalar functions that a query may call."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from remediate.sandbox.kql import values
from remediate.sandbox.kql.comparisons import negated
from remediate.sandbox.kql.errors import InvalidQuery
from remediate.sandbox.kql.values import (
    ANY,
    BOOL,
    DATETIME,
    DYNAMIC,
    LONG,
    STRING,
    TEXTS,
    TIMESPAN,
    text,
)

Types = frozenset[str]


@dataclass(frozen=True)
class Function:
    """A function: which types each argument may have, the type of its value, and how that is found.

    `rest` are the types of further arguments, where there may be any number. `result` None is the type that
    the arguments from `alike` on have in common. `named_by_argument` says that a column without a name of its
    own is called like the first argument.
    """

    parameters: tuple[Types, ...]
    result: str | None
    call: Callable[..., Any]
    optional: int = 0
    rest: Types | None = None
    alike: int = 0
    named_by_argument: bool = False

    def result_type(self, name: str, given: tuple[str, ...]) -> str:
        """The type of the value for arguments of these types. Raises InvalidQuery."""
        self._check_count(name, len(given))
        further = len(given) - len(self.parameters)
        wanted: Iterable[Types] = (*self.parameters, *[self.rest or ANY] * further)
        for position, (type_, allowed) in enumerate(zip(given, wanted, strict=False), start=1):
            if type_ not in allowed:
                raise InvalidQuery(f"{name}(): argument #{position} cannot be of type {type_}")
        if self.result is not None:
            return self.result
        if len(set(given[self.alike :])) > 1:
            raise InvalidQuery(f"{name}(): the arguments must be of one type")
        return given[self.alike]

    def _check_count(self, name: str, count: int) -> None:
        least = len(self.parameters) - self.optional
        if count < least or (self.rest is None and count > len(self.parameters)):
            raise InvalidQuery(f"{name}(): function expects {least} argument(s), and {count} were given")


def _split(value: Any, delimiter: str, index: int | None = None) -> list[str]:
    parts = text(value).split(delimiter) if delimiter else [text(value)]
    if index is None:
        return parts
    return parts[index : index + 1] if 0 <= index < len(parts) else []


def _conversion(result: str, call: Callable[[Any], Any]) -> Function:
    return Function((ANY,), result, call, named_by_argument=True)


def _long(value: Any) -> int | None:
    found = values.number(value)
    return None if found is None else int(found)


def _length(value: Any) -> int | None:
    return len(value) if isinstance(value, list) else None


def table(now: datetime) -> dict[str, Function]:
    """The functions by name; `now` is the moment at which the query is answered."""
    one, texts = (ANY,), (TEXTS,)
    return {
        "tostring": _conversion(STRING, text),
        "tolong": _conversion(LONG, _long),
        "tobool": _conversion(BOOL, values.boolean),
        "todatetime": _conversion(DATETIME, values.moment),
        "tolower": Function(texts, STRING, lambda value: text(value).lower()),
        "toupper": Function(texts, STRING, lambda value: text(value).upper()),
        "isempty": Function(one, BOOL, lambda value: text(value) == ""),
        "isnotempty": Function(one, BOOL, lambda value: text(value) != ""),
        "isnull": Function(one, BOOL, lambda value: value is None),
        "isnotnull": Function(one, BOOL, lambda value: value is not None),
        "not": Function((frozenset({BOOL}),), BOOL, negated),
        "array_length": Function((frozenset({DYNAMIC}),), LONG, _length),
        "split": Function(
            (TEXTS, frozenset({STRING}), frozenset({LONG})),
            DYNAMIC,
            _split,
            optional=1,
            named_by_argument=True,
        ),
        "strcat": Function(one, STRING, lambda *parts: "".join(map(text, parts)), rest=ANY),
        "coalesce": Function((ANY, ANY), None, _first, rest=ANY),
        "iff": Function((frozenset({BOOL}), ANY, ANY), None, _if, alike=1),
        "iif": Function((frozenset({BOOL}), ANY, ANY), None, _if, alike=1),
        "now": Function((), DATETIME, lambda: now),
        "ago": Function((frozenset({TIMESPAN}),), DATETIME, lambda ago: now - ago),
    }


def _if(condition: bool | None, then: Any, otherwise: Any) -> Any:
    return then if condition else otherwise


def _first(*given: Any) -> Any:
    """The first value that is not null; an empty text counts as null."""
    return next((one for one in given if one is not None and one != ""), given[-1])
