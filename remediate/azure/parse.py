"""ARM documents → the words of the model. Pure; what Azure leaves out becomes None.

A list or an object that is something else is no empty one: its document cannot be read.
"""

from __future__ import annotations

import re
from typing import Any, NamedTuple

import msgspec

from remediate import ids
from remediate.azure import fields
from remediate.azure.occupants import occupants
from remediate.converter import Converter
from remediate.model import (
    ENVIRONMENT,
    App,
    AppServicePlan,
    Connection,
    Delegation,
    Link,
    Lock,
    Permission,
    Routing,
    Subnet,
    VirtualNetwork,
)

_ROUTING = Converter(Routing)
_LOCK = re.compile("/providers/Microsoft.Authorization/locks/", re.IGNORECASE)


def app(body: Any) -> App:
    """An app or slot from its site document. Raises MalformedDocument without an id or properties."""
    properties = fields.properties(body)
    return App(
        id=fields.resource_id(body),
        kind=fields.text(body.get("kind")),
        location=fields.text(body.get("location")),
        state=fields.text(properties.get("state")),
        plan=fields.optional(properties.get("serverFarmId")),
        subnet=fields.optional(properties.get("virtualNetworkSubnetId")),
        routing=_routing(properties.get("outboundVnetRouting")),
        dns=fields.mapping(properties.get("dnsConfiguration")),
        linux=bool(properties.get("reserved")),
        environment=fields.optional(fields.mapping(properties.get("hostingEnvironmentProfile")).get("id")),
        operation=fields.optional(properties.get("inProgressOperationId")),
        tags={str(key): fields.text(value) for key, value in fields.mapping(body.get("tags")).items()},
        tier=fields.text(properties.get("sku")),
    )


def apps(body: Any) -> tuple[App, ...]:
    """A listing of apps or slots. Raises MalformedDocument."""
    return tuple(app(one) for one in fields.array(body, "apps"))


class Users(NamedTuple):
    """What names a subnet: apps and slots, plans, and the ids of Container Apps environments."""

    apps: tuple[App, ...] = ()
    plans: tuple[AppServicePlan, ...] = ()
    environments: tuple[str, ...] = ()


def users(body: Any) -> Users:
    """Rows of what names a subnet. Raises MalformedDocument."""
    by_type: dict[str, list[Any]] = {}
    for one in fields.array(body, "apps and plans"):
        by_type.setdefault(ids.parse(fields.resource_id(one)).type.casefold(), []).append(one)
    farms = plans(by_type.pop("microsoft.web/serverfarms", []))
    environments = by_type.pop(ENVIRONMENT.casefold(), [])
    apps = tuple(app(one) for several in by_type.values() for one in several)
    return Users(apps, farms, tuple(fields.resource_id(one) for one in environments))


def environment(body: Any) -> str:
    """The id of a Container Apps environment. Raises MalformedDocument."""
    return fields.resource_id(body)


def plans(body: Any) -> tuple[AppServicePlan, ...]:
    """A listing of plans. Raises MalformedDocument."""
    return tuple(plan(one) for one in fields.array(body, "plans"))


def vnets(body: Any) -> tuple[tuple[Subnet, ...], ...]:
    """A listing of virtual networks: the subnets of each. Raises MalformedDocument, also without a list."""
    rows = fields.array(body, "virtual networks")
    if not all(lists_subnets(one) for one in rows):
        raise fields.MalformedDocument("a virtual network in the list has no list of subnets")
    return tuple(subnets(one) for one in rows)


def subnets(body: Any) -> tuple[Subnet, ...]:
    """The subnets inside the document of a virtual network. Raises MalformedDocument."""
    return tuple(subnet(one) for one in fields.items(fields.properties(body).get("subnets")))


def lists_subnets(body: Any) -> bool:
    """Whether the document of a virtual network has a list of subnets, so that it shows all of them."""
    return isinstance(fields.properties(body).get("subnets"), list)


def plan(body: Any) -> AppServicePlan:
    """An App Service plan. Raises MalformedDocument."""
    properties, sku = fields.properties(body), fields.mapping(body.get("sku"))
    return AppServicePlan(
        id=fields.resource_id(body),
        location=fields.text(body.get("location")),
        sku=fields.text(sku.get("name")),
        tier=fields.text(sku.get("tier")),
        workers=fields.number(properties.get("numberOfWorkers")) or fields.number(sku.get("capacity")) or 0,
        elastic_workers=fields.number(properties.get("maximumElasticWorkerCount")) or 0,
        linux=bool(properties.get("reserved")),
        connections_used=fields.number(properties.get("vnetConnectionsUsed")),
        connections_max=fields.number(properties.get("vnetConnectionsMax")),
        subnet=fields.optional(fields.mapping(properties.get("network")).get("virtualNetworkSubnetId")),
        environment=fields.optional(fields.mapping(properties.get("hostingEnvironmentProfile")).get("id")),
        windows_containers=bool(properties.get("hyperV") or properties.get("isXenon")),
    )


