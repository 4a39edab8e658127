"""One read each: what Azure said as a Document, field for field, whatever it was."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any, NamedTuple
from urllib.parse import quote

from remediate import ids
from remediate.azure import absence, discover, fields, parse
from remediate.azure.deny_assignments import deny_assignments
from remediate.azure.detector import detected
from remediate.azure.failure import from_error
from remediate.azure.session import Session
from remediate.model import NETWORK_API, WEB_API, Document
from remediate.model.failure import Kind, RequestFailed

LOCKS_API = "2016-09-01"
PERMISSIONS_API = "2022-04-01"
DENIALS_API = "2022-04-01"
PROVIDERS_API = "2021-04-01"
GROUPS_API = "2021-04-01"
SUBSCRIPTIONS_API = "2022-12-01"
"""The api-versions of Resource Manager's own reads (azure-facts.md, 1)."""
ENVIRONMENTS_API = "2024-03-01"
"""The api-version of Microsoft.App, of which only environments are read."""


class Read(NamedTuple):
    """One request, and where its answer belongs."""

    ask: Callable[[], Document]
    keep: Callable[[Document], None]


class UnprovedAbsence(Document, frozen=True):
    """A read that ended in a 404 which does not prove by itself that something is gone (see `absence`)."""


class _Address(NamedTuple):
    """What is read: a resource, what of it, and by which api-version."""

    id: str
    part: str
    version: str
    query: str = ""

    @property
    def path(self) -> str:
        """How the document names it: the id as it was read elsewhere."""
        return f"{self.id}{self._rest}"

    @property
    def encoded(self) -> str:
        """How it goes out: a name may hold a percent sign or a bracket. Raises InvalidId."""
        return f"{quote(str(ids.parse(self.id)))}{self._rest}"

    @property
    def _rest(self) -> str:
        return f"{self.part}?{self.query}api-version={self.version}"


