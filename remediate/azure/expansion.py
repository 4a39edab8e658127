"""Documents → World: makes reads side by side, and keeps what each of them says in its place."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from functools import partial
from typing import Any

from msgspec.structs import replace

from remediate import ids
from remediate.azure import parse
from remediate.azure.absence import is_contradicted, is_proved
from remediate.azure.access import Access
from remediate.azure.detector import detected, located
from remediate.azure.documents import Documents, Read, UnprovedAbsence, failure, parsed
from remediate.azure.session import Session
from remediate.model import (
    App,
    AppServicePlan,
    Connections,
    Document,
    Listing,
    ListingKind,
    Resource,
    View,
    VirtualNetwork,
    World,
    is_subnet,
    key,
    listing_key,
    once,
)


class Expansion:
    """A World that grows with every read. None of the reads raises: what could not be read is in it."""

    def __init__(self, session: Session, known: World | None = None) -> None:
        known = known or World()
        self._side_by_side = session.side_by_side
        self._caller = session.signed_in.object_id
        self.documents = Documents(session)
        self._resources = dict(known.resources)
        self._listings = dict(known.listings)
        self._network_configs = dict(known.network_configs)
        self._connections = dict(known.connections)
        self._cached = dict(known.cached)
        self.access = Access(self.documents, known)
        self._answers = list(known.documents)
        self._alone: set[str] = set()
        # By position in the answers: a later answer can still decide what these say.
        self._unproved: dict[int, Read] = {}
        self._absent: dict[int, Read] = {}
        self._any_app: dict[str, str | None] = {}

    @property
    def world(self) -> World:
        """What was read so far; later reads are added to it."""
        return World(
            resources=self._resources,
            listings=self._listings,
            network_configs=self._network_configs,
            connections=self._connections,
            cached=self._cached,
            documents=tuple(self._answers),
            caller=self._caller,
            **self.access.known,
        )

    def make(self, reads: Iterable[Read]) -> list[Document]:
        """Make reads side by side, and keep what came back."""
        reads = list(reads)
        return self._take(reads, self._side_by_side([one.ask for one in reads]))

    def make_alone(self, read: Read) -> Document:
        """Make one read in this thread: it may be one of the pool, which must not wait for another."""
        return self._take([read], [read.ask()])[0]

    def _take(self, reads: list[Read], documents: list[Document]) -> list[Document]:
        """Keep what reads brought, and decide again, from all answers, which absences are proved."""
        before = len(self._answers)
        for read, document in zip(reads, documents, strict=True):
            if isinstance(document, UnprovedAbsence):
                self._unproved[len(self._answers)] = read
            elif document.status == "absent":
                self._absent[len(self._answers)] = read
            self._answers.append(document)
            read.keep(document)
        self._reject_absences()
        self._prove_absences()
        return self._answers[before:]

    def _reject_absences(self) -> None:
        """Turn an absence into a failed read where another answer needs what it calls absent."""
        for at in list(self._absent):
            one = self._answers[at]
            if is_contradicted(self.world, one.path):
                self._answers[at] = replace(one, status="failed")
                self._absent.pop(at).keep(self._answers[at])

    def _prove_absences(self) -> None:
        """Keep a 404 as an absence as soon as the other reads prove it; a resource before its parts."""
        for at in list(self._unproved):
            one = self._answers[at]
            if is_proved(self.world, one.path):
                self._answers[at] = Document(one.what, one.path, "absent", message=one.message)
                self._unproved.pop(at).keep(self._answers[at])

    def require(self, *reads: Read) -> None:
        """The same, where without the first one there is nothing to say. Raises RequestFailed."""
        first = self.make(reads)[0]
        if first.status != "found":
            raise failure(first)

    def some_app(self, subscription: str) -> str | None:
        """Any app of a subscription, looked for once; None where none is found."""
        if subscription not in self._any_app:
            self._any_app[subscription] = self.documents.some_app(subscription)
        return self._any_app[subscription]

    def is_read(self, id_: str) -> bool:
        """Whether a resource was read by itself, and not only as a part of a list."""
        return key(id_) in self._alone

    def is_listed(self, kind: ListingKind, of: str) -> bool:
        """Whether a list was read."""
        return listing_key(kind, of) in self._listings

    def is_configured(self, app: str) -> bool:
        """Whether the networkConfig of an app was read."""
        return key(app) in self._network_configs

    def app(self, app: str, what: str = "site") -> Read:
        """An app or slot."""
        return Read(partial(self.documents.site, app, what), partial(self._keep, app, parse.app))

    def network_config(self, app: str) -> Read:
        """The regional connection of an app."""

        def keep(document: Document) -> None:
            named = parsed(document, parse.network_config)
            view = View(document.status, subnet=named)
            self._network_configs |= {key(app): view, self._own_key(app): view}

        return Read(partial(self.documents.network_config, app), keep)

    def connections(self, app: str) -> Read:
        """The connections of an app."""
        return Read(partial(self.documents.connections, app), partial(self._keep_connections, app))

    def plan_connections(self, plan: str) -> Read:
        """The connections of all apps of a plan."""
        return Read(partial(self.documents.plan_connections, plan), partial(self._keep_connections, plan))

    def slots(self, app: str) -> Read:
        """The slots of an app."""
        return Read(partial(self.documents.slots, app), partial(self._keep_list, "slots", app))

    def plan(self, plan: str, what: str = "plan") -> Read:
        """An App Service plan."""
        return Read(partial(self.documents.plan, plan, what), partial(self._keep, plan, parse.plan))

    def apps_of(self, plan: str, what: str = "plan-apps") -> Read:
        """The apps of a plan."""
        return Read(partial(self.documents.apps_of, plan, what), partial(self._keep_list, "apps", plan))

    def apps_in(self, scope: str) -> Read:
        """The apps of a resource group or subscription."""
        return Read(partial(self.documents.apps_in, scope), partial(self._keep_list, "apps", scope))

    def apps_named_on(self, subnet: str) -> Read:
        """The apps, the plans that hold a subnet themselves, and the Container Apps environments, which
        Resource Graph shows on a subnet.
        """

        def keep(document: Document) -> None:
            found: parse.Users = parsed(document, parse.users) or parse.Users()
            self._list("plans-in-graph", subnet, document, [one.id for one in found.plans])
            self._list("environments-in-graph", subnet, document, found.environments)
            self._keep_apps("apps-in-graph", subnet, document, found.apps)

        return Read(partial(self.documents.apps_on, subnet), keep)

    def environment(self, environment: str) -> Read:
        """Whether a Container Apps environment is there: Resource Graph may lag behind."""

        def keep(document: Document) -> None:
            self._resources[key(environment)] = Resource(environment, document.status, None, document.message)
            self._alone.add(key(environment))

        return Read(partial(self.documents.environment, environment), keep)

    def detector(self, site: str, subnet: str, network: VirtualNetwork) -> Read:
        """The apps that Azure's own detector names on a subnet."""

        def keep(document: Document) -> None:
            found = located(parsed(document, detected) or (), self.world.app_ids)
            self._list("apps-in-detector", subnet, document, found)

        name = f"{network.guid}_{ids.name(subnet)}"
        return Read(partial(self.documents.detector, site, name, network.region), keep)

    def plans_in(self, group: str) -> Read:
        """The plans of a resource group."""

        def keep(document: Document) -> None:
            plans: tuple[AppServicePlan, ...] = parsed(document, parse.plans) or ()
            self._list("plans", group, document, [one.id for one in plans])
            for plan in plans:
                if not self.is_read(plan.id):
                    self._resources[key(plan.id)] = Resource(plan.id, "found", plan, listed=True)

        return Read(partial(self.documents.plans_in, group), keep)

    def subnet(self, subnet: str) -> Read:
        """A subnet, with its links and delegations."""
        return Read(partial(self.documents.subnet, subnet), partial(self._keep, subnet, parse.subnet))

    def vnet(self, vnet: str) -> Read:
        """A virtual network, and which subnets it has."""

        def keep(document: Document) -> None:
            self._keep(vnet, parse.vnet, document)
            held = [one.id for one in parsed(document, parse.subnets) or ()]
            complete = parsed(document, parse.lists_subnets) is not False
            self._list("subnets", vnet, document if complete else replace(document, status="failed"), held)

        return Read(partial(self.documents.vnet, vnet), keep)

    def cached_vnet(self, subnet: str) -> Read:
        """What Resource Graph says of a subnet."""

        def keep(document: Document) -> None:
            rows = parsed(document, parse.row) or ()
            found = next((one for one in rows if ids.same(one.id, subnet)), None)
            status = "absent" if document.status == "found" and found is None else document.status
            self._cached[key(subnet)] = Resource(subnet, status, found, document.message)

        return Read(partial(self.documents.graph, ids.vnet_of(subnet)), keep)

    def subnets_in(self, group: str) -> Read:
        """The subnets of all networks of a resource group."""

        def keep(document: Document) -> None:
            networks = parsed(document, parse.vnets) or ()
            self._list("subnets", group, document, [one.id for several in networks for one in several])

        return Read(partial(self.documents.vnets_in, group), keep)

    def subnets_linked(self, plans: tuple[str, ...]) -> list[Read]:
        """The subnets whose link names one of these plans: those need no app that is still there.

        Resource Graph sees every subscription; ARM is asked for the plan's own, where it knows better.
        """
        keep = partial(self._keep_linked, plans)
        scopes = once(f"/subscriptions/{ids.parse(one).subscription}" for one in plans)
        reads = [Read(partial(self.documents.vnets_naming, one), keep) for one in plans]
        return reads + [Read(partial(self.documents.vnets_in, one), keep) for one in scopes]

    def _keep(self, id_: str, parser: Callable[[Any], Any], document: Document) -> None:
        """A resource that was read by itself; where it is unread, what a list said of it stays."""
        before = self._resources.get(key(id_))
        listed = before.value if before and document.status != "absent" else None
        value = parser(document.body) if document.status == "found" else listed
        self._resources[key(id_)] = Resource(id_, document.status, value, document.message)
        self._alone.add(key(id_))
        own = self._own_key(id_)
        if own not in self._alone:
            self._resources[own] = self._resources[key(id_)]
            self._alone.add(own)

    def _own_key(self, id_: str) -> str:
        """The id that a resource has by its own document: `…/slots/production` is the app itself."""
        found = self._resources.get(key(id_))
        return key(found.value.id if found and found.value else id_)

    def _keep_connections(self, of: str, document: Document) -> None:
        entries = parsed(document, parse.connections) or ()
        self._connections[key(of)] = Connections(document.status, entries)

    def _keep_list(self, kind: ListingKind, of: str, document: Document) -> None:
        self._keep_apps(kind, of, document, parsed(document, parse.apps) or ())

    def _keep_apps(self, kind: ListingKind, of: str, document: Document, apps: tuple[App, ...]) -> None:
        self._list(kind, of, document, [one.id for one in apps])
        for app in apps:
            if not self.is_read(app.id):
                self._resources[key(app.id)] = Resource(app.id, "found", app, listed=True)

    def _keep_linked(self, plans: tuple[str, ...], document: Document) -> None:
        networks = parsed(document, parse.vnets) or ()
        subnets = [one for several in networks for one in several if is_subnet(one.id)]
        for plan in plans:
            linked = [one.id for one in subnets if any(ids.same(link.target, plan) for link in one.links)]
            before = self._listings.get(listing_key("subnets-with-link-to-plan", plan), Listing("found")).ids
            self._list("subnets-with-link-to-plan", plan, document, [*before, *linked])

    def _list(self, kind: ListingKind, of: str, document: Document, found: Iterable[str]) -> None:
        self._listings[listing_key(kind, of)] = Listing(document.status, once(found))
