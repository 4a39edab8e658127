from __future__ import annotations

import json
from typing import Any

import jsonschema
import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from remediate.model import ErrorReport
from remediate.show.documents import InvalidQuery, render
from remediate.show.schemas import schemas

from .samples import LINK_MISSING, STALE, UNREAD, outcome, verified

DOCUMENTS: dict[str, list[Any]] = {
    "remediate.verify-1": [verified(), verified(LINK_MISSING, STALE), verified(UNREAD)],
    "remediate.run-1": [outcome(), outcome(status="failed", findings_after=(LINK_MISSING,), resume="x")],
    "remediate.error-1": [ErrorReport("no-such-app", "There is none.", "Try az login.", 2)],
}
EACH = [(name, value) for name, values in DOCUMENTS.items() for value in values]


@pytest.mark.parametrize(("name", "value"), EACH)
def test_every_document_is_valid_by_its_schema(name: str, value: Any) -> None:
    schema = schemas()[name]
    jsonschema.Draft202012Validator.check_schema(schema)
    jsonschema.validate(json.loads(render(value, "json")), schema)


@pytest.mark.parametrize(("name", "value"), EACH)
def test_a_document_that_lacks_a_field_or_has_another_schema_is_not_valid(name: str, value: Any) -> None:
    whole = json.loads(render(value, "json"))
    assert whole["schema"] == name.replace("-1", "/1")
    by_schema = jsonschema.Draft202012Validator(schemas()[name])
    assert by_schema.is_valid(whole)
    for key in whole:
        assert not by_schema.is_valid({k: v for k, v in whole.items() if k != key}), key
    assert not by_schema.is_valid({**whole, "schema": "remediate.other/1"})


def test_the_schema_comes_first_and_routing_is_named_as_azure_names_it() -> None:
    document = json.loads(render(outcome(), "json"))
    assert next(iter(document)) == "schema"
    assert document["targets"][0]["routing_before"]["contentShareTraffic"] is True
    assert document["started"] == "2026-01-01T03:00:00Z"


@pytest.mark.parametrize(("name", "value"), EACH)
def test_yaml_says_the_same_as_json(name: str, value: Any) -> None:
    assert yaml.safe_load(render(value, "yaml")) == json.loads(render(value, "json"))


@given(st.text(st.characters()))
def test_a_document_is_ascii_and_cannot_drive_a_terminal(text: str) -> None:
    finding = replace(LINK_MISSING, title=text)
    for output in ("json", "yaml"):
        document = render(verified(finding), output)  # type: ignore[arg-type]
        assert document.isascii()
        assert document.replace("\n", "").isprintable()
    assert json.loads(render(verified(finding), "json"))["findings"][0]["title"] == text


def test_a_query_narrows_the_document() -> None:
    assert json.loads(render(verified(LINK_MISSING, STALE), "json", "findings[].code")) == [
        "link-missing",
        "stale-graph",
    ]
    assert render(verified(), "json", "nothing") == "null"


@pytest.mark.parametrize(
    "query", ["", "[", "findings[?", "nope(@)", "length(`1`)", "a b", "findings[::0]", "((" * 5000]
)
def test_a_wrong_query_is_one_clear_line(query: str) -> None:
    with pytest.raises(InvalidQuery) as caught:
        render(verified(), "json", query)
    assert str(caught.value).startswith("--query ")
    assert "\n" not in str(caught.value)


@given(st.text(alphabet="abc[]{}()|&@?*.,:'`\"!<>=0123- \\$", max_size=30))
@pytest.mark.filterwarnings("ignore:deprecated string literal syntax")
def test_any_query_either_works_or_is_a_bad_query(query: str) -> None:
    try:
        json.loads(render(verified(LINK_MISSING), "json", query))
    except InvalidQuery as error:
        assert "\n" not in str(error)
