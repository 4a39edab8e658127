"""The expressions of ARM templates, as far as names and ids are made of them.

Known are literals, `parameters` with a default value, `variables`, `concat`, `format`, `toLower` and
`resourceId`. Everything else is known only when the template is deployed.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from typing import Any

from remediate.errors import UsageError

GROUP = "[resourceGroup().id]"
"""Stands for the id of the resource group in which a template is deployed."""
_TOKEN = re.compile(r"\s*(?:'((?:[^']|'')*)'|(-?\d+)|([A-Za-z_]\w*)|([(),.\[\]]))")
_MAX_STEPS = 20_000
_MAX_LENGTH = 4096
_MAX_DEPTH = 30


class Unresolved(UsageError):
    """The value of an expression is known only when the template is deployed."""


class Scope:
    """The parameters and variables of one template."""

    def __init__(self, template: Mapping[str, Any], given: Mapping[str, Any] | None = None) -> None:
        self._parameters = _mapping(template.get("parameters"))
        self._variables = _mapping(template.get("variables"))
        self._given = given or {}
        self._steps = 0
        self._depth = 0

    def resolve(self, value: Any) -> Any:
        """The value with each expression in it evaluated. Raises Unresolved."""
        self._steps += 1
        if self._steps > _MAX_STEPS:
            raise Unresolved("too many expressions")
        if isinstance(value, dict):
            return {str(self.resolve(key)): self.resolve(one) for key, one in value.items()}
        if isinstance(value, list):
            return [self.resolve(one) for one in value]
        if not isinstance(value, str) or not (value.startswith("[") and value.endswith("]")):
            return value
        if value.startswith("[["):
            return value[1:]
        return self._evaluated(value[1:-1])

    def _evaluated(self, text: str) -> Any:
        self._depth += 1
        try:
            if self._depth > _MAX_DEPTH or len(text) > _MAX_LENGTH:
                raise Unresolved("nested too deeply")
            return _Expression(text, self.call).value()
        finally:
            self._depth -= 1

    def call(self, name: str, arguments: list[Any]) -> Any:
        """The value of a function. Raises Unresolved."""
        known: dict[str, Callable[[list[Any]], Any]] = {
            "parameters": self._parameter,
            "variables": self._variable,
            "concat": _concatenated,
            "format": _formatted,
            "tolower": lambda given: _text(given[0]).lower(),
            "resourceid": _resource_id,
        }
        if name.casefold() not in known or not arguments:
            raise Unresolved(f"{name[:60]}() is known only when the template is deployed")
        return known[name.casefold()](arguments)

    def _parameter(self, given: list[Any]) -> Any:
        name = _text(given[0])
        if name in self._given:
            return self._given[name]
        declared = self._parameters.get(name)
        if not isinstance(declared, dict) or "defaultValue" not in declared:
            raise Unresolved(f"the parameter {name[:60]} has no default")
        return self.resolve(declared["defaultValue"])

    def _variable(self, given: list[Any]) -> Any:
        name = _text(given[0])
        if name not in self._variables:
            raise Unresolved(f"there is no variable {name[:60]}")
        return self.resolve(self._variables[name])


class _Expression:
    """One expression without its brackets, read from left to right."""

    def __init__(self, text: str, call: Callable[[str, list[Any]], Any]) -> None:
        self._tokens = _tokens(text)
        self._at = 0
        self._call = call
        self._depth = 0

    def value(self) -> Any:
        """Raises Unresolved, also for what is no expression."""
        found = self._one()
        if self._at != len(self._tokens):
            raise Unresolved("not an expression")
        return found

    def _one(self) -> Any:
        self._depth += 1
        if self._depth > _MAX_DEPTH:
            raise Unresolved("nested too deeply")
        kind, text = self._next()
        if kind == "name":
            found = self._call(text, self._arguments())
        elif kind in ("text", "number"):
            found = text if kind == "text" else int(text)
        else:
            raise Unresolved("not an expression")
        self._depth -= 1
        return self._selected(found)

    def _arguments(self) -> list[Any]:
        self._expect("(")
        found: list[Any] = []
        while not self._is(")"):
            if found:
                self._expect(",")
            found.append(self._one())
        self._expect(")")
        return found

    def _selected(self, found: Any) -> Any:
        """What `.name` and `[index]` behind a call select."""
        while self._is(".") or self._is("["):
            named = self._next()[1] == "."
            inner = self._next()[1] if named else self._one()
            if not named:
                self._expect("]")
            try:
                found = found[inner]
            except (KeyError, IndexError, TypeError) as error:
                raise Unresolved("it selects what is not there") from error
        return found

    def _is(self, text: str) -> bool:
        return self._at < len(self._tokens) and self._tokens[self._at] == ("sign", text)

    def _expect(self, text: str) -> None:
        if not self._is(text):
            raise Unresolved("not an expression")
        self._at += 1

    def _next(self) -> tuple[str, str]:
        if self._at == len(self._tokens):
            raise Unresolved("not an expression")
        self._at += 1
        return self._tokens[self._at - 1]


def _tokens(text: str) -> list[tuple[str, str]]:
    found: list[tuple[str, str]] = []
    at = 0
    text = text.strip()
    while at < len(text):
        match = _TOKEN.match(text, at)
        if match is None:
            raise Unresolved("not an expression")
        at = match.end()
        kind = ("text", "number", "name", "sign")[(match.lastindex or 1) - 1]
        found.append((kind, match[match.lastindex or 1].replace("''", "'")))
    return found


def _mapping(value: Any) -> Mapping[str, Any]:
    return value if isinstance(value, dict) else {}


def _text(value: Any) -> str:
    if isinstance(value, bool) or not isinstance(value, str | int):
        raise Unresolved("not a text")
    text = str(value)
    if len(text) > _MAX_LENGTH:
        raise Unresolved("too long")
    return text


def _concatenated(given: list[Any]) -> Any:
    if all(isinstance(one, list) for one in given):
        return [one for part in given for one in part][:_MAX_LENGTH]
    return _text("".join(_text(one) for one in given))


def _formatted(given: list[Any]) -> str:
    values = [_text(one) for one in given[1:]]

    def value(match: re.Match[str]) -> str:
        if int(match[1]) >= len(values):
            raise Unresolved("format() has too few values")
        return values[int(match[1])]

    return _text(re.sub(r"\{(\d{1,3})\}", value, _text(given[0])))


def _resource_id(given: list[Any]) -> str:
    """`resourceId([subscription], [group], type, name, …)`; without a group it is that of the deployment."""
    texts = [_text(one) for one in given]
    at = next((n for n, one in enumerate(texts) if "/" in one), len(texts))
    kinds, names = texts[at].split("/") if at < len(texts) else [""], texts[at + 1 :]
    if at > 2 or len(kinds) < 2 or len(kinds) - 1 != len(names):
        raise Unresolved("resourceId() has other arguments")
    path = "".join(f"/{kind}/{name}" for kind, name in zip(kinds[1:], names, strict=True))
    if at == 1:
        raise Unresolved("the subscription is known only when the template is deployed")
    around = f"/subscriptions/{texts[0]}/resourceGroups/{texts[1]}" if at == 2 else GROUP
    return f"{around}/providers/{kinds[0]}{path}"
