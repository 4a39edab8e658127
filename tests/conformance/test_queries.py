"""Every query that the product sends to Resource Graph, before Microsoft's own parser."""

from __future__ import annotations

import random
from collections.abc import Callable
from datetime import UTC, datetime

import pytest

from remediate import ids
from remediate.azure.clock import SystemClock
from remediate.azure.cloud import discovered
from remediate.azure.discover import apps
from remediate.azure.session import open_session
from remediate.sandbox.documents.graph import TABLES
from remediate.sandbox.kql.errors import InvalidQuery
from remediate.sandbox.kql.query import run
from remediate.sandbox.kql.values import Table
from tests.conftest import APP, GROUP, PLAN, SUBNET, Azure, Ran
from tests.kusto import parser, product
from tests.sandbox.test_kql import WRONG

needs_parser = pytest.mark.skipif(not parser.is_installed(), reason=parser.MISSING)
QUICK = ("--poll-interval", "0.02", "--timeout", "5")
ODD = 'it\'s \\ "odd"'
"""A name that breaks a query which does not quote it."""
COMMANDS: list[tuple[str, tuple[str, ...]]] = [
    ("healthy", ("verify", "orders-func")),
    ("healthy", ("verify", "orders-fun")),
    ("healthy", ("verify", ODD)),
    ("healthy", ("verify", "-g", ODD, "-n", "orders-func", "-s", ODD)),
    ("healthy", ("verify", APP.replace("orders-func", "o'func"))),
    ("shared-link", ("verify", "orders-func/staging")),
    ("link-missing", ("reconnect", APP, "--yes", *QUICK)),
    ("not-integrated", ("reconnect", APP, "--subnet", SUBNET, "--yes", *QUICK)),
    ("link-orphaned", ("verify", APP, "--subnet", SUBNET)),
    ("link-orphaned", ("purge", SUBNET, "--yes", *QUICK)),
    ("link-other-plan", ("purge", SUBNET, "--yes", *QUICK)),
    *(
        ("shared-link", ("guard", target))
        for target in (APP, PLAN, SUBNET, SUBNET.partition("/subnets/")[0], GROUP.removesuffix("/providers"))
    ),
    ("shared-link", ("guard", SUBNET.replace("snet-apps", "snet'x"))),
    ("healthy", ("snapshot", "save", APP)),
    ("healthy", ("doctor",)),
]

STRICTER = {
    "where name == 3",
    "where name in (1, 2)",
    "where size in~ ('1')",
    "where iff(size == 1, 'a', 1) == 'a'",
    "summarize make_list(name)",
}
"""What the sandbox refuses though the parser takes it: the service's engine does too, or we never need it."""


@pytest.fixture
def sent(azure: Callable[..., Azure], remediate: Callable[..., Ran]) -> list[str]:
    """The queries that the commands send, each once."""
    queries: dict[str, None] = {}
    for scenario in sorted({scenario for scenario, _ in COMMANDS}):
        simulated = azure(scenario)
        for _, arguments in (one for one in COMMANDS if one[0] == scenario):
            remediate(*arguments)
            asked = [one for one in simulated.log if "/providers/Microsoft.ResourceGraph/" in one["path"]]
            assert [one["body"]["query"] for one in asked if one["status"] != 200] == []
            queries |= dict.fromkeys(one["body"]["query"] for one in asked)
            simulated.reset()
    return [*queries, *_sent_by_the_wizard(azure("healthy"))]


def _sent_by_the_wizard(simulated: Azure) -> list[str]:
    """What lists the apps to choose from: only the wizard asks for that, and it needs a terminal."""
    cloud = discovered(simulated.environment["REMEDIATE_ARM_ENDPOINT"])
    with open_session(cloud, SystemClock()) as session:
        assert apps(session, ids.parse(APP).subscription)
    return [
        one["body"]["query"] for one in simulated.log if "/providers/Microsoft.ResourceGraph/" in one["path"]
    ]


@needs_parser
def test_microsofts_parser_has_nothing_against_any_query_of_ours(sent: list[str]) -> None:
    wrong = {query: one.problems for query, one in zip(sent, parser.check(sent), strict=True) if one.problems}
    assert sent
    assert wrong == {}


def test_every_query_in_the_source_is_sent_by_these_commands(sent: list[str]) -> None:
    found = product.pieces()
    assert found
    assert [place for place, piece in found.items() if not any(piece.search(one) for one in sent)] == []


