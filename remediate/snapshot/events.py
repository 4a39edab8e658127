"""Two snapshots of an app → the event that `watch` reports for the later one. Pure."""

from __future__ import annotations

from datetime import datetime

from msgspec.structs import replace

from remediate import ids
from remediate.model import Change, Snapshot, Watched
from remediate.model.snapshot import Event
from remediate.snapshot.comparison import compare


def assessment_event(now: Snapshot, before: Snapshot | None, label: str | None, *, failing: bool) -> Watched:
    """The event of a snapshot. `label` is the stored one; `failing` says that the last assessment failed."""
    changes = compare(before, now).changes if before else ()
    event = _event(before, now, failing)
    message = _message(event, changes, first=before is None)
    return Watched(
        target=now.target,
        at=now.at,
        event=event,
        healthy=now.healthy,
        findings=now.findings,
        changes=changes,
        snapshot=label,
        message=message,
        text=f"{ids.app_name(now.target)} is {_standing(now)}: {message}",
    )


def failure_event(app: str, at: datetime, message: str) -> Watched:
    """The event of an assessment that failed."""
    text = f"{ids.app_name(app)} could not be assessed: {message}"
    return Watched(
        target=app,
        at=at,
        event="failed",
        healthy=None,
        findings=(),
        changes=(),
        snapshot=None,
        message=text,
        text=text,
    )


def is_changed(before: Snapshot | None, now: Snapshot) -> bool:
    """Whether a snapshot differs from the one before, or is the first."""
    return before is None or bool(compare(before, now).changes) or _verdict(before) != _verdict(now)


def with_known_facts(before: Snapshot | None, now: Snapshot) -> Snapshot:
    """The snapshot; parts that could not be read keep the facts from before, so that no change is hidden."""
    known = before.facts if before else {}
    gaps = {path: value for path, value in known.items() if path.partition(".")[0] in now.unread}
    return replace(now, facts={**gaps, **now.facts})


def _event(before: Snapshot | None, now: Snapshot, failing: bool) -> Event:
    if before is not None and is_changed(before, now):
        return "changed"
    if failing:
        return "back"
    return "first" if before is None else "same"


def _verdict(one: Snapshot) -> tuple[bool | None, tuple[str, ...]]:
    return one.healthy, tuple(sorted(one.findings))


def _standing(one: Snapshot) -> str:
    word = {True: "healthy", False: "unhealthy", None: "not known to be healthy"}[one.healthy]
    return f"{word} ({', '.join(one.findings)})" if one.findings else word


def _message(event: Event, changes: tuple[Change, ...], *, first: bool) -> str:
    if changes:
        return "; ".join(one.meaning for one in changes)
    messages = {
        "first": "assessed for the first time",
        "same": "nothing changed",
        "back": "can be assessed again" if first else "can be assessed again, and nothing changed",
    }
    return messages.get(event, "the findings changed, nothing else")
