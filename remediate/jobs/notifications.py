"""The receivers of the events of `watch`: console and webhook; their state is kept between commands."""

from __future__ import annotations

from msgspec.structs import replace

from remediate.errors import StoreError
from remediate.jobs.context import CommandContext
from remediate.jobs.webhook import post
from remediate.model import Snapshot, Watched
from remediate.show.console import warn
from remediate.show.documents import render_line
from remediate.snapshot.events import assessment_event, is_changed, with_known_facts
from remediate.state.receivers import ReceiverState, ReceiverStates, webhook_name

MOST_PENDING = 20
"""Undelivered events that are kept; the oldest ones are dropped first."""


class Receiver:
    """The state of one receiver for each app. A store that fails is reported, and ends nothing."""

    def __init__(self, context: CommandContext, name: str) -> None:
        self._context = context
        self._states = ReceiverStates(context.store, context.session.cloud.arm, name)
        self._known: dict[str, ReceiverState] = {}

    def known(self, app: str) -> ReceiverState:
        """What was delivered to the receiver about an app."""
        if app not in self._known:
            try:
                self._known[app] = self._states.find(app)
            except StoreError as error:
                warn(self._context.consoles.err, f"{error}; this counts as the first look")
                self._known[app] = ReceiverState()
        return self._known[app]

    def keep(self, app: str, state: ReceiverState) -> None:
        """Store the receiver's state of an app, if it changed."""
        if state == self.known(app):
            return
        self._known[app] = state
        try:
            self._states.save(app, state)
        except StoreError as error:
            warn(self._context.consoles.err, f"{error}; the receiver's state is not stored")

    def keep_failing(self, app: str, *, failing: bool) -> None:
        """Store whether the last assessment of an app failed."""
        self.keep(app, replace(self.known(app), failing=failing))


class Webhook(Receiver):
    """The address of `--notify`. An event is posted until it is delivered, and then not again."""

    def __init__(self, context: CommandContext, url: str) -> None:
        super().__init__(context, webhook_name(url))
        self._url = url

    def add_assessment(self, app: str, now: Snapshot, latest: Snapshot | None, label: str | None) -> None:
        """Compare a snapshot with the last one of this receiver; the first time with the latest kept."""
        known = self.known(app)
        before = known.seen or latest
        event = assessment_event(now, before, label, failing=known.failing)
        calm = event.event == "same" or (event.event == "first" and event.healthy)
        seen = replace(with_known_facts(before, now), documents=()) if is_changed(before, now) else known.seen
        pending = known.pending if calm else _appended(known.pending, event)
        self.keep(app, ReceiverState(seen or _without_documents(before), failing=False, pending=pending))

    def add_failure(self, app: str, event: Watched) -> None:
        """A failure is posted once, until an assessment succeeds again."""
        known = self.known(app)
        if not known.failing:
            self.keep(app, replace(known, failing=True, pending=_appended(known.pending, event)))

    def deliver(self, app: str) -> bool:
        """Post the pending events of an app, the oldest first; return whether the host answers."""
        for event in self.known(app).pending:
            error = post(self._url, render_line(event).encode())
            if error is None:
                left = tuple(one for one in self.known(app).pending if one is not event)
                self.keep(app, replace(self.known(app), pending=left))
                continue
            warn(self._context.consoles.err, error.message)
            if not error.answered:
                return False
        return True


def _appended(pending: tuple[Watched, ...], event: Watched) -> tuple[Watched, ...]:
    return (*pending, event)[-MOST_PENDING:]


def _without_documents(snapshot: Snapshot | None) -> Snapshot | None:
    """The snapshot without its documents, which a comparison does not need."""
    return replace(snapshot, documents=()) if snapshot else None
