"""The simulated Azure as one application: every request, and where its answer comes from."""

from __future__ import annotations

import logging
import re
from dataclasses import replace

from remediate.sandbox.messages import Request, Response
from remediate.sandbox.middleware import Middleware
from remediate.sandbox.refusal import Refusal, arm
from remediate.sandbox.routes import (
    activity,
    authentication,
    authorization,
    control,
    detectors,
    environments,
    graph,
    groups,
    network,
    plans,
    settings,
    sites,
    slots,
    subscriptions,
    workers,
)
from remediate.sandbox.routes.call import Route, RouteContext
from remediate.sandbox.routes.subscriptions import check_namespace

ROUTES: list[Route] = [
    *control.ROUTES,
    *authentication.ROUTES,
    *sites.ROUTES,
    *settings.ROUTES,
    *slots.ROUTES,
    *detectors.ROUTES,
    *workers.ROUTES,
    *plans.ROUTES,
    *network.ROUTES,
    *environments.ROUTES,
    *graph.ROUTES,
    *activity.ROUTES,
    *authorization.ROUTES,
    *groups.ROUTES,
    *subscriptions.ROUTES,
]


class Application:
    """The application for one world."""

    def __init__(self, service: RouteContext) -> None:
        self._service = service
        self._middleware = Middleware(self._routed, service)

    async def answer(self, request: Request) -> Response | None:
        """The answer to a request, or None where the connection is to be dropped; 500 where we fail."""
        try:
            return await self._middleware.answer(request)
        except Exception:
            logging.getLogger(__name__).exception("%s %s", request.method, request.target)
            return arm(500, "InternalServerError", "The sandbox failed.").response()

    async def _routed(self, request: Request) -> Response:
        """The answer of the first route that fits the path and the method.

        Azure ignores a slash at the end, and a double slash: `az lock` writes `Microsoft.Web//sites`.
        """
        request = replace(request, path=re.sub("//+", "/", request.path).rstrip("/"))
        fitting = [(route, params) for route in ROUTES if (params := route.params(request.path)) is not None]
        try:
            for route, params in fitting:
                handler = route.handler(request.method)
                if handler is not None:
                    return await handler(request, self._service, params)
            raise _no_route(request, fits=bool(fitting))
        except Refusal as refused:
            return refused.response()


def _no_route(request: Request, *, fits: bool) -> Refusal:
    """405 where a route fits the path but not the method (`fits`), else 404 `InvalidResourceType`.

    Raises the 404 `InvalidResourceNamespace` for a namespace that Azure does not have.
    """
    if fits:
        message = f"The requested resource does not support http method '{request.method}'."
        return arm(405, "MethodNotAllowed", message)
    named = re.findall(r"/providers/([^/]+)", request.path, re.IGNORECASE)
    if named:
        check_namespace(named[-1])
    what = f"the namespace '{named[-1]}'" if named else f"'{request.path}'"
    version = request.query.get("api-version", "")
    message = f"The resource type could not be found in {what} for api version '{version}'."
    return arm(404, "InvalidResourceType", message)
