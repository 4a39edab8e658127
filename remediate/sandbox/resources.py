"""Resources of the simulated Azure; `documents` says how they are shown."""

from __future__ import annotations

import ipaddress
import uuid
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

from remediate import ids

WEB_LINK = "Microsoft.Web/serverfarms"
WEB_DELEGATION = "Microsoft.Web/serverFarms"
APP_SERVICE_LINK = "AppServiceLink"
FLEX_SERVICE = "Microsoft.App/environments"
"""What Flex Consumption links as, and what its subnets are delegated to (azure-facts.md, 1)."""
FLEX_LINK = "legionservicelink"
FLEX_TIER = "FlexConsumption"


def new_guid() -> str:
    """A fresh GUID, for etags and operation names."""
    return str(uuid.uuid4())


def timestamp() -> str:
    """Now, the way Microsoft.Web writes it."""
    return datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%S.%f")


def new_version() -> str:
    """A fresh etag of Microsoft.Web: the moment in units of 100 ns since 1601, in hexadecimal."""
    since = datetime.now(UTC) - datetime(1601, 1, 1, tzinfo=UTC)
    return f"{since // timedelta(microseconds=1) * 10:X}"


def region(location: str) -> str:
    """A region's own name: `West Europe` and `westeurope` are one (azure-facts.md, 4)."""
    return location.replace(" ", "").casefold()


@dataclass
class Subscription:
    """A subscription. Where it is not `visible`, the caller gets 404 for everything in it.

    Resource Graph has no row of it either (azure-facts.md, 3).
    """

    id: str
    name: str
    visible: bool = True


@dataclass
class Group:
    """A resource group. `state` is Deleting while it is being deleted."""

    id: str
    location: str
    tags: dict[str, str] = field(default_factory=dict)
    state: str = "Succeeded"


@dataclass
class ServerFarm:
    """An App Service plan. `connections_max` is how many subnets its apps may join.

    `subnet` is the one that a Managed Instance plan holds itself, "" for such a plan that holds none, and
    None for every other plan (azure-facts.md, 1 and 2). With `windows_containers` its apps run in Windows
    containers, which need more addresses (azure-facts.md, 4).
    `home_group` is the resource group in which it was made: its webspace stays there when it is moved.
    """

    id: str
    location: str
    sku: str = "P1v3"
    tier: str = "PremiumV3"
    workers: int = 1
    elastic_workers: int = 1
    linux: bool = False
    windows_containers: bool = False
    connections_max: int = 2
    subnet: str | None = None
    tags: dict[str, str] = field(default_factory=dict)
    created: str = field(default_factory=timestamp)
    etag: str = field(default_factory=new_version)
    home_group: str = ""

    def __post_init__(self) -> None:
        self.home_group = self.home_group or ids.parse(self.id).group or ""

    def webspace(self, place: str) -> str:
        """The webspace, within which its apps may change their plan; `place` is how its region is spelled."""
        return f"{self.home_group}-{place.replace(' ', '')}webspace{'-Linux' if self.linux else ''}"

    @property
    def flex(self) -> bool:
        """Whether it is a Flex Consumption plan."""
        return self.tier == FLEX_TIER

    @property
    def managed_instance(self) -> bool:
        """Whether it is a Managed Instance plan."""
        return self.subnet is not None

    @property
    def delegation(self) -> str:
        """The service that a subnet for its apps must be delegated to."""
        return FLEX_SERVICE if self.flex else WEB_DELEGATION


@dataclass
class Routing:
    """Which of an app's traffic goes into the network; survives a disconnect (azure-facts.md, 2)."""

    all_traffic: bool = False
    application_traffic: bool = False
    content_share_traffic: bool = False
    image_pull_traffic: bool = False
    backup_restore_traffic: bool = False
    managed_identity_traffic: bool = False


@dataclass
class Gateway:
    """A gateway-required connection: to a virtual network as a whole, through its gateway."""

    vnet: str
    thumbprint: str
    resync_required: bool = False