class Documents:
    """The reads of one session. None of them raises: a failure is a Document too."""

    def __init__(self, session: Session) -> None:
        self._session = session

    def site(self, target: str, what: str = "site") -> Document:
        """An app or a slot."""
        return self._get(what, _Address(target, "", WEB_API), parse.app)

    def network_config(self, target: str) -> Document:
        """The regional connection; answers 200 with null when there is none (azure-facts.md, 1)."""
        address = _Address(target, "/networkConfig/virtualNetwork", WEB_API)
        return self._get("networkConfig", address, parse.network_config)

    def connections(self, target: str) -> Document:
        """The list of connections, a bare array."""
        address = _Address(target, "/virtualNetworkConnections", WEB_API)
        return self._get("connections", address, parse.connections)

    def slots(self, root: str) -> Document:
        """The slots of an app."""
        return self._list(f"slots:{ids.parse(root).name}", _Address(root, "/slots", WEB_API), parse.apps)

    def instances(self, target: str) -> Document:
        """The instances of an app or slot, one for each worker."""
        return self._list("instances", _Address(target, "/instances", WEB_API), parse.instances)

    def plan(self, plan: str, what: str = "plan") -> Document:
        """An App Service plan."""
        return self._get(what, _Address(plan, "", WEB_API), parse.plan)

    def plan_connections(self, plan: str) -> Document:
        """The networks of a plan's apps, a bare array like that of an app: also those behind a gateway."""
        address = _Address(plan, "/virtualNetworkConnections", WEB_API)
        return self._get("plan-connections", address, parse.connections)

    def apps_of(self, plan: str, what: str = "plan-apps") -> Document:
        """The apps of a plan."""
        return self._list(what, _Address(plan, "/sites", WEB_API), parse.apps)

    def apps_in(self, scope: str) -> Document:
        """The apps of a resource group, or of a whole subscription; slots are not among them."""
        address = _Address(scope, "/providers/Microsoft.Web/sites", WEB_API)
        return self._list(f"apps:{scope}", address, parse.apps)

    def plans_in(self, scope: str) -> Document:
        """The App Service plans of a resource group, or of a whole subscription."""
        address = _Address(scope, "/providers/Microsoft.Web/serverfarms", WEB_API)
        return self._list(f"plans:{scope}", address, parse.plans)

    def groups(self, subscription: str) -> Document:
        """The resource groups of a subscription."""
        address = _Address(f"/subscriptions/{subscription}", "/resourceGroups", GROUPS_API)
        return self._page(f"groups:{subscription}", address, lambda body: body)

    def vnets_in(self, scope: str) -> Document:
        """The virtual networks of a resource group, or of a whole subscription, with their subnets."""
        address = _Address(scope, "/providers/Microsoft.Network/virtualNetworks", NETWORK_API)
        return self._list(f"vnets:{scope}", address, parse.vnets)

    def apps_on(self, subnet: str) -> Document:
        """Resource Graph's rows of the apps and slots that name a subnet: a cached view, good to find."""
        rows = partial(discover.on_subnet, self._session, subnet)
        return self._read(f"graph:{subnet}", discover.PATH, rows, parse.users)

    def environment(self, environment: str) -> Document:
        """A Container Apps environment."""
        address = _Address(environment, "", ENVIRONMENTS_API)
        return self._get(f"environment:{ids.name(environment)}", address, parse.environment)

    def some_app(self, subscription: str) -> str | None:
        """Any app of a subscription, None where none is found."""
        return discover.some_app(self._session, subscription)

    def detector(self, site: str, network: str, region: str) -> Document:
        """Microsoft's detector of who is on a subnet, asked at any app; `network` is GUID_SUBNET."""
        query = f"vnetId={quote(network, safe='')}&region={quote(region, safe='')}&"
        address = _Address(site, "/detectors/checkSubnetIntegrationUsage", WEB_API, query)
        return self._get("detector", address, detected)

    def vnets_naming(self, plan: str) -> Document:
        """Resource Graph's rows of the networks, in any subscription, in which a link names this plan."""
        rows = partial(discover.vnets_naming, self._session, plan)
        return self._read(f"graph:{plan}", discover.PATH, rows, parse.vnets)

    def subnet(self, subnet: str) -> Document:
        """A subnet, with its links and delegations."""
        return self._get("subnet", _Address(subnet, "", NETWORK_API), parse.subnet)

    def vnet(self, vnet: str) -> Document:
        """A virtual network, with its subnets."""
        address = _Address(vnet, "", NETWORK_API)
        return self._get("vnet", address, lambda body: (parse.vnet(body), parse.subnets(body)))

    def graph(self, vnet: str) -> Document:
        """Resource Graph's row of a virtual network: a cached view, good to compare, never to decide."""
        row = partial(discover.row, self._session, vnet)
        return self._read("graph", discover.PATH, row, parse.row)

    def locks(self, scope: str) -> Document:
        """The management locks that hold at a scope."""
        address = _Address(scope, "/providers/Microsoft.Authorization/locks", LOCKS_API)
        return self._page(f"locks:{scope}", address, lambda body: parse.locks(body, scope))

    def permissions(self, scope: str) -> Document:
        """What the signed-in account may do at a scope, assignment by assignment."""
        address = _Address(scope, "/providers/Microsoft.Authorization/permissions", PERMISSIONS_API)
        return self._page(f"permissions:{scope}", address, parse.permissions)

    def deny_assignments(self, scope: str) -> Document:
        """The deny assignments that hold at a scope."""
        address = _Address(scope, "/providers/Microsoft.Authorization/denyAssignments", DENIALS_API)
        return self._page(f"deny-assignments:{scope}", address, deny_assignments)

    def provider(self, subscription: str, namespace: str) -> Document:
        """Whether a resource provider, such as Microsoft.Web, is registered in a subscription."""
        address = _Address(f"/subscriptions/{subscription}", f"/providers/{namespace}", PROVIDERS_API)
        return self._get(f"provider:{subscription}/{namespace}", address, parse.registration)

    def _get(self, what: str, address: _Address, parser: Callable[[Any], object]) -> Document:
        """A read of one resource."""
        return self._read(what, address.path, lambda: self._session.ask("GET", address.encoded), parser)

    def _list(self, what: str, address: _Address, parser: Callable[[Any], object]) -> Document:
        """A read of a list with all its pages: the document is the entries."""
        return self._read(what, address.path, lambda: self._entries(address), parser)

    def _page(self, what: str, address: _Address, parser: Callable[[Any], object]) -> Document:
        """A read of a list with all its pages: the document is one page that holds the entries of all.

        A lock on the second page locks as well.
        """
        return self._read(what, address.path, lambda: {"value": self._entries(address)}, parser)

    def _entries(self, address: _Address) -> list[Any]:
        return discover.listing(self._session, address.encoded)

    def _read(
        self, what: str, path: str, call: Callable[[], Any], parser: Callable[[Any], object]
    ) -> Document:
        """Make one read. An answer that its parser cannot take is a failed read, not a found document."""
        try:
            body = call()
            parser(body)
        except fields.MalformedDocument as error:
            return Document(what, path, "failed", message=str(error))
        except Exception as error:
            failure = from_error(error)
            if failure.kind == "unauthenticated":
                self._session.unauthenticated = failure
            status = absence.status_of(failure, path, self._is_visible)
            kind = UnprovedAbsence if absence.may_be_proved(failure, status) else Document
            return kind(what, path, status, message=str(failure))
        return Document(what, path, "found", body)

    def _is_visible(self, subscription: str) -> bool | None:
        """Whether the account can see a subscription, None where that could not be read."""
        try:
            self._session.ask("GET", f"/subscriptions/{subscription}?api-version={SUBSCRIPTIONS_API}")
        except RequestFailed as failure:
            return False if failure.kind in ("not-visible", "denied") else None
        return True


def parsed(document: Document, parser: Callable[[Any], Any]) -> Any:
    """The parsed body of a document that was found, else None."""
    return parser(document.body) if document.status == "found" else None


def failure(document: Document) -> RequestFailed:
    """Why there is nothing in a document that was not found, for where there has to be."""
    kinds: dict[str, Kind] = {"absent": "absent", "not-visible": "not-visible", "denied": "denied"}
    return RequestFailed(kinds.get(document.status, "unreadable"), document.message or document.path)
