"""`remediate snapshot`: keep what the link looked like, and compare."""

from __future__ import annotations

import sys

import click
import msgspec

from remediate.cli.desk import Desk, desk
from remediate.cli.keeping import shelf, snapshot_of
from remediate.cli.options import Options, asked
from remediate.cli.page import put
from remediate.cli.sight import look_at
from remediate.cli.state import opened
from remediate.cli.stored import Loader, adopted, both, read_file
from remediate.cli.target import resolve, subnet_id
from remediate.errors import Exit, UsageError
from remediate.model import Snapshot
from remediate.show.console import look, warn
from remediate.show.lists import SnapshotHead
from remediate.show.lists import Snapshots as Listed
from remediate.show.snapshot import difference, listing, page
from remediate.show.snapshot import kept as tell
from remediate.snapshot import LIVE, compare
from remediate.snapshot.comparison import side
from remediate.state.snapshots import HEALTHY, LATEST, Snapshots, moment_label
from remediate.state.store import is_name

_label = click.option("--label", metavar="LABEL", help="What to call it; default: the time.")
_of_target = click.option("--target", metavar="TARGET", help="The app that is meant.")


def save(
    context: click.Context,
    target: str | None,
    group: str | None,
    name: str | None,
    slot: str | None,
    label: str | None,
) -> None:
    """Carry out `remediate snapshot save`."""
    options = _asked_to_keep(context, label)
    with desk(options) as here:
        sight = look_at(here, resolve(here, target, group, name, slot))
        kept = snapshot_of(here, sight, _new_label(here, sight.integration.target.id, label))
        _keep(here, kept)


def list_(context: click.Context) -> None:
    """Carry out `remediate snapshot list`."""
    options = asked(context)
    with opened(options) as store:
        kept, damaged = Snapshots(store).all()
    console = look(no_color=options.no_color).err
    for told in damaged:
        warn(console, told)
    heads = [
        SnapshotHead(**msgspec.structs.asdict(side(one)), subnet=one.subnet, arm=one.arm) for one in kept
    ]
    put(options, Listed(tuple(heads)), lambda page: listing(page, kept))


def show(context: click.Context, label: str, target: str | None) -> None:
    """Carry out `remediate snapshot show`."""
    options = asked(context)
    with opened(options) as store:
        found = Loader(store, target).load(label)
    if not isinstance(found, Snapshot):
        raise UsageError(
            f"{label} is no snapshot of ours", hint="remediate snapshot import FILE --target TARGET"
        )
    put(options, found, lambda console: page(console, found))


def diff(context: click.Context, before: str, after: str, target: str | None) -> None:
    """Carry out `remediate snapshot diff`."""
    options = asked(context)
    found = compare(*both(options, before, after, target))
    put(options, found, lambda console: difference(console, found))
    sys.exit(Exit.DONE if found.same else Exit.FOUND_SOMETHING)


def import_(
    context: click.Context, file: str, target: str | None, subnet: str | None, label: str | None
) -> None:
    """Carry out `remediate snapshot import`."""
    options, wanted = _asked_to_keep(context, label), subnet_id(subnet)
    if not target:
        raise UsageError("which app is the file about? pass --target TARGET")
    read = read_file(file)
    with desk(options) as here:
        app = resolve(here, target, None, None, None)
        _keep(here, adopted(here, file, read, app, wanted, _new_label(here, app, label)))


def _asked_to_keep(context: click.Context, label: str | None) -> Options:
    """The options. Raises UsageError where nothing can be kept, or not under that label."""
    options = asked(context)
    if options.passing:
        raise UsageError("the state of a private sandbox ends with the command", hint="--state DIR keeps it")
    if label in (LIVE, HEALTHY, LATEST):
        raise UsageError(f"the label {label} is kept for remediate itself: choose another")
    if label is not None and not is_name(f"{label}.json"):
        raise UsageError(f"not a label: {label[:80]!a}", hint="letters, digits, `.`, `_` and `-`")
    return options


def _new_label(here: Desk, app: str, label: str | None) -> str:
    """The label asked for, or the time. Raises UsageError for one that is taken."""
    wanted = label if label is not None else moment_label(here.session.clock.now())
    if shelf(here).find(app, wanted) is not None:
        raise UsageError(f"there is a snapshot {wanted} of this app already", hint="pass another --label")
    return wanted


def _keep(here: Desk, kept: Snapshot) -> None:
    shelf(here).save(kept)
    put(here.options, kept, lambda console: tell(console, kept))
