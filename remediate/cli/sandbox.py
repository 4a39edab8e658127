"""`remediate sandbox`: list the simulated worlds, keep one up, and point other tools at it."""

from __future__ import annotations

import shlex
from pathlib import Path
from typing import TYPE_CHECKING

import click

from remediate.cli.options import SPEED, asked, common
from remediate.errors import UsageError

if TYPE_CHECKING:
    from types import ModuleType

DEFAULT_SCENARIO = "healthy"
NOT_INSTALLED = 'the sandbox is not installed: pip install "vnet-remediate[sandbox]"'


@click.group()
@common
def sandbox() -> None:
    """A simulated Azure on this machine, for trying things out."""


@sandbox.command("list")
@common
@click.pass_context
def list_(context: click.Context) -> None:
    """Show the worlds that can be simulated."""
    from remediate.sandbox.scenarios import summaries
    from remediate.show.documents import render
    from remediate.show.lists import Scenario, Scenarios

    options, found = asked(context), summaries()
    if options.output != "table":
        listed = Scenarios(tuple(Scenario(one.name, one.summary) for one in found))
        click.echo(render(listed, options.output, options.query))
        return
    width = max(len(one.name) for one in found)
    for one in found:
        click.echo(f"{one.name:<{width}}  {one.summary}")


@sandbox.command()
@click.argument("scenario", default=DEFAULT_SCENARIO)
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
@common
@click.pass_context
def serve(context: click.Context, scenario: str, port: int, speed: float, ready_file: Path | None) -> None:
    """Keep SCENARIO up until Ctrl-C or SIGTERM.

    With `-o json` or `-o yaml` its environment is printed on stdout once it listens.
    """
    from remediate.sandbox.running import state_file
    from remediate.sandbox.scenarios import UnknownScenario
    from remediate.show.documents import render

    options, server = asked(context), _server()

    def announce(environment: dict[str, str]) -> None:
        if options.output != "table":
            click.echo(render(environment, options.output, options.query))
        address = environment["REMEDIATE_ARM_ENDPOINT"]
        click.echo(f"{scenario} is simulated at {address}, until Ctrl-C. In another shell:", err=True)
        click.echo('  eval "$(remediate sandbox env)"', err=True)

    try:
        server.serve(
            scenario,
            port=port,
            speed=speed,
            ready_file=ready_file,
            state_file=state_file(options.state),
            on_ready=announce,
        )
    except UnknownScenario as error:
        raise UsageError(str(error), hint="remediate sandbox list") from error
    except OSError as error:
        raise UsageError(f"the sandbox cannot be served: {error.strerror or error}") from error


@sandbox.command()
@click.option(
    "--ready-file",
    type=click.Path(dir_okay=False, path_type=Path),
    help="The ready file of the sandbox that is meant.",
)
@common
@click.pass_context
def env(context: click.Context, ready_file: Path | None) -> None:
    """Print what points remediate, the SDKs and az at the sandbox that is running."""
    from remediate.sandbox.running import environment, state_file
    from remediate.show.documents import render

    options = asked(context)
    try:
        found = environment(ready_file, options.state)
    except ValueError as error:
        damaged = f"{ready_file or state_file(options.state)} is not the file of a sandbox, or it is damaged"
        raise UsageError(damaged) from error
    if found is None:
        raise UsageError("no sandbox is running", hint="remediate sandbox serve")
    if options.output != "table":
        click.echo(render(found, options.output, options.query))
        return
    for name, value in found.items():
        click.echo(f"export {name}={_quoted(value)}")


def _quoted(value: str) -> str:
    quoted = shlex.quote(value)
    return quoted if quoted.startswith("'") else f"'{quoted}'"


def _server() -> ModuleType:
    """The server's module. Raises UsageError in a plain install, which cannot import it."""
    try:
        from remediate.sandbox import server
    except ModuleNotFoundError as error:
        if (error.name or "").startswith("remediate"):
            raise
        raise UsageError(NOT_INSTALLED) from error
    return server
