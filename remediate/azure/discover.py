"""Finding apps: Resource Graph first, because it is quick; ARM's own listing where that has nothing.

Resource Graph is a cached view, like the portal's: good to find, never to decide (azure-facts.md, 1).
"""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any
from urllib.parse import quote, urlsplit

from msgspec import Struct

from remediate import ids
from remediate.azure import fields, parse
from remediate.azure.failure import from_error
from remediate.azure.session import Session
from remediate.model import WEB_API
from remediate.model.failure import RequestFailed

PATH = "/providers/Microsoft.ResourceGraph/resources?api-version=2022-10-01"
_APPS = "resources | where type in~ ('microsoft.web/sites', 'microsoft.web/sites/slots')"
_ON_SUBNETS = (
    "resources | where type in~ ('microsoft.web/sites', 'microsoft.web/sites/slots', "
    "'microsoft.web/serverfarms', 'microsoft.app/managedenvironments')"
)
_NAMING_SUBNET = (
    "virtualNetworkSubnetId",
    "network.virtualNetworkSubnetId",
    "vnetConfiguration.infrastructureSubnetId",
)
"""Where an app or slot, a plan and a Container Apps environment name the subnet that they are on."""
_BRIEF = (
    "project id, name, kind, location, subnet = tostring(properties.virtualNetworkSubnetId), "
    "plan = tostring(properties.serverFarmId)"
)
_COLUMNS = "project id, name, type, kind, location, resourceGroup, subscriptionId, properties"
RESOURCES_API = "2021-04-01"
"""api-version of Resource Manager's own list of resources, which filters by name."""

MAX_PAGES = 100
"""Where a list that never ends is given up."""


class Candidate(Struct, frozen=True):
    """An app that could be meant: enough to choose by."""

    id: str
    group: str
    location: str
    kind: str
    subnet: str | None
    plan: str | None = None

    @property
    def name(self) -> str:
        """`orders-func`, or `orders-func/staging` for a slot."""
        return ids.app_name(self.id)


def apps(session: Session, subscription: str) -> tuple[Candidate, ...]:
    """Every app and slot of a subscription, by name. Raises RequestFailed when neither view can be read."""
    try:
        found = tuple(_brief(one) for one in _rows(session, subscription, f"{_APPS} | {_BRIEF}"))
    except RequestFailed:
        found = ()
    return _sorted(found or _from_arm(session, subscription))


def by_name(session: Session, subscription: str, name: str) -> tuple[str, ...]:
    """The ids of the apps of that name, whatever the case. `app/slot` finds a slot. Raises RequestFailed.

    Both views are asked for the name, so that it costs the same however many apps there are.
    """
    query = f"{_APPS} | where name =~ '{_quoted(name)}' | project id"
    type_ = "Microsoft.Web/sites/slots" if "/" in name else "Microsoft.Web/sites"
    found = _ids_from_graph(session, subscription, query) or _resources(
        session, subscription, f"resourceType eq '{type_}' and name eq '{_doubled(name)}'"
    )
    return tuple(sorted(one for one in found if ids.app_name(one).casefold() == name.casefold()))


def names(session: Session, subscription: str) -> tuple[str, ...]:
    """The names of every app and slot of a subscription.

    Raises RequestFailed when neither view can be read.
    """
    found = _ids_from_graph(session, subscription, f"{_APPS} | project id") or _resources(
        session, subscription, "resourceType eq 'Microsoft.Web/sites'"
    )
    return tuple(ids.app_name(one) for one in found)


def row(session: Session, resource: str) -> Any:
    """Resource Graph's row of one resource. Raises RequestFailed, of kind `absent` when it has none."""
    subscription = ids.parse(resource).subscription
    query = f"resources | where id =~ '{_quoted(resource)}' | project id, name, type, location, properties"
    rows = _rows(session, subscription, query)
    if not rows:
        raise RequestFailed("absent", "Resource Graph does not know this resource")
    return rows[0]


def of_type(session: Session, subscription: str, type_: str) -> list[Any]:
    """Resource Graph's rows of one type of resource in a subscription. Raises RequestFailed."""
    return _rows(session, subscription, f"resources | where type =~ '{type_}' | {_COLUMNS}")


def on_subnet(session: Session, subnet: str) -> list[Any]:
    """Resource Graph's rows of what names a subnet, in any subscription: apps, slots, plans, and Container
    Apps environments.

    Raises RequestFailed.
    """
    named = (f"properties.{field} =~ '{_quoted(subnet)}'" for field in _NAMING_SUBNET)
    return _rows(session, None, f"{_ON_SUBNETS} | where {' or '.join(named)} | {_COLUMNS}")


def some_app(session: Session, subscription: str) -> str | None:
    """Any app of a subscription, to ask something at that is not about it; None where none is found."""
    query = "resources | where type =~ 'microsoft.web/sites' | project id | order by id asc | take 1"
    return next(iter(_ids_from_graph(session, subscription, query)), None)


def check_graph(session: Session, subscription: str) -> bool:
    """Whether Resource Graph shows any app of a subscription. Raises RequestFailed."""
    query = f"{_APPS} | project id | take 1"
    return bool(_rows(session, subscription, query))


