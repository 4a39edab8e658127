"""Rules that make the simulated Azure misbehave on purpose (docs/reference/sandbox.md, Faults)."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any, Literal

SETTINGS = {"match", "times", "answer", "effect", "reset", "delay", "garbage", "stale", "reversed"}
MATCH_SETTINGS = {"method", "path", "nth", "every"}
ANSWER_SETTINGS = {"status", "headers", "body"}
ACTIONS = ("answer", "reset", "delay", "garbage", "stale", "reversed")


class MalformedRule(ValueError):
    """A rule that cannot be followed; the message says which one and why."""


@dataclass(frozen=True)
class Answer:
    """The answer that a rule gives instead of the real one."""

    status: int
    headers: dict[str, str]
    body: Any


@dataclass
class Rule:
    """One rule. It is due from its `nth` match on, or at every `every`-th, as often as `times` says.

    `times` 0 is always. `kept` carries the write out behind the answer. `reversed` turns the order of a
    listing around: ARM promises none.
    """

    method: re.Pattern[str]
    path: re.Pattern[str]
    nth: int = 1
    every: int = 0
    times: int = 1
    answer: Answer | None = None
    kept: bool = False
    reset: Literal["before", "after"] | None = None
    delay: float = 0.0
    garbage: bool = False
    stale: bool = False
    reversed: bool = False
    matched: int = 0
    fired: int = 0

    def due(self, method: str, path: str) -> bool:
        """Count a request that matches; whether the rule is to be followed for it."""
        if not (self.method.fullmatch(method) and self.path.search(path)):
            return False
        self.matched += 1
        spent = self.times > 0 and self.fired >= self.times
        turn = self.matched % self.every == 0 if self.every else self.matched >= self.nth
        return turn and not spent


class Faults:
    """The rules in force. Of several that are due, the first is followed."""

    def __init__(self, rules: list[dict[str, Any]] | None = None) -> None:
        self._rules = parse(rules or [])

    def replace(self, rules: Any) -> None:
        """Put other rules in force, from the beginning. Raises MalformedRule, and then changes nothing."""
        self._rules = parse(rules)

    def take(self, method: str, path: str) -> Rule | None:
        """The rule to follow for a request; `path` is without its query string."""
        due = [rule for rule in self._rules if rule.due(method, path)]
        if not due:
            return None
        due[0].fired += 1
        return due[0]


def parse(rules: Any) -> list[Rule]:
    """Rules from plain data. Raises MalformedRule for the first one that is wrong."""
    if not isinstance(rules, list):
        raise MalformedRule("the rules must be an array")
    return [_rule(number, rule) for number, rule in enumerate(rules, start=1)]


def _rule(number: int, body: Any) -> Rule:
    try:
        _check_settings(body, SETTINGS, "rule")
        match = body.get("match", {})
        _check_settings(match, MATCH_SETTINGS, "match")
        actions = [name for name in ACTIONS if body.get(name)]
        if len(actions) != 1:
            raise MalformedRule(f"needs exactly one of {', '.join(ACTIONS)}")
        return Rule(
            method=_pattern(match, "method", ".*"),
            path=_pattern(match, "path", ""),
            nth=_count(match, "nth", 1),
            every=_count(match, "every", 0),
            times=_count(body, "times", 1) if body.get("times", 1) is not None else 0,
            answer=_answer(body["answer"]) if "answer" in actions else None,
            kept=_choice(body, "effect", ("none", "kept")) == "kept",
            reset=_choice(body, "reset", ("before", "after")),
            delay=_seconds(body.get("delay", 0)),
            garbage="garbage" in actions,
            stale="stale" in actions,
            reversed="reversed" in actions,
        )
    except (MalformedRule, re.error) as error:
        raise MalformedRule(f"rule {number}: {error}") from None


def _check_settings(body: Any, known: set[str], what: str) -> None:
    if not isinstance(body, dict):
        raise MalformedRule(f"the {what} must be an object")
    unknown = sorted(set(body) - known)
    if unknown:
        raise MalformedRule(f"unknown setting {unknown[0]!r} in the {what}")


def _answer(body: Any) -> Answer:
    _check_settings(body, ANSWER_SETTINGS, "answer")
    status = body.get("status")
    if not isinstance(status, int) or not 200 <= status <= 599:
        raise MalformedRule("the answer needs a status from 200 to 599")
    headers = body.get("headers", {})
    if not isinstance(headers, dict):
        raise MalformedRule("the headers must be an object")
    return Answer(status, {str(name): str(value) for name, value in headers.items()}, body.get("body"))


def _pattern(match: dict[str, Any], name: str, default: str) -> re.Pattern[str]:
    value = match.get(name, default)
    if not isinstance(value, str):
        raise MalformedRule(f"{name} must be a text")
    return re.compile(value, re.IGNORECASE)


def _count(body: dict[str, Any], name: str, default: int) -> int:
    value = body.get(name, default)
    if not isinstance(value, int) or isinstance(value, bool) or value < 0:
        raise MalformedRule(f"{name} must be a whole number")
    return value


def _seconds(value: Any) -> float:
    if not isinstance(value, int | float) or isinstance(value, bool) or value < 0:
        raise MalformedRule("delay must be a number of seconds")
    return float(value)


def _choice(body: dict[str, Any], name: str, choices: tuple[str, ...]) -> Any:
    value = body.get(name)
    if value is not None and value not in choices:
        raise MalformedRule(f"{name} must be one of {', '.join(choices)}")
    return value
