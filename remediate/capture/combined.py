"""Several Worlds that were read for several questions → one that holds everything."""

from __future__ import annotations

from collections.abc import Iterable

from remediate.model import Resource, World


def combined(worlds: Iterable[World]) -> World:
    """Everything that was read, the newest read of each; one of a resource by itself counts before a list."""
    whole = World()
    for one in worlds:
        whole = World(
            resources=_resources(whole.resources, one.resources),
            listings=whole.listings | one.listings,
            network_configs=whole.network_configs | one.network_configs,
            connections=whole.connections | one.connections,
            cached=whole.cached | one.cached,
            locks=tuple(dict.fromkeys((*whole.locks, *one.locks))),
            permissions=whole.permissions | one.permissions,
            deny_assignments=whole.deny_assignments | one.deny_assignments,
            registrations=whole.registrations | one.registrations,
            documents=(*whole.documents, *one.documents),
        )
    return whole


def _resources(before: dict[str, Resource], after: dict[str, Resource]) -> dict[str, Resource]:
    kept = {id_: one for id_, one in before.items() if not one.listed and id_ in after and after[id_].listed}
    return before | after | kept
