"""What the arguments name: an app, a subnet, or a resource that is to be deleted."""

from __future__ import annotations

import difflib

from remediate import ids
from remediate.azure import discover
from remediate.errors import NotFound, UsageError
from remediate.jobs.context import CommandContext
from remediate.model import deletable

_UNSET = "a variable that is not set?"
_DELETABLE = "an app, a slot, a plan, a subnet, a virtual network or a resource group"


def resolve_app(
    context: CommandContext, target: str | None, group: str | None, name: str | None, slot: str | None
) -> str:
    """The ARM id of the app. Raises UsageError, with the candidates if several have the name."""
    _check_given(target, group, name, slot)
    if target and (group or name):
        raise UsageError("name the app either as TARGET or with -g and -n")
    if target and "/subscriptions/" in target.casefold().replace("%2f", "/"):
        return _app_id(target, slot)
    if group and name:
        return str(ids.parse(ids.app(context.subscription, group, name, slot)))
    if group:
        raise UsageError("-g needs -n NAME")
    wanted = target or name
    if not wanted:
        raise UsageError(
            "which app? pass its name, its id, its portal address, or -g GROUP -n NAME",
            hint="remediate without arguments lets you choose",
        )
    return _by_name(context, f"{wanted}/{slot}" if slot else wanted)


def _check_given(target: str | None, group: str | None, name: str | None, slot: str | None) -> None:
    """Refuse an empty value: a script with an unset variable means another app than this would find."""
    for flag, value in (("TARGET", target), ("-g", group), ("-n", name), ("-s", slot)):
        if value is not None and not value.strip():
            raise UsageError(f"{flag} is empty", hint=_UNSET)
    if target and target.rstrip("/").casefold().endswith("/slots"):
        raise UsageError("TARGET ends before the name of the slot", hint=_UNSET)


def _app_id(text: str, slot: str | None) -> str:
    parsed = ids.parse(ids.from_address(text))
    site = parsed.named("sites")
    if (parsed.namespace or "").casefold() != "microsoft.web" or site is None or parsed.group is None:
        raise UsageError(f"not an app or a slot: {text[:200]!r}")
    named = parsed.named("slots")
    if slot and named and slot.casefold() != named.casefold():
        raise UsageError(f"TARGET is the slot {named!r}, and -s names {slot!r}: leave one out")
    return ids.app(parsed.subscription, parsed.group, site, slot or named)


def _by_name(context: CommandContext, name: str) -> str:
    found = discover.by_name(context.session, context.subscription, name)
    if len(found) == 1:
        return found[0]
    if found:
        raise UsageError(f"{len(found)} apps are called {name!r}", hint=f"one of: {', '.join(found[:10])}")
    raise NotFound(f"no app in the subscription is called {name[:80]!r}", hint=_nearest(context, name))


def _nearest(context: CommandContext, name: str) -> str:
    names = discover.names(context.session, context.subscription)
    close = difflib.get_close_matches(name, names, n=3, cutoff=0.5)
    return f"did you mean {', '.join(close)}?" if close else "remediate without arguments lists them all"


def subnet_option(text: str | None) -> str | None:
    """The subnet's id given with --subnet. Raises UsageError."""
    return None if text is None else _subnet_id("--subnet", text)


def subnet_argument(text: str) -> str:
    """The subnet's id given as SUBNET_ID. Raises UsageError."""
    if not text.strip():
        raise UsageError("SUBNET_ID is empty", hint=_UNSET)
    return _subnet_id("SUBNET_ID", text)


def _subnet_id(flag: str, text: str) -> str:
    try:
        found = ids.from_address(text)
        ids.vnet_of(found)
    except ids.InvalidId as error:
        raise UsageError(f"{flag}: {error}") from error
    return found


def deletable_argument(text: str | None) -> str:
    """The id of a resource that `guard` can assess. Raises UsageError."""
    if text is None:
        raise UsageError(
            f"before you delete what? pass the id of {_DELETABLE}",
            hint="remediate without arguments lets you choose",
        )
    if not text.strip():
        raise UsageError("RESOURCE_ID is empty", hint=_UNSET)
    _check_complete(text)
    try:
        found = ids.from_address(text)
        kind = deletable(found)
    except ids.InvalidId as error:
        raise UsageError(f"RESOURCE_ID: {error}") from error
    if kind is not None:
        return found
    if ids.parse(found).group is None:
        raise UsageError("a whole subscription is not assessed: guard its resource groups one by one")
    raise UsageError(f"not {_DELETABLE}: {found[:200]!r}")


def _check_complete(text: str) -> None:
    """Refuse an id that ends before a name: a script with an unset variable means one slot or subnet.

    The address of a portal page may end so: it is the page that lists them.
    """
    if text.strip().casefold().startswith("https://"):
        return
    for segment, what in (("/slots", "slot"), ("/subnets", "subnet")):
        if text.strip().rstrip("/").casefold().endswith(segment):
            raise UsageError(f"RESOURCE_ID ends before the name of the {what}", hint=_UNSET)
