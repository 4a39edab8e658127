"""Resource Graph: queries over a view that can be stale, answered page by page."""

from __future__ import annotations

import base64
import binascii
import json
import uuid
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from remediate import ids
from remediate.sandbox import refusal
from remediate.sandbox.documents.graph import tables
from remediate.sandbox.kql import query as kql
from remediate.sandbox.kql.errors import InvalidQuery
from remediate.sandbox.kql.values import BOOL, DYNAMIC, LONG, REAL, TIMESPAN, Columns, Row, Table, text
from remediate.sandbox.login import TENANT
from remediate.sandbox.messages import Response, json_response
from remediate.sandbox.routes.call import Call, Route, route
from remediate.sandbox.rules.access import reads_everything
from remediate.sandbox.state import State

PAGE = 100
"""Rows of one page, where the client does not say."""
MAX_ROWS = 1000
"""Rows of one page, at the most (azure-facts.md, 1)."""
FORMS = ("objectArray", "table")
COLUMN_TYPES = {DYNAMIC: "object", LONG: "integer", REAL: "number", BOOL: "boolean", TIMESPAN: "string"}
"""How the types of the query language are called in an answer, where they have another name."""
THROTTLED = {
    "code": "RateLimiting",
    "message": "Client application has been throttled and should not continue to make requests until a "
    "certain amount of time has elapsed.",
}
INVALID_QUERY = {
    "code": "InvalidQuery",
    "message": "Query is invalid. Please refer to the documentation for the Azure Resource Graph service and "
    "fix the error before retrying.",
}


async def query(call: Call) -> Response:
    """POST resources: within the quota, which every answer tells."""
    granted, headers = call.world.graph_quota.take()
    headers["x-ms-resource-graph-request-duration"] = "0:00:00:00.0500000"  # there since 2025
    try:
        if not granted:
            raise _refused([THROTTLED], 429, "RateLimiting")
        response = await _answered(call)
    except refusal.Refusal as refused:
        refused.headers |= headers
        raise
    response.headers |= headers
    return response


async def _answered(call: Call) -> Response:
    body = await call.body()
    page = _page(body.get("options") or {})
    view = tables(call.world.graph or call.state, call.world.clock.now())
    asked = _subscriptions(call.state, body)
    scoped = {name: _within(call, table, asked) for name, table in view.items()}
    try:
        found = kql.run(_text(body), scoped, datetime.now(UTC))
    except InvalidQuery as error:
        disallowed = error.code == "DisallowedLogicalTableName"  # comes alone, as published
        raise _refused([error.detail] if disallowed else [INVALID_QUERY, error.detail]) from None
    return json_response(page.answer(found))


@dataclass(frozen=True)
class _Page:
    """Which rows of those that a query finds are answered."""

    top: int
    skip: int
    as_table: bool = False

    def answer(self, found: kql.Answer) -> dict[str, Any]:
        """The body of the answer.

        Where there is more, it has a token for the next page, unless the query limits its rows or every
        column is dynamic: then it is truncated (Microsoft's page "Paging results").
        """
        start = 0 if found.limited else self.skip  # a query's own limit ignores `$skip`
        rows, end = found.table.rows, start + self.top
        data = [_as_json(row) for row in rows[start:end]]
        pageable = not found.limited and set(found.table.columns.values()) != {DYNAMIC}
        more = end < len(rows)
        told: Any = _as_table(found.table.columns, data) if self.as_table else data
        body = {"totalRecords": len(rows), "count": len(data), "data": told, "facets": []}
        if more and pageable:
            return body | {"resultTruncated": "false", "$skipToken": _token(self.top, end)}
        return body | {"resultTruncated": "true" if more else "false"}


def _page(options: dict[str, Any]) -> _Page:
    """The page that the options ask for. Raises 400 for an option that is wrong."""
    skip = _number(options, "$skip", 0, None)
    if options.get("$skipToken"):
        skip = _rows_to_skip(str(options["$skipToken"]))
    form = options.get("resultFormat") or FORMS[0]
    if form not in FORMS:
        raise _refused([_bad_option(f"resultFormat must be one of {', '.join(FORMS)}.")])
    return _Page(_number(options, "$top", PAGE, MAX_ROWS), skip, form == FORMS[1])


