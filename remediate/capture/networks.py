"""Networks and subnets as a world file describes them, with their links and whatever else is in them."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from remediate import ids
from remediate.capture.bodies import Body, entries, properties, text
from remediate.capture.names import Shortening
from remediate.checks.ownership import owner_tags
from remediate.model import WEB_LINK, region

UNKNOWN_PREFIX = "0.0.0.0/32"
"""The address space of what tells none: no address can be used in it."""
_OCCUPANTS = (
    "ipConfigurations",
    "privateEndpoints",
    "applicationGatewayIPConfigurations",
    "ipConfigurationProfiles",
)
"""The lists of a subnet's body whose entries are named by the id of what is in it (azure-facts.md, 1)."""


class Networks:
    """Bodies of virtual networks and subnets → entries of a world file."""

    def __init__(self, names: Shortening, location: str) -> None:
        self._names = names
        self._location = region(location)

    def network(self, body: Body, subnets: dict[str, Body]) -> Body:
        """A virtual network, with the entries of its subnets."""
        said = properties(body)
        location = text(body.get("location"))
        servers = (said.get("dhcpOptions") or {}).get("dnsServers")
        told = (said.get("addressSpace") or {}).get("addressPrefixes")
        entry: Body = {"prefixes": list(told or _prefixes(subnets.values()))}
        if location and region(location) != self._location:
            entry["location"] = location
        if servers:
            entry["dns-servers"] = list(servers)
        if tags := owner_tags(body):
            entry["tags"] = tags
        return {**entry, "subnets": subnets}

    def subnet(self, body: Body) -> Body:
        """A subnet."""
        said = properties(body)
        entry: Body = {}
        if said.get("addressPrefixes"):
            entry["prefixes"] = list(said["addressPrefixes"])
        else:
            entry["prefix"] = said.get("addressPrefix") or UNKNOWN_PREFIX
        services = [service for one in entries(said.get("delegations")) if (service := _service(one))]
        links = [self._link(one, str(body["id"])) for one in entries(said.get("serviceAssociationLinks"))]
        occupants = _occupants(said)
        for name, found in (("delegation", services), ("link", links)):
            if found:
                entry[name] = found[0] if len(found) == 1 else found
        return {**entry, "occupants": occupants} if occupants else entry

    def _link(self, body: Body, subnet: str) -> str | Body:
        """A link: App Service's usual one is its plan's name, any other one is a mapping."""
        said = properties(body)
        type_, target = text(said.get("linkedResourceType")), text(said.get("link"))
        link: Body = {}
        if (name := text(body.get("name"))) and name != "AppServiceLink":
            link["name"] = name
        if type_ and type_.casefold() != WEB_LINK.casefold():
            link["type"] = type_
        if target and _is_plan(target):
            link["plan"] = self._names.resource(target)
        elif target and _is_id(target):
            link["names"] = "subnet" if ids.same(target, subnet) else target
        if (state := text(said.get("provisioningState"))) and state != "Succeeded":
            link["state"] = state
        if said.get("allowDelete"):
            link["allow-delete"] = True
        return link["plan"] if list(link) == ["plan"] else link


def _prefixes(subnets: Iterable[Body]) -> list[str]:
    """The address space of a network that does not tell it: at the least that of its subnets."""
    found = [prefix for one in subnets for prefix in one.get("prefixes", [one.get("prefix")]) if prefix]
    return found or [UNKNOWN_PREFIX]


def plans_named(body: Body) -> list[str]:
    """The plans that the links of a subnet name."""
    links = entries(properties(body).get("serviceAssociationLinks"))
    named = [text(properties(one).get("link")) for one in links]
    return [one for one in named if one and _is_plan(one)]


def _service(delegation: Body) -> str | None:
    return text(properties(delegation).get("serviceName"))


def _occupants(said: dict[str, Any]) -> list[str]:
    found = [id_ for kind in _OCCUPANTS for one in entries(said.get(kind)) if (id_ := text(one.get("id")))]
    for one in entries(said.get("resourceNavigationLinks")):
        named = text(properties(one).get("link")) or text(one.get("id"))
        found += [named] if named else []
    return found


def _is_plan(id_: str) -> bool:
    return _is_id(id_) and ids.parse(id_).is_type(WEB_LINK)


def _is_id(text: str) -> bool:
    try:
        return ids.parse(text).group is not None
    except ids.InvalidId:
        return False
