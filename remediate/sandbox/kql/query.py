"""A query from text to rows."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from remediate.sandbox.kql import functions, syntax
from remediate.sandbox.kql.errors import InvalidQuery
from remediate.sandbox.kql.operators import compile_operator
from remediate.sandbox.kql.parser import parse
from remediate.sandbox.kql.values import Table

DEFAULT_TABLE = "resources"
"""The table of a query that begins with an operator, as recorded."""


@dataclass(frozen=True)
class Answer:
    """The rows that a query finds. `limited` says that the query itself bounds them (`take`, `limit`)."""

    table: Table
    limited: bool


def run(text: str, tables: Mapping[str, Table], now: datetime) -> Answer:
    """Answer a query over these tables, whose names are matched without regard to case.

    Raises InvalidQuery; whether it does depends on the tables' columns and never on their rows.
    """
    query = parse(text)
    table = _table(query.table or DEFAULT_TABLE, tables)
    columns, known = table.columns, functions.table(now)
    stages = []
    for operator in query.operators:
        stages.append(compile_operator(operator, columns, known))
        columns = stages[-1].columns
    rows = table.rows
    for stage in stages:
        rows = stage.apply(rows)
    return Answer(Table(columns, rows), any(isinstance(one, syntax.Take) for one in query.operators))


def _table(name: str, tables: Mapping[str, Table]) -> Table:
    found = next((table for known, table in tables.items() if known.casefold() == name.casefold()), None)
    if found is None:
        message = f"Table {name} is invalid, unsupported or disallowed."
        raise InvalidQuery(message, "DisallowedLogicalTableName")
    return found
