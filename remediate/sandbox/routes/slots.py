"""Swapping an app's slots (azure-facts.md, 2)."""

from __future__ import annotations

from remediate import ids
from remediate.sandbox import refusal
from remediate.sandbox.messages import Response
from remediate.sandbox.resources import Site
from remediate.sandbox.routes.call import Call, Route
from remediate.sandbox.routes.sites import answer, etag_header, of_both, site_of
from remediate.sandbox.rules import access
from remediate.sandbox.rules.swap import swap

PRODUCTION = "production"
"""What a swap calls the app itself."""


async def swap_slots(call: Call) -> Response:
    """POST slotsswap, of an app or of a slot, with `targetSlot`: 202, then 200 at `Location`.

    The integration is not swapped; `preserveVnet` is true unless it is said otherwise.
    """
    body = await call.body()
    source = site_of(call)
    action = f"{ids.parse(source.id).type}/slotsswap/action"
    access.check_action(call.state.governance, action, source.id)
    access.check_locks(call.state.governance, source.id, deletes=False)
    target = _other_slot(call, source, str(body.get("targetSlot") or ""))
    etag = source.etag
    operation = swap(call.world, source, target, preserve_vnet=body.get("preserveVnet") is not False)
    address = f"{call.service.origin}{source.id}/operationresults/{operation}"
    headers = {"Location": f"{address}?api-version={call.api_version}", "Retry-After": "1"}
    return Response(status_code=202, headers={**headers, **etag_header(etag)})


async def swap_result(call: Call) -> Response:
    """GET of the address in `Location`: 202 while the swap is under way, then the slot."""
    if not call.world.is_done(call.params["operation"]):
        return Response(status_code=202, headers={"Location": call.request.url, "Retry-After": "1"})
    if call.params["operation"] in call.world.failures:
        raise call.world.failures[call.params["operation"]]
    return answer(call, site_of(call))


def _other_slot(call: Call, source: Site, name: str) -> Site:
    """The slot of that name, or with `production` the app itself. Raises 400 and 404."""
    app = source.id.partition("/slots/")[0]
    target = app if name.casefold() == PRODUCTION else f"{app}/slots/{name}"
    if not name or ids.same(target, source.id):
        raise refusal.web(400, "BadRequest", f"The target slot '{name}' is not another slot of the app.")
    return call.state.site(target)


ROUTES: list[Route] = [
    *of_both("/slotsswap", post=swap_slots),
    *of_both("/operationresults/{operation}", get=swap_result),
]