def _number(options: dict[str, Any], name: str, default: int, most: int | None) -> int:
    value = options.get(name, default)
    least = 0 if most is None else 1
    if not isinstance(value, int) or isinstance(value, bool) or value < least or value > (most or value):
        raise _refused([_bad_option(f"{name} must be a whole number from {least} to {most or 'any'}.")])
    return value


def _token(top: int, skip: int) -> str:
    """A token of the recorded form: JSON in base64."""
    return base64.b64encode(json.dumps({"$id": "1", "MaxRows": top, "RowsToSkip": skip}).encode()).decode()


def _rows_to_skip(token: str) -> int:
    try:
        return int(json.loads(base64.b64decode(token, validate=True))["RowsToSkip"])
    except (binascii.Error, ValueError, KeyError, TypeError):
        raise _refused([_bad_option("The $skipToken is not one of ours.")]) from None


def _text(body: dict[str, Any]) -> str:
    given = body.get("query")
    if not isinstance(given, str) or not given.strip():
        raise _refused([{"code": "EmptyQuery", "message": "The query is missing."}])
    return given


def _subscriptions(state: State, body: dict[str, Any]) -> set[str]:
    """The subscriptions that are asked: those that the caller sees of the named ones, or of all.

    Raises 400 where the caller sees none of those that are named: the code was reported [?]. The one
    management group is the tenant's root; what Azure answers for any other nobody recorded [?].
    """
    named, groups = body.get("subscriptions"), body.get("managementGroups") or []
    if any(not ids.same(one, TENANT) for one in groups):
        raise _refused([_bad_option(f"There is no management group but {TENANT} in the sandbox.")])
    visible = {one for one, subscription in state.subscriptions.items() if subscription.visible}
    if not named:
        return visible
    asked = visible & {str(one).casefold() for one in named}
    if not asked:
        message = "There must be at least one subscription that is eligible to contain resources."
        detail = {"code": "NoValidSubscriptionsInQueryRequest", "message": f"{message} Given: '{named[0]}'."}
        raise _refused([detail])
    return asked


def _within(call: Call, table: Table, subscriptions: set[str]) -> Table:
    """The rows of these subscriptions that the caller may read: without a permission a row is left out."""
    rows = [row for row in table.rows if row["subscriptionId"].casefold() in subscriptions]
    if not reads_everything(call.state.governance):
        rows = [row for row in rows if call.may_read(row["id"])]
    return Table(table.columns, rows)


def _as_table(columns: Columns, data: list[Row]) -> dict[str, Any]:
    """The other form of an answer: columns with their types, and rows that are lists."""
    return {
        "columns": [
            {"name": name, "type": COLUMN_TYPES.get(type_, type_)} for name, type_ in columns.items()
        ],
        "rows": [[row[name] for name in columns] for row in data],
    }


def _as_json(row: Row) -> Row:
    """A row with moments and spans of time as texts, which is how JSON can hold them."""
    return {name: text(one) if isinstance(one, datetime | timedelta) else one for name, one in row.items()}


def _bad_option(message: str) -> dict[str, Any]:
    return {"code": "InvalidQueryOption", "message": message}


def _refused(details: list[dict[str, Any]], status: int = 400, code: str = "BadRequest") -> refusal.Refusal:
    """A refusal in Resource Graph's envelope, as recorded; the codes of options are [?]."""
    now = datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%S.%f0Z")
    asked = f"timestamp = {now}, correlationId = {uuid.uuid4()}."
    message = f"Please provide below info when asking for support: {asked}"
    return refusal.Refusal(status, {"error": {"code": code, "message": message, "details": details}})


ROUTES: list[Route] = [route("/providers/Microsoft.ResourceGraph/resources", post=query)]
