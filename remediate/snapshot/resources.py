"""The resources in the documents of a file, whatever tool printed them."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from msgspec import Struct

from remediate.snapshot.shapes import PARTS, SUBNET_MARKS, SUBNETS, Shape, in_arm_shape, parsed, type_of

Path = tuple[tuple[str, str | None], ...]
"""Types and names as in an id; None for a name that is not known."""
KINDS = {
    SUBNETS: "subnet",
    "microsoft.network/virtualnetworks": "vnet",
    "microsoft.web/sites": "site",
    "microsoft.web/sites/slots": "site",
    "microsoft.web/serverfarms": "plan",
    "microsoft.web/sites/config": "networkConfig",
    "microsoft.web/sites/slots/config": "networkConfig",
    "microsoft.web/sites/networkconfig": "networkConfig",
    "microsoft.web/sites/slots/networkconfig": "networkConfig",
}
_OF_SUBNET = ("serviceAssociationLinks", "delegations")
MARKS = {
    "subnet": SUBNET_MARKS,
    "vnet": ("addressSpace", "subnets"),
    "site": ("virtualNetworkSubnetId", "serverFarmId", "appServicePlanId"),
    "plan": ("numberOfWorkers", "maximumNumberOfWorkers"),
    "networkConfig": ("subnetResourceId",),
    "serviceAssociationLinks": ("link", "linkedResourceType"),
    "delegations": ("serviceName",),
    "connections": ("vnetResourceId",),
}
"""Fields of which each kind has at least one: an id alone is not enough."""


class ImportedResource(Struct, frozen=True):
    """One resource in the shape of ARM.

    One without an id has a `path` in its place. `complete` says that what is missing is empty in Azure:
    a part of a resource, a template and PowerShell leave out what they do not know.
    """

    kind: str
    body: dict[str, Any]
    shape: Shape
    complete: bool = False
    path: Path = ()


class Search:
    """The resources in the documents of a file."""

    def __init__(self, of_template: Callable[[dict[str, Any]], list[ImportedResource] | None]) -> None:
        self._of_template = of_template
        self._whole: list[ImportedResource] = []
        self._parts: dict[str, ImportedResource] = {}
        self.others: list[str] = []

    @property
    def found(self) -> tuple[ImportedResource, ...]:
        """What was found; parts of a subnet follow the subnets that were saved whole."""
        return (*self._whole, *self._parts.values())

    def look(self, value: Any, row: bool = False) -> None:
        """Look in a document, and in what it wraps: a list, the answer to a list or query, a selection.

        What is inside another resource is left out: PowerShell prints an interface with a subnet whose lists
        are empty, whatever the subnet has. `row` says that Resource Graph answered.
        """
        if isinstance(value, dict) and isinstance(value.get("value"), list):
            value = value["value"]
        if isinstance(value, list):
            for one in value:
                self.look(one, row)
        if not isinstance(value, dict):
            return
        of_template = self._of_template(value)
        if of_template is not None:
            self._whole += of_template
        elif not self._take(value, row):
            if type_of(value):
                self.others.append(type_of(value))
            else:
                self._look_inside(value, row)

    def _look_inside(self, value: dict[str, Any], row: bool) -> None:
        row = row or ("data" in value and bool({"count", "totalRecords", "total_records"} & set(value)))
        for key, one in value.items():
            if key.casefold() == "content" and isinstance(one, str):
                one = parsed(one)  # the answer of ARM, as Invoke-AzRestMethod returns it
            self.look(_rows(one) if row else one, row)

    def _take(self, one: dict[str, Any], row: bool) -> bool:
        """Whether an object is a resource, or a part of one."""
        body, shape = in_arm_shape(one)
        part = PARTS.get(type_of(body))
        if part is not None:
            return self._take_part(*part, body, shape)
        resource = _checked(
            body, "Resource Graph" if row or {"tenantId", "subscriptionId"} <= set(one) else shape
        )
        if resource is None or (resource.kind == "subnet" and _is_stub(one)):
            return False
        self._whole.append(resource)
        return True

    def _take_part(self, kind: str, part: str, body: dict[str, Any], shape: Shape) -> bool:
        if not body.get("name") or not any(mark in body["properties"] for mark in MARKS[part]):
            return False
        if part == "connections":
            body = _with_kind(body)
        around = _around(body)
        held = self._parts.setdefault(
            around.casefold(), ImportedResource(kind, {"id": around, "properties": {}}, shape)
        )
        held.body["properties"].setdefault(part, []).append(body)
        return True


def _with_kind(connection: dict[str, Any]) -> dict[str, Any]:
    """`az … vnet-integration list` leaves out `isSwift`: a regional connection names a subnet."""
    properties = connection["properties"]
    named = {"id": properties["vnetResourceId"]}
    return {**connection, "properties": {"isSwift": type_of(named) == SUBNETS, **properties}}


def is_complete(kind: str, body: dict[str, Any]) -> bool:
    """Whether a body is as Azure answers it, and not a selection of its fields or the beginning of a text.

    `type` is the last field of a subnet that az prints, and `virtualNetworkPeerings` that of a network.
    """
    if KINDS.get(str(body.get("type")).casefold()) != kind:
        return False
    if kind not in ("subnet", "vnet"):
        return bool(body.get("name"))
    properties = body.get("properties")
    needed = {"provisioningState"} | ({"virtualNetworkPeerings"} if kind == "vnet" else set())
    whole = isinstance(properties, dict) and needed <= set(properties)
    return whole and bool(body.get("name") and body.get("etag"))


def _rows(data: Any) -> Any:
    """The rows of Resource Graph, which it answers as objects or as a table."""
    if not isinstance(data, dict) or not isinstance(data.get("rows"), list):
        return data
    columns = data.get("columns")
    names = (
        [str(one.get("name")) for one in columns if isinstance(one, dict)]
        if isinstance(columns, list)
        else []
    )
    return [dict(zip(names, one, strict=False)) for one in data["rows"] if isinstance(one, list)]


def _is_stub(one: dict[str, Any]) -> bool:
    """Whether it is PowerShell's reference to a subnet: its lists are empty, whatever the subnet has."""
    return "Id" in one and not one.get("Name")


def _checked(body: dict[str, Any], shape: Shape) -> ImportedResource | None:
    if not isinstance(body.get("id"), str):
        return _without_id(body, shape)
    kind = KINDS.get(type_of(body))
    if kind is None or not any(mark in body["properties"] for mark in MARKS[kind]):
        return None
    complete = shape != "PowerShell" and is_complete(kind, body)
    return ImportedResource(kind, body, shape, complete)


def _without_id(body: dict[str, Any], shape: Shape) -> ImportedResource | None:
    """A subnet that was saved without its id: its links name it, else its name alone does."""
    properties = body["properties"]
    parts = [one for key in _OF_SUBNET if isinstance(properties.get(key), list) for one in properties[key]]
    named = next((one for one in parts if isinstance(one, dict) and type_of(one) in PARTS), None)
    if named is not None:
        return ImportedResource("subnet", {**body, "id": _around(named)}, shape)
    name = body.get("name")
    if not isinstance(name, str) or not any(isinstance(properties.get(key), list) for key in _OF_SUBNET):
        return None
    return ImportedResource("subnet", body, shape, path=(("virtualNetworks", None), ("subnets", name)))


def _around(part: dict[str, Any]) -> str:
    """The id of what something is a part of."""
    named = part.get("id", part.get("Id"))
    return str(named).rpartition("/")[0].rpartition("/")[0]
