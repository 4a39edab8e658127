"""What compares two values: equality, order, and the operators on texts."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

from remediate.sandbox.kql.errors import InvalidQuery
from remediate.sandbox.kql.values import DATETIME, DYNAMIC, NUMBERS, STRING, TEXTS, TIMESPAN, text

Compare = Callable[[Any, Any], bool | None]


def _has(value: str, term: str) -> bool:
    """Whether a text has a term as a whole: no letter or digit on either side of it."""
    start = r"(?<![^\W_])" if term[:1].isalnum() else ""
    end = r"(?![^\W_])" if term[-1:].isalnum() else ""
    return re.search(f"{start}{re.escape(term)}{end}", value) is not None


_ON_TEXTS: dict[str, Callable[[str, str], bool]] = {
    "contains": lambda value, part: part in value,
    "has": _has,
    "startswith": str.startswith,
    "endswith": str.endswith,
}
_ORDER: dict[str, Callable[[Any, Any], bool]] = {
    "<": lambda left, right: left < right,
    "<=": lambda left, right: left <= right,
    ">": lambda left, right: left > right,
    ">=": lambda left, right: left >= right,
}


def comparison(operator: str, left: str, right: str) -> Compare:
    """The operator for values of these two types. Raises InvalidQuery where it is not defined for them."""
    if operator in _ORDER:
        return _ordered(operator, left, right)
    if operator in ("==", "!="):
        return _equality(operator, left, right)
    if not {left, right} <= TEXTS:
        raise _undefined(operator, left, right)
    return _on_texts(operator)


def same_type(left: str, right: str) -> bool:
    """Whether values of these types can be equal."""
    return left == right or DYNAMIC in (left, right) or {left, right} <= NUMBERS


def _equality(operator: str, left: str, right: str) -> Compare:
    if not same_type(left, right):
        raise InvalidQuery(f"Cannot compare values of types {left} and {right}. Try adding explicit casts")
    as_texts = STRING in (left, right)

    def equal(one: Any, other: Any) -> bool | None:
        if as_texts:
            return text(one) == text(other)
        if one is None and other is None:
            return None
        return bool(one == other) and isinstance(one, bool) == isinstance(other, bool)

    return equal if operator == "==" else lambda one, other: negated(equal(one, other))


def negated(value: bool | None) -> bool | None:
    """`not`; of null it is null."""
    return None if value is None else not value


def _ordered(operator: str, left: str, right: str) -> Compare:
    kinds = {left, right}
    if kinds == {DYNAMIC} or not (kinds <= NUMBERS | {DYNAMIC} or kinds in ({DATETIME}, {TIMESPAN})):
        raise _undefined(operator, left, right)

    def ordered(one: Any, other: Any) -> bool | None:
        if any(value is None or isinstance(value, bool) for value in (one, other)):
            return None
        try:
            return _ORDER[operator](one, other)
        except TypeError:  # the dynamic value is of another type than the other side
            return None

    return ordered


def _on_texts(operator: str) -> Compare:
    """`=~`, `contains`, `!startswith_cs`, …: `!` is the opposite, `_cs` looks at the case too."""
    opposite = operator.startswith("!")
    name = operator.removeprefix("!").removesuffix("_cs")
    ask = str.__eq__ if name in ("=~", "~") else _ON_TEXTS[name]
    fold: Callable[[str], str] = str if operator.endswith("_cs") else str.casefold
    return lambda one, other: ask(fold(text(one)), fold(text(other))) is not opposite


def _undefined(operator: str, left: str, right: str) -> InvalidQuery:
    return InvalidQuery(f"The operator '{operator}' is not defined for the types {left} and {right}")
