"""Microsoft's detectors of an app, of which the sandbox has one (azure-facts.md, 1)."""

from __future__ import annotations

from remediate import ids
from remediate.sandbox import refusal
from remediate.sandbox.documents import detectors
from remediate.sandbox.messages import Response, json_response
from remediate.sandbox.routes.call import Call, Route
from remediate.sandbox.routes.sites import of_both, site_of


async def detector(call: Call) -> Response:
    """GET of the detector that says who is on a subnet, whatever the caller may see."""
    asked = site_of(call)
    name = call.params["detector"]
    if not ids.same(name, detectors.USAGE_DETECTOR):
        raise refusal.web(404, "NotFound", f"Cannot find detector with name {name}.", "51004")
    vnet_id, region = call.request.query.get("vnetId", ""), call.request.query.get("region", "")
    return json_response(detectors.subnet_usage(call.state, asked.id, vnet_id, region))


ROUTES: list[Route] = of_both("/detectors/{detector}", get=detector)
