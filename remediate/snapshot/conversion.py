"""The output of another tool as a snapshot of an app; what the output does not contain is left out."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from typing import Any

from msgspec.structs import replace

from remediate import ids
from remediate.model import Document, Integration, Snapshot
from remediate.snapshot import Origin
from remediate.snapshot.decoding import Unrecognised
from remediate.snapshot.expressions import GROUP
from remediate.snapshot.facts import facts_of, path_of
from remediate.snapshot.resources import ImportedResource, Path, is_complete
from remediate.snapshot.secrets import redact_documents
from remediate.snapshot.shapes import unreadable_properties


def convert(
    resources: tuple[ImportedResource, ...],
    seen: Integration,
    subnet: str | None,
    label: str,
    at: datetime,
    origin: Origin,
) -> Snapshot:
    """The resources of a file as a snapshot of an app; `subnet` selects one if the file has several.

    Raises Unrecognised for a file about other resources.
    """
    wanted = _Wanted(seen, subnet)
    taken = wanted.resources(resources)
    found = redact_documents(_document(one) for one in taken)
    incomplete = {one.kind for one in taken if not one.complete}
    facts, unread = facts_of(found, seen.target.id, wanted.subnet, incomplete=incomplete)
    lost = dict.fromkeys(_lost(found), "truncated or not recognised")
    return Snapshot(
        label=label,
        target=seen.target.id,
        subnet=wanted.subnet,
        at=at,
        healthy=None,
        findings=(),
        facts={path: value for path, value in facts.items() if path not in lost},
        unread=unread | lost,
        documents=found,
        source=_source(taken),
        who=origin.who,
        tool=origin.tool,
        cloud=origin.cloud,
        arm=origin.arm,
    )


def _lost(documents: tuple[Document, ...]) -> Iterator[str]:
    """The paths of the facts whose value in the file cannot be read."""
    for one in documents:
        for key in unreadable_properties(one.body) if isinstance(one.body, dict) else ():
            yield path_of(one.what, key)


def _document(one: ImportedResource) -> Document:
    """The document of a resource; that of the connections is a list, as Azure answers it."""
    body = one.body["properties"]["connections"] if one.kind == "connections" else one.body
    return Document(one.kind, str(one.body["id"]), "found", body)


class _Wanted:
    """The part of a file that is about one app."""

    def __init__(self, seen: Integration, subnet: str | None) -> None:
        self._seen = seen
        self.subnet = subnet or seen.subnet_id

    def resources(self, resources: tuple[ImportedResource, ...]) -> list[ImportedResource]:
        """The first resource about the app for each part. Raises Unrecognised if there is none."""
        identified = [one for resource in resources if (one := self._identified(resource, resources))]
        found: dict[str, ImportedResource] = {}
        for one in identified:
            if self._is_ours(one.kind, one.body):
                found.setdefault(one.kind, one)
        held = self._subnet_in(identified)
        if held is not None:
            self.subnet = str(held.body["id"])
            found["subnet"] = held
            found = {key: one for key, one in found.items() if key != "vnet" or self._around(one.body)}
        if not found:
            raise Unrecognised(self._elsewhere(resources))
        return list(found.values())

    def _identified(
        self, one: ImportedResource, among: tuple[ImportedResource, ...]
    ) -> ImportedResource | None:
        """The resource with an id: one without is known by its names, if no other of the file fits them."""
        if not one.path:
            return one
        named = next((known for known in self._known_ids() if _fits(one.path, known)), None)
        if named is None or _is_ambiguous(one, [other for other in among if _fits(other.path, named)]):
            return None
        return replace(one, body={"id": named, **_placed(one.body, ids.group_of(named))})

    def _known_ids(self) -> Iterator[str]:
        """The ids that names are matched with."""
        yield self._seen.target.id
        yield from (one for one in (self._seen.target.plan, self.subnet) if one)
        if self.subnet is not None:
            yield ids.vnet_of(self.subnet)

    def _is_ours(self, kind: str, body: dict[str, Any]) -> bool:
        named = str(body["id"])
        if kind in ("site", "connections"):
            return ids.same(named, self._seen.target.id)
        if kind == "networkConfig":
            return ids.same(named.rpartition("/")[0].rpartition("/")[0], self._seen.target.id)
        if kind == "plan":
            return ids.same(named, self._seen.target.plan)
        return kind == "vnet" and (self.subnet is None or ids.within(self.subnet, named))

    def _around(self, vnet: Any) -> bool:
        return self.subnet is not None and ids.within(self.subnet, str(vnet["id"]))

    def _subnet_in(self, resources: list[ImportedResource]) -> ImportedResource | None:
        """The selected subnet; if no view names one, the only one or the one whose link names the plan."""
        subnets = list(_subnets(resources))
        if self.subnet is not None:
            return next((one for one in subnets if ids.same(str(one.body["id"]), self.subnet)), None)
        distinct = list({str(one.body["id"]).casefold(): one for one in reversed(subnets)}.values())
        linked = [one for one in distinct if self._is_linked(one.body)]
        candidates = linked or distinct
        if len(candidates) > 1:
            raise Unrecognised(
                f"it holds {len(candidates)} subnets, and the app is connected to none of them: "
                "pass --subnet ID to `snapshot import`"
            )
        return candidates[0] if candidates else None

    def _is_linked(self, subnet: dict[str, Any]) -> bool:
        document = Document("subnet", str(subnet["id"]), "found", subnet)
        facts, _ = facts_of([document], "", None)
        links = facts.get("subnet.serviceAssociationLinks", {}).values()
        return any(ids.same(str(link["link"]), self._seen.target.plan) for link in links)

    def _elsewhere(self, resources: tuple[ImportedResource, ...]) -> str:
        names = sorted({_called(one) for one in resources})
        more = f" and {len(names) - 1} more" if len(names) > 1 else ""
        about = f"it is about {names[0][:300]}{more}"
        subnet = f" or its subnet {self.subnet}" if self.subnet else ""
        return f"{about}, and not about {self._seen.target.name}{subnet}"


def _is_ambiguous(one: ImportedResource, fitting: list[ImportedResource]) -> bool:
    """Whether names that are not known leave several to choose from.

    An exported template has a subnet twice: inside its network, and as a resource of its own.
    """
    if all(name is not None for _, name in one.path):
        return False
    if one.shape == "ARM template":
        return any(other.path != one.path for other in fitting)
    return len(fitting) > 1


def _fits(path: Path, identifier: str) -> bool:
    """Whether the types and names of a path are those of an id; a name that is not known fits any."""
    whole = ids.parse(identifier).path
    return len(path) == len(whole) and all(
        kind.casefold() == other.casefold() and (name is None or name.casefold() == held.casefold())
        for (kind, name), (other, held) in zip(path, whole, strict=True)
    )


def _placed(value: Any, group: str) -> Any:
    """The value with the resource group in the ids that a template makes from names."""
    if isinstance(value, dict):
        return {key: _placed(one, group) for key, one in value.items()}
    if isinstance(value, list):
        return [_placed(one, group) for one in value]
    return value.replace(GROUP, group) if isinstance(value, str) else value


def _called(one: ImportedResource) -> str:
    return str(one.body["id"]) if not one.path else "/".join(name or "?" for _, name in one.path)


def _subnets(resources: list[ImportedResource]) -> Iterator[ImportedResource]:
    """Every subnet in the file, also those inside a network."""
    yield from (one for one in resources if one.kind == "subnet")
    for network in (one for one in resources if one.kind == "vnet"):
        inner = network.body["properties"].get("subnets")
        for one in inner if isinstance(inner, list) else []:
            if isinstance(one, dict) and _is_whole(one) and not _is_reference(one, network.shape):
                complete = network.shape != "PowerShell" and is_complete("subnet", one)
                yield ImportedResource("subnet", one, network.shape, complete)


def _is_whole(subnet: dict[str, Any]) -> bool:
    return isinstance(subnet.get("id"), str) and isinstance(subnet.get("properties"), dict)


def _is_reference(subnet: dict[str, Any], shape: str) -> bool:
    """PowerShell prints a reference to a subnet with empty lists, whatever the subnet has."""
    return shape == "PowerShell" and not subnet.get("name")


def _source(taken: list[ImportedResource]) -> str:
    shapes = dict.fromkeys("raw ARM" if one.shape == "ARM" else one.shape for one in taken)
    return f"{', '.join(shapes)}: {', '.join(one.kind for one in taken)}"
