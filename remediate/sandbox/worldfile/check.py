"""The text of a world file → what it describes, or everything that is wrong with it."""

from __future__ import annotations

import copy
from collections.abc import Iterator
from itertools import takewhile
from typing import Any

import yaml

from remediate.sandbox.worldfile.errors import InvalidWorld, WorldError
from remediate.sandbox.worldfile.layers import Described
from remediate.sandbox.worldfile.references import reference_errors
from remediate.sandbox.worldfile.text import lines_at, parse
from remediate.sandbox.worldfile.validation import Violation, in_words, violations

_NEEDED = ("extends", "group", "networks", "plans", "apps")
"""Without one of these, or one of its entries, what else names it would seem to name nothing."""


def checked(text: bytes, source: str) -> Described:
    """What a file describes; `source` is its name for the errors. Raises InvalidWorld with every error."""
    root, data = parse(text, source)
    invalid = violations(data)
    errors = [one for error in invalid for one in in_words(root, error)]
    errors += _references_beside(root, data, invalid) if invalid else reference_errors(root, data)
    if errors:
        raise InvalidWorld(source, errors)
    described: Described = data
    return described


def _references_beside(root: yaml.Node, data: Any, invalid: list[Violation]) -> list[WorldError]:
    """What is wrong with the references of a file of which some parts have the wrong form.

    Those parts are left out, and so is what is said about whatever they stand in.
    """
    cuts = [path for error in invalid for path in _cuts(error)]
    if any(len(path) < (3 if path[:1] and path[0] in _NEEDED else 1) for path in cuts):
        return []
    kept = copy.deepcopy(data)
    for path in cuts:
        _remove(kept, path)
    if violations(kept):
        return []
    around = {line for path in cuts for line in lines_at(root, path[:-1] if len(path) > 1 else path)}
    return [one for one in reference_errors(root, kept) if one.line not in around]


def _cuts(invalid: Violation) -> Iterator[list[str]]:
    """The paths of what is invalid; of a list all."""
    path = [str(one) for one in takewhile(lambda one: isinstance(one, str), invalid.path)]
    if len(path) < len(invalid.path):
        yield path
    elif invalid.rule == "additionalProperties":
        yield from ([*path, name] for name in invalid.unknown_keys)
    else:
        yield [*path, invalid.found] if invalid.of_key else path


def _remove(data: Any, path: list[str]) -> None:
    for segment in path[:-1]:
        data = data.get(segment) if isinstance(data, dict) else None
    if isinstance(data, dict):
        data.pop(path[-1], None)
