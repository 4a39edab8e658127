"""One read each: the typed SDK call, and what Azure said as a Document, whatever it was."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from functools import partial
from typing import Any

from remediate import ids
from remediate.azure import discover, parse
from remediate.azure.failure import from_error
from remediate.azure.session import Session
from remediate.model import NETWORK_API, WEB_API, Document, ReadStatus
from remediate.model.failure import Kind, RequestFailed

LOCKS_API = "2016-09-01"
PERMISSIONS_API = "2022-04-01"
PROVIDERS_API = "2021-04-01"
GROUPS_API = "2021-04-01"
SUBSCRIPTIONS_API = "2022-12-01"
"""The api-versions of Resource Manager's own reads (azure-facts.md, 1)."""
GONE, GROUP_GONE = "resourcenotfound", "resourcegroupnotfound"
"""The codes of a 404 that prove an absence, the second one only in a subscription that is seen; every other
404 may hide what is there (azure-facts.md, 2), unless other reads prove it: see `absence`.
"""


class UnprovedAbsence(Document, frozen=True):
    """A read that ended in a 404 whose code proves no absence."""


class Documents:
    """The reads of one session. None of them raises: a failure is a Document too."""

    def __init__(self, session: Session) -> None:
        self._session = session

    def site(self, target: str, what: str = "site") -> Document:
        """An app or a slot."""
        group, site, slot, web = self._addressed(target)
        call = (lambda: web.get_slot(group, site, slot)) if slot else (lambda: web.get(group, site))
        return self._read(what, f"{target}?api-version={WEB_API}", call, parse.app)

    def network_config(self, target: str) -> Document:
        """The regional connection; answers 200 with null when there is none (azure-facts.md, 1)."""
        group, site, slot, web = self._addressed(target)
        call = (
            (lambda: web.get_swift_virtual_network_connection_slot(group, site, slot))
            if slot
            else (lambda: web.get_swift_virtual_network_connection(group, site))
        )
        path = f"{target}/networkConfig/virtualNetwork?api-version={WEB_API}"
        return self._read("networkConfig", path, call, parse.network_config)

    def connections(self, target: str) -> Document:
        """The list of connections, a bare array."""
        group, site, slot, web = self._addressed(target)
        call = (
            (lambda: web.list_vnet_connections_slot(group, site, slot))
            if slot
            else (lambda: web.list_vnet_connections(group, site))
        )
        path = f"{target}/virtualNetworkConnections?api-version={WEB_API}"
        return self._read("connections", path, call, parse.connections)

    def slots(self, root: str) -> Document:
        """The slots of an app."""
        group, site, _, web = self._addressed(root)
        path = f"{root}/slots?api-version={WEB_API}"
        return self._read(f"slots:{site}", path, lambda: web.list_slots(group, site), parse.apps)

    def instances(self, target: str) -> Document:
        """The instances of an app or slot, one for each worker."""
        group, site, slot, web = self._addressed(target)
        call = (
            (lambda: web.list_instance_identifiers_slot(group, site, slot))
            if slot
            else (lambda: web.list_instance_identifiers(group, site))
        )
        return self._read("instances", f"{target}/instances?api-version={WEB_API}", call, parse.instances)

    def plan(self, plan: str, what: str = "plan") -> Document:
        """An App Service plan."""
        parsed = ids.parse(plan)
        plans = self._session.web(parsed.subscription).app_service_plans
        path = f"{plan}?api-version={WEB_API}"
        return self._read(what, path, lambda: plans.get(parsed.group or "", parsed.name), parse.plan)

    def apps_of(self, plan: str, what: str = "plan-apps") -> Document:
        """The apps of a plan."""
        parsed = ids.parse(plan)
        plans = self._session.web(parsed.subscription).app_service_plans
        path = f"{plan}/sites?api-version={WEB_API}"
        return self._read(
            what, path, lambda: plans.list_web_apps(parsed.group or "", parsed.name), parse.apps
        )

    def apps_in(self, group: str) -> Document:
        """The apps of a resource group; slots are not among them."""
        parsed = ids.parse(group)
        apps = self._session.web(parsed.subscription).web_apps
        path = f"{group}/providers/Microsoft.Web/sites?api-version={WEB_API}"
        return self._read(f"apps:{group}", path, lambda: apps.list_by_resource_group(parsed.name), parse.apps)

    def plans_in(self, scope: str) -> Document:
        """The App Service plans of a resource group, or of a whole subscription."""
        parsed = ids.parse(scope)
        plans = self._session.web(parsed.subscription).app_service_plans
        path = f"{scope}/providers/Microsoft.Web/serverfarms?api-version={WEB_API}"
        call = (lambda: plans.list_by_resource_group(parsed.name)) if parsed.group else plans.list
        return self._read(f"plans:{scope}", path, call, parse.plans)

    def groups(self, subscription: str) -> Document:
        """The resource groups of a subscription."""
        path = f"/subscriptions/{subscription}/resourceGroups?api-version={GROUPS_API}"
        return self._read(f"groups:{subscription}", path, lambda: self._all_of(path), lambda body: body)

    def vnets_in(self, scope: str) -> Document:
        """The virtual networks of a resource group, or of a whole subscription, with their subnets."""
        parsed = ids.parse(scope)
        networks = self._session.network(parsed.subscription).virtual_networks
        version = {"api-version": NETWORK_API}
        path = f"{scope}/providers/Microsoft.Network/virtualNetworks?api-version={NETWORK_API}"
        call = (
            (lambda: networks.list(parsed.name, params=version))
            if parsed.group
            else (lambda: networks.list_all(params=version))
        )
        return self._read(f"vnets:{scope}", path, call, parse.vnets)

    def apps_on(self, subnet: str) -> Document:
        """Resource Graph's rows of the apps and slots that name a subnet: a cached view, good to find."""
        rows = partial(discover.on_subnet, self._session, subnet)
        return self._read(f"graph:{subnet}", discover.PATH, rows, parse.apps)

    def vnets_naming(self, plan: str) -> Document:
        """Resource Graph's rows of the networks, in any subscription, in which a link names this plan."""
        rows = partial(discover.vnets_naming, self._session, plan)
        return self._read(f"graph:{plan}", discover.PATH, rows, parse.vnets)

    def subnet(self, subnet: str) -> Document:
        """A subnet, with its links and delegations."""
        parsed = ids.parse(subnet)
        subnets = self._session.network(parsed.subscription).subnets
        vnet, version = parsed.named("virtualNetworks") or "", {"api-version": NETWORK_API}
        path = f"{subnet}?api-version={NETWORK_API}"
        return self._read(
            "subnet",
            path,
            lambda: subnets.get(parsed.group or "", vnet, parsed.name, params=version),
            parse.subnet,
        )

    def vnet(self, vnet: str) -> Document:
        """A virtual network, with its subnets."""
        parsed = ids.parse(vnet)
        networks = self._session.network(parsed.subscription).virtual_networks
        version = {"api-version": NETWORK_API}
        path = f"{vnet}?api-version={NETWORK_API}"
        return self._read(
            "vnet",
            path,
            lambda: networks.get(parsed.group or "", parsed.name, params=version),
            lambda body: (parse.vnet(body), parse.subnets(body)),
        )

    def graph(self, vnet: str) -> Document:
        """Resource Graph's row of a virtual network: a cached view, good to compare, never to decide."""
        row = partial(discover.row, self._session, vnet)
        return self._read("graph", discover.PATH, row, parse.row)

    def locks(self, scope: str) -> Document:
        """The management locks that hold at a scope."""
        path = f"{scope}/providers/Microsoft.Authorization/locks?api-version={LOCKS_API}"
        return self._read(
            f"locks:{scope}", path, lambda: self._all_of(path), lambda body: parse.locks(body, scope)
        )

    def permissions(self, scope: str) -> Document:
        """What the signed-in account may do at a scope, assignment by assignment."""
        path = f"{scope}/providers/Microsoft.Authorization/permissions?api-version={PERMISSIONS_API}"
        return self._read(f"permissions:{scope}", path, lambda: self._all_of(path), parse.permissions)

    def provider(self, subscription: str) -> Document:
        """Whether Microsoft.Web is registered in a subscription."""
        path = f"/subscriptions/{subscription}/providers/Microsoft.Web?api-version={PROVIDERS_API}"
        return self._read(
            f"provider:{subscription}", path, lambda: self._session.ask("GET", path), parse.registration
        )

    def _read(
        self, what: str, path: str, call: Callable[[], Any], parser: Callable[[Any], object]
    ) -> Document:
        """Make one read. An answer that its parser cannot take is a failed read, not a found document."""
        try:
            body = _raw(call())
            parser(body)
        except parse.MalformedDocument as error:
            return Document(what, path, "failed", message=str(error))
        except Exception as error:
            failure = from_error(error)
            status = self._status(failure, path)
            unproved = failure.status == 404 and status != "absent"
            return (UnprovedAbsence if unproved else Document)(what, path, status, message=str(failure))
        return Document(what, path, "found", body)

    def _status(self, failure: RequestFailed, path: str) -> ReadStatus:
        """What became of a read that failed: a 404 is an absence only where its code proves one."""
        if failure.kind not in ("absent", "denied"):
            return "failed"
        code = failure.azure_code.casefold()
        gone = failure.status is None or code == GONE or (code == GROUP_GONE and self._sees(path))
        return "absent" if failure.kind == "absent" and gone else "denied"

    def _sees(self, path: str) -> bool:
        """Whether the signed-in account sees the subscription of a path: ARM hides a group otherwise."""
        subscription = path.split("/")[2]
        try:
            self._session.ask("GET", f"/subscriptions/{subscription}?api-version={SUBSCRIPTIONS_API}")
        except RequestFailed:
            return False
        return True

    def _all_of(self, path: str) -> dict[str, Any]:
        """A list with all its pages: a lock on the second one locks as well. Raises RequestFailed."""
        return {"value": discover.listing(self._session, path)}

    def _addressed(self, target: str) -> tuple[str, str, str | None, Any]:
        parsed = ids.parse(target)
        web = self._session.web(parsed.subscription).web_apps
        return parsed.group or "", parsed.named("sites") or "", parsed.named("slots"), web


def failure(document: Document) -> RequestFailed:
    """Why there is nothing in a document that was not found, for where there has to be."""
    kinds: dict[str, Kind] = {"absent": "absent", "denied": "denied"}
    return RequestFailed(kinds.get(document.status, "unreadable"), document.message or document.path)


def _raw(answer: Any) -> Any:
    """The JSON behind an SDK model: the models are mappings that keep every field Azure sent."""
    if hasattr(answer, "as_dict"):
        return answer.as_dict()
    if hasattr(answer, "by_page"):
        return [_raw(one) for one in discover.entries(answer)]
    if isinstance(answer, Iterable) and not isinstance(answer, dict | str):
        return [_raw(one) for one in answer]
    return answer
