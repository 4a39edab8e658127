"""Resource Manager's own list of resources: what there is, by type and name, without its properties."""

from __future__ import annotations

import re

from remediate import ids
from remediate.sandbox import refusal
from remediate.sandbox.documents import network, plan, site
from remediate.sandbox.messages import Response
from remediate.sandbox.routes.call import SUBSCRIPTION, Call, Route, route

API_VERSION = "2024-11-01"
"""The api-version whose documents the list is taken from."""
_IN_LIST = ("id", "name", "type", "kind", "location", "tags")
_FIELDS = {"resourcetype": "type", "name": "name"}
_CONDITION = re.compile(r"(resourceType|name) eq '((?:[^']|'')*)'", re.IGNORECASE)


async def list_resources(call: Call) -> Response:
    """GET resources of a subscription: apps, slots, plans and networks, without their properties."""
    wanted = _conditions(call.request.query.get("$filter", ""))
    scope, state = f"/subscriptions/{call.params['subscription']}", call.state
    documents = [
        *(site.document(state, one, API_VERSION) for one in state.sites.values()),
        *(plan.document(state, one, API_VERSION) for one in state.plans.values()),
        *(network.vnet(one, call.world.clock.now()) for one in state.vnets.values()),
    ]
    found = [{key: one.get(key) for key in _IN_LIST} for one in documents if ids.within(one["id"], scope)]
    return call.page([one for one in found if all(ids.same(str(one[field]), text) for field, text in wanted)])


def _conditions(text: str) -> list[tuple[str, str]]:
    """The fields that a filter compares, and with what. Raises 400 for a filter of another form."""
    parts = [one for one in re.split(r"\s+and\s+", text) if one]
    found = [_CONDITION.fullmatch(one) for one in parts]
    if not all(found):
        raise refusal.arm(400, "InvalidFilterInQueryString", f"Invalid $filter '{text[:200]}'.")
    return [(_FIELDS[one[1].casefold()], one[2].replace("''", "'")) for one in found if one]


ROUTES: list[Route] = [route(SUBSCRIPTION + "/resources", get=list_resources)]
