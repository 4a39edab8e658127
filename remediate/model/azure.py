"""What was read of Azure: its documents, and the objects that hang on one link."""

from __future__ import annotations

from typing import Any, Literal

from msgspec import Struct

from remediate import ids

WEB_API = "2025-05-01"
"""Microsoft.Web api-version of every read and write (azure-facts.md, 1)."""
NETWORK_API = "2024-05-01"
"""Microsoft.Network api-version; pinned below the SDK's own, so that sovereign clouds have it too."""

WEB_LINK = "Microsoft.Web/serverfarms"
"""`linkedResourceType` of App Service's own link (azure-facts.md, 1)."""
WEB_DELEGATION = "Microsoft.Web/serverFarms"
"""The delegation that regional VNet integration needs (azure-facts.md, 3)."""

ReadStatus = Literal["found", "absent", "denied", "failed", "not-asked"]
"""How a read ended: there, 404, 401/403, no usable answer; or it was never made, for want of a subnet."""
PREFLIGHT_READS = ("locks", "permissions", "provider")
"""What the reads of a preflight are called, before the colon; a mere look makes none of them."""


class Document(Struct, frozen=True):
    """One read of Azure: what was asked, how that ended, and what Azure said, field for field."""

    what: str
    path: str
    status: ReadStatus
    body: Any = None
    message: str | None = None

    @property
    def unread(self) -> bool:
        """Whether this leaves us not knowing (a 404 is knowledge)."""
        return self.status in ("denied", "failed")

    @property
    def preflight(self) -> bool:
        """Whether this was read to see if a change would be let through."""
        return self.what.partition(":")[0] in PREFLIGHT_READS


class Routing(Struct, frozen=True, rename="camel"):
    """`properties.outboundVnetRouting` of a site, 2024-11-01 and later (azure-facts.md, 1)."""

    all_traffic: bool | None = None
    application_traffic: bool | None = None
    content_share_traffic: bool | None = None
    image_pull_traffic: bool | None = None
    backup_restore_traffic: bool | None = None
    managed_identity_traffic: bool | None = None


class App(Struct, frozen=True):
    """An app or a slot as its site document has it."""

    id: str
    kind: str
    location: str
    state: str
    plan: str | None
    subnet: str | None
    routing: Routing = Routing()
    dns: dict[str, Any] = {}
    linux: bool = False
    environment: str | None = None
    operation: str | None = None
    tags: dict[str, str] = {}

    @property
    def name(self) -> str:
        """`orders-func`, or `orders-func/staging` for a slot."""
        return ids.app_name(self.id)

    @property
    def is_slot(self) -> bool:
        """Whether this is a deployment slot."""
        return ids.parse(self.id).named("slots") is not None


class Connection(Struct, frozen=True):
    """An entry of `virtualNetworkConnections`; `resource` is the subnet when `swift` (azure-facts.md, 1)."""

    name: str
    resource: str | None
    swift: bool


class AppServicePlan(Struct, frozen=True):
    """An App Service plan."""

    id: str
    location: str
    sku: str
    tier: str
    workers: int
    elastic_workers: int = 0
    linux: bool = False
    connections_used: int | None = None
    connections_max: int | None = None
    subnet: str | None = None
    environment: str | None = None

    @property
    def name(self) -> str:
        """The plan's name."""
        return ids.name(self.id)


class Delegation(Struct, frozen=True):
    """A subnet's delegation to a service."""

    name: str
    service: str


class Link(Struct, frozen=True):
    """A service association link. `target` is the plan it names, never an app.

    Links of other services may name nothing at all (azure-facts.md, 1).
    """

    name: str
    state: str
    type: str | None
    target: str | None

    @property
    def is_web(self) -> bool:
        """Whether it is App Service's own kind of link."""
        return (self.type or "").casefold() == WEB_LINK.casefold()


