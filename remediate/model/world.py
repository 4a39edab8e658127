"""What was read of Azure, and the one answer to each question about it.

Every resource is found, absent, or unread with its reason. What could not be read is never absent.
"""

from __future__ import annotations

from collections.abc import Iterable
from functools import cached_property
from typing import Literal, TypeVar

from msgspec import Struct

from remediate import ids
from remediate.model.azure import (
    UNREAD,
    App,
    AppServicePlan,
    Connections,
    DenyAssignment,
    Document,
    Lock,
    Permission,
    ReadStatus,
    View,
)
from remediate.model.network import Link, Subnet, VirtualNetwork, is_subnet
from remediate.model.plan import Denial
from remediate.model.probe import Probe

QuestionKind = Literal["look", "change", "leave", "purge", "delete", "probe"]
"""What a command wants to know: is this app's integration right; may it be reconnected; may apps be
disconnected for good; may a link be purged; what would a deletion leave behind; what do the workers say.
"""
ListingKind = Literal[
    "slots",
    "apps",
    "plans",
    "subnets",
    "subnets-with-link-to-plan",
    "apps-in-graph",
    "plans-in-graph",
    "environments-in-graph",
    "apps-in-detector",
]
"""The slots of an app; the apps of a plan or group; the plans of a group; the subnets of a network or group;
the subnets whose link names a plan; the apps that Resource Graph shows on a subnet, the plans that it shows
to hold it, and the Container Apps environments; the apps that Azure's own detector names there.
"""
_NEVER_NEEDED = ("graph", "detector")
"""Resource Graph's row of a network, a copy to compare with, and Azure's detector, which helps where it
answers: no question stays open without them.
"""

Value = App | AppServicePlan | Subnet | VirtualNetwork
Wanted = TypeVar("Wanted", App, AppServicePlan, Subnet, VirtualNetwork)


class Question(Struct, frozen=True):
    """What a command wants to know about `target`: an app, or for a deletion or purge what it is about.

    `subnet` is the one that the operator named, or the one that apps leave or a link is purged from.
    `apps` are the ids of the apps and slots that a change is about. `left` are the subnets from which this
    command disconnected apps before it asks about the deletion again.
    """

    kind: QuestionKind
    target: str
    subnet: str | None = None
    apps: tuple[str, ...] = ()
    left: tuple[str, ...] = ()


class Resource(Struct, frozen=True):
    """One resource, and how its read ended. `reason` is what Azure said where it was not found.

    A `value` beside another status than `found` is what a listing said of it; `listed` says that nothing but
    a listing was asked.
    """

    id: str
    status: ReadStatus
    value: Value | None = None
    reason: str | None = None
    listed: bool = False

    @property
    def unread(self) -> bool:
        """Whether it is not known what is there; that it is absent is known."""
        return self.status in UNREAD


class Listing(Struct, frozen=True):
    """A list of ids, and how its read ended."""

    status: ReadStatus
    ids: tuple[str, ...] = ()


