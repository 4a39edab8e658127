"""The network side: virtual networks, subnets, and the links and delegations on them."""

from __future__ import annotations

from msgspec import Struct

from remediate import ids

WEB_LINK = "Microsoft.Web/serverfarms"
"""`linkedResourceType` of App Service's own link (azure-facts.md, 1)."""
WEB_DELEGATION = "Microsoft.Web/serverFarms"
"""The delegation that regional VNet integration needs (azure-facts.md, 3)."""
FLEX_SERVICE = "Microsoft.App/environments"
"""The same two of Flex Consumption: its link's type and its delegation (azure-facts.md, 1)."""


ENVIRONMENT = "Microsoft.App/managedEnvironments"
"""The type of a Container Apps environment, which is never on a subnet with Flex Consumption."""


class Delegation(Struct, frozen=True):
    """A subnet's delegation to a service."""

    name: str
    service: str


class Link(Struct, frozen=True):
    """A service association link. `target` is the plan it names, never an app.

    Flex Consumption's names the subnet, and those of other services may name nothing (azure-facts.md, 1).
    """

    name: str
    state: str
    type: str | None
    target: str | None

    @property
    def is_web(self) -> bool:
        """Whether it is App Service's own kind of link."""
        return (self.type or "").casefold() == WEB_LINK.casefold()

    @property
    def is_flex(self) -> bool:
        """Whether it is the kind of link that Flex Consumption has.

        The type is that of a Container Apps environment too, so a link does not tell whose it is [?].
        """
        return (self.type or "").casefold() == FLEX_SERVICE.casefold()


class Occupant(Struct, frozen=True):
    """Something else in a subnet, which keeps it from being delegated, joined or deleted.

    `id` is the resource that is there, else the entry of the subnet's body that tells of it. `kind` is the
    resource's type; "" where it could not be read (azure-facts.md, 1).
    """

    id: str
    kind: str


class Subnet(Struct, frozen=True):
    """A subnet with all its links and delegations, and what else is in it."""

    id: str
    prefixes: tuple[str, ...]
    delegations: tuple[Delegation, ...]
    links: tuple[Link, ...]
    state: str
    occupants: tuple[Occupant, ...] = ()

    @property
    def name(self) -> str:
        """The subnet's name."""
        return ids.name(self.id)

    def delegated_to(self, service: str) -> bool:
        """Whether one of its delegations is to this service."""
        return any(one.service.casefold() == service.casefold() for one in self.delegations)


class ListedSubnet(Struct, frozen=True):
    """A subnet as a list has it: enough to choose by, never to decide.

    `instances` are those of the plans that its links name; None where one of them is not listed.
    """

    subnet: Subnet
    location: str
    instances: int | None

    @property
    def id(self) -> str:
        """The subnet's id."""
        return self.subnet.id


class VirtualNetwork(Struct, frozen=True):
    """The virtual network around the subnet. `prefixes` are its address space, IPv4 and IPv6."""

    id: str
    location: str
    guid: str | None = None
    dns_servers: tuple[str, ...] = ()
    prefixes: tuple[str, ...] = ()

    @property
    def ipv6_prefixes(self) -> tuple[str, ...]:
        """The IPv6 part of its address space."""
        return tuple(one for one in self.prefixes if ":" in one)

    @property
    def region(self) -> str:
        """Its region as it stands in a path."""
        return region(self.location)

    @property
    def name(self) -> str:
        """The network's name."""
        return ids.name(self.id)


def region(location: str) -> str:
    """A region in the one spelling that compares, and stands in a path: `westeurope` for `West Europe`."""
    return "".join(location.split()).casefold()


def is_subnet(text: str) -> bool:
    """Whether an id is a subnet's; a gateway connection names a whole network."""
    try:
        return ids.parse(text).is_type("Microsoft.Network/virtualNetworks/subnets")
    except ids.InvalidId:
        return False