@dataclass
class Site:
    """An app or a slot. `network_config_lost` makes networkConfig answer null though it is connected.

    `addressed_from` is the simulated second from which its instances have a private address, where it is
    connected; None where they never get one. `swapped` is its last swap, as its body tells it. Of the
    `settings` those stay with the slot that an app's `slot_settings` name.
    """

    id: str
    kind: str
    location: str
    plan: str
    subnet: str | None = None
    network_config_lost: bool = False
    addressed_from: float | None = 0.0
    gateway: Gateway | None = None
    routing: Routing = field(default_factory=Routing)
    config: dict[str, Any] = field(default_factory=dict)
    settings: dict[str, str] = field(default_factory=dict)
    slot_settings: dict[str, list[str]] | None = None
    tags: dict[str, str] = field(default_factory=dict)
    state: str = "Running"
    operation: str | None = None
    swapped: dict[str, str] | None = None
    etag: str = field(default_factory=new_version)
    modified: str = field(default_factory=timestamp)

    @property
    def is_function(self) -> bool:
        """Whether it is a function app, or a slot of one."""
        return "functionapp" in self.kind.casefold()

    @property
    def slot(self) -> str | None:
        """The slot's name, or None for an app."""
        return ids.parse(self.id).named("slots")

    @property
    def app(self) -> str:
        """The app's name, also for a slot."""
        return ids.parse(self.id).named("sites") or ""

    def touch(self) -> None:
        """Mark it as written just now."""
        self.etag, self.modified = new_version(), timestamp()


@dataclass
class Delegation:
    """A subnet's delegation to a service."""

    name: str
    service: str


@dataclass
class Link:
    """A service association link. `target` is the plan; with Flex the subnet, with others maybe nothing.

    `allow_delete` says that its owner lets anybody with permission delete it (azure-facts.md, 1).
    """

    name: str
    type: str
    target: str | None
    state: str = "Succeeded"
    allow_delete: bool = False


@dataclass
class Subnet:
    """A subnet. `arriving` is a link on its way, and when it will be there.

    `occupants` are the ids of what else is in it: network interfaces, private endpoints, and so on.
    `listed` says that the prefix was written as `addressPrefixes`; `extra` keeps the properties that the
    platform only stores (network security group, route table, …).
    """

    id: str
    prefixes: list[str]
    delegations: list[Delegation] = field(default_factory=list)
    links: list[Link] = field(default_factory=list)
    arriving: tuple[Link, float] | None = None
    occupants: list[str] = field(default_factory=list)
    listed: bool = False
    extra: dict[str, Any] = field(default_factory=dict)
    busy_until: float = 0.0
    deleting: bool = False
    etag: str = field(default_factory=new_guid)

    @property
    def guid(self) -> str:
        """The platform's own name for it, which its links carry."""
        return str(uuid.uuid5(uuid.NAMESPACE_URL, self.id.casefold()))

    def delegated_to(self, service: str) -> bool:
        """Whether one of its delegations is to this service."""
        return any(one.service.casefold() == service.casefold() for one in self.delegations)

    @property
    def delegated(self) -> bool:
        """Whether it is delegated to App Service."""
        return self.delegated_to(WEB_DELEGATION)

    @property
    def usable(self) -> int:
        """How many IPv4 addresses instances can have: the platform keeps 5 (azure-facts.md, 4)."""
        networks = (ipaddress.ip_network(prefix, strict=False) for prefix in self.prefixes)
        return sum(max(0, one.num_addresses - 5) for one in networks if one.version == 4)

    @property
    def prefix_length(self) -> int:
        """The length of its IPv4 prefix: 27 for a /27."""
        networks = (ipaddress.ip_network(prefix, strict=False) for prefix in self.prefixes)
        return min((one.prefixlen for one in networks if one.version == 4), default=32)


def link_of(plan: ServerFarm, subnet: Subnet) -> Link:
    """The link that a plan's integrations have on a subnet (azure-facts.md, 1)."""
    if plan.flex:
        return Link(FLEX_LINK, FLEX_SERVICE, subnet.id)
    return Link(APP_SERVICE_LINK, WEB_LINK, plan.id)


def same_link(one: Link, other: Link) -> bool:
    """Whether two links are of one service and name the same resource."""
    return one.type.casefold() == other.type.casefold() and ids.same(one.target, other.target)


@dataclass
class VirtualNetwork:
    """A virtual network with its subnets, in the order of their making.

    `dns_servers` and `tags` are None where nobody ever wrote them: then they are absent from answers.
    """

    id: str
    location: str
    prefixes: list[str]
    guid: str = field(default_factory=new_guid)
    dns_servers: list[str] | None = None
    subnets: list[Subnet] = field(default_factory=list)
    tags: dict[str, str] | None = None
    busy_until: float = 0.0
    deleting: bool = False
    etag: str = field(default_factory=new_guid)

    def touch(self, subnet: Subnet | None = None) -> None:
        """Give it, and one of its subnets, a new etag: every subnet write does (azure-facts.md, 1)."""
        self.etag = new_guid()
        if subnet is not None:
            subnet.etag = self.etag
