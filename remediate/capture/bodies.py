"""The bodies that ARM answered, by the id of the resource; those of Resource Graph are not among them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

from remediate import ids
from remediate.model import Document, key

Body = dict[str, Any]
SITE, SLOT = "microsoft.web/sites", "microsoft.web/sites/slots"
PLAN = "microsoft.web/serverfarms"
NETWORK = "microsoft.network/virtualnetworks"
SUBNET = "microsoft.network/virtualnetworks/subnets"
RESOURCES = (SITE, SLOT, PLAN, NETWORK, SUBNET)
"""The types of the resources that a world file describes."""
GRAPH = "graph"
"""The kind of the documents that come from Resource Graph."""


class Bodies:
    """The newest body of each resource: its own answer, else the entry of a list."""

    def __init__(self, documents: Iterable[Document]) -> None:
        answered = [one for one in documents if one.status == "found" and one.kind != GRAPH]
        self._alone: set[str] = set()
        self._found: dict[str, Body] = {}
        for document in sorted(answered, key=lambda one: not isinstance(one.body, list)):
            for body in document.body if isinstance(document.body, list) else [document.body]:
                self._keep(body, alone=not isinstance(document.body, list))

    def _keep(self, body: Any, *, alone: bool) -> None:
        id_ = body.get("id") if isinstance(body, dict) else None
        if isinstance(id_, str) and type_of(id_):
            self._found[key(id_)] = body
            if alone:
                self._alone.add(key(id_))

    def get(self, id_: str | None) -> Body | None:
        """The body of a resource, None where none was answered."""
        return self._found.get(key(id_)) if id_ else None

    def of_type(self, *types: str) -> Iterator[tuple[str, Body]]:
        """Every body of these types, with its id, in the order in which they were answered."""
        for body in self._found.values():
            if type_of(str(body["id"])) in types:
                yield str(body["id"]), body

    def is_alone(self, id_: str) -> bool:
        """Whether a resource was read by itself."""
        return key(id_) in self._alone


def properties(body: Body | None) -> Body:
    """The properties of a body; empty where it has none."""
    found = (body or {}).get("properties")
    return found if isinstance(found, dict) else {}


def entries(value: Any) -> list[Body]:
    """The objects of a list; none where it is left out."""
    return [one for one in value if isinstance(one, dict)] if isinstance(value, list) else []


def text(value: Any) -> str | None:
    """A text that is not empty, else None."""
    return value if isinstance(value, str) and value else None


def type_of(id_: str) -> str:
    """The type of a resource in lower case; empty for what is no id, such as the path of a list."""
    try:
        return ids.parse(id_).type.casefold()
    except ids.InvalidId:
        return ""
