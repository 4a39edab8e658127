"""ARM documents → the words of the model. Pure; what Azure leaves out becomes None.

A list or an object that is something else is no empty one: its document cannot be read.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Any, NamedTuple

import msgspec

from remediate import ids
from remediate.azure.occupants import occupants
from remediate.converter import Converter
from remediate.errors import RemediateError
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


class MalformedDocument(RemediateError):
    """Azure answered with something that is not the document that was asked for."""

    code = "unreadable"


def app(body: Any) -> App:
    """An app or slot from its site document. Raises MalformedDocument without an id or properties."""
    properties = _properties(body)
    return App(
        id=_id(body),
        kind=_text(body.get("kind")),
        location=_text(body.get("location")),
        state=_text(properties.get("state")),
        plan=_optional(properties.get("serverFarmId")),
        subnet=_optional(properties.get("virtualNetworkSubnetId")),
        routing=_routing(properties.get("outboundVnetRouting")),
        dns=_mapping(properties.get("dnsConfiguration")),
        linux=bool(properties.get("reserved")),
        environment=_optional(_mapping(properties.get("hostingEnvironmentProfile")).get("id")),
        operation=_optional(properties.get("inProgressOperationId")),
        tags={str(key): _text(value) for key, value in _mapping(body.get("tags")).items()},
        tier=_text(properties.get("sku")),
    )


def apps(body: Any) -> tuple[App, ...]:
    """A listing of apps or slots. Raises MalformedDocument."""
    return tuple(app(one) for one in _list(body, "apps"))


class Users(NamedTuple):
    """What names a subnet: apps and slots, plans, and the ids of Container Apps environments."""

    apps: tuple[App, ...] = ()
    plans: tuple[AppServicePlan, ...] = ()
    environments: tuple[str, ...] = ()


def users(body: Any) -> Users:
    """Rows of what names a subnet. Raises MalformedDocument."""
    by_type: dict[str, list[Any]] = {}
    for one in _list(body, "apps and plans"):
        by_type.setdefault(ids.parse(_id(one)).type.casefold(), []).append(one)
    farms = plans(by_type.pop("microsoft.web/serverfarms", []))
    environments = by_type.pop(ENVIRONMENT.casefold(), [])
    apps = tuple(app(one) for several in by_type.values() for one in several)
    return Users(apps, farms, tuple(_id(one) for one in environments))


def environment(body: Any) -> str:
    """The id of a Container Apps environment. Raises MalformedDocument."""
    return _id(body)


def plans(body: Any) -> tuple[AppServicePlan, ...]:
    """A listing of plans. Raises MalformedDocument."""
    return tuple(plan(one) for one in _list(body, "plans"))


def vnets(body: Any) -> tuple[tuple[Subnet, ...], ...]:
    """A listing of virtual networks: the subnets of each. Raises MalformedDocument, also without a list."""
    rows = _list(body, "virtual networks")
    if not all(lists_subnets(one) for one in rows):
        raise MalformedDocument("a virtual network in the list has no list of subnets")
    return tuple(subnets(one) for one in rows)


def subnets(body: Any) -> tuple[Subnet, ...]:
    """The subnets inside the document of a virtual network. Raises MalformedDocument."""
    return tuple(subnet(one) for one in _items(_properties(body).get("subnets")))


def lists_subnets(body: Any) -> bool:
    """Whether the document of a virtual network has a list of subnets, so that it shows all of them."""
    return isinstance(_properties(body).get("subnets"), list)


def plan(body: Any) -> AppServicePlan:
    """An App Service plan. Raises MalformedDocument."""
    properties, sku = _properties(body), _mapping(body.get("sku"))
    return AppServicePlan(
        id=_id(body),
        location=_text(body.get("location")),
        sku=_text(sku.get("name")),
        tier=_text(sku.get("tier")),
        workers=_number(properties.get("numberOfWorkers")) or _number(sku.get("capacity")) or 0,
        elastic_workers=_number(properties.get("maximumElasticWorkerCount")) or 0,
        linux=bool(properties.get("reserved")),
        connections_used=_number(properties.get("vnetConnectionsUsed")),
        connections_max=_number(properties.get("vnetConnectionsMax")),
        subnet=_optional(_mapping(properties.get("network")).get("virtualNetworkSubnetId")),
        environment=_optional(_mapping(properties.get("hostingEnvironmentProfile")).get("id")),
        windows_containers=bool(properties.get("hyperV") or properties.get("isXenon")),
    )


def subnet(body: Any) -> Subnet:
    """A subnet with every link and delegation. Raises MalformedDocument."""
    properties = _properties(body)
    single = _optional(properties.get("addressPrefix"))
    several = tuple(_text(one) for one in _items(properties.get("addressPrefixes")))
    return Subnet(
        id=_id(body),
        prefixes=several or ((single,) if single else ()),
        delegations=tuple(_delegation(one) for one in _items(properties.get("delegations"))),
        links=tuple(_link(one) for one in _items(properties.get("serviceAssociationLinks"))),
        state=_text(properties.get("provisioningState")),
        occupants=occupants(body),
    )


def vnet(body: Any) -> VirtualNetwork:
    """A virtual network. Raises MalformedDocument."""
    properties = _properties(body)
    servers = _items(_mapping(properties.get("dhcpOptions")).get("dnsServers"))
    prefixes = _mapping(properties.get("addressSpace")).get("addressPrefixes")
    return VirtualNetwork(
        id=_id(body),
        location=_text(body.get("location")),
        guid=_optional(properties.get("resourceGuid")),
        dns_servers=tuple(_text(one) for one in servers),
        prefixes=_texts(prefixes),
    )


def connections(body: Any) -> tuple[Connection, ...]:
    """The bare array of `virtualNetworkConnections` (azure-facts.md, 1). Raises MalformedDocument."""
    return tuple(_connection(one) for one in _list(body, "connections"))


def network_config(body: Any) -> str | None:
    """The subnet that `networkConfig/virtualNetwork` names; None when not connected.

    Raises MalformedDocument.
    """
    return _optional(_properties(body).get("subnetResourceId"))


def instances(body: Any) -> tuple[str, ...]:
    """The names of an app's instances. Raises MalformedDocument for one without a name."""
    names = _texts([_mapping(one).get("name") for one in body]) if isinstance(body, list) else ()
    if not isinstance(body, list) or not all(names) or len(names) < len(body):
        raise MalformedDocument("the list of instances is not a list of names")
    return names


