"""The looks of `watch`: each is compared with the one before, which the store keeps between commands."""

from __future__ import annotations

from collections.abc import Iterator

from msgspec.structs import replace

from remediate import ids
from remediate.cli.desk import Desk
from remediate.cli.error import as_error
from remediate.cli.keeping import judged, shelf, snapshot_of
from remediate.cli.sight import Sight, look_at
from remediate.errors import Exit
from remediate.model import Change, Snapshot, Watched
from remediate.model.snapshot import Event
from remediate.show.console import warn
from remediate.snapshot import compare
from remediate.state.snapshots import LATEST, moment_label
from remediate.state.store import StoreError


class Watch:
    """The apps that are watched, and how each of them was seen last."""

    def __init__(self, desk: Desk, apps: list[str]) -> None:
        self._desk = desk
        self._apps = apps
        self._last: dict[str, Snapshot] = {}
        self._failing: set[str] = set()
        self._codes: dict[str, Exit] = {}

    @property
    def code(self) -> Exit:
        """The exit code of the last round: what went wrong, else what was found, else 0."""
        codes = self._codes.values()
        wrong = [one for one in codes if one not in (Exit.DONE, Exit.FOUND_SOMETHING)]
        return wrong[0] if wrong else max(codes)

    def round(self) -> Iterator[Watched]:
        """One look at each app. A look that fails is told, and ends nothing."""
        for app in self._apps:
            try:
                yield self._look(app)
            except Exception as error:
                told = as_error(error)
                self._codes[app] = told.exit
                yield self._failed(app, str(told))

    def _look(self, app: str) -> Watched:
        sight = look_at(self._desk, app)
        verification = judged(self._desk, sight)
        self._codes[app] = Exit.DONE if verification.healthy else Exit.FOUND_SOMETHING
        now, before = self._snapshot(sight), self._last.get(app) or self._kept(app)
        changes = compare(before, now).changes if before else ()
        moved = before is None or bool(changes) or _verdict(before) != _verdict(now)
        label = self._keep(now, before) if moved else None
        self._last[app] = _carried(before, now)
        event: Event = "first" if before is None else "changed" if moved else "same"
        if event == "same" and app in self._failing:
            event = "back"
        self._failing.discard(app)
        return Watched(
            target=now.target,
            at=now.at,
            event=event,
            healthy=now.healthy,
            findings=now.findings,
            changes=changes,
            snapshot=label,
            message=_message(event, changes),
            text=f"{ids.app_name(now.target)} is {_standing(now)}: {_message(event, changes)}",
        )

    def _snapshot(self, sight: Sight) -> Snapshot:
        return snapshot_of(self._desk, sight, LATEST)

    def _kept(self, app: str) -> Snapshot | None:
        """How the app was seen last by an earlier command."""
        try:
            return shelf(self._desk).find(app, LATEST)
        except StoreError as error:
            warn(self._desk.look.err, f"{error}; this counts as the first look")
            return None

    def _keep(self, now: Snapshot, before: Snapshot | None) -> str | None:
        """Keep a look by its time and as the latest; returns its label, None where it is not kept."""
        label = moment_label(now.at)
        try:
            shelf(self._desk).save(replace(now, label=label))
            shelf(self._desk).save(_carried(before, now))
        except StoreError as error:
            warn(self._desk.look.err, f"{error}; this look is not kept")
            return None
        return None if self._desk.options.passing else label

    def _failed(self, app: str, message: str) -> Watched:
        event: Event = "same" if app in self._failing else "failed"
        self._failing.add(app)
        at = self._desk.session.clock.now()
        told = f"{ids.app_name(app)} could not be looked at: {message}"
        return Watched(
            target=app,
            at=at,
            event=event,
            healthy=None,
            findings=(),
            changes=(),
            snapshot=None,
            message=told,
            text=told,
        )


def _verdict(one: Snapshot) -> tuple[bool | None, tuple[str, ...]]:
    return one.healthy, tuple(sorted(one.findings))


def _standing(one: Snapshot) -> str:
    word = {True: "healthy", False: "unhealthy", None: "not known to be healthy"}[one.healthy]
    return f"{word} ({', '.join(one.findings)})" if one.findings else word


def _carried(before: Snapshot | None, now: Snapshot) -> Snapshot:
    """The look, and of what it could not read what was known before: a gap must not hide a change."""
    known = before.facts if before else {}
    gaps = {path: value for path, value in known.items() if path.partition(".")[0] in now.unread}
    return replace(now, facts={**gaps, **now.facts})


def _message(event: str, changes: tuple[Change, ...]) -> str:
    if changes:
        return "; ".join(one.meaning for one in changes)
    told = {
        "first": "looked at for the first time",
        "same": "nothing changed",
        "back": "can be looked at again, and nothing changed",
    }
    return told.get(event, "what is found is different, nothing else changed")
