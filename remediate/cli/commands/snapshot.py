"""`remediate snapshot`: save what Azure says about an app, and compare."""

from __future__ import annotations

import click

from remediate.cli.deferred import calls, completes
from remediate.cli.help import Group
from remediate.cli.parameters import common_options, target_options

_label = click.option("--label", metavar="LABEL", help="Its label; default: the time.")
_of_target = click.option("--target", metavar="TARGET", shell_complete=completes("apps"), help="The app.")


@click.group(cls=Group)
def snapshot() -> None:
    """Save what Azure says about an app, and compare."""


@snapshot.command()
@target_options
@_label
@common_options
@calls("remediate.jobs.snapshots:save_snapshot")
def save() -> None:
    """Save everything that Azure says about an app now. Reads only."""


@snapshot.command(name="list")
@common_options
@calls("remediate.jobs.snapshots:list_snapshots")
def list_() -> None:
    """List the snapshots that are kept, the newest last."""


@snapshot.command()
@click.argument("label", metavar="LABEL|FILE", shell_complete=completes("snapshots"))
@_of_target
@common_options
@calls("remediate.jobs.snapshots:show_snapshot")
def show() -> None:
    """Show one snapshot. With -o json also what Azure said, field for field.

    For a file of another tool, --target names the app that it is about.
    """


@snapshot.command()
@click.argument("before", metavar="A", shell_complete=completes("sides"))
@click.argument("after", metavar="B", shell_complete=completes("sides"))
@_of_target
@common_options
@calls("remediate.jobs.snapshots:diff_snapshots")
def diff() -> None:
    """Compare two snapshots of an app. Exit code 0 when they are the same, 3 when not.

    A and B are each a label, a file, RUN/before or RUN/after, or `live` for Azure as it
    is now. A file may also be what another tool printed or saved; see `import`.
    """


@snapshot.command(name="import")
@click.argument("file", metavar="FILE")
@_of_target
@click.option("--subnet", metavar="ID", help="The subnet, if the file contains several.")
@_label
@common_options
@calls("remediate.jobs.snapshots:import_snapshot")
def import_() -> None:
    """Save the output of another tool as a snapshot.

    The file may be what az, PowerShell, Resource Explorer or Resource Graph printed, as JSON,
    YAML, CSV or `Name : value` lines; the links alone; or an exported template. It is
    recognised by its shape; what it does not contain is not compared.
    """
