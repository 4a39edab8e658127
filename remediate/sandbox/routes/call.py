"""A request as the handlers see it, and the table of routes that leads to them."""

from __future__ import annotations

import re
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, field
from functools import partial
from typing import Any
from urllib.parse import urlencode

from remediate.sandbox import refusal
from remediate.sandbox.faults import Faults
from remediate.sandbox.history import History
from remediate.sandbox.log import RequestLog
from remediate.sandbox.login import Login
from remediate.sandbox.messages import Request, Response, json_response
from remediate.sandbox.routes import request_body
from remediate.sandbox.rules.access import check_read, check_write, may_read
from remediate.sandbox.state import State
from remediate.sandbox.world import World

SUBSCRIPTION = "/subscriptions/{subscription}"
GROUP = SUBSCRIPTION + "/resourceGroups/{group}"


@dataclass
class RouteContext:
    """What the routes stand on. `origin` is the sandbox's own address, without a path."""

    world: World
    faults: Faults
    login: Login
    log: RequestLog
    origin: str = ""
    history: History = field(init=False)

    def __post_init__(self) -> None:
        self.history = History(self.world)


class Call:
    """One request: its place in the tree of resources, its api-version, its body."""

    def __init__(self, request: Request, service: RouteContext, params: dict[str, str]) -> None:
        self.request = request
        self.service = service
        self.world = service.world
        self.params = params
        self.api_version = request.query.get("api-version", "")

    @property
    def state(self) -> State:
        """The world as this request may see it: a fault can make a read stale."""
        return self.world.previous if self.request.stale else self.world.state

    @property
    def group(self) -> str:
        """The id of the resource group in the path, spelled as the platform keeps it."""
        return self.state.group(
            f"/subscriptions/{self.params['subscription']}/resourceGroups/{self.params['group']}"
        ).id

    async def body(self) -> dict[str, Any]:
        """The JSON object that was sent. Raises 400 for anything else."""
        try:
            sent = self.request.json()
        except ValueError:
            sent = None
        return request_body.check(sent)

    def may_read(self, id_: str) -> bool:
        """Whether the caller may read a resource: a list of the subscription has no others."""
        return may_read(self.state.governance, id_)

    async def wait(self, seconds: float) -> None:
        """Let simulated time pass, and what is due in it happen."""
        await self.world.clock.sleep(seconds)
        self.world.settle()

    def top(self) -> int | None:
        """How many entries the request wants in one page. Raises 400 for what is no number."""
        asked = self.request.query.get("$top")
        if asked is not None and not (asked.isdecimal() and int(asked)):
            raise refusal.arm(400, "InvalidTopParameter", f"The $top '{asked[:20]}' is no positive number.")
        return int(asked) if asked else None

    def page(self, items: Sequence[Any], top: int | None = None) -> Response:
        """One page of a list, with `nextLink` where there is more; `top` is for lists that know `$top`."""
        start = self._skip()
        end = start + min(self.world.page_size, top or self.world.page_size)
        body: dict[str, Any] = {"value": list(items[start:end])}
        if end < len(items):
            query = self.request.query | {"$skiptoken": str(end)}
            body["nextLink"] = f"{self.service.origin}{self.request.path}?{urlencode(query)}"
        return json_response(body)

    def _skip(self) -> int:
        token = self.request.query.get("$skiptoken", "0")
        if not token.isdecimal():
            raise refusal.arm(400, "InvalidSkipToken", "The $skiptoken is not one of ours.")
        return int(token)


Handler = Callable[[Call], Awaitable[Response]]
Endpoint = Callable[[Request, RouteContext, dict[str, str]], Awaitable[Response]]
"""A handler that makes its own call: of a request, the service, and the named parts of the path."""


class Route:
    """A path with its handlers by method. ARM matches paths without regard to case."""

    def __init__(self, path: str, handlers: dict[str, Handler]) -> None:
        self._path = _pattern(path)
        self._handlers = handlers

    def params(self, path: str) -> dict[str, str] | None:
        """The named parts of a path that fits, or None."""
        found = self._path.fullmatch(path)
        return found.groupdict() if found else None

    def handler(self, method: str) -> Endpoint | None:
        """What answers that method; HEAD is GET where it has no handler of its own."""
        known = "GET" if method == "HEAD" and method not in self._handlers else method
        return partial(_handle, self._handlers[known]) if known in self._handlers else None


async def _handle(
    handler: Handler, request: Request, service: RouteContext, params: dict[str, str]
) -> Response:
    write = service.history.begin(request, service.login.client_id)
    try:
        response = await _answered(handler, Call(request, service, params), params)
    except refusal.Refusal as refused:
        service.history.end(write, refused.status)
        raise
    service.history.end(write, response.status_code)
    return response


async def _answered(handler: Handler, call: Call, params: dict[str, str]) -> Response:
    request = call.request
    subscription = params.get("subscription") or _subscription_of(request.path)
    if subscription is not None:
        call.state.check_scope(subscription, params.get("group"))
    if "group" in params and request.method in ("PUT", "PATCH"):
        call.state.check_stays(call.group)
    if request.method in ("GET", "HEAD"):
        check_read(call.state.governance, request.path)
    check_write(call.state.governance, request.method, request.path)
    return await handler(call)


def _subscription_of(path: str) -> str | None:
    """The subscription of a path whose scope can be anything, as that of a lock."""
    found = re.match(r"/subscriptions/([^/]+)", path, re.IGNORECASE)
    return found[1] if found else None


def _pattern(path: str) -> re.Pattern[str]:
    """`{name}` is one segment, `{name:path}` any number of them."""
    parts = re.split(r"\{(\w+)(:path)?\}", path)
    pattern = re.escape(parts[0])
    for name, several, literal in zip(parts[1::3], parts[2::3], parts[3::3], strict=True):
        pattern += f"(?P<{name}>{'.*' if several else '[^/]+'}){re.escape(literal)}"
    return re.compile(pattern, re.IGNORECASE)


def route(path: str, **handlers: Handler) -> Route:
    """A route by method name: `get=…`, `put=…`."""
    return Route(path, {method.upper(): handler for method, handler in handlers.items()})
