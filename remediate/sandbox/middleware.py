"""What the simulated Azure does with every request, whatever it asks for."""

from __future__ import annotations

import asyncio
import json
import re
import uuid
from collections.abc import Awaitable, Callable
from dataclasses import replace
from datetime import UTC, datetime
from email.utils import formatdate
from typing import Any

from remediate.sandbox import refusal
from remediate.sandbox.faults import Answer, Rule
from remediate.sandbox.messages import JSON, Request, Response, json_response
from remediate.sandbox.routes.call import RouteContext

ANONYMOUS = ("/metadata/", "/adfs/")
"""Paths that need neither a token nor an api-version."""
CONTROL = "/_sandbox/"
"""Paths for tests: not logged, and no fault meets them."""
VERSION = re.compile(r"(\d{4}-\d{2}-\d{2})(-[A-Za-z]*preview)?")
FIRST_VERSION = "2014-01-01"
"""Resource Manager has no older api-version."""
GARBAGE = b"<html><body>502 - this is not the answer that you are looking for"


class Middleware:
    """Log the request, apply a fault, check token and api-version, add the headers of every answer.

    `routes` answers from the world.
    """

    def __init__(self, routes: Callable[[Request], Awaitable[Response]], service: RouteContext) -> None:
        self._routes = routes
        self._service = service
        self._background: set[asyncio.Task[Response]] = set()

    async def answer(self, request: Request) -> Response | None:
        """The answer to a request, or None where the connection is to be dropped."""
        if request.path.startswith(CONTROL):
            self._service.world.settle()
            return await self._routes(request)
        entry = self._service.log.open(request.method, request.target, _json(request.body))
        limits = self._service.world.limits
        throttled, left = limits.take(request.method, request.path, entry.mutating)
        rule = None if throttled else self._service.faults.take(request.method, request.path)
        response = throttled.response() if throttled else await self._apply_fault(rule, request)
        self._service.log.close(entry, response.status_code if response else None)
        if response is not None:
            _add_headers(request, response, left)
        return response

    async def _apply_fault(self, rule: Rule | None, request: Request) -> Response | None:
        """The answer to give, or None to drop the connection."""
        if rule is None:
            return await self._authorized(request)
        await self._service.world.clock.sleep(rule.delay)
        if rule.answer is not None:
            if rule.kept:
                task = asyncio.create_task(self._authorized(request))
                self._background.add(task)
                task.add_done_callback(self._background.discard)
            return _fault_answer(rule.answer)
        if rule.reset == "before":
            return None
        response = await self._authorized(replace(request, stale=rule.stale))
        if rule.garbage:
            return Response(GARBAGE, response.status_code, media_type="text/html")
        if rule.reversed:
            response = _reversed(response)
        return None if rule.reset == "after" else response

    async def _authorized(self, request: Request) -> Response:
        """The answer of the world, or a refusal of the request."""
        refused = self._refuse(request)
        if refused is not None:
            return refused.response()
        self._service.world.settle()
        return await self._routes(request)

    def _refuse(self, request: Request) -> refusal.Refusal | None:
        if request.path.startswith(ANONYMOUS):
            return None
        authorization = request.headers.get("authorization", "")
        if not self._service.login.knows(authorization):
            return _unauthorized(authorization, self._service.origin)
        return _check_version(request)


def _add_headers(request: Request, response: Response, left: dict[str, str]) -> None:
    """Add the headers that every answer of Resource Manager carries, and what is `left` of the quotas."""
    added = {
        **left,
        "x-ms-request-id": str(uuid.uuid4()),
        "x-ms-correlation-request-id": request.headers.get("x-ms-correlation-request-id", str(uuid.uuid4())),
        "date": formatdate(usegmt=True),
    }
    if "/providers/microsoft.network/" in request.path.casefold():
        added["x-ms-arm-service-request-id"] = str(uuid.uuid4())
    response.headers = {**added, **response.headers}


def _check_version(request: Request) -> refusal.Refusal | None:
    """The 400 for a missing or impossible api-version: the sandbox does not list which versions Azure has.

    Impossible are malformed ones, those before `FIRST_VERSION`, and those with a date in the future.
    """
    named = (value for name, value in request.query.items() if name.casefold() == "api-version")
    version = next(named, "")
    if not version:
        message = "The api-version query parameter (?api-version=) is required for all requests."
        return refusal.arm(400, "MissingApiVersionParameter", message)
    day = VERSION.fullmatch(version)
    if day and FIRST_VERSION <= day[1] <= f"{datetime.now(UTC):%Y-%m-%d}":
        return None
    return refusal.arm(400, "InvalidApiVersionParameter", f"The api-version '{version}' is invalid.")


def _unauthorized(authorization: str, origin: str) -> refusal.Refusal:
    challenge = {"WWW-Authenticate": f'Bearer authorization_uri="{origin}/adfs", error="invalid_token"'}
    if not authorization:
        message = "Authentication failed. The 'Authorization' header is missing."
        return refusal.arm(401, "AuthenticationFailed", message, challenge)
    message = "The access token is invalid or has expired."
    return refusal.arm(401, "InvalidAuthenticationToken", message, challenge)


def _fault_answer(answer: Answer) -> Response:
    """The answer of a fault's rule; one without a body has none."""
    headers = {name.lower(): value for name, value in answer.headers.items()}
    if answer.body is None:
        return Response(status_code=answer.status, headers=headers)
    if isinstance(answer.body, str):
        return Response(answer.body, answer.status, headers, JSON)
    return json_response(answer.body, answer.status, headers)


def _reversed(response: Response) -> Response:
    """A page of a listing in the opposite order; any other answer as it is."""
    body = _json(response.body)
    entries = body.get("value", body.get("data")) if isinstance(body, dict) else body
    if not isinstance(entries, list):
        return response
    entries.reverse()
    return json_response(body, response.status_code, response.headers)


def _json(body: bytes) -> Any:
    if not body:
        return None
    try:
        return json.loads(body)
    except ValueError:
        return body.decode("utf-8", "replace")
