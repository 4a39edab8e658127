"""The commands that assess an app, a subnet or a deletion, and change it."""

from __future__ import annotations

import click

from remediate.cli.deferred import calls, completes
from remediate.cli.help import Command
from remediate.cli.parameters import (
    Interval,
    allow_unknown_option,
    common_options,
    probe_option,
    target_options,
)


@click.command(cls=Command)
@target_options
@click.option("--subnet", metavar="ID", help="Look at this subnet instead of the app's own.")
@probe_option("Try to reach this from the app's workers, and read their private addresses.")
@common_options
@calls("remediate.jobs.verify:verify")
def verify() -> None:
    """Look at an app's integration and say what is wrong with it.

    TARGET is an app's name, its resource id or its portal address. Reads only.
    With --probe the app's workers are asked too: whether each has a private address,
    and whether it reaches the host and port. Exit code 0 when healthy, 3 when something
    was found or could not be read.
    """


@click.command(cls=Command)
@click.argument("targets", metavar="TARGET...", nargs=-1, required=True, shell_complete=completes("apps"))
@click.option("--every", type=Interval(), default="15m", metavar="TIME", help="The interval (15m).")
@click.option("--once", is_flag=True, help="Verify once, compare with the last time, and exit like `verify`.")
@click.option("--notify", metavar="URL", help="Post each change as JSON to this address (https).")
@common_options
@calls("remediate.jobs.watch:watch")
def watch() -> None:
    """Verify apps at an interval; report what changed, and keep a snapshot of it.

    Prints one line for each change, a JSON line with -o json. Reads only. Ends on
    Ctrl-C and SIGTERM with exit code 0; with --once the exit code is that of `verify`.
    """


@click.command(cls=Command)
@target_options
@click.option(
    "--scope",
    type=click.Choice(["app", "link"]),
    help="Rebuild this app's integration alone, or every integration of its plan on the subnet.",
)
@click.option("--subnet", metavar="ID", help="The subnet to connect to, for an app that is not integrated.")
@allow_unknown_option("Continue although this finding is unknown; may be given several times.")
@probe_option("Try to reach this from the app's workers, before the change and after it.")
@click.option(
    "--playbook",
    metavar="ID|FILE",
    shell_complete=completes("playbooks"),
    help="The procedure; see `remediate playbooks list`.",
)
@common_options
@calls("remediate.jobs.reconnect:reconnect")
def reconnect() -> None:
    """Disconnect an app from its virtual network and connect it again.

    An app is disconnected only if it can be connected again. With --dry-run every
    write is printed and none is sent; with --yes nothing is asked.
    """


@click.command(cls=Command)
@click.argument("subnet", metavar="SUBNET_ID")
@allow_unknown_option(
    "Continue although this finding is unknown (locks, permissions, deny assignments); never overrides the "
    "proof for the link."
)
@click.option(
    "--playbook",
    default="purge-orphan",
    metavar="ID|FILE",
    shell_complete=completes("playbooks"),
    help="The procedure (purge-orphan).",
)
@common_options
@calls("remediate.jobs.purge:purge")
def purge() -> None:
    """Remove a subnet's service association link that is not used any more.

    SUBNET_ID is the subnet's id or portal address, the id of the link, a text that holds
    one such id, or VNET/SUBNET. First it is proved that the plan in
    the link is gone, or has no app on the subnet. A link that is in use, of another
    service, or in an unknown state is refused. Exit code 0 when the subnet was read
    without the link, 3 when the link remains.
    """


@click.command(cls=Command)
@click.argument("resource", metavar="RESOURCE_ID", required=False, shell_complete=completes("apps"))
@click.option("--disconnect", is_flag=True, help="Make it safe: disconnect every app that holds it.")
@common_options
@calls("remediate.jobs.guard:guard")
def guard() -> None:
    """Check whether a resource can be deleted without leaving a link behind.

    RESOURCE_ID is the id or the portal address of an app, slot, App Service plan,
    subnet, virtual network or resource group, or of anything below it; a text that holds
    one such id, such as Azure's error message; VNET/SUBNET; or the name of an app, plan
    or network. Reads only, unless --disconnect is given;
    deletes nothing in any case. Exit code 0 when it is safe, 3 when it is not or when
    something could not be read.
    """
