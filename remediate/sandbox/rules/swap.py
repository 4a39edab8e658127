"""Swapping two slots of an app: the integration stays with the slot (azure-facts.md, 2 and 4)."""

from __future__ import annotations

from contextlib import ExitStack
from datetime import UTC, datetime

from remediate.sandbox.resources import Site
from remediate.sandbox.rules.connect import disconnect
from remediate.sandbox.world import World

PRODUCTION = "Production"
"""What a site's body calls the app itself."""


def swap(world: World, source: Site, target: Site, *, preserve_vnet: bool) -> str:
    """Begin to swap two slots; returns the operation's name. Raises 429 where another write holds one.

    Without `preserve_vnet` the target loses its integration; that the source keeps its own is our
    choice [?].
    """
    held = ExitStack()
    for one in (source, target):
        held.enter_context(world.writing(one))

    def effect() -> None:
        with held:
            source.config, target.config = target.config, source.config
            if not preserve_vnet:
                disconnect(world, target)
            told = {
                "timestampUtc": f"{datetime.now(UTC):%Y-%m-%dT%H:%M:%S.%f}"[:-3] + "Z",
                "sourceSlotName": source.slot or PRODUCTION,
                "destinationSlotName": target.slot or PRODUCTION,
            }
            for one in (source, target):
                one.swapped = told
                one.touch()

    return world.carry_out(world.durations.connect, effect)
