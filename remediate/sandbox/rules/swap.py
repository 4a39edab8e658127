"""Swapping two slots of an app: the integration stays with the slot (azure-facts.md, 2 and 4)."""

from __future__ import annotations

from contextlib import ExitStack
from datetime import UTC, datetime

from remediate import ids
from remediate.sandbox.resources import Site
from remediate.sandbox.rules.connect import disconnect
from remediate.sandbox.world import World

PRODUCTION = "Production"
"""What a site's body calls the app itself."""
OVERRIDE = "WEBSITE_OVERRIDE_PRESERVE_DEFAULT_STICKY_SLOT_SETTINGS"
"""The setting that makes an integration go with a swap (azure-facts.md, 4)."""


def swap(world: World, source: Site, target: Site, *, preserve_vnet: bool) -> str:
    """Begin to swap two slots; returns the operation's name. Raises 429 where another write holds one.

    Without `preserve_vnet` the target loses its integration; that the source keeps its own is our
    choice [?]. With the setting `OVERRIDE` in both slots the integration is swapped too.
    """
    held = ExitStack()
    for one in (source, target):
        held.enter_context(world.writing(one))

    def effect() -> None:
        with held:
            source.config, target.config = target.config, source.config
            if all(one.settings.get(OVERRIDE, "").casefold() in ("0", "false") for one in (source, target)):
                _swap_integrations(source, target)
            _swap_settings(world.state.site(ids.production(source.id)), source, target)
            if not preserve_vnet:
                disconnect(world, target)
            _note_swap(source, target)

    return world.carry_out(world.durations.connect, effect)


def _note_swap(source: Site, target: Site) -> None:
    swapped = {
        "timestampUtc": f"{datetime.now(UTC):%Y-%m-%dT%H:%M:%S.%f}"[:-3] + "Z",
        "sourceSlotName": source.slot or PRODUCTION,
        "destinationSlotName": target.slot or PRODUCTION,
    }
    for one in (source, target):
        one.swapped = swapped
        one.touch()


def _swap_integrations(source: Site, target: Site) -> None:
    """Both slots are on one plan, whose links stay as they are: on each subnet there is an app as before."""
    for name in ("subnet", "network_config_lost", "addressed_from", "routing"):
        mine, others = getattr(source, name), getattr(target, name)
        setattr(source, name, others)
        setattr(target, name, mine)


def _swap_settings(app: Site, source: Site, target: Site) -> None:
    """Swap the settings but those that the app says stay with a slot."""
    kept = (app.slot_settings or {}).get("appSettingNames", [])
    mine, others = source.settings, target.settings
    for site, stays, comes in ((source, mine, others), (target, others, mine)):
        site.settings = {
            **{name: value for name, value in comes.items() if name not in kept},
            **{name: value for name, value in stays.items() if name in kept},
        }