@needs_parser
def test_a_wrong_query_is_refused_by_microsofts_parser_and_by_the_sandbox() -> None:
    tables = {"resources": {"id": "string", "name": "string", "size": "long", "properties": "dynamic"}}
    both = [
        "where where",
        "resources | project id id",
        "resources | where name = 'a'",
        "resurces | count",
        *(f"resources | {operators}" for operators in WRONG if operators not in STRICTER),
    ]
    for query, verdict in zip(both, parser.check(both, tables), strict=True):
        assert verdict.problems, query
        with pytest.raises(InvalidQuery):
            run(query, {"resources": Table(tables["resources"], [])}, datetime.now(UTC))


def test_the_sandbox_has_the_documented_columns() -> None:
    assert TABLES == parser.TABLES


@pytest.mark.sweep
@needs_parser
def test_what_the_sandbox_accepts_microsofts_parser_accepts_with_the_same_columns() -> None:
    tables = {name: Table(columns, []) for name, columns in TABLES.items()}
    accepted: dict[str, dict[str, str]] = {}
    generated = Queries(random.Random(8))
    while len(accepted) < 500:
        query = generated.query()
        try:
            accepted[query] = run(query, tables, datetime.now(UTC)).table.columns
        except InvalidQuery:
            continue
    for (query, columns), verdict in zip(accepted.items(), parser.check(list(accepted)), strict=True):
        assert (query, verdict.problems) == (query, [])
        assert (query, list(verdict.columns.items())) == (query, list(columns.items()))


class Queries:
    """Queries by chance, of which many are wrong in their names and types."""

    def __init__(self, chance: random.Random) -> None:
        self._chance = chance

    def query(self) -> str:
        table = self._one("resources", "resourcecontainers")
        return " | ".join([table, *(self._operator() for _ in range(self._chance.randint(1, 3)))])

    def _one(self, *choices: str) -> str:
        return self._chance.choice(choices)

    def _operator(self) -> str:
        columns = ", ".join(self._column() for _ in range(self._chance.randint(1, 3)))
        return self._one(
            f"where {self._condition()}",
            f"project {columns}",
            f"extend {columns}",
            f"mv-expand {self._column()}",
            f"mv-expand part = {self._path()} limit 5",
            f"order by {self._value()} {self._one('asc', 'desc', 'asc nulls last', '')}",
            f"take {self._chance.randint(0, 9)}",
            "count",
            f"summarize count(), n = countif({self._condition()}) by {columns}",
            f"summarize by {columns}",
            f"distinct {self._one('name', 'id, type', 'properties', 'part')}",
        )

    def _column(self) -> str:
        return self._one("", "", "x = ", "name = ", "part = ", "kind = ", "['a b'] = ") + self._value()

    def _value(self) -> str:
        return self._one(
            self._one("id", "name", "type", "kind", "plan", "tags", "x", "part", "Count"),
            self._path(),
            self._one("'text'", '"text"', "3", "1.5", "true", "1h", "-2", "''", "@'a\\b'"),
            f"{self._one('tostring', 'tolower', 'tolong', 'isempty', 'array_length')}({self._path()})",
            f"{self._one('toupper', 'isnull', 'isnotnull', 'strlen')}(name)",
            f"strcat(name, {self._path()})",
            f"coalesce({self._path()}, {self._path()})",
            f"iff({self._path()} =~ 'a', name, {self._one('id', 'tags')})",
            self._one("now()", "ago(2d)"),
        )

    def _path(self) -> str:
        return self._one("properties", "tags", "name", "x", "part", "sku") + self._one(
            "", ".a", ".a.b", "['a b']", "[0]", "[-1].a", ".subnets[0].id", ".count", ".kind", ".by"
        )

    def _condition(self) -> str:
        operator = self._one(
            "==", "!=", "=~", "!~", "<", ">=", "contains", "!has", "startswith", "endswith_cs"
        )
        return self._one(
            f"{self._value()} {operator} {self._value()}",
            f"{self._value()} {self._one('in', 'in~', '!in~')} ({self._value()}, 'b')",
            f"not({self._value()} == 'a')",
            f"({self._value()} =~ 'a' or isnotempty({self._value()})) and name != 'b'",
            self._value(),
        )
