"""`remediate snapshot`: save what Azure says about an app, and compare."""

from __future__ import annotations

import click

from remediate.cli.deferred import calls
from remediate.cli.parameters import common_options, target_options

_label = click.option("--label", metavar="LABEL", help="What to call it; default: the time.")
_of_target = click.option("--target", metavar="TARGET", help="The app that is meant.")


@click.group()
def snapshot() -> None:
    """What the link looked like: keep it, and compare."""


@snapshot.command()
@target_options
@_label
@common_options
@calls("remediate.jobs.snapshots:save_snapshot")
def save() -> None:
    """Keep what everything about an app looks like now. Reads only."""


@snapshot.command(name="list")
@common_options
@calls("remediate.jobs.snapshots:list_snapshots")
def list_() -> None:
    """List the snapshots that were kept, the newest last."""


@snapshot.command()
@click.argument("label", metavar="LABEL|FILE")
@_of_target
@common_options
@calls("remediate.jobs.snapshots:show_snapshot")
def show() -> None:
    """Show one snapshot. With -o json also what Azure said, field for field."""


@snapshot.command()
@click.argument("before", metavar="A")
@click.argument("after", metavar="B")
@_of_target
@common_options
@calls("remediate.jobs.snapshots:diff_snapshots")
def diff() -> None:
    """Compare two looks at an app. Exit code 0 when they are the same, 3 when not.

    A and B are each a label, a file, RUN/before or RUN/after, or `live` for Azure as it
    is now. A file may also be what az, PowerShell or Resource Explorer printed.
    """


@snapshot.command(name="import")
@click.argument("file", metavar="FILE")
@_of_target
@click.option("--subnet", metavar="ID", help="Which subnet of the file is meant, if it holds several.")
@_label
@common_options
@calls("remediate.jobs.snapshots:import_snapshot")
def import_() -> None:
    """Keep what another tool saved. A subnet or network as az, PowerShell or Resource Explorer print it.

    The file is recognised by its shape; what it does not hold is left out of comparisons.
    """
