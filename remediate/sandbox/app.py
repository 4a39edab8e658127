"""The simulated Azure as one ASGI application."""

from __future__ import annotations

from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.types import ASGIApp

from remediate.sandbox.front import Front
from remediate.sandbox.refusal import Refusal, arm
from remediate.sandbox.routes import (
    control,
    entrance,
    graph,
    network,
    plans,
    resources,
    sites,
    subscriptions,
    workers,
)
from remediate.sandbox.routes.call import Service

ROUTES = [
    *control.ROUTES,
    *entrance.ROUTES,
    *sites.ROUTES,
    *workers.ROUTES,
    *plans.ROUTES,
    *network.ROUTES,
    *graph.ROUTES,
    *resources.ROUTES,
    *subscriptions.ROUTES,
]


def build(service: Service) -> ASGIApp:
    """The application for one world."""
    app = Starlette(
        routes=ROUTES,
        exception_handlers={Refusal: _refused, HTTPException: _no_route},
    )
    app.router.redirect_slashes = False
    app.state.service = service
    return Front(app, service)


async def _refused(request: Request, error: Exception) -> Response:
    assert isinstance(error, Refusal)
    return JSONResponse(error.body, error.status, error.headers)


async def _no_route(request: Request, error: Exception) -> Response:
    assert isinstance(error, HTTPException)
    if error.status_code == 405:
        message = f"The requested resource does not support http method '{request.method}'."
        return await _refused(request, arm(405, "MethodNotAllowed", message))
    message = f"The sandbox has no resource at '{request.url.path}'."
    return await _refused(request, arm(404, "InvalidResourceType", message))
