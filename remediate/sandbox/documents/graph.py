"""The tables of Resource Graph: one row for each resource, with the columns that its answers have."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

from remediate import ids
from remediate.sandbox.documents import changes, environments, network, plan, site
from remediate.sandbox.kql.values import DYNAMIC, STRING, Columns, Row, Table
from remediate.sandbox.login import TENANT
from remediate.sandbox.resources import Group, ServerFarm, Site, Subscription, VirtualNetwork, region
from remediate.sandbox.state import State, key

API_VERSION = "2025-05-01"
"""The api-version whose documents the tables hold."""
Resource = Site | ServerFarm | VirtualNetwork
CHANGES_KEPT = timedelta(days=14)
RESOURCES: Columns = {
    **dict.fromkeys(("id", "name", "type", "tenantId", "kind", "location", "resourceGroup"), STRING),
    **dict.fromkeys(("subscriptionId", "managedBy"), STRING),
    **dict.fromkeys(("sku", "plan", "properties", "tags", "identity", "zones", "extendedLocation"), DYNAMIC),
}
"""The columns of `resources`, in the order of the recorded rows; `resourcecontainers` has the same."""
TABLES: dict[str, Columns] = dict.fromkeys(("resources", "resourcecontainers", "resourcechanges"), RESOURCES)
"""The columns of each table that the sandbox has."""


def tables(state: State, now: float) -> dict[str, Table]:
    """Every table with the rows that the caller sees; `now` is the simulated time."""
    rows = {
        "resources": _resources(state, now),
        "resourcecontainers": _containers(state),
        "resourcechanges": _changes(state, now),
    }
    return {
        name: Table(columns, [row for row in rows[name] if state.is_visible(row["id"])])
        for name, columns in TABLES.items()
    }


def _resources(state: State, now: float) -> list[Row]:
    kept: list[Resource] = [*state.sites.values(), *state.plans.values(), *state.vnets.values()]
    rows = [row_of(state, one, now) for one in kept if has_row(state, one)]
    return rows + [_row(one) for one in environments.documents(state)]


def has_row(state: State, one: Resource) -> bool:
    """Whether a resource has a row: a site whose plan is gone has none, Microsoft.Web answers 404 for it."""
    return not isinstance(one, Site) or key(one.plan) in state.plans


def row_of(state: State, one: Resource, now: float = 0.0) -> Row:
    """The row of one resource; `now` is the simulated time, which only a network's state depends on."""
    if isinstance(one, VirtualNetwork):
        return _row(network.vnet(one, now, API_VERSION))
    if isinstance(one, Site):
        return _row(site.document(state, one, API_VERSION))
    return _row(plan.document(state, one, API_VERSION))


def _changes(state: State, now: float) -> list[Row]:
    """The changes of the last 14 days, as far as they are known yet."""
    since = datetime.now(UTC) - CHANGES_KEPT
    known = (one for one in state.changes if one.get("shown", 0.0) <= now)
    return [
        changes.row(one, _empty(one["resource"], "", ids.parse(one["resource"]).subscription))
        for one in known
        if datetime.fromisoformat(one["at"]) >= since
    ]


def _row(document: dict[str, Any]) -> Row:
    parsed = ids.parse(document["id"])
    return {
        **_empty(document["id"], document["type"], parsed.subscription),
        "name": document["name"],
        "kind": document.get("kind", ""),
        "location": region(document["location"]),
        "resourceGroup": (parsed.group or "").lower(),
        "sku": document.get("sku"),
        "properties": document["properties"],
        "tags": document.get("tags"),
    }


def _containers(state: State) -> list[Row]:
    return [
        *(_subscription(one) for one in state.subscriptions.values()),
        *(_group(one) for one in state.groups.values()),
    ]


def _subscription(subscription: Subscription) -> Row:
    type_ = "Microsoft.Resources/subscriptions"
    properties = {"state": "Enabled"}
    return _empty(f"/subscriptions/{subscription.id}", type_, subscription.id) | {
        "name": subscription.name,
        "properties": properties,
    }


def _group(group: Group) -> Row:
    name = ids.name(group.id)
    row = _empty(
        group.id, "Microsoft.Resources/subscriptions/resourceGroups", ids.parse(group.id).subscription
    )
    return row | {
        "name": name,
        "location": group.location,
        "resourceGroup": name.lower(),
        "properties": {"provisioningState": group.state},
        "tags": group.tags,
    }


def _empty(id_: str, type_: str, subscription: str) -> Row:
    """A row with what every resource has, texts that are empty and dynamic values that are null."""
    blank = {name: "" if type_ == STRING else None for name, type_ in RESOURCES.items()}
    return blank | {"id": id_, "type": type_.lower(), "tenantId": TENANT, "subscriptionId": subscription}
