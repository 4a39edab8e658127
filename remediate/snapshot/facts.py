"""The facts about the integration in Azure's documents, for comparison: path → value.

Etags, timestamps and everything else that does not concern the integration stay in the documents. A field
that Azure omits when it is empty is a fact too; any other missing field is not.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable
from typing import Any

from msgspec import Struct

from remediate import ids
from remediate.model import WEB_LINK, Document

FLAGS = {
    "allTraffic": None,
    "applicationTraffic": "vnetRouteAllEnabled",
    "contentShareTraffic": "vnetContentShareEnabled",
    "imagePullTraffic": "vnetImagePullEnabled",
    "backupRestoreTraffic": "vnetBackupRestoreEnabled",
    "managedIdentityTraffic": None,
}
"""Flags of outboundVnetRouting, and their names before 2024-11-01 (azure-facts.md, 1)."""

Facts = dict[str, Any]


class Field(Struct, frozen=True):
    """One fact: its path in the body, and the conversion of its value.

    Azure omits `optional` fields that are empty (azure-facts.md, 1).
    """

    path: str
    name: str = ""
    made: Callable[[Any], Any] = lambda value: value
    optional: bool = False


def _texts(value: Any) -> list[str]:
    return sorted(str(one) for one in _list(value))


def _named(key: str) -> Callable[[Any], list[str]]:
    return lambda value: sorted(str(_field(one, key)) for one in _list(value) if _field(one, key))


def _links(value: Any) -> Facts:
    """Every link by name, without the subnet's etag, which changes with every write (azure-facts.md, 1)."""
    wanted = ("link", "linkedResourceType", "provisioningState")
    return {
        str(_field(one, "name")): {
            key: _field(one, key) for key in wanted if key == "link" or _holds(one, key)
        }
        for one in _list(value)
    }


def _peerings(value: Any) -> list[str]:
    return sorted(f"{_field(one, 'name')}: {_field(one, 'peeringState')}" for one in _list(value))


_FIELDS: dict[str, tuple[Field, ...]] = {
    "site": (
        Field("properties.virtualNetworkSubnetId"),
        Field("properties.serverFarmId"),
        Field("properties.state"),
        Field("properties.dnsConfiguration"),
        Field("properties.hostingEnvironmentProfile.id", optional=True),
        Field("location"),
        Field("kind"),
    ),
    "networkConfig": (Field("properties.subnetResourceId"),),
    "plan": (
        Field("sku.name"),
        Field("properties.numberOfWorkers"),
        Field("properties.vnetConnectionsUsed"),
        Field("properties.vnetConnectionsMax"),
        Field("properties.network.virtualNetworkSubnetId", optional=True),
    ),
    "subnet": (
        Field("properties.serviceAssociationLinks", made=_links, optional=True),
        Field("properties.delegations", made=_named("serviceName"), optional=True),
        Field("properties.provisioningState"),
        Field("properties.networkSecurityGroup.id", optional=True),
        Field("properties.routeTable.id", optional=True),
        Field("properties.natGateway.id", optional=True),
        Field("properties.serviceEndpoints", made=_named("service"), optional=True),
        Field("properties.serviceEndpointPolicies", made=_named("id"), optional=True),
    ),
    "vnet": (
        Field("location"),
        Field("properties.resourceGuid"),
        Field("properties.addressSpace.addressPrefixes", made=_texts),
        Field("properties.dhcpOptions.dnsServers", made=_texts, optional=True),
        Field("properties.virtualNetworkPeerings", made=_peerings, optional=True),
    ),
}


def facts_of(
    documents: Iterable[Document], target: str, subnet: str | None, *, incomplete: Collection[str] = ()
) -> tuple[Facts, dict[str, str]]:
    """The facts in documents, and the parts that could not be read with the reason.

    `incomplete` are the parts whose document omits what the tool that wrote it does not know.
    """
    seen = {one.what: one for one in documents}
    facts: Facts = {}
    unread: dict[str, str] = {
        part: seen[part].status for part in (*_FIELDS, "connections", "graph") if _unread(seen, part)
    }
    for part, fields in _FIELDS.items():
        whole = part not in incomplete
        facts |= _part(seen, part, lambda body, fields=fields, whole=whole: _of(body, fields, whole))  # type: ignore[misc]
    facts |= _part(seen, "site", _routing)
    facts |= _part(seen, "subnet", lambda body: _prefixes(body, "subnet" not in incomplete))
    facts |= _part(seen, "connections", lambda body: _connections(body, "connections" not in incomplete))
    facts |= _part(seen, "graph", lambda row: _graph(row, subnet))
    listings = [one for one in seen.values() if one.what == "plan-apps" or one.what.startswith("slots:")]
    if any(one.unread for one in listings):
        statuses = {one.status for one in listings}
        unread["apps"] = next((one for one in ("denied", "not-visible") if one in statuses), "failed")
    elif "plan-apps" in seen and subnet:
        facts["apps"] = _apps(seen, target, subnet)
    return dict(sorted(facts.items())), unread


