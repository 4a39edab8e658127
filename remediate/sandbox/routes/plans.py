"""Microsoft.Web/serverfarms, and the purge of links that nothing uses."""

from __future__ import annotations

from typing import Any

from remediate import ids
from remediate.sandbox import refusal
from remediate.sandbox.documents import integration, site
from remediate.sandbox.documents import plan as documents
from remediate.sandbox.messages import Response, json_response
from remediate.sandbox.resources import ServerFarm
from remediate.sandbox.routes.call import GROUP, SUBSCRIPTION, Call, Route, route
from remediate.sandbox.rules.access import check_action, check_join, check_linked
from remediate.sandbox.rules.location import check_location
from remediate.sandbox.rules.preconditions import check_managed_instance
from remediate.sandbox.rules.remove import delete_plan, purge, purge_reaches
from remediate.sandbox.rules.sites import move_plan, plan_subnet_asked, put_plan
from remediate.sandbox.state import key

PURGE_ACTION = "Microsoft.Web/locations/purgeUnusedVirtualNetworkIntegration/action"
_PURGE_SCOPE = "{}/providers/Microsoft.Web/locations/purgeUnusedVirtualNetworkIntegration"
PLAN = GROUP + "/providers/Microsoft.Web/serverfarms/{plan}"


def plan_id(call: Call) -> str:
    """The id of the plan in the path."""
    return f"{call.group}/providers/Microsoft.Web/serverfarms/{call.params['plan']}"


async def get(call: Call) -> Response:
    """GET of a plan."""
    return json_response(documents.document(call.state, call.state.plan(plan_id(call)), call.api_version))


async def put(call: Call) -> Response:
    """PUT of a plan: creates or changes it."""
    body = await call.body()
    old = call.world.state.plans.get(key(plan_id(call)))
    check_location(plan_id(call), body, old.location if old else None)
    return await _write(call, {"tags": {}, **body}, old)


async def _write(call: Call, body: dict[str, Any], old: ServerFarm | None) -> Response:
    subnet = plan_subnet_asked(old, body)
    if subnet and old:
        check_managed_instance(call.world.state, old, subnet)
    if subnet:
        check_join(call.state, plan_id(call), subnet, "join/action")
    with call.world.writing_plan(plan_id(call)):
        await call.wait(_seconds(call, old, subnet))
        call.world.remember()
        plan = put_plan(call.world, plan_id(call), body)
        if subnet is not None and plan.managed_instance:
            move_plan(call.world, plan, subnet)
    answer = documents.answer_to_put(call.state, plan, call.api_version, new=old is None)
    return json_response(answer, headers={"ETag": f'"{plan.etag}"'})


def _seconds(call: Call, plan: ServerFarm | None, subnet: str | None) -> float:
    """How long a write of a plan takes: for a Managed Instance as long as for the apps of other plans [?]."""
    held = plan.subnet if plan else None
    if subnet is None or subnet == (held or "") or ids.same(subnet, held):
        return call.world.durations.site
    return call.world.durations.connect if subnet else call.world.durations.disconnect_last


async def patch(call: Call) -> Response:
    """PATCH of a plan that exists."""
    return await _write(call, await call.body(), call.state.plan(plan_id(call)))


async def delete(call: Call) -> Response:
    """DELETE of a plan without apps; 204 where there is none."""
    if key(plan_id(call)) not in call.world.state.plans:
        return Response(status_code=204)
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
    plans = [one for one in call.state.plans.values() if ids.within(one.id, scope) and call.may_read(one.id)]
    return call.page([documents.document(call.state, one, call.api_version) for one in plans])


async def purge_unused(call: Call) -> Response:
    """POST purgeUnusedVirtualNetworkIntegration: says the same whether or not anything was purged.

    Nothing is in another subscription or region than the network's. It needs the permission that Resource
    Manager asks for every POST, and the role Network Contributor on the subnet (azure-facts.md, 2): which
    of its actions is not known, so a role has to allow the write here; a deny assignment is not asked [?].
    """
    scope = f"/subscriptions/{call.params['subscription']}"
    check_action(call.state.governance, PURGE_ACTION, scope)
    subnet = (await call.body()).get("subnetResourceId")
    if not isinstance(subnet, str) or not subnet:
        raise refusal.web(400, "BadRequest", "The parameter subnetResourceId is missing.")
    found = call.state.find_subnet(subnet)
    if found is not None:
        check_linked(call.state, _PURGE_SCOPE.format(scope), subnet, "write")
    await call.wait(call.world.durations.site)
    call.world.remember()
    if found is not None and purge_reaches(call.world, found, *_place(call)):
        purge(call.world, found.id)
    return json_response(
        {"message": "Purged unused virtual network integration.", "swiftVirtualNetwork": None}
    )


def _place(call: Call) -> tuple[str, str]:
    return call.params["subscription"], call.params["location"]


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
