"""Finding what could be deleted, to choose from: plans, networks, subnets and resource groups.

Resource Graph first, because it is quick; ARM's own listing where that has nothing.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from msgspec import Struct

from remediate import ids
from remediate.azure import discover, parse
from remediate.azure.documents import Documents, failure
from remediate.azure.fields import MalformedDocument
from remediate.azure.session import Session
from remediate.model import AppServicePlan, Deletable, ListedSubnet, Subnet, key
from remediate.model.failure import RequestFailed

_TYPES: dict[str, str] = {
    "plan": "microsoft.web/serverfarms",
    "vnet": "microsoft.network/virtualnetworks",
    "subnet": "microsoft.network/virtualnetworks",
}


class Entry(Struct, frozen=True):
    """Something that could be meant: enough to choose by."""

    id: str
    location: str

    @property
    def group(self) -> str:
        """The resource group that it is in; a group's own name for a group."""
        return ids.parse(self.id).group or ""


def inventory(session: Session, subscription: str, kind: Deletable) -> tuple[Entry, ...]:
    """Everything of a kind in a subscription, by name. Raises RequestFailed when no view can be read.

    For kind `app` the apps and for `slot` the slots.
    """
    if kind in ("app", "slot"):
        apps = discover.apps(session, subscription)
        slots = [one for one in apps if ("/" in one.name) == (kind == "slot")]
        return _sorted(Entry(one.id, one.location) for one in slots)
    if kind == "group":
        return _sorted(_entry(one) for one in _groups(session, subscription))
    rows = _rows(session, subscription, kind)
    if kind != "subnet":
        return _sorted(_entry(one) for one in rows)
    return _sorted(
        Entry(subnet.id, str(row.get("location") or "")) for row in rows for subnet in parse.subnets(row)
    )


def subnets(session: Session, subscription: str) -> tuple[ListedSubnet, ...]:
    """Every subnet of a subscription with what a list says of it, by name. Raises RequestFailed."""
    plans = {key(one.id): one.workers for one in _plans(session, subscription)}
    try:
        found = [
            ListedSubnet(one, str(row.get("location") or ""), _instances(one, plans))
            for row in _rows(session, subscription, "subnet")
            for one in parse.subnets(row)
        ]
    except MalformedDocument as error:
        raise RequestFailed("unreadable", f"a network in the listing cannot be read: {error}") from error
    return tuple(sorted(found, key=lambda one: one.subnet.id.casefold()))


def _plans(session: Session, subscription: str) -> list[AppServicePlan]:
    """The plans, to count the instances on a subnet; none where they cannot be listed."""
    try:
        return [parse.plan(one) for one in _rows(session, subscription, "plan")]
    except (RequestFailed, MalformedDocument):
        return []


def _instances(subnet: Subnet, plans: dict[str, int]) -> int | None:
    """The instances of the plans that the links of a subnet name; None where one is not known."""
    named = [one.target for one in subnet.links if one.is_web and one.target]
    known = [plans.get(key(one)) for one in named]
    return None if None in known else sum(one or 0 for one in known)


def _rows(session: Session, subscription: str, kind: Deletable) -> list[Any]:
    try:
        found = discover.of_type(session, subscription, _TYPES[kind])
    except RequestFailed:
        found = []
    return found or _from_arm(session, subscription, kind)


def _from_arm(session: Session, subscription: str, kind: Deletable) -> list[Any]:
    read, scope = Documents(session), f"/subscriptions/{subscription}"
    document = read.plans_in(scope) if kind == "plan" else read.vnets_in(scope)
    if document.status != "found":
        raise failure(document)
    rows: list[Any] = document.body
    return rows


def _groups(session: Session, subscription: str) -> list[Any]:
    document = Documents(session).groups(subscription)
    if document.status != "found":
        raise failure(document)
    rows: list[Any] = document.body["value"]
    return rows


def _entry(row: Any) -> Entry:
    try:
        ids.parse(row["id"])
        return Entry(row["id"], str(row.get("location") or ""))
    except (ids.InvalidId, KeyError, TypeError, AttributeError) as error:
        raise RequestFailed("unreadable", f"an entry of the listing cannot be read: {error}") from error


def _sorted(entries: Iterable[Entry]) -> tuple[Entry, ...]:
    return tuple(sorted(entries, key=lambda one: (ids.name(one.id).casefold(), one.id.casefold())))
