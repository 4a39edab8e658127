"""A request as the handlers see it, and the table of routes that leads to them."""

from __future__ import annotations

import re
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from remediate.sandbox import refusal
from remediate.sandbox.faults import Faults
from remediate.sandbox.log import RequestLog
from remediate.sandbox.login import Login
from remediate.sandbox.rules.access import check_write
from remediate.sandbox.state import State
from remediate.sandbox.world import World

SUBSCRIPTION = "/subscriptions/{subscription}"
GROUP = SUBSCRIPTION + "/resourceGroups/{group}"


@dataclass
class Service:
    """What the routes stand on. `origin` is the sandbox's own address, without a path."""

    world: World
    faults: Faults
    login: Login
    log: RequestLog
    origin: str = ""


class Call:
    """One request: its place in the tree of resources, its api-version, its body."""

    def __init__(self, request: Request) -> None:
        self.request = request
        self.service: Service = request.app.state.service
        self.world: World = self.service.world
        self.params: dict[str, str] = request.path_params
        self.api_version = request.query_params.get("api-version", "")

    @property
    def state(self) -> State:
        """The world as this request may see it: a fault can make a read stale."""
        stale: bool = self.request.scope.get("sandbox.stale", False)
        return self.world.previous if stale else self.world.state

    @property
    def group(self) -> str:
        """The id of the resource group in the path, spelled as the platform keeps it."""
        return self.state.group(
            f"/subscriptions/{self.params['subscription']}/resourceGroups/{self.params['group']}"
        ).id

    async def body(self) -> dict[str, Any]:
        """The JSON object that was sent. Raises 400 for anything else."""
        try:
            sent = await self.request.json()
        except ValueError:
            sent = None
        if not isinstance(sent, dict):
            raise refusal.arm(
                400, "InvalidRequestContent", "The request content was invalid: it must be a JSON object."
            )
        return sent

    async def wait(self, seconds: float) -> None:
        """Let simulated time pass, and what is due in it happen."""
        await self.world.clock.sleep(seconds)
        self.world.settle()

    def page(self, items: Sequence[Any]) -> Response:
        """One page of a list, with `nextLink` where there is more."""
        start = self._skip()
        end = start + self.world.page_size
        body: dict[str, Any] = {"value": list(items[start:end])}
        if end < len(items):
            query = dict(self.request.query_params) | {"$skiptoken": str(end)}
            body["nextLink"] = f"{self.service.origin}{self.request.url.path}?{urlencode(query)}"
        return JSONResponse(body)

    def _skip(self) -> int:
        token = self.request.query_params.get("$skiptoken", "0")
        if not token.isdecimal():
            raise refusal.arm(400, "InvalidSkipToken", "The $skiptoken is not one of ours.")
        return int(token)


Handler = Callable[[Call], Awaitable[Response]]


def route(path: str, **handlers: Handler) -> Route:
    """A route by method name (`get=…`, `put=…`); ARM matches paths without regard to case."""
    table = {method.upper(): handler for method, handler in handlers.items()}

    async def endpoint(request: Request) -> Response:
        call = Call(request)
        if "subscription" in call.params:
            call.state.check_scope(call.params["subscription"], call.params.get("group"))
        check_write(call.state.governance, request.method, request.url.path)
        method = "GET" if request.method == "HEAD" and "HEAD" not in table else request.method
        return await table[method](call)

    made = Route(path, endpoint, methods=list(table))
    made.path_regex = re.compile(made.path_regex.pattern, re.IGNORECASE)
    return made
