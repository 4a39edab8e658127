"""`remediate snapshot`: save, list, show, compare and import.

A word on the command line is a label, a file, RUN/before, RUN/after or `live`.
"""

from __future__ import annotations

from functools import partial
from pathlib import Path

import msgspec
from msgspec.structs import replace

from remediate import ids
from remediate.errors import Exit, NotFound, UsageError
from remediate.jobs.assessment import assess, snapshot_of
from remediate.jobs.context import CommandContext, open_context
from remediate.jobs.invocation import Invocation, Options
from remediate.jobs.output import print_document
from remediate.jobs.recording import snapshot_store
from remediate.jobs.resource import check_subnet, find_optional_subnet
from remediate.jobs.snapshot_files import Content, OtherApp, as_snapshot_of, load_for, read_file
from remediate.jobs.store import open_store
from remediate.jobs.target import resolve_app
from remediate.model import Snapshot
from remediate.show.console import open_consoles, warn
from remediate.show.lists import SnapshotList, SnapshotSummary
from remediate.show.snapshot import print_difference, print_saved, print_snapshot, print_snapshots
from remediate.snapshot import LIVE, compare
from remediate.snapshot.comparison import summarize
from remediate.state.snapshots import HEALTHY, LATEST, SnapshotStore, time_label
from remediate.state.store import Store, is_name

_MOMENTS = ("before", "after")


def save_snapshot(
    invocation: Invocation,
    target: str | None,
    group: str | None,
    name: str | None,
    slot: str | None,
    label: str | None,
) -> None:
    """Assess an app and keep that as a snapshot."""
    _check_label(invocation.options, label)
    with open_context(invocation) as context:
        assessment = assess(context, resolve_app(context, target, group, name, slot))
        app = assessment.integration.target.id
        _save(context, snapshot_of(context, assessment, _free_label(context, app, label)))


def list_snapshots(invocation: Invocation) -> None:
    """Print the snapshots that are kept, the newest last; warn about damaged ones."""
    options = invocation.options
    with open_store(options) as store:
        kept, damaged = SnapshotStore(store).all()
    console = open_consoles(no_color=options.no_color).err
    for message in damaged:
        warn(console, message)
    heads = [
        SnapshotSummary(**msgspec.structs.asdict(summarize(one)), subnet=one.subnet, arm=one.arm)
        for one in kept
    ]
    print_document(options, SnapshotList(tuple(heads)), lambda console: print_snapshots(console, kept))


def show_snapshot(invocation: Invocation, label: str, target: str | None) -> None:
    """Print one snapshot, or what a file of another tool holds about an app. Raises UsageError."""
    with open_store(invocation.options) as store:
        found = load_for(invocation, target, partial(Loader(store, target).load, label))
    if not isinstance(found, Snapshot):
        if target is None:
            raise UsageError(
                f"{label[:200]} is the output of another tool: which app is it about? pass --target TARGET"
            )
        with open_context(invocation) as context:
            app = resolve_app(context, target, None, None, None)
            found = as_snapshot_of(context, label, found, app, None, Path(label).name)
    print_document(invocation.options, found, lambda console: print_snapshot(console, found))


def diff_snapshots(invocation: Invocation, before: str, after: str, target: str | None) -> Exit:
    """Print how two snapshots differ, and return the exit code."""
    found = compare(*_load_both(invocation, before, after, target))
    print_document(invocation.options, found, lambda console: print_difference(console, found))
    return Exit.DONE if found.same else Exit.FOUND_SOMETHING


def import_snapshot(
    invocation: Invocation, file: str, target: str | None, subnet: str | None, label: str | None
) -> None:
    """Keep what another tool printed as a snapshot of an app."""
    _check_label(invocation.options, label)
    check_subnet("--subnet", subnet)
    if not target:
        raise UsageError("which app is the file about? pass --target TARGET")
    content = load_for(invocation, target, partial(read_file, file))
    with open_context(invocation) as context:
        app = resolve_app(context, target, None, None, None)
        wanted = find_optional_subnet(context, subnet)
        _save(context, as_snapshot_of(context, file, content, app, wanted, _free_label(context, app, label)))


def _check_label(options: Options, label: str | None) -> None:
    """Raises UsageError if nothing can be kept, or not under that label."""
    if options.ephemeral:
        raise UsageError(
            "the state of a private sandbox is deleted when the command ends", hint="--state DIR keeps it"
        )
    if label in (LIVE, HEALTHY, LATEST):
        raise UsageError(f"the label {label} is reserved: choose another")
    if label is not None and not is_name(f"{label}.json"):
        raise UsageError(f"not a label: {label[:80]!a}", hint="letters, digits, `.`, `_` and `-`")


