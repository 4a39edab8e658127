"""The looks of `watch`: each is compared with the one before, which the store keeps between commands."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from msgspec.structs import replace

from remediate.cli.desk import Desk
from remediate.cli.error import as_error
from remediate.cli.keeping import judged, shelf, snapshot_of
from remediate.cli.receivers import Receiver, Webhook
from remediate.cli.sight import Sight, look_at
from remediate.errors import Exit
from remediate.model import Snapshot, Watched
from remediate.show.console import warn
from remediate.snapshot.events import carried, failed, looked, moved
from remediate.state.notices import CONSOLE
from remediate.state.snapshots import LATEST, moment_label
from remediate.state.store import StoreError


class Look(NamedTuple):
    """What one look at an app came to; `news` says that it is not what the look before came to."""

    event: Watched
    news: bool


class Watch:
    """The apps that are watched, and how each of them was seen last."""

    def __init__(self, desk: Desk, apps: list[str], url: str | None = None) -> None:
        self._desk = desk
        self._apps = apps
        self._last: dict[str, Snapshot] = {}
        self._codes: dict[str, Exit] = {}
        self._console = Receiver(desk, CONSOLE)
        self._webhook = Webhook(desk, url) if url is not None else None

    @property
    def code(self) -> Exit:
        """The exit code of the last round: what went wrong, else what was found, else 0."""
        codes = self._codes.values()
        wrong = [one for one in codes if one not in (Exit.DONE, Exit.FOUND_SOMETHING)]
        return wrong[0] if wrong else max(codes)

    def round(self) -> Iterator[Look]:
        """One look at each app. A look that fails ends nothing; the webhook is told after the console."""
        reachable = True
        for app in self._apps:
            try:
                yield self._look(app)
            except Exception as error:
                told = as_error(error)
                self._codes[app] = told.exit
                yield self._failed(app, str(told))
            if self._webhook and reachable:
                reachable = self._webhook.deliver(app)

    def _look(self, app: str) -> Look:
        sight = look_at(self._desk, app)
        verification = judged(self._desk, sight)
        self._codes[app] = Exit.DONE if verification.healthy else Exit.FOUND_SOMETHING
        now, before = self._snapshot(sight), self._last.get(app) or self._kept(app)
        different = moved(before, now)
        label = self._keep_dated(now) if different else None
        event = looked(now, before, label, failing=self._console.known(app).failing)
        if self._webhook:
            # Before the look is kept as the latest: an event that was found is told, whatever happens.
            self._webhook.add_look(app, now, before, label)
        self._console.keep_failing(app, failing=False)
        self._last[app] = carried(before, now)
        if different:
            self._save(self._last[app])
        return Look(event, event.event != "same")

    def _failed(self, app: str, message: str) -> Look:
        event = failed(app, self._desk.session.clock.now(), message)
        news = not self._console.known(app).failing
        if self._webhook:
            self._webhook.add_failure(app, event)
        self._console.keep_failing(app, failing=True)
        return Look(event, news)

    def _snapshot(self, sight: Sight) -> Snapshot:
        return snapshot_of(self._desk, sight, LATEST)

    def _kept(self, app: str) -> Snapshot | None:
        """How the app was seen last by an earlier command."""
        try:
            return shelf(self._desk).find(app, LATEST)
        except StoreError as error:
            warn(self._desk.look.err, f"{error}; this counts as the first look")
            return None

    def _keep_dated(self, now: Snapshot) -> str | None:
        """Keep a look by its time; returns its label, None where it is not kept."""
        label = moment_label(now.at)
        kept = self._save(replace(now, label=label))
        return label if kept and not self._desk.options.passing else None

    def _save(self, snapshot: Snapshot) -> bool:
        try:
            shelf(self._desk).save(snapshot)
        except StoreError as error:
            warn(self._desk.look.err, f"{error}; this look is not kept")
            return False
        return True
