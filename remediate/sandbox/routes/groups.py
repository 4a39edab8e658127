"""Resource groups: deleting one, moving resources out of one, and the operations on them."""

from __future__ import annotations

from typing import Any

from remediate import ids
from remediate.sandbox import refusal
from remediate.sandbox.messages import Response, json_response
from remediate.sandbox.resources import Group, region
from remediate.sandbox.routes.call import GROUP, SUBSCRIPTION, Call, Route, route
from remediate.sandbox.routes.subscriptions import group_document
from remediate.sandbox.rules.access import check_action, check_locks
from remediate.sandbox.rules.groups import GROUP_TYPE, check_deletable, delete_group
from remediate.sandbox.rules.location import check_location
from remediate.sandbox.rules.move import check_move, move
from remediate.sandbox.state import key


async def delete(call: Call) -> Response:
    """DELETE of a group: 202, and `Location` answers 200 once everything in it is gone."""
    group = call.state.group(call.group)
    check_deletable(call.state, group)
    return accepted(call, delete_group(call.world, group), 200)


async def put(call: Call) -> Response:
    """PUT of a group: 201 for a new one, 200 for one that is there, whose tags are replaced."""
    body = await call.body()
    scope = f"/subscriptions/{call.params['subscription']}/resourceGroups/{call.params['new']}"
    old = call.world.state.groups.get(key(scope))
    check_location(scope, body, old.location if old else None)
    check_action(call.state.governance, f"{GROUP_TYPE}/write", scope)
    check_locks(call.state.governance, scope, deletes=False)
    if old is not None:
        call.state.check_stays(old.id)
    call.world.remember()
    group = old or Group(scope, region(body["location"]))
    group.tags = dict(body.get("tags") or {})
    call.world.state.add(group)
    return json_response(group_document(group), 200 if old else 201)


async def move_resources(call: Call) -> Response:
    """POST moveResources: 202, and `Location` answers 204 once they are moved."""
    resources, target = await _moved(call)
    return accepted(call, move(call.world, resources, target), 204)


async def validate_move(call: Call) -> Response:
    """POST validateMoveResources: the same answers, and nothing is moved."""
    await _moved(call)
    return accepted(call, call.world.start_operation(call.world.durations.subnet), 204)


async def _moved(call: Call) -> tuple[list[str], Group]:
    """What is to be moved, and where to. Raises 400, 403, 404 and 409."""
    body = await call.body()
    named = _ids(body.get("resources"))
    [target] = _ids([body.get("targetResourceGroup")])
    parsed = ids.parse(target)
    call.state.check_scope(parsed.subscription, parsed.group)
    group = call.state.group(f"/subscriptions/{parsed.subscription}/resourceGroups/{parsed.group}")
    return check_move(call.state, call.state.group(call.group), named, group), group


def _ids(values: Any) -> list[str]:
    """The ids of a body's list, each of them in a resource group. Raises 400."""
    try:
        if values and all(ids.parse(one).group for one in values):
            return list(values)
    except (ids.InvalidId, AttributeError, TypeError):
        pass
    message = "The move needs 'resources' and 'targetResourceGroup', as resource ids."
    raise refusal.arm(400, "InvalidRequestContent", message)


def accepted(call: Call, operation: str, status: int) -> Response:
    """202 with the address that answers `status` once the operation is done."""
    scope = f"{call.service.origin}/subscriptions/{call.params['subscription']}"
    address = f"{scope}/operationresults/{operation}-{status}?api-version={call.api_version}"
    return Response(status_code=202, headers={"Location": address, "Retry-After": "1"})


async def operation_result(call: Call) -> Response:
    """GET of the address in `Location`: 202 while the operation is under way, then how it ended."""
    operation, _, status = call.params["operation"].rpartition("-")
    if not call.world.is_done(operation):
        return Response(status_code=202, headers={"Location": call.request.url, "Retry-After": "1"})
    if operation in call.world.failures:
        raise call.world.failures[operation]
    return Response(status_code=204 if status == "204" else 200)


ROUTES: list[Route] = [
    route(GROUP, delete=delete),
    # Not `{group}`, which has to exist before the handler is called.
    route(SUBSCRIPTION + "/resourceGroups/{new}", put=put),
    route(GROUP + "/moveResources", post=move_resources),
    route(GROUP + "/validateMoveResources", post=validate_move),
    route(SUBSCRIPTION + "/operationresults/{operation}", get=operation_result),
]
