"""Microsoft.Web/serverfarms, and the purge of links that nothing uses."""

from __future__ import annotations

from remediate import ids
from remediate.sandbox import refusal
from remediate.sandbox.documents import integration, site
from remediate.sandbox.documents import plan as documents
from remediate.sandbox.messages import Response, json_response
from remediate.sandbox.routes.call import GROUP, SUBSCRIPTION, Call, Route, route
from remediate.sandbox.rules.remove import delete_plan, purge
from remediate.sandbox.rules.sites import put_plan

PLAN = GROUP + "/providers/Microsoft.Web/serverfarms/{plan}"


def plan_id(call: Call) -> str:
    """The id of the plan in the path."""
    return f"{call.group}/providers/Microsoft.Web/serverfarms/{call.params['plan']}"


async def get(call: Call) -> Response:
    """GET of a plan."""
    return json_response(documents.document(call.state, call.state.plan(plan_id(call)), call.api_version))


async def put(call: Call) -> Response:
    """PUT or PATCH of a plan."""
    body = await call.body()
    await call.wait(call.world.durations.site)
    call.world.remember()
    plan = put_plan(call.world, plan_id(call), body)
    return json_response(documents.document(call.state, plan, call.api_version, answer_to_put=True))


async def patch(call: Call) -> Response:
    """PATCH of a plan that exists."""
    call.state.plan(plan_id(call))
    return await put(call)


async def delete(call: Call) -> Response:
    """DELETE of a plan without apps."""
    call.world.remember()
    delete_plan(call.world, plan_id(call))
    return Response(status_code=200)


async def list_apps(call: Call) -> Response:
    """GET serverfarms/P/sites: the plan's apps; slots are not in it."""
    apps = call.state.apps_of(call.state.plan(plan_id(call)).id)
    return call.page([site.document(call.state, one, call.api_version) for one in apps])


async def connections(call: Call) -> Response:
    """GET serverfarms/P/virtualNetworkConnections: a bare array."""
    return json_response(integration.plan_connections(call.state, call.state.plan(plan_id(call)).id))


async def list_plans(call: Call) -> Response:
    """GET plans of the subscription, or of one resource group."""
    scope = call.group if "group" in call.params else f"/subscriptions/{call.params['subscription']}"
    plans = [one for one in call.state.plans.values() if ids.within(one.id, scope)]
    return call.page([documents.document(call.state, one, call.api_version) for one in plans])


async def purge_unused(call: Call) -> Response:
    """POST purgeUnusedVirtualNetworkIntegration: says the same whether or not anything was purged."""
    subnet = (await call.body()).get("subnetResourceId")
    if not isinstance(subnet, str) or not subnet:
        raise refusal.web(400, "BadRequest", "The parameter subnetResourceId is missing.")
    await call.wait(call.world.durations.site)
    call.world.remember()
    purge(call.world, subnet)
    return json_response("Purged unused virtual network integration")


ROUTES: list[Route] = [
    route(SUBSCRIPTION + "/providers/Microsoft.Web/serverfarms", get=list_plans),
    route(GROUP + "/providers/Microsoft.Web/serverfarms", get=list_plans),
    route(PLAN, get=get, put=put, patch=patch, delete=delete),
    route(PLAN + "/sites", get=list_apps),
    route(PLAN + "/virtualNetworkConnections", get=connections),
    route(
        SUBSCRIPTION + "/providers/Microsoft.Web/locations/{location}/purgeUnusedVirtualNetworkIntegration",
        post=purge_unused,
    ),
]
