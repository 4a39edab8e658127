"""`/_sandbox/`, for tests: request log, state, reset and fault rules (docs/reference/sandbox.md)."""

from __future__ import annotations

from remediate.sandbox.faults import MalformedRule
from remediate.sandbox.messages import Response, json_response
from remediate.sandbox.refusal import arm
from remediate.sandbox.routes.call import Call, Route, route


async def requests(call: Call) -> Response:
    """GET every request so far."""
    return json_response(call.service.log.as_json())


async def state(call: Call) -> Response:
    """GET the world, and the simulated time."""
    return json_response({"now": call.world.clock.now(), **call.world.state.as_json()})


async def reset(call: Call) -> Response:
    """POST: the world as in the beginning, its own faults, an empty log."""
    call.world.reset()
    call.service.faults.replace(call.world.faults)
    call.service.log.entries.clear()
    return Response(status_code=204)


async def faults(call: Call) -> Response:
    """PUT the rules to follow from now on; 400 for a rule that is wrong, and nothing is changed."""
    try:
        call.service.faults.replace(call.request.json())
    except (MalformedRule, ValueError) as error:
        raise arm(400, "MalformedRule", str(error)) from None
    return Response(status_code=204)


ROUTES: list[Route] = [
    route("/_sandbox/requests", get=requests),
    route("/_sandbox/state", get=state),
    route("/_sandbox/reset", post=reset),
    route("/_sandbox/faults", put=faults),
]
