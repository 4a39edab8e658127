"""`remediate sandbox`: list the scenarios, check a world file, serve one, and print its environment."""

from __future__ import annotations

from pathlib import Path

import click

from remediate.cli.deferred import calls, completes
from remediate.cli.help import Group
from remediate.cli.parameters import SPEED, common_options, target_options


@click.group(cls=Group)
@common_options
def sandbox() -> None:
    """A simulated Azure on this machine, for trying things out."""


@sandbox.command("list")
@common_options
@calls("remediate.jobs.sandbox:list_scenarios")
def list_() -> None:
    """List the scenarios that can be simulated."""


@sandbox.command()
@click.argument(
    "scenario", metavar="[SCENARIO|FILE]", default="healthy", shell_complete=completes("scenarios")
)
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
    """Serve a scenario, or the world in FILE, until Ctrl-C or SIGTERM.

    With `-o json` or `-o yaml` its environment is printed on stdout once it listens.
    """


@sandbox.command()
@target_options
@click.option("--subnet", metavar="ID", help="A subnet that the app is not connected to, to be captured too.")
@click.option(
    "--file",
    type=click.Path(dir_okay=False, path_type=Path),
    help="Where to write the world; without it, it is printed.",
)
@common_options
@calls("remediate.jobs.capture:capture_world")
def capture() -> None:
    """Write a world file from what is really there around an app.

    The app and its slots, its plan, everybody on its subnets, links, locks, permissions,
    and what could not be read. It holds no secret. Reads only.
    """


@sandbox.command()
@click.argument("file", metavar="FILE")
@common_options
@calls("remediate.jobs.sandbox:check")
def check() -> None:
    """Check a world file, and print every error at once.

    Each error names its line; the exit code is 2 then.
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
