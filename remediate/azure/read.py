"""ARM → Topology: one app with its plan, its plan's other apps and slots, subnet, network and every view.

Independent reads go side by side; what Azure said travels along as Documents, field for field.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial
from typing import Any, TypeVar

import msgspec

from remediate import ids
from remediate.azure import parse
from remediate.azure.documents import Documents, failure
from remediate.azure.failure import RequestFailed
from remediate.azure.linked import linked_plan
from remediate.azure.session import Session
from remediate.azure.workers import Workers
from remediate.model import App, Document, Endpoint, LinkedPlan, Lock, Probe, Subnet, Topology, View

Parsed = TypeVar("Parsed")
Seen = dict[str, Document]


class Reader:
    """Reads that answer a question of the product, each made of as many requests as that takes."""

    def __init__(self, session: Session) -> None:
        self._documents = Documents(session)
        self._workers = Workers(session, self._documents)
        self._side_by_side = session.side_by_side

    def topology(self, target: str, subnet: str | None = None) -> Topology:
        """Everything about one app or slot; `subnet` asks for another subnet than the app's own.

        Raises RequestFailed when the app itself cannot be read: then there is nothing to say about it.
        """
        seen: Seen = {}
        self._note(seen, self._app_reads(target))
        app = _required(seen["site"], parse.app)
        looked_at = subnet or _first_subnet(app, seen)
        self._note(seen, [*self._surrounding_reads(app), *self._network_reads(looked_at)])
        if looked_at is None:
            looked_at = _held_by_plan(seen)
            self._note(seen, self._network_reads(looked_at))
        found = _value(seen, "subnet", parse.subnet)
        return Topology(
            target=app,
            apps=self._plan_apps(app, looked_at, seen),
            connections=_value(seen, "connections", parse.connections) or (),
            plan=_value(seen, "plan", parse.plan),
            subnet_id=looked_at,
            subnet=found,
            vnet=_value(seen, "vnet", parse.vnet),
            linked_plans=self._linked_plans(found, app, seen) if found else (),
            views=_views(app, looked_at, seen),
            documents=tuple(seen.values()),
            subnet_asked=subnet is not None,
        )

    def preflight(self, topology: Topology, apps: tuple[App, ...]) -> Topology:
        """The same topology with what Azure asks of whoever changes these apps: locks, permissions, and
        Microsoft.Web's registration in the network's subscription (azure-facts.md, 1 and 4).
        """
        read, subnet = self._documents, topology.subnet.id if topology.subnet else None
        scopes = [*(app.id for app in apps), *([subnet] if subnet else [])]
        reads = [partial(read.locks, scope) for scope in lock_scopes(scopes)]
        reads += [partial(read.permissions, scope) for scope in scopes]
        reads += [partial(read.provider, ids.parse(subnet).subscription)] if subnet else []
        documents = tuple(self._side_by_side(reads))
        seen = {one.what: one for one in documents}
        provider = next((what for what in seen if what.startswith("provider:")), "")
        return msgspec.structs.replace(
            topology,
            locks=locks_in(documents),
            permissions={one: _value(seen, f"permissions:{one}", parse.permissions) for one in scopes},
            registration=_value(seen, provider, parse.registration),
            documents=(*topology.documents, *documents),
        )

    def app(self, target: str) -> App:
        """An app or slot as it is now. Raises RequestFailed."""
        return _required(self._documents.site(target), parse.app)

    def subnet(self, subnet: str) -> Subnet:
        """A subnet as it is now. Raises RequestFailed."""
        return _required(self._documents.subnet(subnet), parse.subnet)

    def subnet_by_any_view(self, subnet: str) -> Subnet:
        """A subnet as it is now; where it cannot be read, as its virtual network holds it.

        Raises RequestFailed.
        """
        document = self._documents.subnet(subnet)
        if document.unread:
            network = self._documents.vnet(ids.vnet_of(subnet))
            held = parse.subnets(network.body) if network.status == "found" else ()
            for one in held:
                if ids.same(one.id, subnet):
                    return one
        return _required(document, parse.subnet)

    def link_and_apps(
        self, subnet: str | None, apps: tuple[str, ...]
    ) -> tuple[Subnet | None, tuple[str, ...]]:
        """A subnet, if one is asked for, and which apps are still connected by the first view that answers.

        Raises RequestFailed.
        """
        reads: list[Callable[[], Any]] = [partial(self._named_by_any_view, app) for app in apps]
        if subnet:
            reads.append(partial(self.subnet_by_any_view, subnet))
        seen = self._side_by_side(reads)
        staying = [app for app, named in zip(apps, seen, strict=False) if named]
        return seen[-1] if subnet else None, tuple(staying)

    def _named_by_any_view(self, app: str) -> str | None:
        """The subnet that networkConfig names, else the site, else the connections list.

        Raises RequestFailed.
        """
        read = self._documents
        config = read.network_config(app)
        if not config.unread:
            return _required(config, parse.network_config)
        site = read.site(app)
        if not site.unread:
            return _required(site, parse.app).subnet
        listed = read.connections(app)
        return _required(config if listed.unread else listed, _regional)

    def probe(self, app: App, endpoint: Endpoint) -> Probe:
        """Whether the workers of an app have an address and reach a port. Raises nothing."""
        return self._workers.probe(app, endpoint)

    def connected_to(self, target: str) -> str | None:
        """The subnet that both the site and its networkConfig name; None when both name none.

        Where one of the two cannot be read, the connections list is read in its place. Raises
        RequestFailed: of kind `busy` while the two disagree, which passes.
        """
        reads = [partial(self._documents.site, target), partial(self._documents.network_config, target)]
        site, config = self._side_by_side(reads)
        views = [("site", site, _subnet_of_app), ("networkConfig", config, parse.network_config)]
        if site.unread != config.unread:
            listed = self._documents.connections(target)
            views = [one for one in views if not one[1].unread] + [("connections list", listed, _regional)]
        (one, first, parse_first), (other, second, parse_second) = views
        named, configured = _required(first, parse_first), _required(second, parse_second)
        if not ids.alike(named, configured):
            raise RequestFailed("busy", f"the {one} names {named}, its {other} {configured}")
        return named

    def _note(self, seen: Seen, reads: Sequence[Callable[[], Document]]) -> list[Document]:
        """Make reads side by side and keep what came back."""
        documents = self._side_by_side(list(reads))
        seen.update((one.what, one) for one in documents)
        return documents

    def _app_reads(self, target: str) -> list[Callable[[], Document]]:
        read = self._documents
        return [partial(one, target) for one in (read.site, read.network_config, read.connections)]

    def _surrounding_reads(self, app: App) -> list[Callable[[], Document]]:
        read = self._documents
        reads: list[Callable[[], Document]] = [partial(read.slots, ids.production(app.id))]
        if app.plan:
            reads += [partial(read.plan, app.plan), partial(read.apps_of, app.plan)]
        return reads

    def _network_reads(self, subnet: str | None) -> list[Callable[[], Document]]:
        if subnet is None:
            return []
        read, vnet = self._documents, ids.vnet_of(subnet)
        return [partial(read.subnet, subnet), partial(read.vnet, vnet), partial(read.graph, vnet)]

    def _plan_apps(self, target: App, subnet: str | None, seen: Seen) -> tuple[App, ...]:
        """The plan's apps and their slots, the target as it was read.

        A listing may lag behind, so those on the subnet are read one by one.
        """
        everyone = self._with_slots(_value(seen, "plan-apps", parse.apps) or (), target, seen)
        there = [app for app in everyone if ids.same(app.subnet, subnet) and not ids.same(app.id, target.id)]
        reads = [partial(self._documents.site, app.id, f"site:{app.name}") for app in there]
        fresh = {app.id: app for app in there}
        for app, document in zip(there, self._note(seen, list(reads)), strict=True):
            if document.status == "found":
                fresh[app.id] = parse.app(document.body)
        return (target, *(fresh.get(app.id, app) for app in everyone if not ids.same(app.id, target.id)))

    def _with_slots(self, listed: tuple[App, ...], target: App, seen: Seen) -> tuple[App, ...]:
        """The listed apps with all their slots; whether a plan's listing holds slots is not known [?]."""
        roots = {ids.production(app.id).casefold(): ids.production(app.id) for app in (target, *listed)}
        unseen = [root for root in roots.values() if f"slots:{ids.name(root)}" not in seen]
        self._note(seen, [partial(self._documents.slots, root) for root in unseen])
        slots = [_value(seen, f"slots:{ids.name(root)}", parse.apps) or () for root in roots.values()]
        everyone = {app.id.casefold(): app for app in listed}
        for app in (slot for several in slots for slot in several):
            if ids.same(app.plan, target.plan):
                everyone[app.id.casefold()] = app
        return tuple(everyone.values())

    def _linked_plans(self, subnet: Subnet, target: App, seen: Seen) -> tuple[LinkedPlan, ...]:
        targets = [link.target for link in subnet.links if link.is_web and link.target]
        return tuple(
            self._linked_plan(plan, subnet, seen) for plan in targets if not ids.same(plan, target.plan)
        )

    def _linked_plan(self, plan: str, subnet: Subnet, seen: Seen) -> LinkedPlan:
        what = f"linked-plan:{ids.name(plan)}"
        make = partial(self._note, seen)
        return linked_plan(self._documents, make, plan, subnet.id, (what, f"{what}:apps"))[0]


