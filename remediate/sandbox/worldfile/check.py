"""The text of a world file → what it describes, or everything that is wrong with it."""

from __future__ import annotations

import copy
from collections.abc import Iterator
from functools import reduce
from itertools import takewhile

from remediate.sandbox.worldfile.errors import InvalidWorld, Path
from remediate.sandbox.worldfile.layers import Described
from remediate.sandbox.worldfile.names import nearest
from remediate.sandbox.worldfile.references import reference_errors
from remediate.sandbox.worldfile.text import parse
from remediate.sandbox.worldfile.validation import Violation, in_words, violations


def checked(text: bytes, source: str) -> Described:
    """What a file describes; `source` is its name for the errors. Raises InvalidWorld with every error."""
    root, data = parse(text, source)
    invalid = violations(data)
    errors = [one for error in invalid for one in in_words(root, error)]
    omitted = {path for error in invalid for path in _omitted(error)}
    if () not in omitted:
        errors += reference_errors(root, _without(data, invalid), omitted)
    if errors:
        raise InvalidWorld(source, errors)
    described: Described = data
    return described


def _without(data: Described, invalid: list[Violation]) -> Described:
    """The file without what the schema rejects.

    A resource whose body is no mapping becomes an empty one, so that others can still name it. Entries of
    the lists at the top stay, so that the positions of the others do not change.
    """
    kept = copy.deepcopy(data)
    for error in invalid:
        for path in _paths(error):
            part = _part(path)
            *outer, last = part
            parent = reduce(lambda found, key: found.get(str(key)) or {}, outer, kept)
            if isinstance(last, str) and last in parent:
                if part == path and error.wants_mapping:
                    parent[last] = {}
                else:
                    del parent[last]
    return kept


def _omitted(invalid: Violation) -> Iterator[Path]:
    """The parts of a file that are not judged further; for an unknown key also the one that was meant."""
    for path in _paths(invalid):
        yield _part(path)
        if invalid.rule == "additionalProperties":
            meant = nearest(str(path[-1]), invalid.schema["properties"])
            yield _part((*path[:-1], meant)) if meant else _part(path)


def _paths(invalid: Violation) -> list[Path]:
    if invalid.rule == "additionalProperties":
        return [(*invalid.path, name) for name in invalid.unknown_keys]
    return [(*invalid.path, invalid.found) if invalid.of_key else tuple(invalid.path)]


def _part(path: Path) -> Path:
    """The entry of a list at the top that a path leads into, or its value up to the first list."""
    keys = tuple(takewhile(lambda one: isinstance(one, str), path))
    return path[:2] if len(keys) == 1 else keys
