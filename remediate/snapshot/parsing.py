"""The documents in a text: JSON, YAML, CSV, and the lists that PowerShell prints.

JSON may stand between lines of a console, may be several documents one after another, and may have been
broken at the width of the console.
"""

from __future__ import annotations

import csv
import io
import json
import re
from collections.abc import Iterator
from typing import Any

import msgspec
import yaml

from remediate.snapshot.decoding import Unrecognised
from remediate.snapshot.foreign import name_of_document, name_of_text
from remediate.snapshot.printed import is_prompt, parse_lists, rejoined

MAX_DEPTH = 60
"""Levels of nesting; Azure's documents have about twelve."""
_TOO_DEEP = "it is nested too deeply"
_MAX_OTHER = 4 * 1024 * 1024
"""Characters of a text that is no JSON: everything else takes much longer to parse."""
_DECODER = json.JSONDecoder()
_OPENING = re.compile(r"^[{\[]", re.MULTILINE)
_BETWEEN = re.compile(r"[ \t\n,]*")
_TRIES = 5
_MAX_REJOINED = 1024 * 1024
_COLUMNS = {"tenantid": "tenantId", "subscriptionid": "subscriptionId"}
"""Columns of Resource Graph by which its rows are told, as it spells them."""
_SEVERAL = 1000
"""Documents one after another in a file."""
_Loader: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)


def parse(text: str) -> list[Any]:
    """Every document in a text. Raises Unrecognised if there is none."""
    documents = _documents(text.removeprefix("\ufeff").lstrip())
    if any(depth(one) > MAX_DEPTH for one in documents):
        raise Unrecognised(_TOO_DEEP)
    return documents


def depth(document: Any) -> int:
    """How deeply lists and objects are nested, counted up to one more than MAX_DEPTH."""
    layer, levels = [document], 0
    while layer and levels <= MAX_DEPTH:
        inner = [
            one.values() if isinstance(one, dict) else one for one in layer if isinstance(one, dict | list)
        ]
        layer, levels = [each for one in inner for each in one], levels + 1
    return levels


def _documents(text: str) -> list[Any]:
    problem = ""
    try:
        return [msgspec.json.decode(text)]
    except RecursionError as error:
        raise Unrecognised(_TOO_DEEP) from error
    except ValueError as error:
        problem = " ".join(str(error).split())[:200]
    if name := name_of_text(text, at_start=True):
        raise Unrecognised(name)
    if text.startswith(("{", "[")):
        return _json(text, problem)
    if len(text) > _MAX_OTHER:
        if found := _embedded(text):
            return found
        raise Unrecognised(f"it is no JSON, and larger than {_MAX_OTHER // 1024 // 1024} MB")
    found = parse_lists(text) or _embedded(text) or _table(text)
    if not found and (name := name_of_text(text, at_start=False)):
        raise Unrecognised(name)
    return found or _yaml(text)


def _json(text: str, problem: str) -> list[Any]:
    """Documents one after another, also broken at the width of a console. Raises Unrecognised."""
    if found := _concatenated(text) or _concatenated(rejoined(text)):
        return found
    raise Unrecognised(f"it is JSON that was cut off or damaged: {problem}")


def _concatenated(text: str) -> list[Any]:
    """Documents one after another, and nothing but lines of a console behind them; none if one is damaged."""
    found: list[Any] = []
    at = 0
    while at < len(text) and len(found) < _SEVERAL:
        try:
            one, end = _DECODER.raw_decode(text, at)
        except (ValueError, RecursionError):
            return [] if text[at] in "{[" or not is_prompt(text[at:]) else found
        found.append(one)
        between = _BETWEEN.match(text, end)
        at = between.end() if between else end
    return found


def _embedded(text: str) -> list[Any]:
    """The JSON in the lines of a console: prompts and warnings before it are left out."""
    for start in list(_OPENING.finditer(text))[:_TRIES]:
        rest = text[start.start() :]
        found = _concatenated(rest) or _concatenated(rejoined(rest[:_MAX_REJOINED]))
        if found := [one for one in found if one and isinstance(one, dict | list)]:
            return found
    return []


def _table(text: str) -> list[Any]:
    """The rows of a CSV file such as Resource Graph Explorer's download; a cell may hold JSON."""
    head = text.partition("\n")[0]
    separator = ";" if head.count(";") > head.count(",") else ","
    names = [one.strip().strip('"').casefold() for one in head.split(separator)]
    names = [_COLUMNS.get(one, one) for one in names]
    if len(names) < 2 or not {"id", "properties", "subnets", "name"} & set(names):
        return []
    try:
        rows = list(csv.reader(io.StringIO(text), delimiter=separator, strict=True))[1:]
    except csv.Error:
        return []
    return [[{name: _cell(one) for name, one in zip(names, row, strict=False)} for row in rows]]


def _cell(text: str) -> Any:
    if not text.startswith(("{", "[")):
        return text
    try:
        return _DECODER.decode(text)
    except (ValueError, RecursionError):
        return text


def _yaml(text: str) -> list[Any]:
    """Raises Unrecognised: any text is YAML, but only a mapping or a list is a document.

    A last line without an end was cut off, and may have been longer; so was one without a value.
    """
    lines = text.split("\n")[:-1]
    while lines and lines[-1].endswith(":"):
        lines.pop()
    try:
        documents = list(_loaded("\n".join([*lines, ""])))
        if documents and not name_of_document(documents[-1]):
            documents[-1] = _certain(documents[-1])[0]
    except (yaml.YAMLError, ValueError, RecursionError):
        documents = []
    if not any(isinstance(one, dict | list) and one for one in documents):
        raise Unrecognised("it is neither JSON, YAML nor what PowerShell prints of a resource")
    return documents


def _loaded(text: str) -> Iterator[Any]:
    """The documents of a YAML text. Aliases are refused: a few lines of them grow without bound."""
    nested = 0
    for event in yaml.parse(text, Loader=_Loader):
        nested += isinstance(event, yaml.CollectionStartEvent) - isinstance(event, yaml.CollectionEndEvent)
        if isinstance(event, yaml.AliasEvent):
            raise Unrecognised("it is YAML with aliases, which no tool of Azure prints")
        if nested > MAX_DEPTH:
            raise Unrecognised(_TOO_DEEP)
    for document in yaml.load_all(text, Loader=_Loader):
        yield _plain(document)


def _certain(value: Any) -> tuple[Any, bool]:
    """The last value of a text without parts that may have gone on, and whether it is whole.

    Nothing tells that a YAML text was cut off between two lines. An object of Azure is whole if it has a
    `type`, which is its last field or nearly so.
    """
    if isinstance(value, list) and value:
        last, whole = _certain(value[-1])
        return [*value[:-1], last], whole
    if not isinstance(value, dict) or not value:
        return value, True
    name = next(reversed(value))
    last, whole = _certain(value[name])
    if whole:
        return {**value, name: last}, "type" in value
    return {key: one for key, one in value.items() if key not in (name, "type")}, False


def _plain(value: Any) -> Any:
    """The value with JSON's types alone: names are texts, and so are dates."""
    if isinstance(value, dict):
        return {str(key): _plain(one) for key, one in value.items()}
    if isinstance(value, list):
        return [_plain(one) for one in value]
    return value if value is None or isinstance(value, str | int | float) else str(value)
