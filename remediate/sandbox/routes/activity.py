"""Microsoft.Insights: the Activity Log, and what its filter understands (azure-facts.md, 6)."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from remediate import ids
from remediate.sandbox.documents.activity import event
from remediate.sandbox.messages import Response
from remediate.sandbox.refusal import Refusal
from remediate.sandbox.routes.call import SUBSCRIPTION, Call, Route, route

KEPT = timedelta(days=90)
_CONDITION = r"(\w+) +(eq|ge|le) +(?:'([^']*)'|([^' ]+))"
_FILTER = re.compile(rf"{_CONDITION}(?: +and +{_CONDITION})*", re.IGNORECASE)
FIELDS = ("resourceUri", "resourceGroupName", "resourceProvider", "correlationId")
"""By one of these an event can be asked for, besides its time."""


@dataclass(frozen=True)
class Filter:
    """Which events are asked for: from when to when, and those of one thing, by the name of its field."""

    since: datetime
    until: datetime
    by: str | None = None
    value: str = ""

    def fits(self, one: dict[str, Any]) -> bool:
        """Whether an event is asked for."""
        if not self.since <= datetime.fromisoformat(one["eventTimestamp"]) <= self.until:
            return False
        # That the events of what is below a resource are among its own is not documented [?].
        if self.by == "resourceUri":
            return ids.within(one["resourceId"], self.value)
        told = {
            "resourceGroupName": one["resourceGroupName"],
            "resourceProvider": one["resourceProviderName"]["value"],
            "correlationId": one["correlationId"],
        }
        return self.by is None or told[self.by].casefold() == self.value.casefold()


async def list_events(call: Call) -> Response:
    """GET events of a subscription, the newest first; `$select` names the fields that are told."""
    asked = parse(call.request.query.get("$filter", ""), datetime.now(UTC))
    scope, now = f"/subscriptions/{call.params['subscription']}", call.world.clock.now()
    known = (one for one in call.state.activity if ids.within(one["resource"], scope))
    events = [event(one) for one in known if one.get("shown", 0.0) <= now]
    found = sorted(filter(asked.fits, events), key=lambda one: str(one["eventTimestamp"]), reverse=True)
    names = [name.strip() for name in call.request.query.get("$select", "").split(",") if name.strip()]
    return call.page([_selected(one, names) for one in found])


def _selected(one: dict[str, Any], names: list[str]) -> dict[str, Any]:
    return {name: one[name] for name in names if name in one} if names else one


def parse(text: str, now: datetime) -> Filter:
    """A filter from its text. Raises 400 for any other syntax, and for a start before what is kept."""
    if not _FILTER.fullmatch(text.strip()):
        raise _refused("The $filter query parameter is missing or is not valid.")
    given: dict[tuple[str, str], str] = {}
    for name, operator, quoted, plain in re.findall(_CONDITION, text, re.IGNORECASE):
        condition = (_known(name), operator.casefold())
        if condition in given:
            raise _refused(f"'{name}' is given twice in the $filter.")
        given[condition] = quoted or plain
    return _checked(given, now)


def _known(name: str) -> str:
    known = (one for one in ("eventTimestamp", *FIELDS) if one.casefold() == name.casefold())
    found = next(known, None)
    if found is None:
        raise _refused(f"'{name}' cannot be filtered by.")
    return found


def _checked(given: dict[tuple[str, str], str], now: datetime) -> Filter:
    since = given.pop(("eventTimestamp", "ge"), None)
    if since is None:
        raise _refused("The $filter has no start time: eventTimestamp ge '…'.")
    start, end = _time(since), _time(given.pop(("eventTimestamp", "le"), now.isoformat()))
    if start < now - KEPT:
        raise _refused("The start time cannot be more than 90 days in the past.")
    if len(given) > 1 or any(name not in FIELDS or operator != "eq" for name, operator in given):
        raise _refused(f"Besides the times the $filter takes one of {', '.join(FIELDS)}, with eq.")
    (name, _), value = next(iter(given.items()), ((None, ""), ""))
    return Filter(start, end, name, value)


def _time(text: str) -> datetime:
    try:
        read = datetime.fromisoformat(text)
    except ValueError:
        raise _refused(f"'{text[:100]}' is not a time.") from None
    return read if read.tzinfo else read.replace(tzinfo=UTC)


def _refused(message: str) -> Refusal:
    """400 in the Activity Log's own envelope, as recorded; the words but for the 90 days are our own."""
    return Refusal(400, {"code": "BadRequest", "message": message})


ROUTES: list[Route] = [
    route(SUBSCRIPTION + "/providers/Microsoft.Insights/eventtypes/management/values", get=list_events)
]
