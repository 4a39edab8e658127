"""An event of the Activity Log, from a record of a world, with the recorded fields (azure-facts.md, 6)."""

from __future__ import annotations

import json
import uuid
from datetime import UTC, datetime, timedelta
from http import HTTPStatus
from typing import Any

from remediate import ids
from remediate.sandbox.documents.fields import is_application, seconds_and_more, type_of
from remediate.sandbox.login import TENANT

ADDRESS = "127.0.0.1"
"""Where everybody is who writes to the sandbox."""
BEGIN = {"value": "BeginRequest", "localizedValue": "Begin request"}
END = {"value": "EndRequest", "localizedValue": "End request"}
CLAIM = "http://schemas.xmlsoap.org/ws/2005/05/identity/claims"


def event(record: dict[str, Any]) -> dict[str, Any]:
    """The event; what the record of a world file does not say is made up of what it does."""
    resource, operation = record["resource"], record["operation"]
    data_id = str(uuid.uuid5(uuid.NAMESPACE_URL, json.dumps(record)))
    status = record.get("status") or "Succeeded"
    told = {
        "authorization": {"action": operation, "scope": resource},
        "channels": "Operation",
        "claims": _claims(record.get("who")),
        "correlationId": record.get("correlation") or data_id,
        "description": "",
        "eventDataId": data_id,
        "eventName": BEGIN if status == "Started" else END,
        "category": _named("Administrative"),
        "id": f"{resource}/events/{data_id}/ticks/{_ticks(record['at'])}",
        "level": "Error" if status == "Failed" else "Informational",
        "resourceGroupName": ids.parse(resource).group if "/resourcegroups/" in resource.casefold() else "",
        "resourceProviderName": _named(operation.partition("/")[0]),
        "resourceId": resource,
        "resourceType": _named(type_of(resource)),
        "operationId": record.get("operation-id") or data_id,
        "operationName": _named(operation),
        "properties": _properties(record),
        "status": _named(status),
        "subStatus": _sub_status(record.get("status-code")),
        "eventTimestamp": seconds_and_more(record["at"]),
        "submissionTimestamp": f"{datetime.fromisoformat(record['at']):%Y-%m-%dT%H:%M:%SZ}",
        "subscriptionId": resource.split("/")[2],
        "tenantId": TENANT,
    }
    caller = {"caller": record["who"]} if record.get("who") else {}
    return {**told, **caller, **_request(record)}


def _named(value: str, shown: str | None = None) -> dict[str, str]:
    return {"value": value, "localizedValue": shown or value}


def _claims(who: str | None) -> dict[str, str]:
    if not who:
        return {}
    named = {"appid": who} if is_application(who) else {f"{CLAIM}/upn": who, f"{CLAIM}/name": who}
    return {"ipaddr": ADDRESS, "http://schemas.microsoft.com/identity/claims/tenantid": TENANT, **named}


def _properties(record: dict[str, Any]) -> dict[str, Any]:
    told = {
        "eventCategory": "Administrative",
        "entity": record["resource"],
        "message": record["operation"],
        "hierarchy": f"{TENANT}/{record['resource'].split('/')[2]}",
    }
    code = record.get("status-code")
    return {"statusCode": _phrase(code), "serviceRequestId": None, **told} if code else told


def _sub_status(code: int | None) -> dict[str, str]:
    return _named(_phrase(code), f"{_phrase(code)} (HTTP Status Code: {code})") if code else _named("", "")


def _phrase(code: int) -> str:
    """`Created` for 201."""
    known = code in HTTPStatus.__members__.values()
    return HTTPStatus(code).phrase.replace(" ", "") if known else str(code)


def _request(record: dict[str, Any]) -> dict[str, Any]:
    """The request; what Azure does on its own account has none."""
    if "method" not in record:
        return {}
    asked = {"clientRequestId": record["client-request"], "clientIpAddress": ADDRESS}
    return {"httpRequest": {**asked, "method": record["method"], "uri": record["url"]}}


def _ticks(at: str) -> int:
    """The time in units of 100 ns since the year 1."""
    since = datetime.fromisoformat(at).astimezone(UTC) - datetime(1, 1, 1, tzinfo=UTC)
    return since // timedelta(microseconds=1) * 10
