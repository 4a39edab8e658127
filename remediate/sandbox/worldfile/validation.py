"""A world file beside its schema: every error in words, with its line."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from functools import cache
from typing import Any, NamedTuple

import yaml
from jsonschema import Draft202012Validator
from jsonschema.exceptions import ValidationError
from jsonschema.protocols import Validator

from remediate.sandbox.worldfile.errors import WorldError
from remediate.sandbox.worldfile.formats import FORMATS, checker, masked
from remediate.sandbox.worldfile.names import suggestion
from remediate.sandbox.worldfile.schema import WORLD
from remediate.sandbox.worldfile.text import line_at

_TYPES = {
    "string": "text",
    "integer": "a whole number",
    "number": "a number",
    "boolean": "true or false",
    "object": "a mapping",
    "array": "a list",
}


class Violation(NamedTuple):
    """What the schema has against the part of a file at `path`: its `rule` wants `wanted`, and not `found`.

    With `of_key` it is about the key that `found` is. `branches` are the errors of each alternative.
    """

    path: list[str | int]
    rule: str
    wanted: Any
    found: Any
    schema: Any
    of_key: bool
    branches: list[list[Violation]]

    @property
    def unknown_keys(self) -> list[str]:
        """The keys that the schema does not have."""
        return [name for name in self.found if name not in self.schema["properties"]]

    @property
    def wants_mapping(self) -> bool:
        """Whether there has to be a mapping in place of the value."""
        return self.rule == "type" and "object" in self.wanted and not self.of_key


def violations(data: Any) -> list[Violation]:
    """Everything that the schema has against a file."""
    return [_violation(one) for one in _validator().iter_errors(data)]


@cache
def _validator() -> Validator:
    return Draft202012Validator(WORLD, format_checker=checker())


def _violation(error: ValidationError) -> Violation:
    branches: dict[Any, list[Violation]] = {}
    for one in error.context or ():
        branches.setdefault(one.relative_schema_path[0], []).append(_violation(one))
    return Violation(
        list(error.absolute_path),
        str(error.validator),
        error.validator_value,
        error.instance,
        error.schema,
        "propertyNames" in error.absolute_schema_path,
        list(branches.values()),
    )


def in_words(root: yaml.Node, one: Violation) -> Iterator[WorldError]:
    """The errors, each with its line, that one violation comes to."""
    if one.rule == "anyOf":
        yield from _of_branches(root, one)
    elif one.rule == "additionalProperties":
        for name in one.unknown_keys:
            known = one.schema["properties"]
            near = suggestion(name, known) or f"; known are {', '.join(known)}"
            line = line_at(root, [*one.path, name], key=True)
            yield WorldError(line, f"unknown key {_quoted(name)}{near}")
    elif one.of_key:
        yield WorldError(line_at(root, [*one.path, one.found], key=True), f"the key {_wrong(one)}")
    else:
        yield WorldError(line_at(root, one.path), f"{_label(one.path)} {_wrong(one)}")


def _of_branches(root: yaml.Node, one: Violation) -> Iterator[WorldError]:
    """What is wrong with the alternative that was meant, by its type; or that none of them was."""
    meant = [errors for errors in one.branches if not any(_is_of_type(each, one) for each in errors)]
    if meant:
        for each in meant[0]:
            yield from in_words(root, each)
    else:
        wrong = f"must be {one.schema['description']}, not {_shown(one.found)}"
        yield WorldError(line_at(root, one.path), f"{_label(one.path)} {wrong}")


def _is_of_type(one: Violation, around: Violation) -> bool:
    return one.rule in ("type", "const") and one.path == around.path


def _wrong(one: Violation) -> str:
    """What is wrong with one value, after the name of where it is."""
    rule, wanted, found = one.rule, one.wanted, one.found
    if rule == "type":
        return f"must be {_types(wanted)}, not {_shown(found)}"
    if rule == "enum":
        words = [word for word in wanted if word is not None]
        return f"must be {_either(words)}, not {_shown(found)}{suggestion(str(found), words)}"
    if rule == "format":
        near = masked(found) if wanted == "prefix" else ""
        return f"must be {FORMATS[wanted][1]}, not {_shown(found)}{near}"
    if rule == "required":
        return f"needs {' and '.join(_quoted(name) for name in wanted if name not in found)}"
    if rule in ("minimum", "maximum"):
        return f"must be at {'least' if rule == 'minimum' else 'most'} {wanted}, not {_shown(found)}"
    return "must not be empty" if rule == "minLength" else f"must have {wanted} entries: [old, new]"


def _types(wanted: str | list[str]) -> str:
    named = [wanted] if isinstance(wanted, str) else [one for one in wanted if one != "null"]
    return _either([_TYPES[one] for one in named])


def _either(words: Iterable[str]) -> str:
    *first, last = words
    return f"{', '.join(first)} or {last}" if first else last


def _label(path: Sequence[str | int]) -> str:
    """Where a value is: its key, and for an entry of a list which one, counted from one."""
    if not path:
        return "the file"
    last = path[-1]
    return _quoted(last) if isinstance(last, str) else f"entry {last + 1} of {_label(path[:-1])}"


def _shown(value: Any) -> str:
    """A value as an error shows it: short, and on one line."""
    if isinstance(value, dict | list):
        return "a mapping" if isinstance(value, dict) else "a list"
    if isinstance(value, bool) or value is None:
        return {True: "true", False: "false", None: "null"}[value]
    if isinstance(value, str):
        return _quoted(value)
    return str(value) if abs(value) < 10**20 else "a huge number"


def _quoted(text: str) -> str:
    return repr(text if len(text) <= 200 else text[:197] + "...")