class World(Struct, frozen=True, dict=True):
    """Everything that was read. Keys are ids in one spelling: see `key`.

    `network_configs` and `connections` are two more views of an app; a preflight adds the `connections` of
    its plan. `cached` is what Resource Graph says of a subnet. A preflight also adds `locks`, `permissions`
    and `deny_assignments` by scope, and the `registrations` of resource providers by subscription and
    namespace; None stands for what was not read. `probes` is what workers said, `denials` are the writes
    that Azure Policy refused. `caller` is the object id of the account that is signed in, where its token
    tells it.
    """

    resources: dict[str, Resource] = {}
    listings: dict[str, Listing] = {}
    network_configs: dict[str, View] = {}
    connections: dict[str, Connections] = {}
    cached: dict[str, Resource] = {}
    locks: tuple[Lock, ...] = ()
    permissions: dict[str, tuple[Permission, ...] | None] = {}
    deny_assignments: dict[str, tuple[DenyAssignment, ...] | None] = {}
    registrations: dict[tuple[str, str], str | None] = {}
    probes: tuple[Probe, ...] = ()
    denials: tuple[Denial, ...] = ()
    documents: tuple[Document, ...] = ()
    caller: str | None = None

    def resource(self, id_: str | None) -> Resource | None:
        """What was read of an id, None where there was no reason to read it."""
        return self.resources.get(key(id_)) if id_ is not None else None

    def status(self, id_: str | None) -> ReadStatus | None:
        """How the read of an id ended."""
        found = self.resource(id_)
        return found.status if found else None

    def was_read(self, id_: str) -> bool:
        """Whether a resource was found when it was read by itself: a list may lag behind."""
        found = self.resource(id_)
        return found is not None and found.status == "found" and not found.listed

    def document(self, what: str) -> Document | None:
        """The read of that name, or None if there was no reason to make it."""
        return next((one for one in self.documents if one.what == what), None)

    def app(self, id_: str | None) -> App | None:
        """An app or slot."""
        return self._value(id_, App)

    def plan(self, id_: str | None) -> AppServicePlan | None:
        """An App Service plan."""
        return self._value(id_, AppServicePlan)

    def subnet(self, id_: str | None) -> Subnet | None:
        """A subnet."""
        return self._value(id_, Subnet)

    def vnet_of(self, subnet: str | None) -> VirtualNetwork | None:
        """The virtual network around a subnet."""
        around = key(subnet).rpartition("/subnets/")[0] if subnet else None
        return self._value(around, VirtualNetwork)

    def links(self, subnet: str | None) -> tuple[Link, ...]:
        """The links on a subnet, of every service."""
        found = self.subnet(subnet)
        return found.links if found else ()

    def listing(self, kind: ListingKind, of: str | None) -> Listing:
        """A list that was read; `not-asked` where it was not."""
        return self.listings.get(listing_key(kind, of), Listing("not-asked")) if of else Listing("not-asked")

    def places(self, app: str) -> tuple[str, ...]:
        """Every subnet that the site or the networkConfig of an app names: often one, or none.

        What is no subnet, such as the network of a gateway connection, is no place.
        """
        site, config = self.app(app), self.network_configs.get(key(app))
        named = (site.subnet if site else None, config.subnet if config else None)
        return once(one for one in named if one and is_subnet(one))

    def apps_on(self, subnet: str | None) -> tuple[App, ...]:
        """Every app and slot on a subnet, whatever named it."""
        return tuple(self._by_subnet.get(key(subnet), ())) if subnet else ()

    def apps_of(self, plan: str | None) -> tuple[App, ...]:
        """The apps and slots of a plan: those that its list has, then those that name it."""
        listed = [app for one in self.listing("apps", plan).ids if (app := self.app(one))]
        naming = self._by_plan.get(key(plan), ()) if plan else ()
        return tuple({key(app.id): app for app in (*listed, *naming)}.values())

    def plan_of(self, app: App) -> str | None:
        """The plan of an app; of a slot that names none, the plan of its app."""
        around = self.app(root_key(app.id))
        return app.plan or (around.plan if around else None)

    def plans_holding(self, subnet: str | None) -> tuple[AppServicePlan, ...]:
        """The plans that hold a subnet themselves, as a Managed Instance does."""
        found = (one.value for one in self.resources.values())
        plans = (one for one in found if isinstance(one, AppServicePlan) and ids.same(one.subnet, subnet))
        return tuple({key(one.id): one for one in plans}.values())

    def is_unseen(self, app: str) -> bool:
        """Whether one of an app's own views could not be read."""
        site, config = self.resource(app), self.network_configs.get(key(app))
        return bool((site and site.unread) or (config and config.unread))

    @property
    def unread(self) -> tuple[Document, ...]:
        """The reads that were denied or failed, and whose answer says something about an integration."""
        return tuple(
            one
            for one in self.documents
            if one.unread and one.what not in _NEVER_NEEDED and not one.preflight
        )

    @property
    def app_ids(self) -> tuple[str, ...]:
        """The ids of every app and slot that was found, by itself or in a list."""
        return tuple(app.id for app in self._apps)

    @cached_property
    def _apps(self) -> tuple[App, ...]:
        """Every app once, whatever id it was asked for by; as its own document has it, not a list."""
        found: dict[str, App] = {}
        for one in self.resources.values():
            if isinstance(one.value, App) and not (one.listed and key(one.value.id) in found):
                found[key(one.value.id)] = one.value
        return tuple(found.values())

    @cached_property
    def _by_subnet(self) -> dict[str, list[App]]:
        found: dict[str, list[App]] = {}
        for app in self._apps:
            for place in self.places(app.id):
                found.setdefault(key(place), []).append(app)
        return found

    @cached_property
    def _by_plan(self) -> dict[str, list[App]]:
        found: dict[str, list[App]] = {}
        for app in self._apps:
            if plan := self.plan_of(app):
                found.setdefault(key(plan), []).append(app)
        return found

    def _value(self, id_: str | None, kind: type[Wanted]) -> Wanted | None:
        found = self.resource(id_)
        return found.value if found and isinstance(found.value, kind) else None


def key(id_: str) -> str:
    """An id in the one spelling that compares (azure-facts.md, 1)."""
    return id_.strip("/").casefold()


def root_key(app: str) -> str:
    """The key of the app that a slot belongs to; an app's own for an app, and for what is no id."""
    *parent, kind, _ = ["", *key(app).split("/")]
    return "/".join(parent[1:]) if kind == "slots" else key(app)


def listing_key(kind: ListingKind, of: str) -> str:
    """The key of a list: what it lists, and of what."""
    return f"{kind}:{key(of)}"


def once(texts: Iterable[str]) -> tuple[str, ...]:
    """Ids without repetition, in the spelling that came first."""
    kept: dict[str, str] = {}
    for text in texts:
        kept.setdefault(key(text), text)
    return tuple(kept.values())
