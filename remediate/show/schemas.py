"""The JSON Schemas of the documents, made from the model that the documents are made from."""

from __future__ import annotations

from typing import Any

import msgspec

from remediate.model import (
    Difference,
    Doctor,
    ErrorReport,
    Explained,
    Guard,
    Run,
    Snapshot,
    Verification,
    Watched,
)
from remediate.show.lists import (
    CapturedWorld,
    PlaybookCheck,
    PlaybookDocument,
    PlaybookList,
    PrunedRuns,
    RunJournal,
    RunList,
    ScenarioList,
    SnapshotList,
    WorldCheck,
)

_DOCUMENTS: dict[str, type[msgspec.Struct]] = {
    "remediate.verify-1": Verification,
    "remediate.run-1": Run,
    "remediate.guard-1": Guard,
    "remediate.snapshot-1": Snapshot,
    "remediate.diff-1": Difference,
    "remediate.watch-1": Watched,
    "remediate.doctor-1": Doctor,
    "remediate.error-1": ErrorReport,
    "remediate.explain-1": Explained,
    "remediate.runs-1": RunList,
    "remediate.prune-1": PrunedRuns,
    "remediate.journal-1": RunJournal,
    "remediate.snapshots-1": SnapshotList,
    "remediate.playbooks-1": PlaybookList,
    "remediate.playbook-1": PlaybookDocument,
    "remediate.playbook-check-1": PlaybookCheck,
    "remediate.scenarios-1": ScenarioList,
    "remediate.world-check-1": WorldCheck,
    "remediate.capture-1": CapturedWorld,
}
_DIALECT = "https://json-schema.org/draft/2020-12/schema"


def schemas() -> dict[str, dict[str, Any]]:
    """Name (as a file would be called, `remediate.run-1`) to JSON Schema, draft 2020-12."""
    return {name: _schema(name, document) for name, document in _DOCUMENTS.items()}


def _schema(name: str, document: type[msgspec.Struct]) -> dict[str, Any]:
    made = msgspec.json.schema(document)
    definitions = made["$defs"]
    top = definitions.pop(document.__name__)
    # Every document is written with all its fields, also those that have a default in the model.
    top["required"] = sorted(top["properties"])
    return {"$schema": _DIALECT, **top, "title": name, "$defs": definitions}
