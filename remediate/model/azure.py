"""What Azure has on the side of the apps: sites, plans, their views; and the documents that say so."""

from __future__ import annotations

from typing import Any, Literal

from msgspec import Struct

from remediate import ids

WEB_API = "2025-05-01"
"""Microsoft.Web api-version of every read and write (azure-facts.md, 1)."""
NETWORK_API = "2024-05-01"
"""Microsoft.Network api-version; pinned below the SDK's own, so that sovereign clouds have it too."""
FLEX_TIER = "FlexConsumption"
"""`sku.tier` of a Flex Consumption plan, and `sku` of its sites."""

ReadStatus = Literal["found", "absent", "not-visible", "denied", "failed", "not-asked"]
"""How a read ended: there; gone, which is proved (azure/absence.py); in a subscription or tenant that the
account cannot see; 401, 403, or a 404 that proves nothing; no usable answer. Or it was never made, for want
of a subnet.
"""
UNREAD: frozenset[ReadStatus] = frozenset({"not-visible", "denied", "failed"})
"""The statuses that leave it unknown what is there."""
PREFLIGHT_READS = ("locks", "permissions", "deny-assignments", "provider", "plan-connections")
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
        """Whether it is not known what is there; that it is absent is known."""
        return self.status in UNREAD

    @property
    def hidden(self) -> bool:
        """Whether Azure answered as for everything that the account cannot see."""
        return self.status == "not-visible"

    @property
    def kind(self) -> str:
        """What was read, without the id that it was about: `locks`, `site`."""
        return self.what.partition(":")[0]

    @property
    def about_others(self) -> bool:
        """Whether this tells only who else is on a subnet, and how many addresses they take."""
        return self.kind in ("graph", "other-plan")

    @property
    def preflight(self) -> bool:
        """Whether this was read to see if a change would be let through."""
        return self.kind in PREFLIGHT_READS


class Routing(Struct, frozen=True, rename="camel"):
    """`properties.outboundVnetRouting` of a site, 2024-11-01 and later."""

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


class Connections(Struct, frozen=True):
    """The `virtualNetworkConnections` of an app, and how their read ended."""

    status: ReadStatus
    entries: tuple[Connection, ...] = ()


class AppServicePlan(Struct, frozen=True):
    """An App Service plan. `subnet` is the one that a Managed Instance plan holds itself.

    With `windows_containers` every app takes addresses of its own (azure-facts.md, 4).
    """

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
    windows_containers: bool = False

    @property
    def flex(self) -> bool:
        """Whether this is a Flex Consumption plan."""
        return self.tier.casefold() == FLEX_TIER.casefold()

    @property
    def name(self) -> str:
        """The plan's name."""
        return ids.name(self.id)

    @property
    def is_at_limit(self) -> bool:
        """Whether its apps are on as many subnets as they may be; not where the numbers were not read."""
        if self.connections_used is None or self.connections_max is None:
            return False
        return self.connections_used >= self.connections_max


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


EVERYBODY = "00000000-0000-0000-0000-000000000000"
"""The object id by which a deny assignment names all principals."""


class Principal(Struct, frozen=True):
    """Whom a deny assignment names, by object id. A user or service principal is `single`; a group is not."""

    id: str
    single: bool


class DenyAssignment(Struct, frozen=True):
    """What nobody of `principals` but those `excluded` may do at `scope` and below, whatever a role allows.

    `only_there` says that it does not hold for what is below the scope; `conditional`, that it holds under a
    condition, which only Azure can evaluate.
    """

    name: str
    scope: str
    permissions: tuple[Permission, ...]
    principals: tuple[Principal, ...] = (Principal(EVERYBODY, single=False),)
    excluded: tuple[Principal, ...] = ()
    only_there: bool = False
    conditional: bool = False


class View(Struct, frozen=True):
    """What one of Azure's views says about the integration: which subnet, and which plan."""

    status: ReadStatus
    subnet: str | None = None
    plan: str | None = None
    detail: str | None = None

    @property
    def unread(self) -> bool:
        """Whether it is not known what the view says."""
        return self.status in UNREAD
