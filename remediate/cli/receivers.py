"""Who is told what `watch` finds: what each of them knows is kept between commands, until it is delivered."""

from __future__ import annotations

from msgspec.structs import replace

from remediate.cli.desk import Desk
from remediate.cli.webhook import post
from remediate.model import Snapshot, Watched
from remediate.show.console import warn
from remediate.show.documents import in_line
from remediate.snapshot.events import carried, looked, moved
from remediate.state.notices import Notices, Receipt, receiver_of
from remediate.state.store import StoreError

_MOST = 20
"""Events that are kept for a receiver who takes none; the oldest ones are dropped first."""


class Receiver:
    """What a receiver knows of each app. A store that fails is reported, and ends nothing."""

    def __init__(self, desk: Desk, name: str) -> None:
        self._desk = desk
        self._notices = Notices(desk.store, desk.session.cloud.arm, name)
        self._receipts: dict[str, Receipt] = {}

    def known(self, app: str) -> Receipt:
        """What the receiver knows of an app."""
        if app not in self._receipts:
            try:
                self._receipts[app] = self._notices.find(app)
            except StoreError as error:
                warn(self._desk.look.err, f"{error}; this counts as the first look")
                self._receipts[app] = Receipt()
        return self._receipts[app]

    def keep(self, app: str, receipt: Receipt) -> None:
        """Keep what the receiver knows of an app, where that is different."""
        if receipt == self.known(app):
            return
        self._receipts[app] = receipt
        try:
            self._notices.save(app, receipt)
        except StoreError as error:
            warn(self._desk.look.err, f"{error}; what was told is not kept")

    def keep_failing(self, app: str, *, failing: bool) -> None:
        """Keep whether the last look at an app failed."""
        self.keep(app, replace(self.known(app), failing=failing))


class Webhook(Receiver):
    """The address that `--notify` names. An event is posted until it is taken, and then not again."""

    def __init__(self, desk: Desk, url: str) -> None:
        super().__init__(desk, receiver_of(url))
        self._url = url

    def add_look(self, app: str, now: Snapshot, latest: Snapshot | None, label: str | None) -> None:
        """Compare a look with the last one of this receiver, for the first time with the latest of any."""
        known = self.known(app)
        before = known.seen or latest
        event = looked(now, before, label, failing=known.failing)
        calm = event.event == "same" or (event.event == "first" and event.healthy)
        seen = replace(carried(before, now), documents=()) if moved(before, now) else known.seen
        pending = known.pending if calm else _with(known.pending, event)
        self.keep(app, Receipt(seen or _bare(before), failing=False, pending=pending))

    def add_failure(self, app: str, event: Watched) -> None:
        """A failure is posted once, until a look works again."""
        known = self.known(app)
        if not known.failing:
            self.keep(app, replace(known, failing=True, pending=_with(known.pending, event)))

    def deliver(self, app: str) -> bool:
        """Post what is pending for an app, the oldest event first; whether somebody answers there."""
        for event in self.known(app).pending:
            undelivered = post(self._url, in_line(event).encode())
            if undelivered is None:
                left = tuple(one for one in self.known(app).pending if one is not event)
                self.keep(app, replace(self.known(app), pending=left))
                continue
            warn(self._desk.look.err, undelivered.why)
            if not undelivered.answered:
                return False
        return True


def _with(pending: tuple[Watched, ...], event: Watched) -> tuple[Watched, ...]:
    return (*pending, event)[-_MOST:]


def _bare(snapshot: Snapshot | None) -> Snapshot | None:
    """Without the documents: a comparison needs none."""
    return replace(snapshot, documents=()) if snapshot else None
