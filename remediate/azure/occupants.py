"""What else is in a subnet, as its own body tells it: network interfaces, private endpoints and more."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

from remediate import ids
from remediate.model import Occupant

_FIELDS = (
    "ipConfigurations",
    "privateEndpoints",
    "resourceNavigationLinks",
    "applicationGatewayIPConfigurations",
    "ipConfigurationProfiles",
)
"""The properties of a subnet that list what is in it. They are absent where there is nothing."""


def occupants(body: Any) -> tuple[Occupant, ...]:
    """The resources in a subnet, each once. An entry that cannot be read is an occupant of unknown kind."""
    found = {one.id.casefold(): one for field in _FIELDS for one in _of(body, field)}
    return tuple(found.values())


def _of(body: Any, field: str) -> Iterator[Occupant]:
    entries = body["properties"].get(field)
    if entries is None:
        return
    for number, entry in enumerate(entries if isinstance(entries, list) else [entries]):
        yield _occupant(entry, body["id"]) or Occupant(f"{body['id']}/{field}/{number}", "")


def _occupant(entry: Any, subnet: str) -> Occupant | None:
    """What an entry stands for; None where it does not say that."""
    if not isinstance(entry, dict):
        return None
    properties = entry.get("properties")
    linked = properties if isinstance(properties, dict) else {}
    named = linked.get("link") or entry.get("id")
    try:
        parsed = ids.parse(named) if isinstance(named, str) else None
    except ids.InvalidId:
        return None
    if parsed is None or not parsed.path:
        return None
    own = ids.within(str(parsed), subnet)  # an entry of the subnet itself, without the resource behind it
    kind = linked.get("linkedResourceType")
    resource = parsed if own else replace(parsed, path=parsed.path[:1])
    return Occupant(str(resource), kind if isinstance(kind, str) and kind else resource.type)