def vnets_naming(session: Session, plan: str) -> list[Any]:
    """Resource Graph's rows of the virtual networks in which this plan is named, wherever they are.

    Raises RequestFailed. Without a list of subscriptions Resource Graph searches all that the account sees.
    """
    query = (
        "resources | where type =~ 'microsoft.network/virtualnetworks' "
        f"| where tostring(properties.subnets) contains '{_quoted(plan)}' | {_COLUMNS}"
    )
    return _rows(session, None, query)


def _ids_from_graph(session: Session, subscription: str, query: str) -> list[str]:
    """The ids that a query finds; none where Resource Graph cannot be read."""
    try:
        return [_id(one) for one in _rows(session, subscription, query)]
    except RequestFailed:
        return []


def _resources(session: Session, subscription: str, filter_: str) -> list[str]:
    """The ids of Resource Manager's own list of resources, which holds no properties. Raises RequestFailed.

    The filter is that of `az resource list --name --resource-type`.
    """
    path = f"/subscriptions/{subscription}/resources?$filter={quote(filter_)}&api-version={RESOURCES_API}"
    return [_id(one) for one in listing(session, path)]


def _rows(session: Session, subscription: str | None, query: str) -> list[Any]:
    """All pages of a query; a page holds 1,000 rows at the most."""
    where = {"subscriptions": [subscription]} if subscription else {}
    rows: list[Any] = []
    options: dict[str, Any] = {"$top": 1000}
    for _ in range(MAX_PAGES):
        body = {**where, "query": query, "options": options}
        page = session.ask("POST", PATH, body)
        if not isinstance(page, dict) or not isinstance(page.get("data"), list):
            raise RequestFailed("unreadable", "Resource Graph's answer holds no rows")
        rows += page["data"]
        if not page.get("$skipToken"):
            return rows
        options = {"$top": 1000, "$skipToken": page["$skipToken"]}
    raise _endless()


def listing(session: Session, path: str) -> list[Any]:
    """Every entry of a list, with all its pages. Raises RequestFailed for a list that leads on and on."""
    found: list[Any] = []
    for number in range(MAX_PAGES):
        page = one_page(number, partial(session.ask, "GET", path))
        if not isinstance(page, dict) or not isinstance(page.get("value"), list):
            raise RequestFailed("unreadable", "the list has no value")
        found += page["value"]
        if not page.get("nextLink"):
            return found
        path = _on_this_host(session, str(page["nextLink"]))
    raise _endless()


def _on_this_host(session: Session, address: str) -> str:
    """The path of a nextLink, which may only lead to ARM: the token goes nowhere else."""
    url = urlsplit(address)
    if url.scheme != "https" or url.netloc.casefold() != session.cloud.host:
        raise RequestFailed("unreadable", f"a nextLink that leads to {url.netloc[:200]} was not followed")
    return f"{url.path}?{url.query}"


def one_page(number: int, read: Callable[[], Any]) -> Any:
    """A page of a list, counted from 0. Raises RequestFailed.

    Only the first page can say that there is no such thing: a later one that is gone is a list unread.
    """
    try:
        return read()
    except Exception as error:
        failure = from_error(error)
        if number and failure.kind in ("absent", "unproved"):
            raise RequestFailed(
                "unreadable", f"page {number + 1} of the list is missing: {failure}"
            ) from error
        raise failure from error


def _endless() -> RequestFailed:
    return RequestFailed("unreadable", f"the list has more than {MAX_PAGES} pages")


def _from_arm(session: Session, subscription: str) -> tuple[Candidate, ...]:
    """ARM's listing of the subscription's apps; slots are not in it."""
    path = f"/subscriptions/{subscription}/providers/Microsoft.Web/sites?api-version={WEB_API}"
    return tuple(_candidate(one) for one in listing(session, path))


def _candidate(row: Any) -> Candidate:
    try:
        app = parse.app(row)
        group = ids.parse(app.id).group or ""
        return Candidate(app.id, group, app.location, app.kind, app.subnet, app.plan)
    except fields.MalformedDocument as error:
        raise RequestFailed("unreadable", f"an app in the listing cannot be read: {error}") from error


def _brief(row: Any) -> Candidate:
    """An app as a row with few columns has it."""
    one = _id(row)
    group, location, kind = ids.parse(one).group or "", row.get("location"), row.get("kind")
    subnet, plan = row.get("subnet") or None, row.get("plan") or None
    return Candidate(one, group, str(location or ""), str(kind or ""), subnet, plan)


def _id(row: Any) -> str:
    try:
        return str(ids.parse(row["id"]))
    except (ids.InvalidId, KeyError, TypeError, AttributeError) as error:
        raise RequestFailed("unreadable", f"an entry of the listing cannot be read: {error}") from error


def _sorted(candidates: tuple[Candidate, ...]) -> tuple[Candidate, ...]:
    return tuple(sorted(candidates, key=lambda one: (one.name.casefold(), one.group.casefold())))


def _quoted(text: str) -> str:
    """A string inside a query's single quotes."""
    return text.replace("\\", "\\\\").replace("'", "\\'")


def _doubled(text: str) -> str:
    """A string inside a filter's single quotes, which OData doubles."""
    return text.replace("'", "''")