def path_of(part: str, key: str) -> str:
    """The path of the fact that comes from a property of a part's document."""
    paths = (field.path.removeprefix("properties.") for field in _FIELDS.get(part, ()))
    return f"{part}.{next((path for path in paths if path.partition('.')[0] == key), key)}"


def _unread(seen: dict[str, Document], part: str) -> bool:
    return part in seen and seen[part].unread


def _part(seen: dict[str, Document], part: str, reading: Callable[[Any], Facts]) -> Facts:
    """The facts of one document under the part's name; that a part is absent is a fact as well."""
    document = seen.get(part)
    if document is None or document.status not in ("found", "absent"):
        return {}
    if document.status == "absent":
        return {part: "absent"}
    return {part: "found"} | {f"{part}.{path}": value for path, value in reading(document.body).items()}


def _of(body: Any, fields: tuple[Field, ...], complete: bool) -> Facts:
    found: Facts = {}
    for field in fields:
        path = field.path.removeprefix("properties.")
        held, value = _at(body, field.path)
        if held or (complete and field.optional):
            found[path] = field.made(value)
    return found


def _routing(body: Any) -> Facts:
    properties = body.get("properties") if isinstance(body, dict) else None
    properties = properties if isinstance(properties, dict) else {}
    now = properties.get("outboundVnetRouting")
    found: Facts = {}
    for flag, before in FLAGS.items():
        if isinstance(now, dict) and flag in now:
            found[f"outboundVnetRouting.{flag}"] = now[flag]
        elif not isinstance(now, dict) and before in properties:
            found[f"outboundVnetRouting.{flag}"] = properties[before]
    return found


def _prefixes(body: Any, complete: bool) -> Facts:
    """Azure returns either `addressPrefix` or `addressPrefixes` (azure-facts.md, 1)."""
    if not complete and not any(
        _at(body, f"properties.{key}")[0] for key in ("addressPrefixes", "addressPrefix")
    ):
        return {}
    several = _texts(_at(body, "properties.addressPrefixes")[1])
    single = _at(body, "properties.addressPrefix")[1]
    return {"addressPrefixes": several or ([str(single)] if single else [])}


def _connections(body: Any, complete: bool) -> Facts:
    """The subnets of regional connections, and the networks of gateway connections."""
    swift = [_field(one, "vnetResourceId") for one in _list(body) if _field(one, "isSwift") is True]
    gateway = [_field(one, "vnetResourceId") for one in _list(body) if _field(one, "isSwift") is not True]
    found = {"regional": _texts(swift), "gateway": _texts(gateway)}
    return found if complete else {kind: named for kind, named in found.items() if named}


def _graph(row: Any, subnet: str | None) -> Facts:
    """The plan that the link names in Resource Graph's cached copy of the network."""
    for one in _list(_at(row, "properties.subnets")[1]):
        if ids.same(str(_field(one, "id")), subnet):
            links = _links(_field(one, "serviceAssociationLinks")).values()
            web = (link["link"] for link in links if is_web(link))
            return {"link": next(web, None)}
    return {}


def is_web(link: Any) -> bool:
    """Whether the facts of a link are those of an App Service link."""
    kind = link.get("linkedResourceType") if isinstance(link, dict) else None
    return str(kind).casefold() == WEB_LINK.casefold()


def _apps(seen: dict[str, Document], target: str, subnet: str) -> Facts:
    """The plan's other apps and slots on the subnet by name; those read one by one override the list."""
    listed = [one for what, one in seen.items() if what == "plan-apps" or what.startswith("slots:")]
    bodies = [body for one in listed if one.status == "found" for body in _list(one.body)]
    bodies += [one.body for what, one in seen.items() if what.startswith("site:") and one.status == "found"]
    everyone = {str(_field(body, "id")).casefold(): body for body in bodies}
    return {
        ids.app_name(str(_field(body, "id"))): {"virtualNetworkSubnetId": subnet} | _routing(body)
        for _, body in sorted(everyone.items())
        if ids.same(_text(_field(body, "virtualNetworkSubnetId")), subnet)
        and not ids.same(str(_field(body, "id")), target)
    }


def _at(body: Any, path: str) -> tuple[bool, Any]:
    """Whether the body has a path, and the value there; a null on the way counts as an empty value."""
    value = body
    for key in path.split("."):
        if value is None and value is not body:
            return True, None
        if not isinstance(value, dict) or key not in value:
            return False, None
        value = value[key]
    return True, value


def _field(body: Any, key: str) -> Any:
    """A field of an entry in a list, which ARM puts in `properties` or beside the name."""
    found, value = _at(body, f"properties.{key}")
    return value if found else _at(body, key)[1]


def _holds(body: Any, key: str) -> bool:
    return _at(body, f"properties.{key}")[0] or _at(body, key)[0]


def _list(value: Any) -> list[Any]:
    return value if isinstance(value, list) else []


def _text(value: Any) -> str | None:
    return value if isinstance(value, str) else None
