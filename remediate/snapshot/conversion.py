"""The output of another tool as a snapshot of an app; what the output does not contain is left out."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from typing import Any

from remediate import ids
from remediate.model import Document, Integration, Snapshot
from remediate.snapshot import Origin
from remediate.snapshot.facts import facts_of, path_of
from remediate.snapshot.recognise import ImportedResource, Unrecognised, unreadable_properties
from remediate.snapshot.secrets import redact_documents

_TOOLS = {"ARM": "raw ARM", "az": "az", "PowerShell": "PowerShell"}


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
    found = redact_documents(wanted.documents(resources))
    complete = all(one.shape != "PowerShell" for one in resources)
    facts, unread = facts_of(found, seen.target.id, wanted.subnet, complete=complete)
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
        source=_source(resources, found),
        who=origin.who,
        tool=origin.tool,
        cloud=origin.cloud,
        arm=origin.arm,
    )


def _lost(documents: tuple[Document, ...]) -> Iterator[str]:
    """The paths of the facts whose value in the file cannot be read."""
    for one in documents:
        for key in unreadable_properties(one.body):
            yield path_of(one.what, key)


class _Wanted:
    """The part of a file that is about one app."""

    def __init__(self, seen: Integration, subnet: str | None) -> None:
        self._seen = seen
        self.subnet = subnet or seen.subnet_id

    def documents(self, resources: tuple[ImportedResource, ...]) -> list[Document]:
        """One document for each part. Raises Unrecognised if there is none."""
        found = {
            one.kind: _document(one.kind, one.body) for one in resources if self._is_ours(one.kind, one.body)
        }
        held = self._subnet_in(resources)
        if held is not None:
            self.subnet = str(held["id"])
            found["subnet"] = _document("subnet", held)
            found = {key: one for key, one in found.items() if key != "vnet" or self._around(one.body)}
        if not found:
            raise Unrecognised(self._elsewhere(resources))
        return list(found.values())

    def _is_ours(self, kind: str, body: dict[str, Any]) -> bool:
        named = str(body["id"])
        if kind == "site":
            return ids.same(named, self._seen.target.id)
        if kind == "networkConfig":
            return ids.same(named.rpartition("/")[0].rpartition("/")[0], self._seen.target.id)
        if kind == "plan":
            return ids.same(named, self._seen.target.plan)
        return kind == "vnet" and (self.subnet is None or ids.within(self.subnet, named))

    def _around(self, vnet: Any) -> bool:
        return self.subnet is not None and ids.within(self.subnet, str(vnet["id"]))

    def _subnet_in(self, resources: tuple[ImportedResource, ...]) -> dict[str, Any] | None:
        """The selected subnet; if no view names one, the only one or the one whose link names the plan."""
        subnets = list(_subnets(resources))
        if self.subnet is not None:
            return next((one for one in subnets if ids.same(str(one["id"]), self.subnet)), None)
        linked = [one for one in subnets if self._is_linked(one)]
        candidates = linked or subnets
        if len(candidates) > 1:
            raise Unrecognised(
                f"it holds {len(candidates)} subnets, and the app is connected to none of them: "
                "pass --subnet ID to `snapshot import`"
            )
        return candidates[0] if candidates else None

    def _is_linked(self, subnet: dict[str, Any]) -> bool:
        facts, _ = facts_of([_document("subnet", subnet)], "", None)
        links = facts.get("subnet.serviceAssociationLinks", {}).values()
        return any(ids.same(str(link["link"]), self._seen.target.plan) for link in links)

    def _elsewhere(self, resources: tuple[ImportedResource, ...]) -> str:
        names = sorted({str(one.body["id"]) for one in resources})
        more = f" and {len(names) - 1} more" if len(names) > 1 else ""
        about = f"it is about {names[0][:300]}{more}"
        subnet = f" or its subnet {self.subnet}" if self.subnet else ""
        return f"{about}, and not about {self._seen.target.name}{subnet}"


def _subnets(resources: tuple[ImportedResource, ...]) -> list[dict[str, Any]]:
    """Every subnet in the file, also those inside a network."""
    found = [one.body for one in resources if one.kind == "subnet"]
    for network in (one.body for one in resources if one.kind == "vnet"):
        inner = network["properties"].get("subnets")
        entries = inner if isinstance(inner, list) else []
        found += [one for one in entries if isinstance(one, dict) and _is_whole(one)]
    return found


def _is_whole(subnet: dict[str, Any]) -> bool:
    return isinstance(subnet.get("id"), str) and isinstance(subnet.get("properties"), dict)


def _document(kind: str, body: dict[str, Any]) -> Document:
    return Document(kind, str(body["id"]), "found", body)


def _source(resources: tuple[ImportedResource, ...], found: tuple[Document, ...]) -> str:
    shapes = dict.fromkeys(_TOOLS[one.shape] for one in resources)
    return f"{', '.join(shapes)}: {', '.join(one.what for one in found)}"
