"""The query language of the simulated Resource Graph, over small tables in memory."""

from __future__ import annotations

from collections import Counter
from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from remediate.sandbox.kql.errors import InvalidQuery, ParserFailure
from remediate.sandbox.kql.query import run
from remediate.sandbox.kql.values import DYNAMIC, LONG, STRING, Row, Table

COLUMNS = {"id": STRING, "name": STRING, "size": LONG, "properties": DYNAMIC}
NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)
ROWS: list[Row] = [
    {
        "id": "/a",
        "name": "Alpha web",
        "size": 1,
        "properties": {"subnet": "/S/One", "on": True, "list": ["x", "y"]},
    },
    {"id": "/b", "name": "beta-func", "size": 2, "properties": {"subnet": None, "tags": {"k": "v", "l": 2}}},
    {
        "id": "/c",
        "name": "",
        "size": None,
        "properties": {"subnet": "/s/two", "list": [], "at": "2026-02-28T12:00:00Z"},
    },
]

texts = st.text(st.characters(exclude_categories=("Cs",)), max_size=12)
words = st.sampled_from(["", "a", "A", "web", "Web app", "web-app", "é", "É", "ß", "a_b", "1"])
rows = st.lists(
    st.fixed_dictionaries(
        {
            "id": words,
            "name": words | texts,
            "size": st.none() | st.integers(-3, 3),
            "properties": st.none()
            | st.dictionaries(words, words | st.lists(words) | st.integers() | st.none()),
        }
    ),
    max_size=12,
)


def answer(query: str, given: list[Row] = ROWS) -> list[Row]:
    return run(query, {"resources": Table(COLUMNS, given)}, NOW).table.rows


def ids(query: str) -> str:
    """The ids of the rows that a condition keeps, as one text."""
    return "".join(row["id"][1:] for row in answer(f"resources | where {query}"))


def quoted(text: str, quote: str) -> str:
    escaped = text.replace("\\", "\\\\").replace(quote, f"\\{quote}")
    return quote + escaped.replace("\n", "\\n").replace("\r", "\\r") + quote


@pytest.mark.parametrize(
    ("condition", "kept"),
    [
        ("name == 'Alpha web'", "a"),
        ("name == 'alpha web'", ""),
        ("name =~ 'alpha WEB'", "a"),
        ("name != 'Alpha web'", "bc"),
        ("name !~ 'alpha web'", "bc"),
        ("name contains 'A-F'", "b"),
        ("name contains_cs 'A-F'", ""),
        ("name !contains 'a'", "c"),
        ("name has 'WEB'", "a"),
        ("name has 'func'", "b"),
        ("name has 'fun'", ""),
        ("name startswith 'al'", "a"),
        ("name !startswith 'al'", "bc"),
        ("name endswith 'FUNC'", "b"),
        ("name in ('beta-func', 'x')", "b"),
        ("name in ('BETA-func')", ""),
        ("name in~ ('BETA-func', 'alpha web')", "ab"),
        ("name !in~ ('BETA-func', 'alpha web')", "c"),
        ("size in (1, 2)", "ab"),
        ("size > 1", "b"),
        ("size >= 1 and size < 2", "a"),
        ("size != 1", "bc"),
        ("not(size != 1)", "a"),
        ("isempty(name) or size == 2", "bc"),
        ("isnotempty(name)", "ab"),
        ("isnull(size)", "c"),
        ("isnotnull(properties.list)", "ac"),
        ("name == 'Alpha web' or size == 2 and isempty(name)", "a"),
        ("(name == 'Alpha web' or size == 2) and isempty(name)", ""),
        ("properties.subnet =~ '/s/ONE'", "a"),
        ("properties.subnet == '/s/ONE'", ""),
        ("properties['subnet'] =~ '/s/one'", "a"),
        ("properties.subnet !~ '/s/one'", "bc"),
        ("isempty(properties.subnet)", "b"),
        ("properties.none.at.all =~ 'x'", ""),
        ("properties.on == true", "a"),
        ("tobool(properties.on)", "a"),
        ("properties.list[0] == 'x'", "a"),
        ("properties.list[-1] == 'y'", "a"),
        ("properties.list[7] == 'x'", ""),
        ("array_length(properties.list) == 0", "c"),
        ('tostring(properties.list) contains \'"X","y"\'', "a"),
        ('tostring(properties.tags) == \'{"k":"v","l":2}\'', "b"),
        ("properties.tags.l > 1.5", "b"),
        ("tolower(name) == 'alpha web'", "a"),
        ("toupper(properties.subnet) == '/S/TWO'", "c"),
        ("split(properties.subnet, '/')[2] == 'two'", "c"),
        ("strcat(name, '#', size) == 'beta-func#2'", "b"),
        ("coalesce(size, 9) == 9", "c"),
        ("iff(size == 1, 'yes', 'no') == 'yes'", "a"),
        ("tolong(properties.tags.l) == 2", "b"),
        ("todatetime(properties.at) > ago(2d)", "c"),
        ("todatetime(properties.at) > ago(23h)", ""),
        ('name == "Alpha web" // the first', "a"),
        ("name == @'Alpha web'", "a"),
    ],
)
def test_a_condition_keeps_the_rows_that_kusto_keeps(condition: str, kept: str) -> None:
    assert ids(condition) == kept