def subnet(body: Any) -> Subnet:
    """A subnet with every link and delegation. Raises MalformedDocument."""
    properties = fields.properties(body)
    single = fields.optional(properties.get("addressPrefix"))
    several = tuple(fields.text(one) for one in fields.items(properties.get("addressPrefixes")))
    return Subnet(
        id=fields.resource_id(body),
        prefixes=several or ((single,) if single else ()),
        delegations=tuple(_delegation(one) for one in fields.items(properties.get("delegations"))),
        links=tuple(_link(one) for one in fields.items(properties.get("serviceAssociationLinks"))),
        state=fields.text(properties.get("provisioningState")),
        occupants=occupants(body),
    )


def vnet(body: Any) -> VirtualNetwork:
    """A virtual network. Raises MalformedDocument."""
    properties = fields.properties(body)
    servers = fields.items(fields.mapping(properties.get("dhcpOptions")).get("dnsServers"))
    prefixes = fields.mapping(properties.get("addressSpace")).get("addressPrefixes")
    return VirtualNetwork(
        id=fields.resource_id(body),
        location=fields.text(body.get("location")),
        guid=fields.optional(properties.get("resourceGuid")),
        dns_servers=tuple(fields.text(one) for one in servers),
        prefixes=fields.texts(prefixes),
    )


def connections(body: Any) -> tuple[Connection, ...]:
    """The bare array of `virtualNetworkConnections` (azure-facts.md, 1). Raises MalformedDocument."""
    return tuple(_connection(one) for one in fields.array(body, "connections"))


def network_config(body: Any) -> str | None:
    """The subnet that `networkConfig/virtualNetwork` names; None when not connected.

    Raises MalformedDocument.
    """
    return fields.optional(fields.properties(body).get("subnetResourceId"))


def instances(body: Any) -> tuple[str, ...]:
    """The names of an app's instances. Raises MalformedDocument for one without a name."""
    names = fields.texts([fields.mapping(one).get("name") for one in body]) if isinstance(body, list) else ()
    if not isinstance(body, list) or not all(names) or len(names) < len(body):
        raise fields.MalformedDocument("the list of instances is not a list of names")
    return names


def locks(body: Any, asked: str) -> tuple[Lock, ...]:
    """The locks in an answer about the scope `asked`. Raises MalformedDocument for one without id or level.

    A lock lies on whatever stands before its own name; Microsoft's sample shows ids without that, and
    such a lock is taken to lie on what was asked about.
    """
    found = []
    for one in fields.listing(body):
        id_ = fields.optional(fields.mapping(one).get("id"))
        level = fields.optional(fields.mapping(fields.mapping(one).get("properties")).get("level"))
        if id_ is None or level is None:
            raise fields.MalformedDocument("a lock has no id or no level")
        found.append(Lock(id_, level, _LOCK.split(id_)[0] or asked))
    return tuple(found)


def permissions(body: Any) -> tuple[Permission, ...]:
    """What each role assignment allows. Raises MalformedDocument."""
    return tuple(
        Permission(
            fields.texts(fields.mapping(one).get("actions")),
            fields.texts(fields.mapping(one).get("notActions")),
        )
        for one in fields.listing(body)
    )


def registration(body: Any) -> str:
    """The registration state of a resource provider. Raises MalformedDocument."""
    state = fields.optional(fields.mapping(body).get("registrationState"))
    if state is None:
        raise fields.MalformedDocument("the resource provider has no registrationState")
    return state


def row(body: Any) -> tuple[Subnet, ...]:
    """The subnets in Resource Graph's row of a virtual network; none where the row has none."""
    properties = fields.mapping(fields.mapping(body).get("properties"))
    return tuple(subnet(one) for one in fields.items(properties.get("subnets")))


def _delegation(body: Any) -> Delegation:
    return Delegation(
        fields.text(fields.mapping(body).get("name")),
        fields.text(fields.mapping(fields.mapping(body).get("properties")).get("serviceName")),
    )


def _link(body: Any) -> Link:
    properties = fields.mapping(fields.mapping(body).get("properties"))
    return Link(
        name=fields.text(fields.mapping(body).get("name")),
        state=fields.text(properties.get("provisioningState")),
        type=fields.optional(properties.get("linkedResourceType")),
        target=fields.optional(properties.get("link")),
    )


def _connection(body: Any) -> Connection:
    properties = fields.mapping(fields.mapping(body).get("properties"))
    return Connection(
        name=fields.text(fields.mapping(body).get("name")),
        resource=fields.optional(properties.get("vnetResourceId")),
        swift=bool(properties.get("isSwift")),
    )


def _routing(body: Any) -> Routing:
    try:
        return _ROUTING.convert(fields.mapping(body))
    except msgspec.ValidationError as error:
        raise fields.MalformedDocument(f"outboundVnetRouting cannot be read: {error}") from error
