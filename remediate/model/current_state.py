"""Where the apps of a run are now, as a run that is taken up again finds them."""

from __future__ import annotations

from typing import Literal

from msgspec import Struct

Where = Literal["connected", "disconnected", "elsewhere", "other-plan", "gone", "unclear"]
"""Where an app is: on the run's subnet, on none, on another, of another plan, deleted, or not to be told."""


class CurrentState(Struct, frozen=True):
    """How Azure is now: where each app of a run is, and whether the subnet is delegated.

    `found` holds the subnet or the plan of each app that is not where the run knows it. `subnet_gone` says
    that the subnet was deleted; `other_links` are the plans of others that its links name.
    """

    apps: dict[str, Where]
    delegated: bool
    found: dict[str, str] = {}
    subnet_gone: bool = False
    other_links: tuple[str, ...] = ()

    def may_be_off(self, app: str) -> bool:
        """Whether an app may be without its network: connecting it again does no harm if it is not."""
        return self.apps[app] in ("disconnected", "unclear")

    @property
    def may_be_connected(self) -> tuple[str, ...]:
        """The apps that may be connected still: disconnecting one that is not does no harm."""
        return tuple(app for app, where in self.apps.items() if where in ("connected", "unclear"))

    @property
    def lost(self) -> tuple[str, ...]:
        """The apps that somebody else deleted or moved: they are left alone."""
        lost = ("elsewhere", "other-plan", "gone")
        return tuple(app for app, where in self.apps.items() if where in lost)
