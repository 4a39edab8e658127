"""An expression as a function of a row, after its names and types were checked."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from remediate.sandbox.kql import syntax
from remediate.sandbox.kql.comparisons import comparison, negated, same_type
from remediate.sandbox.kql.errors import InvalidQuery
from remediate.sandbox.kql.functions import Function
from remediate.sandbox.kql.values import BOOL, DYNAMIC, NUMBERS, TEXTS, Columns, Row

Value = Callable[[Row], Any]


@dataclass(frozen=True)
class Compiled:
    """The type of an expression, and its value for a row."""

    type: str
    value: Value


@dataclass(frozen=True)
class Scope:
    """What an expression may name: the columns of the table so far, and the functions."""

    columns: Columns
    functions: dict[str, Function]

    def compile(self, expression: syntax.Expression) -> Compiled:
        """The expression for rows of these columns. Raises InvalidQuery for a wrong name or type."""
        match expression:
            case syntax.Literal(value, type_):
                return Compiled(type_, lambda row: value)
            case syntax.Name(name):
                return self._column(name)
            case syntax.Member() | syntax.Element():
                return self._part(expression)
            case syntax.Call(name, arguments):
                return self._call(name, arguments)
            case syntax.Logical(operator, left, right):
                return self._logical(operator, self.condition(left), self.condition(right))
            case syntax.Comparison(operator, left, right):
                return _compared(operator, self.compile(left), self.compile(right))
            case syntax.Membership():
                return self._membership(expression)

    def condition(self, expression: syntax.Expression) -> Value:
        """An expression that must be true or false. Raises InvalidQuery."""
        compiled = self.compile(expression)
        if compiled.type != BOOL:
            raise InvalidQuery(f"A value of type bool is expected, and this is of type {compiled.type}")
        return compiled.value

    def key(self, expression: syntax.Expression, what: str) -> Compiled:
        """An expression to sort or group by. Raises InvalidQuery for one of type dynamic."""
        compiled = self.compile(expression)
        if compiled.type == DYNAMIC:
            raise InvalidQuery(f"{what} key is of a 'dynamic' type. Please use an explicit cast")
        return compiled

    def _column(self, name: str) -> Compiled:
        if name not in self.columns:
            raise InvalidQuery(f"Failed to resolve column or scalar expression named '{name}'")
        return Compiled(self.columns[name], lambda row: row[name])

    def _part(self, expression: syntax.Member | syntax.Element) -> Compiled:
        whole = self.compile(expression.of)
        if whole.type != DYNAMIC:
            raise InvalidQuery(f"A value of type {whole.type} has no parts: only dynamic values have")
        if isinstance(expression, syntax.Member):
            name = expression.name
            return Compiled(DYNAMIC, lambda row: _member(whole.value(row), name))
        index = expression.index
        return Compiled(DYNAMIC, lambda row: _element(whole.value(row), index))

    def _call(self, name: str, arguments: tuple[syntax.Expression, ...]) -> Compiled:
        if name not in self.functions:
            raise InvalidQuery(f"Unknown function: '{name}'.", "UnknownFunction")
        function, given = self.functions[name], tuple(self.compile(one) for one in arguments)
        result = function.result_type(name, tuple(one.type for one in given))
        return Compiled(result, lambda row: function.call(*(one.value(row) for one in given)))

    def _logical(self, operator: str, left: Value, right: Value) -> Compiled:
        """`and` and `or` of three values: what the known side does not decide is null."""
        decisive = operator == "or"

        def value(row: Row) -> bool | None:
            one: bool | None = left(row)
            if one is decisive:
                return decisive
            other: bool | None = right(row)
            return other if other is decisive or one is not None else None

        return Compiled(BOOL, value)

    def _membership(self, expression: syntax.Membership) -> Compiled:
        operator = expression.operator.removeprefix("!")
        value, choices = self.compile(expression.value), [self.compile(one) for one in expression.choices]
        for one in choices:
            _check_choice(operator, value.type, one.type)
        equal = comparison("=~" if operator == "in~" else "==", value.type, choices[0].type)

        def is_in(row: Row) -> bool:
            found = value.value(row)
            return any(equal(found, one.value(row)) for one in choices)

        if expression.operator.startswith("!"):
            return Compiled(BOOL, lambda row: negated(is_in(row)))
        return Compiled(BOOL, is_in)


def _check_choice(operator: str, value: str, choice: str) -> None:
    allowed = TEXTS if operator == "in~" else TEXTS | NUMBERS
    if value not in allowed or choice not in allowed - {DYNAMIC} or not same_type(value, choice):
        raise InvalidQuery(f"The operator '{operator}' is not defined for the types {value} and {choice}")


def _compared(operator: str, left: Compiled, right: Compiled) -> Compiled:
    compare = comparison(operator, left.type, right.type)
    return Compiled(BOOL, lambda row: compare(left.value(row), right.value(row)))


def _member(value: Any, name: str) -> Any:
    return value.get(name) if isinstance(value, dict) else None


def _element(value: Any, index: int) -> Any:
    inside = isinstance(value, list) and -len(value) <= index < len(value)
    return value[index] if inside else None


def name_of(expression: syntax.Expression, functions: dict[str, Function]) -> str | None:
    """What Kusto calls a column that is given no name, or None where it numbers it (`Column1`)."""
    match expression:
        case syntax.Name(name):
            return name
        case syntax.Member(of, name):
            return _joined(of, name, functions)
        case syntax.Element(of, index):
            return _joined(of, str(index) if index >= 0 else "", functions)
        case syntax.Call(name, arguments) if name in functions and functions[name].named_by_argument:
            return name_of(arguments[0], functions) if arguments else None
    return None


def _joined(of: syntax.Expression, name: str, functions: dict[str, Function]) -> str | None:
    first = name_of(of, functions)
    return None if first is None else f"{first}_{name}"
