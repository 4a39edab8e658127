"""The parts of a query, as the parser finds them. Nothing here knows what a name means."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True)
class Literal:
    """A value that stands in the query, and its type."""

    value: Any
    type: str


@dataclass(frozen=True)
class Name:
    """A name that stands alone: a column."""

    name: str


@dataclass(frozen=True)
class Member:
    """`of.name` or `of['name']`."""

    of: Expression
    name: str


@dataclass(frozen=True)
class Element:
    """`of[index]`; an index below zero counts from the end."""

    of: Expression
    index: int


@dataclass(frozen=True)
class Call:
    """`name(arguments)`."""

    name: str
    arguments: tuple[Expression, ...]


@dataclass(frozen=True)
class Logical:
    """`and` or `or` between two expressions."""

    operator: str
    left: Expression
    right: Expression


@dataclass(frozen=True)
class Comparison:
    """An operator between two values that is true or false: `==`, `=~`, `contains`, `<`, …"""

    operator: str
    left: Expression
    right: Expression


@dataclass(frozen=True)
class Membership:
    """`in`, `in~` and their opposites, with the listed choices."""

    operator: str
    value: Expression
    choices: tuple[Expression, ...]


Expression = Literal | Name | Member | Element | Call | Logical | Comparison | Membership


@dataclass(frozen=True)
class Column:
    """A column that an operator makes: `name = expression`; `name` is None where the query leaves it out."""

    name: str | None
    expression: Expression


@dataclass(frozen=True)
class Where:
    """`where CONDITION`."""

    condition: Expression


@dataclass(frozen=True)
class Project:
    """`project COLUMN, …`: these columns and no others."""

    columns: tuple[Column, ...]


@dataclass(frozen=True)
class Extend:
    """`extend COLUMN, …`: these columns beside those that are there."""

    columns: tuple[Column, ...]


@dataclass(frozen=True)
class Expand:
    """`mv-expand COLUMN [limit N]`: one row for each value of an array."""

    column: Column
    limit: int | None


@dataclass(frozen=True)
class SortKey:
    """One key of `order by`; `nulls_first` is None where the query does not say."""

    expression: Expression
    descending: bool
    nulls_first: bool | None


@dataclass(frozen=True)
class OrderBy:
    """`order by KEY, …`."""

    keys: tuple[SortKey, ...]


@dataclass(frozen=True)
class Take:
    """`take N`, also written `limit N`."""

    rows: int


@dataclass(frozen=True)
class Count:
    """`count`."""


@dataclass(frozen=True)
class Summarize:
    """`summarize AGGREGATE, … by KEY, …`."""

    aggregates: tuple[Column, ...]
    keys: tuple[Column, ...]


@dataclass(frozen=True)
class Distinct:
    """`distinct NAME, …`."""

    names: tuple[str, ...]


Operator = Where | Project | Extend | Expand | OrderBy | Take | Count | Summarize | Distinct


@dataclass(frozen=True)
class Query:
    """A table, and the operators that its rows go through. `table` is None where the query names none."""

    table: str | None
    operators: tuple[Operator, ...]
