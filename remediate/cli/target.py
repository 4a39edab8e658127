"""TARGET: an ARM id, a portal address, group and name, or a bare name that is unique."""

from __future__ import annotations

import difflib

from remediate import ids
from remediate.azure import discover
from remediate.cli.desk import Desk
from remediate.errors import NotFound, UsageError


def resolve(desk: Desk, target: str | None, group: str | None, name: str | None, slot: str | None) -> str:
    """The ARM id that is meant. Raises UsageError, with the candidates where several are."""
    _check_given(target, group, name, slot)
    if target and (group or name):
        raise UsageError("name the app either as TARGET or with -g and -n")
    if target and "/subscriptions/" in target.casefold().replace("%2f", "/"):
        return _app_id(target, slot)
    if group and name:
        return _checked(ids.app(desk.subscription, group, name, slot))
    if group:
        raise UsageError("-g needs -n NAME")
    wanted = target or name
    if not wanted:
        raise UsageError(
            "which app? pass its name, its id, its portal address, or -g GROUP -n NAME",
            hint="remediate without arguments lets you choose",
        )
    return _unique(desk, f"{wanted}/{slot}" if slot else wanted)


def _check_given(target: str | None, group: str | None, name: str | None, slot: str | None) -> None:
    """A script whose variable is empty means a slot or a group, not the app beside it. Raises UsageError."""
    for flag, value in (("TARGET", target), ("-g", group), ("-n", name), ("-s", slot)):
        if value is not None and not value.strip():
            raise UsageError(f"{flag} is empty", hint="a variable that is not set?")
    if target and target.rstrip("/").casefold().endswith("/slots"):
        raise UsageError("TARGET ends before the name of the slot", hint="a variable that is not set?")


def subnet_id(text: str | None) -> str | None:
    """A subnet's id as given with --subnet. Raises UsageError."""
    if text is None:
        return None
    try:
        found = ids.from_address(text)
        ids.vnet_of(found)
    except ids.InvalidId as error:
        raise UsageError(f"--subnet: {error}") from error
    return found


def _app_id(text: str, slot: str | None) -> str:
    parsed = ids.parse(ids.from_address(text))
    site = parsed.named("sites")
    if (parsed.namespace or "").casefold() != "microsoft.web" or site is None or parsed.group is None:
        raise UsageError(f"not an app or a slot: {text[:200]!r}")
    named = parsed.named("slots")
    if slot and named and slot.casefold() != named.casefold():
        raise UsageError(f"TARGET is the slot {named!r}, and -s names {slot!r}: leave one out")
    return ids.app(parsed.subscription, parsed.group, site, slot or named)


def _checked(text: str) -> str:
    return str(ids.parse(text))


def _unique(desk: Desk, name: str) -> str:
    found = discover.by_name(desk.session, desk.subscription, name)
    if len(found) == 1:
        return found[0]
    if found:
        raise UsageError(f"{len(found)} apps are called {name!r}", hint=f"one of: {', '.join(found[:10])}")
    raise NotFound(f"no app in the subscription is called {name[:80]!r}", hint=_nearest(desk, name))


def _nearest(desk: Desk, name: str) -> str:
    close = difflib.get_close_matches(name, discover.names(desk.session, desk.subscription), n=3, cutoff=0.5)
    return f"did you mean {', '.join(close)}?" if close else "remediate without arguments lists them all"
