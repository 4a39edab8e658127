"""For every recorded answer, the sandbox's has the same fields with the same JSON types."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import pytest

from remediate.sandbox.documents.site import document
from remediate.sandbox.scenarios import load
from tests.conformance.recordings import FOLDER, NAMES, Pair, events, needs_recordings, replayed

pytestmark = needs_recordings

COMPARED = ("site", "slot", "slots", "result", "configuration", "plan", "vnet", "subnet", "connections")
WRITTEN = ("site", "slot", "configuration", "plan", "vnet", "subnet")
LEAST = 0.97
"""The share of recorded fields that must be there, of each kind and of all."""

LEFT_OUT: dict[str, str] = {}
"""Recorded fields that the sandbox leaves out on purpose, by path, and why. So far there are none."""

Field = tuple[str, str]


def fields(value: Any, path: str = "") -> Iterator[Field]:
    """Every field of a document with its JSON type; the elements of a list share one path."""
    yield path, json_type(value)
    if isinstance(value, dict):
        for name, inner in value.items():
            yield from fields(inner, f"{path}.{name}")
    elif isinstance(value, list):
        for inner in value:
            yield from fields(inner, f"{path}[]")


def json_type(value: Any) -> str:
    names = {bool: "boolean", int: "number", float: "number", str: "string", list: "array", dict: "object"}
    return names.get(type(value), "null")


def types(value: Any) -> dict[str, set[str]]:
    """The types seen at each path of a document."""
    seen: dict[str, set[str]] = {}
    for path, type_ in fields(value):
        seen.setdefault(path, set()).add(type_)
    return seen


def missing(pair: Pair) -> tuple[int, list[str]]:
    """How many fields were recorded, and which of them are absent or of another type here.

    Null in one and a value in the other is no clash: it is another state of the same field.
    """
    recorded, answered = types(pair.event.response), types(pair.body)
    counted = [path for path in recorded if path not in LEFT_OUT]
    return len(counted), [path for path in counted if clash(recorded[path], answered.get(path))]


def clash(recorded: set[str], answered: set[str] | None) -> bool:
    if answered is None:
        return True
    return bool((recorded - {"null"}) and (answered - {"null"}) and not recorded & answered)


def pairs(kind: str, *methods: str) -> list[Pair]:
    """What was recorded of a kind, in all recordings; of what went wrong on purpose nothing."""
    found = (pair for recording in NAMES for pair in replayed(recording) if pair.event.kind == kind)
    return [pair for pair in found if pair.event.method in methods and pair.event.status < 300]


def reads(kind: str) -> list[Pair]:
    return pairs(kind, "GET")


def share(pairs: list[Pair]) -> tuple[float, set[str]]:
    """The share of recorded fields that are there, and the ones that are not."""
    results = [missing(pair) for pair in pairs]
    recorded = sum(count for count, _ in results)
    absent = [path for _, paths in results for path in paths]
    return 1 - len(absent) / recorded, set(absent)


@pytest.mark.parametrize(
    ("recorded", "answered", "expected"),
    [
        ({"string"}, None, True),
        ({"string"}, {"number"}, True),
        ({"null", "array"}, {"string"}, True),
        ({"string"}, {"null"}, False),
        ({"null"}, {"string"}, False),
        ({"string"}, {"string", "null"}, False),
    ],
)
def test_what_counts_as_a_clash(recorded: set[str], answered: set[str] | None, expected: bool) -> None:
    assert clash(recorded, answered) is expected


@pytest.mark.parametrize("kind", COMPARED)
def test_the_recorded_fields_are_there(kind: str) -> None:
    found, absent = share(known(reads(kind), kind))
    assert found >= LEAST, sorted(absent)


@pytest.mark.parametrize("kind", WRITTEN)
def test_the_recorded_fields_are_there_in_the_answer_to_a_write(kind: str) -> None:
    found, absent = share(known(pairs(kind, "PUT", "PATCH"), kind))
    assert found >= LEAST, sorted(absent)


def known(found: list[Pair], kind: str) -> list[Pair]:
    assert found, f"no {kind} was recorded"
    return found


def test_the_recorded_fields_are_there_all_in_all() -> None:
    found, absent = share([pair for kind in COMPARED for pair in reads(kind)])
    assert found >= LEAST, sorted(absent)


@pytest.mark.parametrize("kind", COMPARED)
def test_nothing_is_there_that_was_never_recorded(kind: str) -> None:
    """Answers are as new as the newest recording, also to an api-version that was recorded earlier."""
    recorded = {path for pair in reads(kind) for path in types(pair.event.response)}
    invented = {path for pair in reads(kind) for path in types(pair.body)} - recorded
    assert {path.rpartition(".")[2] for path in invented} <= set(newest_site()["keys_not_in_2025_07"])


def newest_site() -> Any:
    """The network part and the new keys of a site in September 2026."""
    return json.loads((FOLDER / "site-2026-09.json").read_text(encoding="utf-8"))


def test_a_site_has_what_the_newest_recorded_one_has() -> None:
    state, expected = load("healthy").state, newest_site()
    site = document(state, next(iter(state.sites.values())), "2025-05-01")
    answered = types(site)
    recorded = types({"properties": expected["properties"]})
    assert [path for path in recorded if clash(recorded[path], answered.get(path))] == []
    assert set(expected["keys_not_in_2025_07"]) <= set(site["properties"])


def test_no_body_of_another_owners_link_was_recorded() -> None:
    """What the sandbox shows of such links is taken from azure-facts.md; with a body, compare it here."""
    assert all(event.response is None for event in events("links-of-other-owners"))


def test_no_read_of_network_config_was_recorded() -> None:
    """Its shape is taken from the client's source; with a recording, add it to COMPARED."""
    assert reads("networkConfig") == []
