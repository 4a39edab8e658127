"""What Microsoft's parser says of a query to Resource Graph; it runs in node."""

from __future__ import annotations

import json
import shutil
import subprocess
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

FOLDER = Path(__file__).parent
MISSING = (
    "Microsoft's parser of Kusto is not installed: `make tests/kusto/node_modules` does that where npm is"
)
COLUMNS = {
    **dict.fromkeys(("id", "name", "type", "tenantId", "kind", "location", "resourceGroup"), "string"),
    **dict.fromkeys(("subscriptionId", "managedBy"), "string"),
    **dict.fromkeys(
        ("sku", "plan", "properties", "tags", "identity", "zones", "extendedLocation"), "dynamic"
    ),
}
"""The columns of the table `resources`, as they stand in Microsoft's documentation and in recorded rows."""
TABLES = dict.fromkeys(("resources", "resourcecontainers", "resourcechanges"), COLUMNS)


@dataclass(frozen=True)
class Verdict:
    """What the parser has against a query, and the columns with types that it finds in its rows."""

    problems: list[str]
    columns: dict[str, str]


def is_installed() -> bool:
    return (FOLDER / "node_modules" / "@kusto").is_dir() and shutil.which("node") is not None


def check(queries: Sequence[str], tables: Mapping[str, Mapping[str, str]] = TABLES) -> list[Verdict]:
    """The verdict on each query."""
    asked = {
        "tables": {name: _schema(columns) for name, columns in tables.items()},
        "queries": list(queries),
    }
    answer = subprocess.run(
        ["node", str(FOLDER / "check.js")],
        input=json.dumps(asked),
        stdout=subprocess.PIPE,
        text=True,
        check=True,
        timeout=120,
    )
    return [Verdict(one["problems"], one["columns"]) for one in json.loads(answer.stdout)]


def _schema(columns: Mapping[str, str]) -> str:
    return "(" + ", ".join(f"['{name}']: {type_}" for name, type_ in columns.items()) + ")"
