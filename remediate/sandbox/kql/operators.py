"""The tabular operators: each takes a table's columns and gives other columns, and rows for rows."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from typing import Any

from remediate.sandbox.kql import syntax
from remediate.sandbox.kql.errors import InvalidQuery
from remediate.sandbox.kql.expressions import Compiled, Scope, Value, name_of
from remediate.sandbox.kql.functions import Function
from remediate.sandbox.kql.values import DYNAMIC, LONG, Columns, Row

EXPANDED = 128
"""How many rows `mv-expand` makes of one, at the most, where the query does not say: the service's limit."""
MAX_EXPANDED = 2000
"""How many rows a query may say there."""

Rows = list[Row]


@dataclass(frozen=True)
class Stage:
    """An operator whose names and types were checked: the columns after it, and what it does with rows."""

    columns: Columns
    apply: Callable[[Rows], Rows]


@dataclass(frozen=True)
class _Made:
    """A column that an operator makes, with the name that it has got."""

    name: str
    compiled: Compiled


def compile_operator(operator: syntax.Operator, columns: Columns, functions: dict[str, Function]) -> Stage:
    """The operator for a table of these columns. Raises InvalidQuery."""
    scope = Scope(columns, functions)
    match operator:
        case syntax.Where(condition):
            keep = scope.condition(condition)
            return Stage(columns, lambda rows: [row for row in rows if keep(row)])
        case syntax.Project(listed):
            return _project(scope, listed)
        case syntax.Extend(listed):
            return _extend(scope, listed)
        case syntax.Expand():
            return _expand(scope, operator)
        case syntax.OrderBy(keys):
            return _order_by(scope, keys)
        case syntax.Take(count):
            return Stage(columns, lambda rows: rows[:count])
        case syntax.Count():
            return Stage({"Count": LONG}, lambda rows: [{"Count": len(rows)}])
        case syntax.Summarize():
            return _summarize(scope, operator)
        case syntax.Distinct(names):
            groups = tuple(syntax.Column(None, syntax.Name(name)) for name in names)
            return _summarize(scope, syntax.Summarize((), groups))


def _project(scope: Scope, listed: tuple[syntax.Column, ...]) -> Stage:
    made = _made(scope, listed)
    return Stage(_columns(made), lambda rows: [_values(made, row) for row in rows])


def _extend(scope: Scope, listed: tuple[syntax.Column, ...]) -> Stage:
    made = _made(scope, listed)
    return Stage(scope.columns | _columns(made), lambda rows: [row | _values(made, row) for row in rows])


def _made(scope: Scope, listed: tuple[syntax.Column, ...]) -> list[_Made]:
    names = _names(scope, listed)
    return [_Made(name, scope.compile(column.expression)) for name, column in zip(names, listed, strict=True)]


def _columns(made: Iterable[_Made]) -> Columns:
    return {one.name: one.compiled.type for one in made}


def _values(made: Iterable[_Made], row: Row) -> Row:
    return {one.name: one.compiled.value(row) for one in made}


def _names(scope: Scope, listed: tuple[syntax.Column, ...]) -> list[str]:
    """The name of each column: its own, or the one that Kusto gives it. Raises InvalidQuery for one twice."""
    names: list[str] = []
    for column in listed:
        given = column.name or name_of(column.expression, scope.functions)
        if column.name or isinstance(column.expression, syntax.Name):
            if given in names:
                raise InvalidQuery(f"A column named '{given}' is already declared")
            names.append(str(given))
        elif given:
            names.append(_unused(given, names))
        else:
            names.append(_unused("Column", [*scope.columns, *names, "Column"]))
    return names


def _unused(name: str, taken: list[str]) -> str:
    numbered = (name, *(f"{name}{number}" for number in range(1, len(taken) + 1)))
    return next(one for one in numbered if one not in taken)


def _expand(scope: Scope, operator: syntax.Expand) -> Stage:
    (made,) = _made(scope, (operator.column,))
    if made.compiled.type != DYNAMIC:
        raise InvalidQuery(f"mv-expand: the expression must be of type dynamic, not {made.compiled.type}")
    limit = EXPANDED if operator.limit is None else operator.limit
    if limit > MAX_EXPANDED:
        raise InvalidQuery(f"mv-expand: the row limit must be {MAX_EXPANDED} or less")

    def expanded(row: Row) -> Iterator[Row]:
        for value in _parts(made.compiled.value(row))[:limit]:
            yield row | {made.name: value}

    columns = scope.columns | {made.name: DYNAMIC}
    return Stage(columns, lambda rows: [part for row in rows for part in expanded(row)])


def _parts(value: Any) -> list[Any]:
    """The values of an array, or a bag for each name of a bag; null is one null, an empty array none [?]."""
    if isinstance(value, list):
        return value
    if isinstance(value, dict):
        return [{name: part} for name, part in value.items()]
    return [value]


def _order_by(scope: Scope, keys: tuple[syntax.SortKey, ...]) -> Stage:
    compiled = [(key, scope.key(key.expression, "order by:").value) for key in keys]

    def ordered(rows: Rows) -> Rows:
        for key, value in reversed(compiled):
            rows = _sorted(rows, key, value)
        return rows

    return Stage(scope.columns, ordered)


def _sorted(rows: Rows, key: syntax.SortKey, value: Value) -> Rows:
    """Sorted by one key. Nulls come first upwards and last downwards, where the query does not say."""
    nulls = [row for row in rows if value(row) is None]
    others = sorted((row for row in rows if value(row) is not None), key=value, reverse=key.descending)
    first = not key.descending if key.nulls_first is None else key.nulls_first
    return nulls + others if first else others + nulls


def _summarize(scope: Scope, operator: syntax.Summarize) -> Stage:
    key_names = _names(scope, operator.keys)
    keys = [
        _Made(name, scope.key(column.expression, "summarize: group"))
        for name, column in zip(key_names, operator.keys, strict=True)
    ]
    aggregates: list[tuple[str, Value]] = []
    for column in operator.aggregates:
        default, counts = _aggregate(scope, column.expression)
        taken = [*key_names, *(name for name, _ in aggregates)]
        if column.name in taken:
            raise InvalidQuery(f"A column named '{column.name}' is already declared")
        aggregates.append((column.name or _unused(default, taken), counts))
    columns = _columns(keys) | {name: LONG for name, _ in aggregates}
    return Stage(columns, lambda rows: _grouped(keys, aggregates, rows))


def _grouped(keys: list[_Made], aggregates: list[tuple[str, Value]], rows: Rows) -> Rows:
    groups: dict[tuple[Any, ...], Rows] = {} if keys else {(): []}
    for row in rows:
        groups.setdefault(tuple(key.compiled.value(row) for key in keys), []).append(row)
    return [
        {key.name: value for key, value in zip(keys, group, strict=True)}
        | {name: sum(counts(row) is True for row in members) for name, counts in aggregates}
        for group, members in groups.items()
    ]


def _aggregate(scope: Scope, expression: syntax.Expression) -> tuple[str, Value]:
    """The default name of an aggregate, and which rows it counts. Raises InvalidQuery for any other."""
    match expression:
        case syntax.Call("count", ()):
            return "count_", lambda row: True
        case syntax.Call("countif", (condition,)):
            return "countif_", scope.condition(condition)
        case syntax.Call(name, _):
            raise InvalidQuery(f"Unknown function: '{name}'.", "UnknownFunction")
    raise InvalidQuery("summarize: an aggregate function is expected")
