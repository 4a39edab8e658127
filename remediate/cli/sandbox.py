"""`remediate sandbox`: list the simulated worlds, keep one up, and point other tools at it."""

from __future__ import annotations

import json
import shlex
import sys
from pathlib import Path
from typing import TYPE_CHECKING, NoReturn

import click

if TYPE_CHECKING:
    from types import ModuleType

DEFAULT_SCENARIO = "healthy"
NOT_INSTALLED = 'the sandbox is not installed: pip install "vnet-remediate[sandbox]"'

_output = click.option(
    "-o", "--output", type=click.Choice(["table", "json"]), default="table", help="How to print the result."
)


@click.group(context_settings={"help_option_names": ["-h", "--help"]})
def sandbox() -> None:
    """A simulated Azure on this machine, for trying things out."""


@sandbox.command("list")
@_output
def list_(output: str) -> None:
    """Show the worlds that can be simulated."""
    from remediate.sandbox.scenarios import summaries

    found = summaries()
    if output == "json":
        listed = [{"name": one.name, "summary": one.summary} for one in found]
        click.echo(json.dumps({"schema": "remediate.scenarios/1", "scenarios": listed}, indent=2))
        return
    width = max(len(one.name) for one in found)
    for one in found:
        click.echo(f"{one.name:<{width}}  {one.summary}")


@sandbox.command()
@click.argument("scenario", default=DEFAULT_SCENARIO)
@click.option("--port", type=click.IntRange(0, 65535), default=0, help="The port; 0 takes a free one.")
@click.option(
    "--speed",
    type=click.FloatRange(min=0, min_open=True),
    default=1.0,
    show_default=True,
    help="How many times faster simulated time runs.",
)
@click.option(
    "--ready-file",
    type=click.Path(dir_okay=False, path_type=Path),
    help="A file that appears once the sandbox listens and holds its environment as JSON.",
)
def serve(scenario: str, port: int, speed: float, ready_file: Path | None) -> None:
    """Keep SCENARIO up until Ctrl-C or SIGTERM."""
    from remediate.sandbox.running import state_file
    from remediate.sandbox.scenarios import UnknownScenario

    server = _server()

    def announce(address: str) -> None:
        click.echo(f"{scenario} is simulated at {address}, until Ctrl-C. In another shell:", err=True)
        click.echo('  eval "$(remediate sandbox env)"', err=True)

    try:
        server.serve(
            scenario,
            port=port,
            speed=speed,
            ready_file=ready_file,
            state_file=state_file(),
            on_ready=announce,
        )
    except UnknownScenario as error:
        _wrong(str(error))
    except OSError as error:
        _wrong(f"the sandbox cannot be served: {error.strerror or error}")


@sandbox.command()
@click.option(
    "--ready-file",
    type=click.Path(dir_okay=False, path_type=Path),
    help="The ready file of the sandbox that is meant.",
)
@_output
def env(ready_file: Path | None, output: str) -> None:
    """Print what points remediate, the SDKs and az at the sandbox that is running."""
    from remediate.sandbox.running import environment, state_file

    try:
        found = environment(ready_file)
    except ValueError:
        _wrong(f"{ready_file or state_file()} is not the file of a sandbox, or it is damaged")
    if found is None:
        _wrong("no sandbox is running; start one with: remediate sandbox serve")
    if output == "json":
        click.echo(json.dumps(found, indent=2))
        return
    for name, value in found.items():
        click.echo(f"export {name}={_quoted(value)}")


def _quoted(value: str) -> str:
    quoted = shlex.quote(value)
    return quoted if quoted.startswith("'") else f"'{quoted}'"


def _server() -> ModuleType:
    """The server's module, which a plain install cannot import."""
    try:
        from remediate.sandbox import server
    except ModuleNotFoundError as error:
        if (error.name or "").startswith("remediate"):
            raise
        _wrong(NOT_INSTALLED)
    return server


def _wrong(message: str) -> NoReturn:
    """Say one line on stderr and end with exit code 2 (contract.md, Exit codes)."""
    click.echo(message, err=True)
    sys.exit(2)