def _free_label(context: CommandContext, app: str, label: str | None) -> str:
    """The label that is given, or the time. Raises UsageError if it is in use."""
    wanted = label if label is not None else time_label(context.session.clock.now())
    if snapshot_store(context).find(app, wanted) is not None:
        raise UsageError(f"there is a snapshot {wanted} of this app already", hint="pass another --label")
    return wanted


def _save(context: CommandContext, snapshot: Snapshot) -> None:
    snapshot_store(context).save(snapshot)
    print_document(context.options, snapshot, lambda console: print_saved(console, snapshot))


class Loader:
    """Finds what is kept, without a request to Azure; `target` is an app's name, id or portal address."""

    def __init__(self, store: Store, target: str | None) -> None:
        self._snapshots = SnapshotStore(store)
        self._target = target

    def load(self, word: str) -> Content:
        """A label, RUN/before or RUN/after, or a file. Raises UsageError."""
        run, _, moment = word.partition("/")
        if moment in _MOMENTS and is_name(run):
            found = self._snapshots.find_for_run(run, "before" if moment == "before" else "after")
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
        return [one for one in self._snapshots.labelled(label) if self._matches(one.target)]

    def _matches(self, app: str) -> bool:
        """Whether an app is the one that the target names, in any form that does without Azure."""
        if self._target is None:
            return True
        named = ids.ids_in(self._target)
        short = ids.short_id_in(self._target)
        if not named and short:
            named = (f"/subscriptions/{ids.parse(app).subscription}/{short}",)
        if named:
            return any(ids.same(_app_of(one), app) for one in named)
        return ids.app_name(app).casefold() == self._target.strip().casefold()


def _app_of(identifier: str) -> str | None:
    """The app or slot that an id names or is below of."""
    types = ("microsoft.web/sites", "microsoft.web/sites/slots")
    parents = ids.with_parents(identifier)
    return next((one for one in parents if ids.parse(one).type.casefold() in types), None)


def _load_both(
    invocation: Invocation, before: str, after: str, target: str | None
) -> tuple[Snapshot, Snapshot]:
    """The two snapshots of a comparison; signs in only if Azure has to be read. Raises UsageError."""
    if before == after:
        raise UsageError(f"{before} and {after} are the same", hint="remediate snapshot list")
    with open_store(invocation.options) as store:
        loader = Loader(store, target)
        contents = [
            None if word == LIVE else load_for(invocation, target, partial(loader.load, word))
            for word in (before, after)
        ]
    if all(isinstance(one, Snapshot) for one in contents):
        return _of_one_app(*(one for one in contents if isinstance(one, Snapshot)))
    with open_context(invocation) as context:
        app = _compared_app(context, contents, target)
        first, second = (
            _as_snapshot(context, word, one, app, contents)
            for word, one in zip((before, after), contents, strict=True)
        )
    return _of_one_app(first, second)


def _compared_app(context: CommandContext, contents: list[Content | None], target: str | None) -> str:
    """The app that a comparison is about: the one given, else that of the other snapshot."""
    if target is not None:
        return resolve_app(context, target, None, None, None)
    known = next((one.target for one in contents if isinstance(one, Snapshot)), None)
    if known is None:
        raise UsageError("which app is this about? pass --target TARGET")
    return known


def _as_snapshot(
    context: CommandContext, word: str, content: Content | None, app: str, both: list[Content | None]
) -> Snapshot:
    if isinstance(content, Snapshot):
        return content
    if content is not None:
        return as_snapshot_of(context, word, content, app, None, Path(word).name)
    return _live(context, app, next((one.subnet for one in both if isinstance(one, Snapshot)), None))


def _live(context: CommandContext, app: str, subnet: str | None) -> Snapshot:
    """Azure as it is now; for an app without a subnet, with the subnet of the other snapshot."""
    assessment = assess(context, app)
    if assessment.integration.subnet_id is None and subnet is not None:
        assessment = replace(assess(context, app, subnet), findings=assessment.findings)
    return snapshot_of(context, assessment)


def _of_one_app(before: Snapshot, after: Snapshot) -> tuple[Snapshot, Snapshot]:
    if not ids.same(before.target, after.target):
        names = f"{before.label} is about {ids.app_name(before.target)}, {after.label} about"
        raise OtherApp(f"{names} {ids.app_name(after.target)}")
    return before, after