@pytest.mark.parametrize(
    ("operators", "expected"),
    [
        ("project name, n = size | take 1", [{"name": "Alpha web", "n": 1}]),
        ("project properties.subnet | limit 1", [{"properties_subnet": "/S/One"}]),
        (
            "where size == 2 | project tolower(name), strcat(id, '!')",
            [{"Column1": "beta-func", "Column2": "/b!"}],
        ),
        ("where size == 2 | extend size = 7 | project size", [{"size": 7}]),
        (
            "mv-expand item = properties.list | project id, item",
            [
                {"id": "/a", "item": "x"},
                {"id": "/a", "item": "y"},
                {"id": "/b", "item": None},
            ],
        ),
        (
            "where id == '/b' | mv-expand properties.tags | project properties_tags",
            [
                {"properties_tags": {"k": "v"}},
                {"properties_tags": {"l": 2}},
            ],
        ),
        ("mv-expand item = properties.list limit 1 | count", [{"Count": 2}]),
        ("order by size | project id", [{"id": "/b"}, {"id": "/a"}, {"id": "/c"}]),
        ("order by size asc | project id", [{"id": "/c"}, {"id": "/a"}, {"id": "/b"}]),
        ("sort by size asc nulls last | project id", [{"id": "/a"}, {"id": "/b"}, {"id": "/c"}]),
        ("order by isnull(size) asc, name desc | project id", [{"id": "/b"}, {"id": "/a"}, {"id": "/c"}]),
        ("count", [{"Count": 3}]),
        ("where id == 'none' | count", [{"Count": 0}]),
        ("summarize count()", [{"count_": 3}]),
        ("where id == 'none' | summarize count()", [{"count_": 0}]),
        ("where id == 'none' | summarize count() by name", []),
        (
            "summarize n = count(), countif(size > 1) by isnull(size)",
            [
                {"Column1": False, "n": 2, "countif_": 1},
                {"Column1": True, "n": 1, "countif_": 0},
            ],
        ),
        ("extend on = isnotnull(properties.on) | distinct on", [{"on": True}, {"on": False}]),
    ],
)
def test_an_operator_makes_the_rows_that_kusto_makes(operators: str, expected: list[Row]) -> None:
    assert answer(f"resources | {operators}") == expected
    assert answer(operators) == expected  # the table may be left out, as recorded


def test_mv_expand_stops_at_128_rows_unless_it_is_told_more() -> None:
    many: list[Row] = [{"id": "", "name": "", "size": 0, "properties": list(range(500))}]
    assert len(answer("mv-expand properties", many)) == 128
    assert len(answer("mv-expand properties limit 400", many)) == 400
    with pytest.raises(InvalidQuery, match="2000"):
        answer("mv-expand properties limit 2001", many)


WRONG = {
    "where nme == 'a'": "named 'nme'",
    "where Name == 'a'": "named 'Name'",
    "project id | where name == 'a'": "named 'name'",
    "project id, properties.x | order by nme": "named 'nme'",
    "where name": "type bool",
    "where properties.on": "type bool",
    "where name and size == 1": "type bool",
    "where not(name)": "of type string",
    "where name < 'a'": "not defined",
    "where size =~ 'a'": "not defined",
    "where size contains '1'": "not defined",
    "where name == 3": "Cannot compare",
    "where name in (1, 2)": "not defined",
    "where size in~ ('1')": "not defined",
    "where name.part == 'a'": "no parts",
    "where name[0] == 'a'": "no parts",
    "where tolwer(name) == 'a'": "Unknown function: 'tolwer'",
    "where tolower(name, id) == 'a'": "expects 1",
    "where tolower() == 'a'": "expects 1",
    "where ago(1) > now()": "of type long",
    "where array_length(name) == 1": "of type string",
    "where iff(size == 1, 'a', 1) == 'a'": "one type",
    "where count() > 1": "Unknown function: 'count'",
    "order by properties": "dynamic",
    "distinct properties": "dynamic",
    "summarize count() by properties.x": "dynamic",
    "summarize make_list(name)": "Unknown function: 'make_list'",
    "summarize name": "aggregate",
    "summarize n = count(), n = count()": "already declared",
    "project id, id": "already declared",
    "mv-expand name": "type dynamic",
}


@pytest.mark.parametrize("operators", WRONG)
@pytest.mark.parametrize("given", [ROWS, []], ids=["rows", "empty"])
def test_a_wrong_name_or_type_is_refused_whatever_rows_there_are(operators: str, given: list[Row]) -> None:
    with pytest.raises(InvalidQuery, match=WRONG[operators]):
        answer(f"resources | {operators}", given)


