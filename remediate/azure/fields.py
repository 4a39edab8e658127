"""The fields of ARM's documents. A list or an object that is something else raises MalformedDocument."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from remediate import ids
from remediate.errors import RemediateError


class MalformedDocument(RemediateError):
    """Azure answered with something that is not the document that was asked for."""

    code = "unreadable"


def array(body: Any, what: str) -> list[Any]:
    """A body that is a list, of `what`."""
    if not isinstance(body, list):
        raise MalformedDocument(f"the list of {what} is not a list")
    return body


def listing(body: Any) -> list[Any]:
    """The `value` of a list."""
    value = mapping(body).get("value")
    if not isinstance(value, list):
        raise MalformedDocument("the list has no value")
    return value


def properties(body: Any) -> dict[str, Any]:
    """The `properties` of a document, which cannot be left out."""
    found = mapping(body).get("properties")
    if not isinstance(found, dict):
        raise MalformedDocument("the document has no properties")
    return found


def resource_id(body: Any) -> str:
    """The `id` of a document, which cannot be left out."""
    found = optional(mapping(body).get("id"))
    if found is None:
        raise MalformedDocument("the document has no id")
    try:
        ids.parse(found)
    except ids.InvalidId as error:
        raise MalformedDocument(str(error)) from error
    return found


def mapping(value: Any) -> dict[str, Any]:
    """An object; an empty one where it is left out."""
    if value is None:
        return {}
    if not isinstance(value, dict):
        raise MalformedDocument("what should be an object is not one")
    return value


def items(value: Any) -> Iterable[Any]:
    """The entries of a list; none where it is left out."""
    if value is None:
        return ()
    if not isinstance(value, list):
        raise MalformedDocument("what should be a list is not one")
    return value


def texts(value: Any) -> tuple[str, ...]:
    """The entries of a list of text."""
    return tuple(text(one) for one in items(value))


def text(value: Any) -> str:
    """A text; an empty one for anything else."""
    return value if isinstance(value, str) else ""


def optional(value: Any) -> str | None:
    """A text that is not empty; None for anything else."""
    return value if isinstance(value, str) and value else None


def number(value: Any) -> int | None:
    """A whole number; None for anything else."""
    return value if isinstance(value, int) and not isinstance(value, bool) else None