class Subnet(Struct, frozen=True):
    """A subnet with all its links and all its delegations."""

    id: str
    prefixes: tuple[str, ...]
    delegations: tuple[Delegation, ...]
    links: tuple[Link, ...]
    state: str

    @property
    def name(self) -> str:
        """The subnet's name."""
        return ids.name(self.id)

    @property
    def delegated(self) -> bool:
        """Whether it is delegated to App Service."""
        return any(one.service.casefold() == WEB_DELEGATION.casefold() for one in self.delegations)


class VirtualNetwork(Struct, frozen=True):
    """The virtual network around the subnet."""

    id: str
    location: str
    guid: str | None = None
    dns_servers: tuple[str, ...] = ()

    @property
    def name(self) -> str:
        """The network's name."""
        return ids.name(self.id)


class LinkedPlan(Struct, frozen=True):
    """The plan that a link names, where that is not the target's own.

    `apps` are the ids of its apps and slots that name the subnet, `workers` its instances; None where
    that could not be read.
    """

    id: str
    status: ReadStatus
    apps: tuple[str, ...] | None = None
    workers: int | None = None


class Lock(Struct, frozen=True):
    """A management lock; it holds for `scope`, the id that it lies on, and for everything below."""

    id: str
    level: str
    scope: str

    @property
    def name(self) -> str:
        """The lock's name."""
        return ids.name(self.id)


class Permission(Struct, frozen=True):
    """What one role assignment lets the caller do at a scope; `not_actions` take away from it alone."""

    actions: tuple[str, ...]
    not_actions: tuple[str, ...] = ()


class View(Struct, frozen=True):
    """What one of Azure's views says about the integration: which subnet, and which plan."""

    status: ReadStatus
    subnet: str | None = None
    plan: str | None = None
    detail: str | None = None


class Topology(Struct, frozen=True):
    """Everything that was read about one app: itself, its plan with all apps and slots, subnet, link, views.

    `views` has the keys `site`, `networkConfig`, `connections`, `plan`, `link`, `graph`.
    `subnet_id` is the subnet looked at: the one asked for, else the one that a view names.
    A preflight adds `locks`, `permissions` by scope, and Microsoft.Web's `registration` in the network's
    subscription; None stands for what was not read.
    """

    target: App
    apps: tuple[App, ...]
    connections: tuple[Connection, ...]
    plan: AppServicePlan | None
    subnet_id: str | None
    subnet: Subnet | None
    vnet: VirtualNetwork | None
    linked_plans: tuple[LinkedPlan, ...]
    views: dict[str, View]
    documents: tuple[Document, ...]
    subnet_asked: bool = False
    locks: tuple[Lock, ...] = ()
    permissions: dict[str, tuple[Permission, ...] | None] = {}
    registration: str | None = None

    def document(self, what: str) -> Document | None:
        """The read of that name, or None if there was no reason to make it."""
        return next((one for one in self.documents if one.what == what), None)

    def status(self, what: str) -> ReadStatus | None:
        """How the read of that name ended."""
        document = self.document(what)
        return document.status if document else None

    @property
    def connected(self) -> bool:
        """Whether the site or its network configuration names the subnet looked at."""
        named = (self.views["site"].subnet, self.views["networkConfig"].subnet)
        return any(ids.same(one, self.subnet_id) for one in named)

    @property
    def on_subnet(self) -> tuple[App, ...]:
        """The plan's apps and slots on this subnet, the target first."""
        others = (app for app in self.apps if not ids.same(app.id, self.target.id))
        mine = (self.target,) if self.connected else ()
        return (*mine, *(app for app in others if ids.same(app.subnet, self.subnet_id)))

    @property
    def link(self) -> Link | None:
        """App Service's link on the subnet: the one that names this plan, else any other."""
        links = [one for one in (self.subnet.links if self.subnet else ()) if one.is_web]
        mine = (one for one in links if self.plan and ids.same(one.target, self.plan.id))
        return next(mine, links[0] if links else None)

    def linked_plan(self, link: Link) -> LinkedPlan | None:
        """What is known of the plan that a link names, where it is not this plan."""
        return next((one for one in self.linked_plans if ids.same(one.id, link.target)), None)
