"""The answer of Azure's own detector of who is on a subnet (azure-facts.md, 1)."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from typing import Any

from remediate import ids
from remediate.azure.fields import MalformedDocument

_TABLE = "checkSubnetUsageByVnetId"
_PRODUCTION = "production"


def detected(body: Any) -> tuple[str, ...]:
    """The ids of the apps and slots that it names; what it calls a subscription may be the name of one.

    Raises MalformedDocument where it has no answer, which says nothing.
    """
    try:
        return tuple(_id(one) for one in _entries(body))
    except (LookupError, TypeError, AttributeError, ValueError, ids.InvalidId) as error:
        raise MalformedDocument(f"the detector's answer cannot be read: {error}") from error


def located(named: Iterable[str], known: Iterable[str]) -> list[str]:
    """The same ids, as the apps that are known have them where only the subscription is spelt otherwise."""
    apps = {_without_subscription(one): one for one in known}
    return [apps.get(_without_subscription(one), one) for one in named]


def _without_subscription(app: str) -> str:
    return app.casefold().partition("/resourcegroups/")[2]


def _entries(body: Any) -> Iterator[Any]:
    tables = [one["table"] for one in body["properties"]["dataset"]]
    found = [one for one in tables if one["tableName"] == _TABLE]
    if not found or found[0]["columns"][0]["columnName"] == "error":
        raise MalformedDocument("the detector has no answer")
    for row in found[0]["rows"]:
        yield from json.loads(row[0])


def _id(entry: Any) -> str:
    slot = entry["slot_name"]
    named = None if slot.casefold() == _PRODUCTION else slot
    found = ids.app(entry["subscription_name"], entry["resource_group_name"], entry["site_name"], named)
    ids.parse(found)
    return found
