"""`remediate snapshot`: keep what the link looked like, and compare."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

import click
import msgspec

from remediate.cli.options import Options, asked, common
from remediate.cli.page import put
from remediate.cli.target import resolve, subnet_id, target_options
from remediate.errors import Exit, UsageError

if TYPE_CHECKING:
    from remediate.cli.desk import Desk
    from remediate.model import Snapshot

_label = click.option("--label", metavar="LABEL", help="What to call it; default: the time.")
_of_target = click.option("--target", metavar="TARGET", help="The app that is meant.")


@click.group()
def snapshot() -> None:
    """What the link looked like: keep it, and compare."""


@snapshot.command()
@target_options
@_label
@common
@click.pass_context
def save(
    context: click.Context,
    target: str | None,
    group: str | None,
    name: str | None,
    slot: str | None,
    label: str | None,
) -> None:
    """Keep what everything about an app looks like now. Reads only."""
    from remediate.cli.desk import desk
    from remediate.cli.job import look_at
    from remediate.cli.keeping import snapshot_of

    options = _asked_to_keep(context, label)
    with desk(options) as here:
        sight = look_at(here, resolve(here, target, group, name, slot))
        kept = snapshot_of(here, sight, _new_label(here, sight.topology.target.id, label))
        _keep(here, kept)


@snapshot.command(name="list")
@common
@click.pass_context
def list_(context: click.Context) -> None:
    """List the snapshots that were kept, the newest last."""
    from remediate.cli.state import opened
    from remediate.show.console import look, warn
    from remediate.show.lists import SnapshotHead
    from remediate.show.lists import Snapshots as Listed
    from remediate.show.snapshot import listing
    from remediate.snapshot.comparison import side
    from remediate.state.snapshots import Snapshots

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


@snapshot.command()
@click.argument("label", metavar="LABEL|FILE")
@_of_target
@common
@click.pass_context
def show(context: click.Context, label: str, target: str | None) -> None:
    """Show one snapshot. With -o json also what Azure said, field for field."""
    from remediate.cli.state import opened
    from remediate.cli.stored import Loader
    from remediate.model import Snapshot
    from remediate.show.snapshot import page

    options = asked(context)
    with opened(options) as store:
        found = Loader(store, target).load(label)
    if not isinstance(found, Snapshot):
        raise UsageError(
            f"{label} is no snapshot of ours", hint="remediate snapshot import FILE --target TARGET"
        )
    put(options, found, lambda console: page(console, found))


@snapshot.command()
@click.argument("before", metavar="A")
@click.argument("after", metavar="B")
@_of_target
@common
@click.pass_context
def diff(context: click.Context, before: str, after: str, target: str | None) -> None:
    """Compare two looks at an app. Exit code 0 when they are the same, 3 when not.

    A and B are each a label, a file, RUN/before or RUN/after, or `live` for Azure as it
    is now. A file may also be what az, PowerShell or Resource Explorer printed.
    """
    from remediate.cli.stored import both
    from remediate.show.snapshot import difference
    from remediate.snapshot import compare

    options = asked(context)
    found = compare(*both(options, before, after, target))
    put(options, found, lambda console: difference(console, found))
    sys.exit(Exit.DONE if found.same else Exit.FOUND_SOMETHING)


@snapshot.command(name="import")
@click.argument("file", metavar="FILE")
@_of_target
@click.option("--subnet", metavar="ID", help="Which subnet of the file is meant, if it holds several.")
@_label
@common
@click.pass_context
def import_(
    context: click.Context, file: str, target: str | None, subnet: str | None, label: str | None
) -> None:
    """Keep what another tool saved. A subnet or network as az, PowerShell or Resource Explorer print it.

    The file is recognised by its shape; what it does not hold is left out of comparisons.
    """
    from remediate.cli.desk import desk
    from remediate.cli.stored import adopted, read_file

    options, wanted = _asked_to_keep(context, label), subnet_id(subnet)
    if not target:
        raise UsageError("which app is the file about? pass --target TARGET")
    read = read_file(file)
    with desk(options) as here:
        app = resolve(here, target, None, None, None)
        _keep(here, adopted(here, file, read, app, wanted, _new_label(here, app, label)))


def _asked_to_keep(context: click.Context, label: str | None) -> Options:
    """The options. Raises UsageError where nothing can be kept, or not under that label."""
    from remediate.snapshot import LIVE
    from remediate.state.snapshots import HEALTHY, LATEST
    from remediate.state.store import is_name

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
    from remediate.cli.keeping import shelf
    from remediate.state.snapshots import moment_label

    wanted = label if label is not None else moment_label(here.session.clock.now())
    if shelf(here).find(app, wanted) is not None:
        raise UsageError(f"there is a snapshot {wanted} of this app already", hint="pass another --label")
    return wanted


def _keep(here: Desk, kept: Snapshot) -> None:
    from remediate.cli.keeping import shelf
    from remediate.show.snapshot import kept as tell

    shelf(here).save(kept)
    put(here.options, kept, lambda console: tell(console, kept))
