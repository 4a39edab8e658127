"""A row of Resource Graph's `resourcechanges`, from a record of a world (azure-facts.md, 6)."""

from __future__ import annotations

import json
import uuid
from typing import Any

from remediate import ids
from remediate.sandbox.documents.fields import is_application, seconds_and_more, type_of

SYSTEM = "System"
"""Who changed what nobody asked for: the platform itself."""


def row(record: dict[str, Any], blank: dict[str, Any]) -> dict[str, Any]:
    """The row; `blank` is one with what every resource has."""
    target, name = record["resource"], str(uuid.uuid5(uuid.NAMESPACE_URL, json.dumps(record)))
    return {
        **blank,
        "id": f"{target}/providers/Microsoft.Resources/changes/{name}",
        "name": name,
        "type": "microsoft.resources/changes",
        "resourceGroup": (ids.parse(target).group or "").lower(),
        "properties": {
            "targetResourceId": target,
            "targetResourceType": type_of(target).lower(),
            "changeType": record["type"],
            "changeAttributes": _attributes(record, name),
            **_changes(record),
        },
    }


def _attributes(record: dict[str, Any], name: str) -> dict[str, Any]:
    who = record.get("who") or SYSTEM
    kind = SYSTEM if who.casefold() == SYSTEM.casefold() else "Application" if is_application(who) else "User"
    return {
        "timestamp": seconds_and_more(record["at"]),
        "changedBy": who,
        "changedByType": kind,
        "clientType": record.get("client") or "Unspecified",
        "operation": (record.get("operation") or "").lower(),
        "correlationId": record.get("correlation") or name,
        "changesCount": len(record.get("changes") or {}),
    }


def _changes(record: dict[str, Any]) -> dict[str, Any]:
    """Create and Delete carry no changes."""
    if record["type"] != "Update":
        return {}
    return {"changes": {path: _change(*values) for path, values in (record.get("changes") or {}).items()}}


def _change(previous: Any, new: Any) -> dict[str, Any]:
    how = "Insert" if previous is None else "Remove" if new is None else "Update"
    return {
        "previousValue": _text(previous),
        "newValue": _text(new),
        "changeCategory": "User",
        "propertyChangeType": how,
        "isTruncated": False,
    }


def _text(value: Any) -> str:
    """A value as Microsoft's page shows it: texts, and `null` for none."""
    return value if isinstance(value, str) else json.dumps(value)
