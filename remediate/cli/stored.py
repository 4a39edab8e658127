"""What a word on the command line names: a kept snapshot, a file of ours or of another tool, or `live`."""

from __future__ import annotations

from pathlib import Path

from msgspec.structs import replace

from remediate import ids
from remediate.cli.desk import Desk, desk
from remediate.cli.keeping import origin, snapshot_of
from remediate.cli.options import Options
from remediate.cli.sight import look_at
from remediate.cli.state import opened
from remediate.cli.target import resolve
from remediate.errors import NotFound, UsageError
from remediate.model import Snapshot
from remediate.snapshot import LIVE
from remediate.snapshot.adopt import adopt
from remediate.snapshot.recognise import LARGEST, Resource, Unrecognised, recognise
from remediate.snapshot.secrets import of_file
from remediate.state.snapshots import Snapshots
from remediate.state.store import Store, is_name

Read = Snapshot | tuple[Resource, ...]
_MOMENTS = ("before", "after")


class OtherApp(UsageError):
    """What is to be kept or compared belongs to another app."""

    code = "other-app"


class Loader:
    """Finds what is kept, without asking Azure anything; `target` is an app's name, id or address."""

    def __init__(self, store: Store, target: str | None) -> None:
        self._shelf = Snapshots(store)
        self._target = target

    def load(self, word: str) -> Read:
        """A label, RUN/before or RUN/after, or a file. Raises UsageError."""
        run, _, moment = word.partition("/")
        if moment in _MOMENTS and is_name(run):
            found = self._shelf.of_run(run, "before" if moment == "before" else "after")
            if found is not None:
                return replace(found, label=word)
        labelled = self._labelled(word) if is_name(f"{word}.json") else []
        if len(labelled) > 1:
            apps = ", ".join(one.target for one in labelled)
            raise UsageError(f"several apps have a snapshot {word}: {apps}", hint="pass --target TARGET")
        if labelled:
            return labelled[0]
        if not Path(word).exists():
            raise NotFound(f"there is no snapshot and no file {word[:200]!a}", hint="remediate snapshot list")
        return read_file(word)

    def _labelled(self, label: str) -> list[Snapshot]:
        return [one for one in self._shelf.labelled(label) if self._is_meant(one.target)]

    def _is_meant(self, app: str) -> bool:
        if self._target is None:
            return True
        wanted = self._target
        if "/subscriptions/" in wanted.casefold().replace("%2f", "/"):
            return ids.same(ids.from_address(wanted), app)
        return ids.app_name(app).casefold() == wanted.casefold()


def both(options: Options, before: str, after: str, target: str | None) -> tuple[Snapshot, Snapshot]:
    """The two snapshots of a comparison; signs in only where Azure has to be asked. Raises UsageError."""
    if before == after:
        raise UsageError(
            f"{before} and {after} are one and the same", hint="remediate snapshot diff LABEL live"
        )
    with opened(options) as store:
        loader = Loader(store, target)
        read = [None if word == LIVE else loader.load(word) for word in (before, after)]
    if all(isinstance(one, Snapshot) for one in read):
        return _about_one(*(one for one in read if isinstance(one, Snapshot)))
    with desk(options) as here:
        app = _app(here, read, target)
        first, second = (
            _made(here, word, one, app, read) for word, one in zip((before, after), read, strict=True)
        )
    return _about_one(first, second)


def read_file(file: str) -> Read:
    """What a file holds. Raises UsageError."""
    try:
        with Path(file).open("rb") as opened:
            return _labelled_as(file, recognise(opened.read(LARGEST + 1)))
    except Unrecognised as error:
        raise _not_taken(file, error) from error
    except OSError as error:
        raise UsageError(f"{file[:200]} cannot be read: {error.strerror or error}") from error


def adopted(here: Desk, file: str, read: Read, app: str, subnet: str | None, label: str) -> Snapshot:
    """What a file holds as a snapshot of an app; Azure is looked at for which subnet and plan are its own.

    Raises UsageError for a file about something else.
    """
    if isinstance(read, Snapshot):
        if not ids.same(read.target, app):
            raise OtherApp(f"{file} is about {read.target}, and not about {ids.app_name(app)}")
        return replace(of_file(read), label=label)
    seen = look_at(here, app).integration
    try:
        return adopt(read, seen, subnet, label, here.session.clock.now(), origin(here))
    except Unrecognised as error:
        raise _not_taken(file, error) from error


def _labelled_as(file: str, read: Read) -> Read:
    return replace(read, label=Path(file).name) if isinstance(read, Snapshot) else read


def _not_taken(file: str, error: Unrecognised) -> Unrecognised:
    return Unrecognised(f"{file[:200]} cannot be taken: {error}")


def _app(here: Desk, read: list[Read | None], target: str | None) -> str:
    """The app that a comparison is about: the one named, else that of the snapshot beside."""
    if target is not None:
        return resolve(here, target, None, None, None)
    known = next((one.target for one in read if isinstance(one, Snapshot)), None)
    if known is None:
        raise UsageError("which app is this about? pass --target TARGET")
    return known


def _made(here: Desk, word: str, one: Read | None, app: str, beside: list[Read | None]) -> Snapshot:
    if isinstance(one, Snapshot):
        return one
    if one is not None:
        return adopted(here, word, one, app, None, Path(word).name)
    return _live(here, app, next((two.subnet for two in beside if isinstance(two, Snapshot)), None))


def _live(here: Desk, app: str, subnet: str | None) -> Snapshot:
    """Azure as it is now; where the app has no subnet any more, with the one that it had."""
    sight = look_at(here, app)
    if sight.integration.subnet_id is None and subnet is not None:
        sight = replace(look_at(here, app, subnet), findings=sight.findings)
    return snapshot_of(here, sight)


def _about_one(before: Snapshot, after: Snapshot) -> tuple[Snapshot, Snapshot]:
    if not ids.same(before.target, after.target):
        names = f"{before.label} is about {ids.app_name(before.target)}, {after.label} about"
        raise OtherApp(f"{names} {ids.app_name(after.target)}")
    return before, after
