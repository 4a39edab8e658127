"""The types of Kusto's values, and how one value is seen as another."""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

STRING, LONG, REAL, BOOL = "string", "long", "real", "bool"
DATETIME, TIMESPAN, DYNAMIC = "datetime", "timespan", "dynamic"
NUMBERS = frozenset({LONG, REAL})
TEXTS = frozenset({STRING, DYNAMIC})
SCALARS = frozenset({STRING, LONG, REAL, BOOL, DATETIME, TIMESPAN})
"""What rows can be sorted and grouped by: everything but `dynamic`."""
ANY = SCALARS | {DYNAMIC}

Columns = dict[str, str]
"""The columns of a table with their types, in order."""
Row = dict[str, Any]


@dataclass(frozen=True)
class Table:
    """Rows with their columns. The rows are never changed."""

    columns: Columns
    rows: list[Row]


def text(value: Any) -> str:
    """A value as `tostring()` writes it; null is the empty text."""
    if value is None:
        return ""
    if isinstance(value, str):
        return value
    if isinstance(value, datetime):
        return value.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.%f0Z")
    if isinstance(value, timedelta):
        clock = str(value - timedelta(days=value.days)).zfill(8)
        return f"{value.days}.{clock}" if value.days else clock
    if isinstance(value, bool | int | float | list | dict):
        return json.dumps(value, separators=(",", ":"), ensure_ascii=False)
    return str(value)


def number(value: Any) -> int | float | None:
    """A value as a number, or null."""
    if isinstance(value, bool):
        return int(value)
    if isinstance(value, int | float):
        return value
    try:
        return int(value) if isinstance(value, str) else None
    except ValueError:
        return None


def boolean(value: Any) -> bool | None:
    """A value as `tobool()` reads it, or null."""
    if isinstance(value, bool | int | float):
        return bool(value)
    return {"true": True, "false": False, "1": True, "0": False}.get(text(value).casefold())


def moment(value: Any) -> datetime | None:
    """A value as `todatetime()` reads it, or null; without a zone it is UTC."""
    if isinstance(value, datetime):
        return value
    try:
        read = datetime.fromisoformat(value) if isinstance(value, str) else None
    except ValueError:
        return None
    return read.replace(tzinfo=read.tzinfo or UTC) if read else None
