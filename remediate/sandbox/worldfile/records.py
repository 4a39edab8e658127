"""What a world file says about the past: events of the Activity Log, and changes in Resource Graph."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta
from typing import Any

from remediate.sandbox.worldfile.layers import Described
from remediate.sandbox.worldfile.names import Names

_AGO = re.compile(r"-(\d{1,5})([smhd])", re.ASCII)
_UNITS = {"s": "seconds", "m": "minutes", "h": "hours", "d": "days"}


def moment(text: str, now: datetime) -> datetime:
    """The time that `-3h` or a time in ISO 8601 names; without a zone it is UTC. Raises ValueError."""
    ago = _AGO.fullmatch(text)
    if ago:
        return now - timedelta(**{_UNITS[ago[2]]: int(ago[1])})
    made = datetime.fromisoformat(text)
    return (made if made.tzinfo else made.replace(tzinfo=UTC)).astimezone(UTC)


def records(
    entries: list[Described] | None, whole: Described, names: Names, now: datetime
) -> list[dict[str, Any]]:
    """The entries, oldest first, each with `at` in ISO 8601 and the full id of its `resource`."""
    return [
        {
            **one,
            "at": f"{moment(one['at'], now):%Y-%m-%dT%H:%M:%SZ}",
            "resource": resource(one["resource"], whole, names),
        }
        for one in sorted(entries or [], key=lambda one: moment(one["at"], now))
    ]


def resource(name: str, whole: Described, names: Names) -> str | None:
    """The id that a name stands for: of an app, plan, network, subnet or slot; None if there is none."""
    if name.startswith("/"):
        return names.scope(name)
    first, slash, second = name.partition("/")
    if slash:
        slot = f"{names.app(first)}/slots/{second}"
        return slot if names.app(first) in (whole.get("apps") or {}) else names.subnet(name)
    known = {"apps": names.app(name), "plans": names.plan(name), "networks": names.network(name)}
    return next((id_ for kind, id_ in known.items() if id_ in (whole.get(kind) or {})), None)
