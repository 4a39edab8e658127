"""The addresses for tests: what was asked, how the world is, start again, misbehave (contract.md)."""

from __future__ import annotations

from starlette.responses import JSONResponse, Response
from starlette.routing import BaseRoute

from remediate.sandbox.faults import MalformedRule
from remediate.sandbox.refusal import arm
from remediate.sandbox.routes.call import Call, route


async def requests(call: Call) -> Response:
    """GET every request so far."""
    return JSONResponse(call.service.log.as_json())


async def state(call: Call) -> Response:
    """GET the world, and the simulated time."""
    return JSONResponse({"now": call.world.clock.now(), **call.world.state.as_json()})


async def reset(call: Call) -> Response:
    """POST: the world as in the beginning, its own faults, an empty log."""
    call.world.reset()
    call.service.faults.replace(call.world.faults)
    call.service.log.entries.clear()
    return Response(status_code=204)


async def faults(call: Call) -> Response:
    """PUT the rules to follow from now on; 400 for a rule that is wrong, and nothing is changed."""
    try:
        call.service.faults.replace(await call.request.json())
    except (MalformedRule, ValueError) as error:
        raise arm(400, "MalformedRule", str(error)) from None
    return Response(status_code=204)


ROUTES: list[BaseRoute] = [
    route("/_sandbox/requests", get=requests),
    route("/_sandbox/state", get=state),
    route("/_sandbox/reset", post=reset),
    route("/_sandbox/faults", put=faults),
]
