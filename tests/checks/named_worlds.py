"""Worlds by name, for each kind of question: what is said about each stands whole in `expected/`."""

from __future__ import annotations

from .worlds import Case
from .worlds_of_apps import change_worlds, look_worlds
from .worlds_of_deletions import delete_worlds, leave_worlds, purge_worlds
from .worlds_of_probes import probe_worlds


def named_worlds() -> dict[str, dict[str, Case]]:
    """All of them, by the kind of the question."""
    return {
        "look": look_worlds(),
        "change": change_worlds(),
        "purge": purge_worlds(),
        "delete": delete_worlds(),
        "leave": leave_worlds(),
        "probe": probe_worlds(),
    }
