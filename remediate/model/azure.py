"""What was read of Azure: its documents, and the objects that hang on one link."""

from __future__ import annotations

from typing import Any, Literal

from msgspec import Struct

from remediate import ids
from remediate.model.network import FLEX_SERVICE, WEB_DELEGATION, Link, Subnet, VirtualNetwork

WEB_API = "2025-05-01"
"""Microsoft.Web api-version of every read and write (azure-facts.md, 1)."""
NETWORK_API = "2024-05-01"
"""Microsoft.Network api-version; pinned below the SDK's own, so that sovereign clouds have it too."""
FLEX_TIER = "FlexConsumption"
"""`sku.tier` of a Flex Consumption plan, and `sku` of its sites."""

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
    def kind(self) -> str:
        """What was read, without the id that it was about: `locks`, `site`."""
        return self.what.partition(":")[0]

    @property
    def preflight(self) -> bool:
        """Whether this was read to see if a change would be let through."""
        return self.kind in PREFLIGHT_READS


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
    tier: str = ""

    @property
    def flex(self) -> bool:
        """Whether its site document says that it is on Flex Consumption."""
        return self.tier.casefold() == FLEX_TIER.casefold()

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
    """An App Service plan. `subnet` is the one that a Managed Instance plan holds itself."""

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
    def flex(self) -> bool:
        """Whether this is a Flex Consumption plan."""
        return self.tier.casefold() == FLEX_TIER.casefold()

    @property
    def name(self) -> str:
        """The plan's name."""
        return ids.name(self.id)


class LinkedPlan(Struct, frozen=True):
    """The plan that a link names, where that is not the target's own.

    `apps` are the ids of its apps and slots that name the subnet, `workers` its instances; None where
    that could not be read. `holds` is a Managed Instance plan that holds the subnet itself.
    """

    id: str
    status: ReadStatus
    apps: tuple[str, ...] | None = None
    workers: int | None = None
    holds: bool = False

    @property
    def on_subnet(self) -> bool | None:
        """Whether the plan is on the subnet, itself or with an app or slot; None where that is not known."""
        if self.holds:
            return True
        return None if self.apps is None else bool(self.apps)


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
    def flex(self) -> bool:
        """Whether the target is on Flex Consumption, which links and delegates in its own way."""
        return self.plan.flex if self.plan else self.target.flex

    @property
    def service(self) -> str:
        """The service that the subnet has to be delegated to."""
        return FLEX_SERVICE if self.flex else WEB_DELEGATION

    @property
    def delegated(self) -> bool:
        """Whether the subnet is delegated to the service that the target needs."""
        return self.subnet is not None and self.subnet.delegated_to(self.service)

    @property
    def held_by_plan(self) -> bool:
        """Whether the plan itself holds the subnet looked at, as a Managed Instance does."""
        return self.plan is not None and ids.same(self.plan.subnet, self.subnet_id)

    @property
    def own_links(self) -> tuple[Link, ...]:
        """The links on the subnet that are of the kind that the target's plan has."""
        links = self.subnet.links if self.subnet else ()
        return tuple(one for one in links if (one.is_flex if self.flex else one.is_web))

    @property
    def link(self) -> Link | None:
        """The link of that kind that names this plan, else any other."""
        mine = (one for one in self.own_links if self.plan and ids.same(one.target, self.plan.id))
        return next(mine, self.own_links[0] if self.own_links else None)

    def linked_plan(self, link: Link) -> LinkedPlan | None:
        """What is known of the plan that a link names, where it is not this plan."""
        return next((one for one in self.linked_plans if ids.same(one.id, link.target)), None)
