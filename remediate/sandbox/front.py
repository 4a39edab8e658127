"""The front of the simulated Azure: what happens to every request, whatever it asks for."""

from __future__ import annotations

import asyncio
import json
import uuid
from dataclasses import dataclass, field
from email.utils import formatdate
from typing import Any
from urllib.parse import parse_qs

from starlette.types import ASGIApp, Message, Receive, Scope, Send

from remediate.sandbox import refusal
from remediate.sandbox.faults import Rule
from remediate.sandbox.routes.call import Service

OPEN = ("/metadata/", "/adfs/")
"""Paths that need neither a token nor an api-version."""
GARBAGE = b"<html><body>502 - this is not the answer that you are looking for"
QUOTAS = {"reads": 11999, "writes": 1199, "deletes": 14999}
"""What `x-ms-ratelimit-remaining-subscription-*` starts from."""


class Dropped(Exception):
    """A fault wants the connection dropped; whoever holds the connection does it."""


@dataclass
class Answer:
    """A whole answer, held back until it is known what becomes of it."""

    status: int = 500
    headers: list[tuple[bytes, bytes]] = field(default_factory=list)
    body: bytes = b""

    async def send(self, message: Message) -> None:
        """Take one ASGI message of the answer."""
        if message["type"] == "http.response.start":
            self.status, self.headers = message["status"], list(message["headers"])
        elif message["type"] == "http.response.body":
            self.body += message.get("body", b"")


class Front:
    """ASGI: log the request, follow a fault, check token and api-version, dress the answer."""

    def __init__(self, app: ASGIApp, service: Service) -> None:
        self._app = app
        self._service = service
        self._behind: set[asyncio.Task[Answer]] = set()
        self._left = dict(QUOTAS)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request."""
        if scope["type"] != "http" or scope["path"].startswith("/_sandbox/"):
            self._service.world.settle()
            await self._app(scope, receive, send)
            return
        body = await _read(receive)
        query = scope["query_string"].decode()
        path = scope["path"] + (f"?{query}" if query else "")
        entry = self._service.log.open(scope["method"], path, _json(body))
        rule = self._service.faults.take(scope["method"], scope["path"])
        answer = await self._follow(rule, scope, body)
        self._service.log.close(entry, answer.status if answer else None)
        if answer is None:
            raise Dropped
        self._dress(scope, answer, entry.mutating)
        await send({"type": "http.response.start", "status": answer.status, "headers": answer.headers})
        await send({"type": "http.response.body", "body": answer.body if scope["method"] != "HEAD" else b""})

    async def _follow(self, rule: Rule | None, scope: Scope, body: bytes) -> Answer | None:
        """The answer to give, or None to drop the connection."""
        if rule is None:
            return await self._ask(scope, body)
        await self._service.world.clock.sleep(rule.delay)
        if rule.answer is not None:
            if rule.kept:
                task = asyncio.create_task(self._ask(scope, body))
                self._behind.add(task)
                task.add_done_callback(self._behind.discard)
            return _answer(rule.answer.status, rule.answer.body, rule.answer.headers)
        if rule.reset == "before":
            return None
        answer = await self._ask({**scope, "sandbox.stale": rule.stale}, body)
        if rule.garbage:
            return Answer(answer.status, [(b"content-type", b"text/html")], GARBAGE)
        if rule.reversed:
            answer.body = _reversed(answer.body)
        return None if rule.reset == "after" else answer

    async def _ask(self, scope: Scope, body: bytes) -> Answer:
        """The world's own answer."""
        refused = self._refuse(scope)
        if refused is not None:
            return _answer(refused.status, refused.body, refused.headers)
        self._service.world.settle()
        answer = Answer()
        await self._app(scope, _replay(body), answer.send)
        return answer

    def _refuse(self, scope: Scope) -> refusal.Refusal | None:
        if scope["path"].startswith(OPEN):
            return None
        headers = dict(scope["headers"])
        authorization = headers.get(b"authorization", b"").decode("latin-1")
        if not self._service.login.knows(authorization):
            return _unauthorized(authorization, self._service.origin)
        if not any(name.casefold() == "api-version" for name in parse_qs(scope["query_string"].decode())):
            message = "The api-version query parameter (?api-version=) is required for all requests."
            return refusal.arm(400, "MissingApiVersionParameter", message)
        return None

    def _dress(self, scope: Scope, answer: Answer, mutating: bool) -> None:
        """Add the headers that every answer of Resource Manager carries."""
        given = dict(scope["headers"])
        correlation = given.get(b"x-ms-correlation-request-id", str(uuid.uuid4()).encode())
        kind = "deletes" if scope["method"] == "DELETE" else "writes" if mutating else "reads"
        self._left[kind] = max(0, self._left[kind] - 1)
        added = [
            (b"x-ms-request-id", str(uuid.uuid4()).encode()),
            (b"x-ms-correlation-request-id", correlation),
            (f"x-ms-ratelimit-remaining-subscription-{kind}".encode(), str(self._left[kind]).encode()),
            (b"date", formatdate(usegmt=True).encode()),
        ]
        if "/providers/microsoft.network/" in scope["path"].casefold():
            added.append((b"x-ms-arm-service-request-id", str(uuid.uuid4()).encode()))
        kept = [(name, value) for name, value in answer.headers if name.lower() != b"content-length"]
        if answer.status not in (204, 304):
            kept.append((b"content-length", str(len(answer.body)).encode()))
        answer.headers = [*kept, *added]


def _unauthorized(authorization: str, origin: str) -> refusal.Refusal:
    challenge = {"WWW-Authenticate": f'Bearer authorization_uri="{origin}/adfs", error="invalid_token"'}
    if not authorization:
        message = "Authentication failed. The 'Authorization' header is missing."
        return refusal.arm(401, "AuthenticationFailed", message, challenge)
    message = "The access token is invalid or has expired."
    return refusal.arm(401, "InvalidAuthenticationToken", message, challenge)


def _answer(status: int, body: Any, headers: dict[str, str]) -> Answer:
    content = b"" if body is None else (body if isinstance(body, str) else json.dumps(body)).encode()
    named = {"content-type": "application/json; charset=utf-8", **headers} if content else headers
    encoded = [
        (name.lower().encode("latin-1"), str(value).encode("latin-1")) for name, value in named.items()
    ]
    return Answer(status, encoded, content)


def _reversed(content: bytes) -> bytes:
    """A page of a listing in the opposite order; any other answer as it is."""
    body = _json(content)
    entries = body.get("value", body.get("data")) if isinstance(body, dict) else body
    if isinstance(entries, list):
        entries.reverse()
        return json.dumps(body).encode()
    return content


async def _read(receive: Receive) -> bytes:
    body, more = b"", True
    while more:
        message = await receive()
        body += message.get("body", b"")
        more = message.get("more_body", False)
    return body


def _replay(body: bytes) -> Receive:
    async def receive() -> Message:
        return {"type": "http.request", "body": body, "more_body": False}

    return receive


def _json(body: bytes) -> Any:
    if not body:
        return None
    try:
        return json.loads(body)
    except ValueError:
        return body.decode("utf-8", "replace")
