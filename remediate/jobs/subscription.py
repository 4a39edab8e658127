"""Which subscription a command works in, and which there are to choose from."""

from __future__ import annotations

import re

from msgspec import Struct

from remediate.azure import fields
from remediate.azure.discover import listing
from remediate.azure.documents import SUBSCRIPTIONS_API
from remediate.azure.session import Session
from remediate.errors import NotFound
from remediate.model.failure import RequestFailed

SHOWN = 10
"""How many subscriptions an error lists."""
_ID = re.compile(r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}", re.IGNORECASE)
_STOPS = frozenset({"unreachable", "unauthenticated"})
"""Failures after which no other read would be answered."""
_UNKNOWN = frozenset({"not-visible", "absent", "unproved", "refused"})


class VisibleSubscription(Struct, frozen=True):
    """A subscription that the account sees."""

    id: str
    name: str

    def __str__(self) -> str:
        return f"{self.name} ({self.id})" if self.name and self.name != self.id else self.id


class UnknownSubscription(NotFound):
    """A subscription that is not found or not visible; `visible` are those that are there."""

    def __init__(self, given: str, visible: tuple[VisibleSubscription, ...] | None) -> None:
        message = f"the subscription {given[:80]!r} is not found or not visible to this account"
        super().__init__(message, hint=_offer(visible))
        self.given = given
        self.visible = visible or ()


def _offer(visible: tuple[VisibleSubscription, ...] | None) -> str:
    """What to do, with the subscriptions that are there."""
    if visible is None:
        return "which subscriptions there are could not be read; try again in a minute"
    if not visible:
        return "this account sees no subscription: sign in to another tenant, `az login --tenant TENANT_ID`"
    named = "; ".join(str(one) for one in visible[:SHOWN])
    more = f"; and {len(visible) - SHOWN} more" if len(visible) > SHOWN else ""
    return f"pass --subscription with one of these: {named}{more}"


def visible_subscriptions(session: Session) -> tuple[VisibleSubscription, ...]:
    """Every subscription that the account sees, by name. Raises RequestFailed."""
    found = []
    for one in listing(session, f"/subscriptions?api-version={SUBSCRIPTIONS_API}"):
        row = fields.mapping(one)
        id_ = str(row.get("subscriptionId") or "")
        found.append(VisibleSubscription(id_, str(row.get("displayName") or id_)))
    return tuple(sorted(found, key=lambda one: (one.name.casefold(), one.id)))


def find_subscription(session: Session, given: str) -> VisibleSubscription:
    """The subscription of an id or a name. One whose name may not be read is called by its id.

    Raises UnknownSubscription, and RequestFailed where Azure cannot be reached.
    """
    if not _ID.fullmatch(given):
        return _by_name(session, given)
    try:
        answer = session.ask("GET", f"/subscriptions/{given}?api-version={SUBSCRIPTIONS_API}")
        return VisibleSubscription(given, str(answer["displayName"]))
    except RequestFailed as failure:
        if failure.kind in _STOPS or (failure.kind == "unreadable" and failure.hint):
            raise  # a web page that stands in the place of Azure has a hint
        if failure.kind in _UNKNOWN:
            return _listed(session, given, failure)
    except (KeyError, TypeError):
        pass
    return VisibleSubscription(given, given)


def _listed(session: Session, given: str, failure: RequestFailed) -> VisibleSubscription:
    """A subscription whose own read says that it is not there: the list of all may say otherwise."""
    visible = _those_there(session)
    listed = [one for one in visible or () if one.id.casefold() == given.casefold()]
    if not listed:
        raise UnknownSubscription(given, visible) from failure
    return listed[0]


def _by_name(session: Session, given: str) -> VisibleSubscription:
    """Raises UnknownSubscription also where several are called so."""
    visible = visible_subscriptions(session)
    named = [one for one in visible if given.casefold() in (one.id.casefold(), one.name.casefold())]
    if len(named) != 1:
        raise UnknownSubscription(given, tuple(named) or visible)
    return named[0]


def _those_there(session: Session) -> tuple[VisibleSubscription, ...] | None:
    """Every subscription that the account sees; None where that could not be read."""
    try:
        return visible_subscriptions(session)
    except RequestFailed:
        return None
