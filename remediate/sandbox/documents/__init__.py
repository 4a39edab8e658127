"""What the simulated Azure says: resources as JSON documents, by api-version."""

from __future__ import annotations


def null(names: str) -> dict[str, None]:
    """Fields that Azure answers with null, from their names in one text."""
    return dict.fromkeys(names.split())
