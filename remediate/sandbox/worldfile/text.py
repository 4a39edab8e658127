"""The text of a world file → its YAML nodes, each of which knows its line, and the plain data in them."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from typing import Any

import yaml

from remediate.sandbox.worldfile.errors import InvalidWorld, WorldError

MAX_BYTES = 1024 * 1024
_MAX_DEPTH = 24
_MAX_NODES = 100_000
"""Also with every alias written out: a small file can stand for a huge one."""
_NUMBERS = {"tag:yaml.org,2002:int", "tag:yaml.org,2002:float"}
_MERGE = "tag:yaml.org,2002:merge"
_SCALARS = yaml.constructor.SafeConstructor()


def parse(text: bytes, source: str) -> tuple[yaml.Node, Any]:
    """The file as a tree of YAML nodes, and as plain data. Raises InvalidWorld with what prevents it."""
    try:
        root = _compose(text)
        errors: list[WorldError] = []
        data = _Reading(errors).value(root)
    except _Unreadable as error:
        raise InvalidWorld(source, [WorldError(*error.args)]) from None
    if errors:
        raise InvalidWorld(source, errors)
    return root, data


def line_of(node: yaml.Node | yaml.Event) -> int:
    """The line of the file on which a node begins, counted from one."""
    return node.start_mark.line + 1 if node.start_mark else 1


def line_at(root: yaml.Node, path: Sequence[str | int], *, key: bool = False) -> int:
    """The line of the value at a path, or with `key` of its key; of the nearest around it that is there."""
    line, node = line_of(root), root
    for segment in path:
        found = _step(node, segment)
        if found is None:
            break
        line, node = line_of(found[0] if key else found[1]), found[1]
    return line


def lines_at(root: yaml.Node, path: Sequence[str | int]) -> range:
    """The lines from the first to the last of the value at a path, or of the nearest around it."""
    node = root
    for segment in path:
        found = _step(node, segment)
        if found is None:
            break
        node = found[1]
    last = node.end_mark.line + 1 if node.end_mark else 1
    return range(line_of(node), last + 1)


def _step(node: yaml.Node, segment: str | int) -> tuple[yaml.Node, yaml.Node] | None:
    """The key and the value below a node, or None."""
    if isinstance(node, yaml.SequenceNode) and isinstance(segment, int):
        return node.value[segment], node.value[segment]
    if isinstance(node, yaml.MappingNode):
        return next(((key, value) for key, value in node.value if key.value == segment), None)
    return None


def child(node: yaml.Node | None, name: str) -> yaml.Node | None:
    """The value of a key, or None."""
    found = _step(node, name) if node is not None else None
    return found[1] if found else None


class _Unreadable(Exception):
    """Nothing more can be said about the file than this line and message."""


def _compose(text: bytes) -> yaml.Node:
    if len(text) > MAX_BYTES:
        raise _Unreadable(1, f"the file is larger than {MAX_BYTES // 1024} KiB")
    try:
        decoded = text.decode("utf-8")
        for line, message in _refused(decoded):
            raise _Unreadable(line, message)
        root = yaml.compose(decoded, Loader=yaml.SafeLoader)
    except UnicodeDecodeError as error:
        raise _Unreadable(text.count(b"\n", 0, error.start) + 1, "this is not UTF-8 text") from error
    except yaml.reader.ReaderError as error:
        raise _Unreadable(decoded.count("\n", 0, error.position) + 1, "a control character") from error
    except yaml.MarkedYAMLError as error:
        line = getattr(error.problem_mark or error.context_mark, "line", 0) + 1
        raise _Unreadable(line, f"this is not YAML: {error.problem or error.context}") from error
    except (ValueError, OverflowError) as error:  # an escape that is no character, such as "\UFFFFFFFF"
        raise _Unreadable(1, "this is not YAML: an escape that stands for no character") from error
    if root is None:
        raise _Unreadable(1, "the file is empty")
    return root


def _refused(text: str) -> Iterator[tuple[int, str]]:
    """Where tags or too deep nesting stand: without them building a tree is safe."""
    depth = 0
    for event in yaml.parse(text, Loader=yaml.SafeLoader):
        depth += isinstance(event, yaml.CollectionStartEvent) - isinstance(event, yaml.CollectionEndEvent)
        if getattr(event, "tag", None):
            yield line_of(event), "a world file has no tags (!); put the text in quotes"
        if depth > _MAX_DEPTH:
            yield line_of(event), f"nesting deeper than {_MAX_DEPTH} levels"


class _Reading:
    """Nodes → plain data: mappings with text keys, lists, texts, numbers, true, false and null."""

    def __init__(self, errors: list[WorldError]) -> None:
        self._errors = errors
        self._left = _MAX_NODES

    def value(self, node: yaml.Node, depth: int = 0) -> Any:
        """The data of a node. Raises _Unreadable where aliases make the file endless or huge."""
        self._left -= 1
        if self._left < 0 or depth > _MAX_DEPTH:
            raise _Unreadable(line_of(node), "aliases (*) make this file too large")
        if isinstance(node, yaml.MappingNode):
            return self._mapping(node, depth)
        if isinstance(node, yaml.ScalarNode):
            return self._scalar(node)
        return [self.value(one, depth + 1) for one in node.value]

    def _mapping(self, node: yaml.MappingNode, depth: int) -> dict[str, Any]:
        found: dict[str, Any] = {}
        for key, value in node.value:
            if not isinstance(key, yaml.ScalarNode) or not _is_text(key.value):
                self._errors.append(WorldError(line_of(key), "a key must be plain text"))
            elif key.tag == _MERGE:
                self._errors.append(WorldError(line_of(key), "a merge key (<<) has no meaning here"))
            elif key.value in found:
                self._errors.append(WorldError(line_of(key), f"{key.value!r} is here twice"))
            else:
                found[key.value] = self.value(value, depth + 1)
        return found

    def _scalar(self, node: yaml.ScalarNode) -> Any:
        """A number, true, false, null or a text; a date is kept as it was written."""
        text: str = node.value
        if node.tag == "tag:yaml.org,2002:null":
            return None
        if node.tag == "tag:yaml.org,2002:bool":
            return _SCALARS.construct_yaml_bool(node)
        if node.tag in _NUMBERS:
            return _number(node, text)
        if not _is_text(text):
            self._errors.append(WorldError(line_of(node), "a character that no text can hold"))
        return text


def _number(node: yaml.Node, text: str) -> int | float | str:
    """The number, or the text where it only looks like one."""
    try:
        made = _SCALARS.yaml_constructors[node.tag](_SCALARS, node)
    except ValueError:
        return text
    return made if isinstance(made, int) or math.isfinite(made) else text


def _is_text(text: str) -> bool:
    """Whether a text can be written as UTF-8: an escape can make half a character."""
    return not any("\ud800" <= character <= "\udfff" for character in text)
