"""Microsoft.App/managedEnvironments: the Container Apps environments that are in subnets, to be read."""

from __future__ import annotations

from remediate import ids
from remediate.sandbox import refusal
from remediate.sandbox.documents import environments
from remediate.sandbox.messages import Response, json_response
from remediate.sandbox.routes.call import GROUP, Call, Route, route


async def get(call: Call) -> Response:
    """GET of an environment."""
    asked = f"{call.group}/providers/{environments.TYPE}/{call.params['environment']}"
    for one in environments.documents(call.state):
        if ids.same(one["id"], asked):
            return json_response(one)
    raise refusal.resource_not_found(asked)


ROUTES: list[Route] = [route(GROUP + "/providers/Microsoft.App/managedEnvironments/{environment}", get=get)]
