"""What went wrong with a request, as one kind: Azure's error envelopes come in, one word comes out.

The table is azure-facts.md, 3.
"""

from __future__ import annotations

import json
import math
from typing import Any

from azure.core.exceptions import AzureError, HttpResponseError, ServiceRequestError, ServiceResponseError

from remediate.azure.network_failure import page
from remediate.azure.transport import AnswerLost, NoToken, NotReached
from remediate.errors import RemediateError
from remediate.model.failure import Kind, RequestFailed

NOT_VISIBLE = frozenset({"invalidauthenticationtokentenant", "subscriptionnotfound"})
"""Codes of a 401 or 404: the account cannot see the subscription, and what is in it may be there
(azure-facts.md, 2).
"""
GONE = "resourcenotfound"
"""The one code that proves by itself that something is gone. For what else is proved see `absence`."""


def accepted(answer: Any) -> None:
    """Look at the status of an answer alone. Raises HttpResponseError for any but a 2xx."""
    if not 200 <= answer.status_code < 300:
        raise HttpResponseError(response=answer)


def answered(answer: Any) -> Any:
    """The JSON of an answer, None for an empty one.

    Raises HttpResponseError for any status but a 2xx, for a GET any but 200 (a 206 is only a part), and for
    what is no JSON.
    """
    accepted(answer)
    if answer.request.method == "GET" and answer.status_code != 200:
        raise HttpResponseError(response=answer)
    try:
        return answer.json() if answer.content else None
    except ValueError as error:
        raise HttpResponseError(_UNREADABLE.format(error=error), response=answer) from error


_UNREADABLE = "an answer that cannot be read: {error}"


def from_error(error: Exception) -> RequestFailed:
    """The one kind behind whatever an SDK call raised."""
    if isinstance(error, RequestFailed):
        return error
    if isinstance(error, NoToken):
        return _without_token(error.why)
    if isinstance(error, HttpResponseError) and error.response is not None:
        return _from_answer(error)
    if isinstance(error, NotReached | AnswerLost):
        return RequestFailed("unreachable", error.failure.summary, hint=error.failure.hint)
    if isinstance(error, ServiceRequestError | ServiceResponseError):
        return RequestFailed("unreachable", f"no answer: {_first_line(error)}")
    if isinstance(error, AzureError):
        return RequestFailed("unreadable", _first_line(error))
    return RequestFailed(
        "unreadable", f"an answer that cannot be read: {type(error).__name__}: {_first_line(error)}"
    )


def _without_token(why: RemediateError) -> RequestFailed:
    """A request that was not sent: there was no token for it."""
    if isinstance(why, RequestFailed):
        return why
    return RequestFailed("unauthenticated", str(why), hint=why.hint)


def _from_answer(error: HttpResponseError) -> RequestFailed:
    answer: Any = error.response
    status, headers = int(answer.status_code), answer.headers
    code, message = envelope(_body(answer))
    shown = page(_text(answer), str(answer.request.url))
    if shown is not None:
        message = shown.summary
    kind = classify(status, code, message)
    if kind == "unauthenticated":
        message = f"the token is not accepted, sign in again (`az login`): {message or _first_line(error)}"
    if 300 <= status < 400:
        message = f"a redirect was not followed; it leads to {headers.get('Location') or 'nowhere'}"
    return RequestFailed(
        kind,
        message or _first_line(error),
        status=status,
        azure_code=code,
        retry_after=_seconds(headers.get("Retry-After")),
        request_id=headers.get("x-ms-request-id", ""),
        correlation_id=headers.get("x-ms-correlation-request-id", ""),
        hint=shown.hint if shown else None,
    )


def envelope(body: Any) -> tuple[str, str]:
    """Code and message out of any envelope, with Microsoft.Web's ExtendedCode appended to its code.

    The Activity Log has a third one: `code` and `message`, and nothing around them.
    """
    if not isinstance(body, dict):
        return "", ""
    inner = body.get("error")
    if isinstance(inner, dict):
        return str(inner.get("code") or ""), str(inner.get("message") or "")
    if isinstance(inner, str):
        return inner, str(body.get("error_description") or "")
    code = str(body.get("Code") or body.get("code") or "")
    message = str(body.get("Message") or body.get("message") or "")
    details = body.get("Details")
    for detail in details if isinstance(details, list) else []:
        entity = detail.get("ErrorEntity") if isinstance(detail, dict) else None
        if isinstance(entity, dict) and entity.get("ExtendedCode"):
            code = f"{code}/{entity['ExtendedCode']}"
    return code, message


def classify(status: int, code: str, message: str) -> Kind:
    """The kind of an answer, from its status, code and message (azure-facts.md, 3)."""
    text = message.casefold()
    if status < 400:
        return "unreadable"
    if code.casefold() in NOT_VISIBLE:
        return "not-visible"
    if status == 404:
        return "absent" if code.casefold() == GONE else "unproved"
    if status in _BY_STATUS:
        return _BY_STATUS[status]
    if status == 401:
        return "unauthenticated"
    if status == 403:
        return "policy" if code == "RequestDisallowedByPolicy" else "denied"
    if status == 429:
        return _kind_of_429(code, text)
    if code == "ScopeLocked":
        return "locked"
    if "is already occupied by service" in text:
        return "occupied"
    if "would exceed the app service plan vnet limit" in text:
        return "plan-limit"
    if "operation is in progress" in text or code in ("AnotherOperationInProgress", "RetryableError"):
        return "busy"
    if "missing a delegation" in text:
        return "delegation"
    if code.startswith("InUse"):
        return "in-use"
    return "broken" if status >= 500 else "refused"


_BY_STATUS: dict[int, Kind] = {412: "moved", 504: "timeout", 408: "timeout"}


def _kind_of_429(code: str, text: str) -> Kind:
    """Tell the three meanings of 429 apart: a lock, another operation, a quota."""
    if "/5920" in code or "exclusive lock" in text:
        return "exclusive-lock"
    if code.startswith("RetryableError"):
        return "busy"
    return "throttled"


def _body(answer: Any) -> Any:
    try:
        return json.loads(_text(answer))
    except (ValueError, RecursionError):
        return None


def _text(answer: Any) -> str:
    """What an answer holds, empty where that is no text."""
    try:
        return str(answer.text())
    except (ValueError, LookupError):
        return ""


def _seconds(retry_after: str | None) -> float | None:
    """`Retry-After` as seconds; Azure sends a number, and a date is left to our own pace."""
    try:
        seconds = float(retry_after or "nan")
    except ValueError:
        return None
    return max(0.0, seconds) if math.isfinite(seconds) else None


def _first_line(error: Exception) -> str:
    return (str(error).splitlines() or [type(error).__name__])[0][:500]
