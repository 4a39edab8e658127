"""Fault rules: which request they strike, how often, and which rules are refused."""

from __future__ import annotations

from typing import Any

import pytest

from remediate.sandbox.faults import Faults, MalformedRule

ANSWER = {"answer": {"status": 503}}


def struck(rule: dict[str, Any], requests: int = 8, method: str = "GET", path: str = "/a/b") -> list[int]:
    """The numbers of the requests that a rule strikes."""
    faults = Faults([rule])
    return [n for n in range(1, requests + 1) if faults.take(method, path)]


@pytest.mark.parametrize(
    ("rule", "expected"),
    [
        (ANSWER, [1]),
        (ANSWER | {"times": 3}, [1, 2, 3]),
        (ANSWER | {"times": 0}, [1, 2, 3, 4, 5, 6, 7, 8]),
        (ANSWER | {"times": None}, [1, 2, 3, 4, 5, 6, 7, 8]),
        (ANSWER | {"match": {"nth": 3}}, [3]),
        (ANSWER | {"match": {"nth": 3}, "times": 2}, [3, 4]),
        (ANSWER | {"match": {"every": 3}, "times": 0}, [3, 6]),
        (ANSWER | {"match": {"every": 3}}, [3]),
        (ANSWER | {"match": {"method": "PUT"}}, []),
        (ANSWER | {"match": {"method": "get"}}, [1]),
        (ANSWER | {"match": {"method": "PUT|GET"}}, [1]),
        (ANSWER | {"match": {"path": "/B$"}}, [1]),
        (ANSWER | {"match": {"path": "^/b"}}, []),
    ],
)
def test_when_a_rule_strikes(rule: dict[str, Any], expected: list[int]) -> None:
    assert struck(rule) == expected


def test_rules_that_match_the_same_request_follow_one_another() -> None:
    faults = Faults([{"answer": {"status": 504}}, {"answer": {"status": 429}, "times": 2}])
    taken = [faults.take("PATCH", "/x") for _ in range(4)]
    assert [rule.answer.status if rule and rule.answer else None for rule in taken] == [504, 429, 429, None]


def test_replacing_the_rules_starts_from_the_beginning() -> None:
    faults = Faults([ANSWER])
    faults.take("GET", "/")
    faults.replace([ANSWER])
    assert faults.take("GET", "/") is not None
    faults.replace([])
    assert faults.take("GET", "/") is None


@pytest.mark.parametrize(
    ("rules", "reason"),
    [
        ({}, "must be an array"),
        ([1], "rule 1: the rule must be an object"),
        ([ANSWER, {"times": 1}], "rule 2: needs exactly one of"),
        ([ANSWER | {"garbage": True}], "needs exactly one of"),
        ([ANSWER | {"tmes": 1}], "unknown setting 'tmes'"),
        ([ANSWER | {"match": {"url": "x"}}], "unknown setting 'url'"),
        ([ANSWER | {"match": {"path": "("}}], "rule 1:"),
        ([ANSWER | {"match": {"path": 7}}], "path must be a text"),
        ([ANSWER | {"times": -1}], "times must be a whole number"),
        ([ANSWER | {"times": True}], "times must be a whole number"),
        ([ANSWER | {"effect": "some"}], "effect must be one of"),
        ([{"reset": "later"}], "reset must be one of"),
        ([{"delay": "long"}], "delay must be a number"),
        ([{"answer": {"status": 42}}], "status from 200 to 599"),
        ([{"answer": {"status": 500, "headers": []}}], "headers must be an object"),
        ([{"answer": "no"}], "the answer must be an object"),
    ],
)
def test_a_malformed_rule_is_refused_and_says_why(rules: Any, reason: str) -> None:
    with pytest.raises(MalformedRule, match=reason.replace("(", r"\(")):
        Faults().replace(rules)


def test_a_malformed_rule_changes_nothing() -> None:
    faults = Faults([ANSWER])
    with pytest.raises(MalformedRule):
        faults.replace([ANSWER, {}])
    assert faults.take("GET", "/") is not None
