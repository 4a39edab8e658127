"""Fields that several documents write alike: types, times, and whether a person or an application acted."""

from __future__ import annotations

from datetime import datetime

SUBSCRIPTION = "Microsoft.Resources/subscriptions"


def type_of(id_: str) -> str:
    """The type of a resource, a group or a subscription, also of what is no whole id."""
    parts = id_.strip("/").split("/")
    named = [at for at, part in enumerate(parts) if part.casefold() == "providers"]
    if not named:
        return f"{SUBSCRIPTION}/resourceGroups" if len(parts) > 2 else SUBSCRIPTION
    rest = parts[named[-1] + 1 :]
    return "/".join([*rest[:1], *rest[1::2]])


def is_application(who: str) -> bool:
    """Whether an application did it, by its GUID or another name; a person has an address."""
    return "@" not in who


def seconds_and_more(at: str) -> str:
    """A record's time as both write it: with seven digits after the second."""
    return f"{datetime.fromisoformat(at):%Y-%m-%dT%H:%M:%S.%f}0Z"
