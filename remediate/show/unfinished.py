"""What the wizard says first while a run is unfinished: which of its apps are without network now."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import UTC, datetime

from msgspec import Struct
from rich.console import Console
from rich.text import Text

from remediate.model import Plan, Where
from remediate.show.layout import blank, marked, print_parts
from remediate.show.words import duration, plural, resource_name, subnet_name

_WORDS: dict[Where, tuple[str, str]] = {
    "connected": ("good", "is connected"),
    "elsewhere": ("warning", "is on another subnet"),
    "other-plan": ("warning", "is on another plan"),
    "gone": ("warning", "is deleted"),
    "unclear": ("unknown", "could not be read: whether it has network is unknown"),
}
MAX_LISTED = 6


class AppNow(Struct, frozen=True):
    """Where Azure says that an app is, and since when it is disconnected, if a run did that."""

    id: str
    where: Where
    since: datetime | None


def print_unfinished_run(
    console: Console, plan: Plan, begun: datetime, apps: Sequence[AppNow], now: datetime
) -> None:
    """Print which apps of a run are without network now, and what the run was for."""
    print_parts(console, blank(), *_apps(console, plan, apps, now))
    where = subnet_name(plan.subnet or plan.target)
    print_parts(console, Text(f"  The run on {where} of {_clock(begun, now)} has not ended.", style="quiet"))


def _apps(console: Console, plan: Plan, apps: Sequence[AppNow], now: datetime) -> Iterator[Text]:
    if plan.clears_link:
        yield marked(console, "unknown", f"The link of {subnet_name(plan.subnet or '')} may be still there.")
    ordered = sorted(apps, key=lambda one: one.where == "connected")
    for one in ordered[:MAX_LISTED]:
        yield _app(console, plan, one, now)
    if len(apps) > MAX_LISTED:
        yield Text(f"  and {plural(len(apps) - MAX_LISTED, 'more app')}")


def _app(console: Console, plan: Plan, one: AppNow, now: datetime) -> Text:
    name = resource_name(one.id)
    if one.where == "disconnected" and plan.disconnects_for_good:
        return marked(console, "info", f"{name} is disconnected, as planned")
    if one.where == "disconnected":
        ago = f" ({duration(max(0, int((now - one.since).total_seconds())))})" if one.since else ""
        since = f" since {_clock(one.since, now)}{ago}" if one.since else ""
        return marked(console, "error", f"{name} is WITHOUT NETWORK NOW{since}")
    style, words = _WORDS[one.where]
    return marked(console, style, f"{name} {words}")


def _clock(at: datetime, now: datetime) -> str:
    """A time in UTC, with its date where that is not today's."""
    at, now = at.astimezone(UTC), now.astimezone(UTC)
    return f"{at:%H:%M:%S} UTC" if at.date() == now.date() else f"{at:%Y-%m-%d %H:%M:%S} UTC"