def lock_scopes(scopes: list[str]) -> list[str]:
    """Where to ask for locks: at each resource, at the app of a slot or the network of a subnet, and at
    the resource groups. Whether an answer holds the locks of the scopes above is not documented [?].
    """
    wanted = []
    for scope in scopes:
        parent = ids.vnet_of(scope) if parse.is_subnet(scope) else ids.production(scope)
        wanted += [scope, parent, ids.group_of(scope)]
    return list({one.casefold(): one for one in wanted}.values())


def locks_in(documents: tuple[Document, ...]) -> tuple[Lock, ...]:
    """Every lock once; the answers about a resource and about its group hold the same ones."""
    asked = [(one, one.what.partition(":")[2]) for one in documents if one.what.startswith("locks:")]
    found = [lock for one, scope in asked if one.status == "found" for lock in parse.locks(one.body, scope)]
    return tuple({(lock.id.casefold(), lock.scope.casefold()): lock for lock in found}.values())


def _value(seen: Seen, what: str, parser: Callable[[Any], Parsed]) -> Parsed | None:
    """The parsed body of a document that was found, else None."""
    document = seen.get(what)
    return parser(document.body) if document and document.status == "found" else None


def _required(document: Document, parser: Callable[[Any], Parsed]) -> Parsed:
    if document.status != "found":
        raise failure(document)
    return parser(document.body)