@pytest.mark.parametrize(
    ("query", "line", "position", "token"),
    [
        ("", 1, 0, "<EOF>"),
        ("resources |", 1, 11, "<EOF>"),
        ("resources where name == 'a'", 1, 10, "where"),
        ("resources | were name == 'a'", 1, 12, "were"),
        ("resources\n| where name = 'a'", 2, 13, "="),
        ("resources | where name == 'a", 1, 26, "'"),
        ("resources | where name == 'a\\q'", 1, 26, "'a\\q'"),
        ("resources | where name == 'a' == true", 1, 30, "=="),
        ("resources | where name == a b", 1, 28, "b"),
        ("resources | where (name == 'a'", 1, 30, "<EOF>"),
        ("resources | where name in 'a'", 1, 26, "'a'"),
        ("resources | project", 1, 19, "<EOF>"),
        ("resources | project id,", 1, 23, "<EOF>"),
        ("resources | order name", 1, 18, "name"),
        ("resources | take ten", 1, 17, "ten"),
        ("resources | take -1", 1, 17, "-"),
        ("resources | where size == 1 + 1", 1, 28, "+"),
        ("resources | join resources on id", 1, 12, "join"),
        ("resources | where tags.by == 'a'", 1, 23, "by"),
        ("resources; resources", 1, 9, ";"),
    ],
)
def test_a_text_that_is_no_query_is_refused_at_its_place(
    query: str, line: int, position: int, token: str
) -> None:
    with pytest.raises(ParserFailure) as refused:
        answer(query)
    detail = refused.value.detail
    assert detail["code"] == "ParserFailure"
    assert (detail["line"], detail["characterPositionInLine"], detail["token"]) == (line, position, token)


def test_a_table_that_is_not_there_is_refused_by_its_code() -> None:
    with pytest.raises(InvalidQuery) as refused:
        answer("resurces | take 1")
    assert refused.value.code == "DisallowedLogicalTableName"
    assert answer("RESOURCES | take 1") == ROWS[:1]


@given(st.text(st.sampled_from("resources|whprjt nameidx=~'\"()[],.<>!12/\\\n"), max_size=40) | st.text())
def test_no_text_makes_it_fail_in_any_other_way(query: str) -> None:
    try:
        answer(query)
        answer(f"resources | where {query}")
    except InvalidQuery:
        return


@given(texts, st.sampled_from(["'", '"']))
def test_every_text_can_be_quoted(text: str, quote: str) -> None:
    row = {"id": "/x", "name": text, "size": 0, "properties": {text: 1}}
    literal = quoted(text, quote)
    assert answer(f"where name == {literal} and properties[{literal}] == 1", [row]) == [row]
    assert answer(f"where name != {literal}", [row]) == []


@given(rows, words)
def test_operators_on_texts_agree_with_each_other(given: list[Row], word: str) -> None:
    literal = quoted(word, "'")
    same = answer(f"where name =~ {literal}", given)
    assert same == [row for row in given if row["name"].casefold() == word.casefold()]
    assert answer(f"where name in~ ({literal}, {literal})", given) == same
    holds = answer(f"where name contains {literal}", given)
    assert holds == [row for row in given if word.casefold() in row["name"].casefold()]
    for part in ("=~", "has", "startswith", "endswith"):
        assert all(row in holds for row in answer(f"where name {part} {literal}", given))


@given(
    rows, st.sampled_from(["name =~ 'web'", "size > 0", "properties.a == 'a'", "name has 'web' or size < 0"])
)
def test_a_condition_and_its_opposite_never_keep_the_same_row(given: list[Row], condition: str) -> None:
    kept, opposite = answer(f"where {condition}", given), answer(f"where not({condition})", given)
    unknown = answer(f"where isnull({condition})", given)
    assert len(kept) + len(opposite) + len(unknown) == len(given)
    assert answer(f"where ({condition}) and not({condition})", given) == []


@given(rows, st.integers(0, 15))
def test_rows_are_neither_lost_nor_made(given: list[Row], count: int) -> None:
    def plain(one: list[Row]) -> Counter[str]:
        return Counter(map(repr, one))

    for direction in ("asc", "desc"):
        ordered = answer(f"order by name {direction}, size", given)
        assert plain(ordered) == plain(given)
        names = [row["name"] for row in ordered]
        assert names == sorted(names, reverse=direction == "desc")
    assert answer(f"take {count}", given) == given[:count]
    groups = answer("summarize count() by name", given)
    assert {row["name"]: row["count_"] for row in groups} == Counter(row["name"] for row in given)
    assert answer("distinct name", given) == [{"name": row["name"]} for row in groups]
    assert answer("count", given) == [{"Count": len(given)}]


@given(rows)
def test_an_array_becomes_one_row_for_each_value(given: list[Row]) -> None:
    def parts(value: Any) -> int:
        return len(value) if isinstance(value, list) else 1

    lists = [row for row in given if not isinstance((row["properties"] or {}).get("a"), dict)]
    expanded = answer("mv-expand part = properties.a | project id, part", lists)
    assert len(expanded) == sum(parts((row["properties"] or {}).get("a")) for row in lists)


@given(rows)
def test_asking_changes_no_row(given: list[Row]) -> None:
    before = repr(given)
    answer("extend name = 'x', more = size | mv-expand properties | order by name | project name", given)
    assert repr(given) == before
