"""Resource Graph: the few shapes of query that the product sends, answered from a view that can be stale."""

from __future__ import annotations

import json
import re
from typing import Any

from starlette.responses import JSONResponse, Response
from starlette.routing import BaseRoute

from remediate import ids
from remediate.sandbox import refusal
from remediate.sandbox.documents import network, plan, site
from remediate.sandbox.resources import region
from remediate.sandbox.routes.call import Call, route
from remediate.sandbox.state import State

API_VERSION = "2024-11-01"
"""The api-version whose documents the table holds."""
PAGE = 100
"""Rows of one page, where the client does not say."""
MAX_ROWS = 1000
"""Rows of one page, at the most (azure-facts.md, 1)."""

_TYPES = re.compile(r"where\s+type\s+(?:in~\s*\(([^)]*)\)|=~\s*('[^']*'))", re.IGNORECASE)
_NAME = re.compile(r"where\s+name\s*=~\s*'([^']*)'", re.IGNORECASE)
_ID = re.compile(r"where\s+id\s*=~\s*'([^']*)'", re.IGNORECASE)
_PROPERTY = re.compile(r"where\s+properties\.(\w+)\s*=~\s*'([^']*)'", re.IGNORECASE)
_HOLDS = re.compile(r"where\s+tostring\(properties\.(\w+)\)\s+contains\s+'([^']*)'", re.IGNORECASE)
_PROJECT = re.compile(r"^project\s+([\w\s,=.()]+)$", re.IGNORECASE)
_NAMED = re.compile(r"(\w+)\s*=\s*tostring\(properties\.(\w+)\)", re.IGNORECASE)
_ORDER = re.compile(r"^order\s+by\s+(\w+)(?:\s+(asc|desc))?$", re.IGNORECASE)


async def query(call: Call) -> Response:
    """POST resources."""
    body = await call.body()
    world = call.world
    rows = _answer(str(body.get("query")), _rows(world.graph or call.state, world.clock.now()), body)
    options = body.get("options") or {}
    start = int(options.get("$skipToken") or 0)
    page = rows[start : start + min(int(options.get("$top") or PAGE), MAX_ROWS)]
    answer: dict[str, Any] = {
        "totalRecords": len(rows),
        "count": len(page),
        "data": page,
        "facets": [],
        "resultTruncated": "false",
    }
    if start + len(page) < len(rows):
        answer["$skipToken"] = str(start + len(page))
    return JSONResponse(answer)


def _rows(state: State, now: float) -> list[dict[str, Any]]:
    documents = [
        *(
            site.document(state, one, API_VERSION)
            for one in state.sites.values()
            if _has_plan(state, one.plan)
        ),
        *(plan.document(state, one, API_VERSION) for one in state.plans.values()),
        *(network.vnet(one, now) for one in state.vnets.values()),
    ]
    return [_row(document) for document in documents]


def _has_plan(state: State, plan_id: str) -> bool:
    return any(ids.same(one.id, plan_id) for one in state.plans.values())


def _row(document: dict[str, Any]) -> dict[str, Any]:
    parsed = ids.parse(document["id"])
    return {
        "id": document["id"],
        "name": document["name"],
        "type": document["type"].lower(),
        "kind": document.get("kind", ""),
        "location": region(document["location"]),
        "resourceGroup": (parsed.group or "").lower(),
        "subscriptionId": parsed.subscription,
        "tags": document.get("tags"),
        "properties": document["properties"],
    }


def _answer(text: str, rows: list[dict[str, Any]], body: dict[str, Any]) -> list[dict[str, Any]]:
    table, *stages = [stage.strip() for stage in text.split("|")]
    if table.casefold() != "resources" or not stages:
        raise _not_understood(text)
    wanted = [str(one).casefold() for one in body.get("subscriptions") or []]
    found = [one for one in rows if not wanted or one["subscriptionId"].casefold() in wanted]
    for stage in stages:
        found = _apply(stage, found, text)
    return found


def _apply(stage: str, rows: list[dict[str, Any]], text: str) -> list[dict[str, Any]]:
    if types := _TYPES.fullmatch(stage):
        names = {one.casefold() for one in re.findall(r"'([^']*)'", types.group(1) or types.group(2))}
        return [one for one in rows if one["type"] in names]
    if name := _NAME.fullmatch(stage):
        return [one for one in rows if one["name"].casefold() == name.group(1).casefold()]
    if id_ := _ID.fullmatch(stage):
        return [one for one in rows if ids.same(one["id"], id_.group(1))]
    if same := _PROPERTY.fullmatch(stage):
        return [one for one in rows if ids.same(one["properties"].get(same.group(1)), same.group(2))]
    if holds := _HOLDS.fullmatch(stage):
        return [one for one in rows if _holds(one["properties"].get(holds.group(1)), holds.group(2))]
    if project := _PROJECT.fullmatch(stage):
        columns = [one.strip() for one in project.group(1).split(",")]
        return [dict(_column(one, column) for column in columns) for one in rows]
    if order := _ORDER.fullmatch(stage):
        # Kusto sorts downwards where nothing is said.
        descending = (order.group(2) or "desc").casefold() == "desc"
        return sorted(rows, key=lambda one: str(one.get(order.group(1))).casefold(), reverse=descending)
    raise _not_understood(text)


def _column(row: dict[str, Any], column: str) -> tuple[str, Any]:
    """A column of a projection, or `name = tostring(properties.field)`, which is empty for null."""
    if named := _NAMED.fullmatch(column):
        return named.group(1), str(row["properties"].get(named.group(2)) or "")
    return column, row.get(column)


def _holds(value: Any, text: str) -> bool:
    """Whether a value written as JSON holds a text; case does not count."""
    return text.casefold() in json.dumps(value).casefold()


def _not_understood(text: str) -> refusal.Refusal:
    return refusal.arm(400, "BadRequest", f"The sandbox does not understand this query: {text[:500]}")


ROUTES: list[BaseRoute] = [route("/providers/Microsoft.ResourceGraph/resources", post=query)]