def _subnet_of_app(body: Any) -> str | None:
    return parse.app(body).subnet


def _regional(body: Any) -> str | None:
    """The subnet of the regional connection in a connections list; None when there is none."""
    return next((one.resource for one in parse.connections(body) if one.swift), None)


def _first_subnet(app: App, seen: Seen) -> str | None:
    """The subnet to look at: the site's, else its networkConfig's, else a regional connection's."""
    configured = _value(seen, "networkConfig", parse.network_config)
    connections = _value(seen, "connections", parse.connections) or ()
    regional = (one.resource for one in connections if one.swift)
    named = app.subnet or configured or next(regional, None)
    return named if named and parse.is_subnet(named) else None


def _held_by_plan(seen: Seen) -> str | None:
    """The subnet that a Managed Instance plan holds itself; whether its apps name it too is not known [?]."""
    plan = _value(seen, "plan", parse.plan)
    held = plan.subnet if plan else None
    return held if held and parse.is_subnet(held) else None


def _views(app: App, subnet: str | None, seen: Seen) -> dict[str, View]:
    connections = _value(seen, "connections", parse.connections) or ()
    regional = next((one.resource for one in connections if one.swift), None)
    gateway = next((f"gateway connection {one.name}" for one in connections if not one.swift), None)
    plan = _value(seen, "plan", parse.plan)
    used = f"{plan.connections_used} of {plan.connections_max} connections used" if plan else None
    found = _value(seen, "subnet", parse.subnet)
    flex = plan.flex if plan else app.flex
    return {
        "site": View("found", subnet=app.subnet, plan=app.plan),
        "networkConfig": View(
            seen["networkConfig"].status, subnet=_value(seen, "networkConfig", parse.network_config)
        ),
        "connections": View(seen["connections"].status, subnet=regional, detail=gateway),
        "plan": View(_status(seen, "plan"), subnet=plan.subnet if plan else None, detail=used),
        "link": (parse.link_view(found, app.plan, flex=flex) if found else View(_status(seen, "subnet"))),
        "graph": _graph(subnet, app.plan, seen, flex=flex),
    }


def _graph(subnet: str | None, plan: str | None, seen: Seen, *, flex: bool) -> View:
    document = seen.get("graph")
    if subnet is None or document is None or document.status != "found":
        return View(document.status if document else "not-asked")
    return parse.graph_link(document.body, subnet, plan, flex=flex)


def _status(seen: Seen, what: str) -> Any:
    return seen[what].status if what in seen else "not-asked"
