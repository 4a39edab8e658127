"""The receivers of the events of `watch`: console and webhook; their state is kept between commands."""

from __future__ import annotations

import ipaddress
import threading
from typing import Any, NamedTuple
from urllib.parse import urlsplit

import requests
from msgspec.structs import replace

from remediate import __version__
from remediate.errors import StoreError, UsageError
from remediate.jobs.context import CommandContext
from remediate.model import Snapshot, Watched
from remediate.show.console import warn
from remediate.show.documents import render_line
from remediate.signals import block_signals
from remediate.snapshot.events import assessment_event, is_changed, with_known_facts
from remediate.state.receivers import ReceiverState, ReceiverStates, webhook_name

LIMIT = 10.0
"""Seconds that the host has for its whole answer."""
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


class DeliveryError(NamedTuple):
    """Why a document was not delivered, in one line; `answered` says that the host is up."""

    message: str
    answered: bool = False


def check_webhook(url: str) -> str:
    """The address of --notify: HTTPS, or this machine. Raises UsageError."""
    try:
        parsed = urlsplit(url)
        parsed.port  # noqa: B018 - reading it is the check
    except ValueError as error:
        raise UsageError(f"--notify: not an address: {error}") from error
    if not parsed.hostname or parsed.username is not None or parsed.scheme not in ("http", "https"):
        raise UsageError(
            "--notify needs an address such as https://HOST/PATH, without a name or password in it"
        )
    if parsed.scheme == "http" and not _is_loopback(parsed.hostname):
        raise UsageError("--notify needs https:// for any host but this machine")
    return url


def post(url: str, document: bytes) -> DeliveryError | None:
    """Post a JSON document; return what went wrong, None when it was delivered.

    The path of the address is not printed: it is what keeps others from posting there.
    """
    results: list[DeliveryError | None] = []

    # A server that answers a byte now and then meets no timeout of a socket, so that is the longer one.
    def send() -> None:
        block_signals()
        results.append(_post(url, document))

    sending = threading.Thread(target=send, daemon=True)
    sending.start()
    sending.join(LIMIT)
    if results:
        return results[0]
    return DeliveryError(f"the webhook at {urlsplit(url).hostname} did not answer within {LIMIT:g} s")


def _post(url: str, document: bytes) -> DeliveryError | None:
    """Post through requests, as azure-core does: proxies and authorities come from the environment.

    The document is sent to this address only: a redirect is a failure.
    """
    host = urlsplit(url).hostname or ""
    headers = {"Content-Type": "application/json", "User-Agent": f"vnet-remediate/{__version__}"}
    options: dict[str, Any] = {"timeout": 2 * LIMIT, "allow_redirects": False, "stream": True}
    if _is_loopback(host):
        options["proxies"] = {"no_proxy": host}
    try:
        with requests.post(url, document, headers=headers, auth=_no_credentials, **options) as answer:
            status = answer.status_code
    except Exception as error:  # no answer of another server may end the watch
        return DeliveryError(f"the webhook at {host} could not be reached: {type(error).__name__}")
    return None if status < 300 else DeliveryError(f"the webhook at {host} answered {status}", answered=True)


def _no_credentials(request: Any) -> Any:
    """Without an `auth`, requests would send the password that a .netrc holds for the host."""
    return request


def _is_loopback(host: str) -> bool:
    if host.casefold() == "localhost":
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False