def locks(body: Any, asked: str) -> tuple[Lock, ...]:
    """The locks in an answer about the scope `asked`. Raises MalformedDocument for one without id or level.

    A lock lies on whatever stands before its own name; Microsoft's sample shows ids without that, and
    such a lock is taken to lie on what was asked about.
    """
    found = []
    for one in _listing(body):
        id_ = _optional(_mapping(one).get("id"))
        level = _optional(_mapping(_mapping(one).get("properties")).get("level"))
        if id_ is None or level is None:
            raise MalformedDocument("a lock has no id or no level")
        found.append(Lock(id_, level, _LOCK.split(id_)[0] or asked))
    return tuple(found)


def permissions(body: Any) -> tuple[Permission, ...]:
    """What each role assignment allows. Raises MalformedDocument."""
    return tuple(
        Permission(_texts(_mapping(one).get("actions")), _texts(_mapping(one).get("notActions")))
        for one in _listing(body)
    )


def registration(body: Any) -> str:
    """The registration state of a resource provider. Raises MalformedDocument."""
    state = _optional(_mapping(body).get("registrationState"))
    if state is None:
        raise MalformedDocument("the resource provider has no registrationState")
    return state


def row(body: Any) -> tuple[Subnet, ...]:
    """The subnets in Resource Graph's row of a virtual network; none where the row has none."""
    properties = _mapping(_mapping(body).get("properties"))
    return tuple(subnet(one) for one in _items(properties.get("subnets")))


def _delegation(body: Any) -> Delegation:
    return Delegation(
        _text(_mapping(body).get("name")),
        _text(_mapping(_mapping(body).get("properties")).get("serviceName")),
    )


def _link(body: Any) -> Link:
    properties = _mapping(_mapping(body).get("properties"))
    return Link(
        name=_text(_mapping(body).get("name")),
        state=_text(properties.get("provisioningState")),
        type=_optional(properties.get("linkedResourceType")),
        target=_optional(properties.get("link")),
    )


def _connection(body: Any) -> Connection:
    properties = _mapping(_mapping(body).get("properties"))
    return Connection(
        name=_text(_mapping(body).get("name")),
        resource=_optional(properties.get("vnetResourceId")),
        swift=bool(properties.get("isSwift")),
    )


def _routing(body: Any) -> Routing:
    try:
        return _ROUTING.convert(_mapping(body))
    except msgspec.ValidationError as error:
        raise MalformedDocument(f"outboundVnetRouting cannot be read: {error}") from error


def _list(body: Any, what: str) -> list[Any]:
    if not isinstance(body, list):
        raise MalformedDocument(f"the list of {what} is not a list")
    return body


def _listing(body: Any) -> list[Any]:
    value = _mapping(body).get("value")
    if not isinstance(value, list):
        raise MalformedDocument("the list has no value")
    return value


def _texts(value: Any) -> tuple[str, ...]:
    return tuple(_text(one) for one in _items(value))


def _properties(body: Any) -> dict[str, Any]:
    properties = _mapping(body).get("properties")
    if not isinstance(properties, dict):
        raise MalformedDocument("the document has no properties")
    return properties


def _id(body: Any) -> str:
    text = _optional(_mapping(body).get("id"))
    if text is None:
        raise MalformedDocument("the document has no id")
    try:
        ids.parse(text)
    except ids.InvalidId as error:
        raise MalformedDocument(str(error)) from error
    return text


def _mapping(value: Any) -> dict[str, Any]:
    """An object; an empty one where it is left out. Raises MalformedDocument for anything else."""
    if value is None:
        return {}
    if not isinstance(value, dict):
        raise MalformedDocument("what should be an object is not one")
    return value


def _items(value: Any) -> Iterable[Any]:
    """The entries of a list; none where it is left out. Raises MalformedDocument for anything else."""
    if value is None:
        return ()
    if not isinstance(value, list):
        raise MalformedDocument("what should be a list is not one")
    return value


def _text(value: Any) -> str:
    return value if isinstance(value, str) else ""


def _optional(value: Any) -> str | None:
    return value if isinstance(value, str) and value else None


def _number(value: Any) -> int | None:
    return value if isinstance(value, int) and not isinstance(value, bool) else None
