"""What a file holds: a snapshot of this tool, or resources as another tool printed or saved them."""

from __future__ import annotations

from typing import Any

import msgspec

from remediate.converter import Converter
from remediate.model import Snapshot
from remediate.snapshot.decoding import Unrecognised, decode
from remediate.snapshot.foreign import name_of_document
from remediate.snapshot.parsing import parse
from remediate.snapshot.resources import KINDS, ImportedResource, Search
from remediate.snapshot.template import resources_of_template

_SNAPSHOT = Converter(Snapshot)
_WANTED = "no subnet, network, app, plan or networkConfig as ARM, az or PowerShell print them"


def recognise(content: bytes) -> Snapshot | tuple[ImportedResource, ...]:
    """A snapshot, or the resources in another tool's output. Raises Unrecognised."""
    documents = parse(decode(content))
    if len(documents) == 1 and _is_snapshot(documents[0]):
        return _own(documents[0])
    search = Search(resources_of_template)
    for one in documents:
        if not name_of_document(one):
            search.look(one)
    if not search.found:
        raise Unrecognised(_reason(documents, search))
    return search.found


def _is_snapshot(document: Any) -> bool:
    return isinstance(document, dict) and document.get("schema") == "remediate.snapshot/1"


def _own(document: dict[str, Any]) -> Snapshot:
    try:
        return _SNAPSHOT.convert(document)
    except (msgspec.ValidationError, RecursionError) as error:
        raise Unrecognised(f"it is a damaged snapshot: {error}") from error


def _reason(documents: list[Any], search: Search) -> str:
    name = next((name for one in documents if (name := name_of_document(one))), None)
    if name is not None:
        return name
    if all(one in ([], {}, None) for one in documents):
        return "it is an empty list: it does not say of which subnet"
    other = next((one for one in search.others if one not in KINDS), None)
    return f"it holds {f'{other[:100]!a}, and ' if other else ''}{_WANTED}"
