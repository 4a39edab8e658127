"""The command that checks this machine, the sign-in and the permissions."""

from __future__ import annotations

from pathlib import Path

import click

from remediate.cli.deferred import calls
from remediate.cli.help import Command
from remediate.cli.parameters import common_options, target_options


@click.command(cls=Command)
@target_options
@click.option(
    "--role-file",
    type=click.Path(dir_okay=False, path_type=Path),
    help="Write the custom role that a repair of TARGET needs, as JSON for az.",
)
@common_options
@calls("remediate.jobs.doctor:doctor")
def doctor() -> None:
    """Check what would keep a repair from working, before there is an outage.

    Looks at the network path to Azure, clock, sign-in, subscription, Resource Graph and
    the state store; with TARGET also at what the account may do with that app, its plan
    and its network. Takes 5 seconds at the most (--timeout sets another limit), and
    reads only. Exit code 0 when every check is ok, 3 when one is not or has no answer.
    """
