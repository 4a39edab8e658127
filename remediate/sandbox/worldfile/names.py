"""How a world file names a resource: by a name in its group, or by a full ARM id."""

from __future__ import annotations

import difflib
from collections.abc import Callable, Iterable
from dataclasses import dataclass

from remediate import ids

PLAN = "Microsoft.Web/serverfarms"
APP = "Microsoft.Web/sites"
NETWORK = "Microsoft.Network/virtualNetworks"
SUBNET = "Microsoft.Network/virtualNetworks/subnets"


@dataclass(frozen=True)
class Names:
    """The ids behind the names of a world file; `group` is the id of the group that plain names are in."""

    group: str

    @property
    def subscription(self) -> str:
        """The subscription of the group."""
        return ids.parse(self.group).subscription

    def plan(self, name: str) -> str:
        """The id of a plan."""
        return self._resource(PLAN, name)

    def app(self, name: str) -> str:
        """The id of an app."""
        return self._resource(APP, name)

    def network(self, name: str) -> str:
        """The id of a virtual network."""
        return self._resource(NETWORK, name)

    def subnet(self, name: str) -> str:
        """The id of a subnet, written as NETWORK/SUBNET or as an id."""
        if name.startswith("/"):
            return _id(name)
        network, _, subnet = name.partition("/")
        return f"{self.network(network)}/subnets/{subnet}"

    def subnet_in(self, network: str, name: str) -> str:
        """The id of a subnet from its entry in a network, by its name or its id."""
        return _id(name) if name.startswith("/") else f"{self.network(network)}/subnets/{name}"

    def resource_group(self, name: str) -> str:
        """The id of a resource group."""
        if name.startswith("/"):
            return _id(name)
        return f"/subscriptions/{self.subscription}/resourceGroups/{name}"

    def scope(self, name: str | None) -> str:
        """The id of a scope: one below the group's providers, an id, or the group itself."""
        if name is None:
            return self.group
        return _id(name) if name.startswith("/") else f"{self.group}/providers/{name}"

    def _resource(self, type_: str, name: str) -> str:
        return _id(name) if name.startswith("/") else f"{self.group}/providers/{type_}/{name}"


def _id(text: str) -> str:
    """An id without outer blanks and with one slash before it."""
    return str(ids.parse(text))


def is_name(text: str) -> bool:
    """Whether a text can be one segment of an id."""
    try:
        return ids.parse(f"/subscriptions/s/resourceGroups/{text}").group == text
    except ids.InvalidId:
        return False


def is_id(text: str, type_: str | None = None) -> bool:
    """Whether a text is a full ARM id of that type, or without one of any type."""
    try:
        parsed = ids.parse(text)
    except ids.InvalidId:
        return False
    return text.startswith("/") and (type_ is None or (parsed.group is not None and parsed.is_type(type_)))


def is_group_id(text: str) -> bool:
    """Whether a text is the id of a resource group."""
    return is_id(text) and ids.parse(text).group is not None and ids.parse(text).namespace is None


def nearest(name: str, known: Iterable[str]) -> str | None:
    """The known name that is nearest, if one is near."""
    return next(iter(difflib.get_close_matches(name, list(known), 1)), None)


def suggestion(name: str, known: Iterable[str]) -> str:
    """A question that offers the known name that is nearest, or nothing."""
    near = nearest(name, known)
    return f"; did you mean {near!r}?" if near else ""


def is_spelling_of(text: str, id_: str, id_of: Callable[[str], str]) -> bool:
    """Whether a key of a world file, which may be no name and no id at all, stands for the resource `id_`."""
    try:
        return ids.same(id_of(text), id_)
    except ids.InvalidId:
        return False
