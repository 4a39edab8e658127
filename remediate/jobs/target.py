"""Which app the arguments name: by its id, in any text that holds it, or by its name."""

from __future__ import annotations

import difflib
from collections.abc import Callable, Iterable

from remediate import ids
from remediate.azure import discover
from remediate.errors import NotFound, UsageError
from remediate.jobs.app_names import remember_names
from remediate.jobs.context import CommandContext
from remediate.model.failure import RequestFailed
from remediate.show.commands import repeat_subscription

UNSET = "a variable that is not set?"
"""The hint for an argument that is empty, or ends too early."""


def resolve_app(
    context: CommandContext, target: str | None, group: str | None, name: str | None, slot: str | None
) -> str:
    """The ARM id of the app. Raises UsageError, with the candidates if several have the name."""
    _check_given(target, group, name, slot)
    if target and (group or name):
        raise UsageError("name the app either as TARGET or with -g and -n")
    if target and (identifier := held_id(context, "TARGET", target, _is_app)):
        return _by_id(context, _app_id(identifier, slot))
    if group and name:
        return str(ids.parse(ids.app(context.subscription, group, name, slot)))
    if group:
        raise UsageError("-g needs -n NAME")
    wanted = target or name
    if not wanted:
        raise UsageError(
            "which app? pass its name, its id, its portal address, or -g GROUP -n NAME",
            hint="`remediate` without arguments lets you choose",
        )
    return _by_name(context, f"{wanted}/{slot}" if slot else wanted)


def _check_given(target: str | None, group: str | None, name: str | None, slot: str | None) -> None:
    """Refuse an empty value: a script with an unset variable means another app than this would find."""
    for flag, value in (("TARGET", target), ("-g", group), ("-n", name), ("-s", slot)):
        if value is not None and not value.strip():
            raise UsageError(f"{flag} is empty", hint=UNSET)
    if target and target.rstrip("/").casefold().endswith("/slots"):
        raise UsageError("TARGET ends before the name of the slot", hint=UNSET)


def _app_id(text: str, slot: str | None) -> str:
    parsed = ids.parse(text)
    site = parsed.named("sites")
    if not _is_app(text) or site is None or parsed.group is None:
        hint = "name the app, and its subnet with --subnet" if parsed.named("subnets") else None
        raise UsageError(f"not an app or a slot: {text[:200]!r}", hint=hint)
    named = parsed.named("slots")
    if slot and named and slot.casefold() != named.casefold():
        raise UsageError(f"TARGET is the slot {named!r}, and -s names {slot!r}: leave one out")
    return ids.app(parsed.subscription, parsed.group, site, slot or named)


def _by_id(context: CommandContext, app: str) -> str:
    """The id. Commands that are printed name the app, and a name is looked for in one subscription."""
    subscription = ids.parse(app).subscription
    if subscription.casefold() != (context.default_subscription or "").casefold():
        repeat_subscription(subscription)
    return app


def _by_name(context: CommandContext, name: str) -> str:
    found = discover.by_name(context.session, context.subscription, name)
    if len(found) == 1:
        remember_names(context, [ids.app_name(found[0])])
        return found[0]
    if found:
        raise UsageError(f"{len(found)} apps are called {name!r}", hint=f"one of: {', '.join(found[:10])}")
    message = f"no app that the account can see in the subscription is called {name[:80]!r}"
    raise NotFound(message, hint=_nearest(context, name))


def held_id(
    context: CommandContext, flag: str, text: str, fits: Callable[[str], bool] = lambda _: True
) -> str | None:
    """The one id in an argument, None where it holds none. Raises UsageError for several.

    An error message may name a plan beside the subnet that is meant: where only one id `fits`, it is that.
    An id without its subscription is completed with the one that is searched.
    """
    held = ids.ids_in(text)
    found = fitting(held, fits) or held
    if len(found) > 1:
        raise UsageError(f"{flag} holds several ids", hint=f"pass one of: {', '.join(found[:10])}")
    if found:
        return found[0]
    short = ids.short_id_in(text)
    return ids.from_address(f"/subscriptions/{context.subscription}/{short}") if short else None


def fitting(held: Iterable[str], fits: Callable[[str], bool]) -> tuple[str, ...]:
    """Those of some ids that fit."""
    return tuple(one for one in held if fits(one))


def _is_app(text: str) -> bool:
    parsed = ids.parse(text)
    return (parsed.namespace or "").casefold() == "microsoft.web" and parsed.named("sites") is not None


def nearest_id(context: CommandContext, app: str) -> str | None:
    """A hint for the id of an app that is not there: its name in another group, or a name nearly like it.

    None where nothing is near, or the apps cannot be read.
    """
    subscription, name = ids.parse(app).subscription, ids.app_name(app)
    try:
        found = discover.by_name(context.session, subscription, name)
        near = found or _close(name, discover.names(context.session, subscription))
    except RequestFailed:
        return None
    return f"did you mean {', '.join(near[:3])}?" if near else None


def _nearest(context: CommandContext, name: str) -> str:
    names = discover.names(context.session, context.subscription)
    remember_names(context, names, complete=True)
    close = _close(name, names)
    return f"did you mean {', '.join(close)}?" if close else "`remediate` without arguments lists them all"


def _close(name: str, names: Iterable[str]) -> tuple[str, ...]:
    return tuple(difflib.get_close_matches(name, tuple(names), n=3, cutoff=0.5))
