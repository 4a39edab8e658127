"""`remediate sandbox`: list the scenarios, serve one, and print its environment for other tools."""

from __future__ import annotations

from pathlib import Path

import click

from remediate.cli.deferred import calls
from remediate.cli.parameters import SPEED, common_options


@click.group()
@common_options
def sandbox() -> None:
    """A simulated Azure on this machine, for trying things out."""


@sandbox.command("list")
@common_options
@calls("remediate.jobs.sandbox:list_scenarios")
def list_() -> None:
    """List the scenarios that can be simulated."""


@sandbox.command()
@click.argument("scenario", default="healthy")
@click.option("--port", type=click.IntRange(0, 65535), default=0, help="The port; 0 takes a free one.")
@click.option(
    "--speed",
    type=SPEED,
    metavar="X",
    default=1.0,
    show_default=True,
    help="How many times faster simulated time runs.",
)
@click.option(
    "--ready-file",
    type=click.Path(dir_okay=False, path_type=Path),
    help="A file that appears once the sandbox listens and holds its environment as JSON.",
)
@common_options
@calls("remediate.jobs.sandbox:serve")
def serve() -> None:
    """Serve SCENARIO until Ctrl-C or SIGTERM.

    With `-o json` or `-o yaml` its environment is printed on stdout once it listens.
    """


@sandbox.command()
@click.option(
    "--ready-file",
    type=click.Path(dir_okay=False, path_type=Path),
    help="The ready file of the sandbox.",
)
@common_options
@calls("remediate.jobs.sandbox:print_environment")
def env() -> None:
    """Print the variables that point remediate, the SDKs and az at the running sandbox."""
