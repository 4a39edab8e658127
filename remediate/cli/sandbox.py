"""`remediate sandbox`: list the simulated worlds, keep one up, and point other tools at it."""

from __future__ import annotations

import shlex
from pathlib import Path
from types import ModuleType
from typing import TYPE_CHECKING

import click

from remediate.cli.deferred import optional
from remediate.cli.options import asked
from remediate.errors import UsageError
from remediate.sandbox.running import environment, state_file
from remediate.sandbox.scenarios import UnknownScenario, summaries
from remediate.show.documents import render
from remediate.show.lists import Scenario, Scenarios

if TYPE_CHECKING:
    from remediate.sandbox.server import Sandbox  # an optional extra


def list_(context: click.Context) -> None:
    """Carry out `remediate sandbox list`."""
    options, found = asked(context), summaries()
    if options.output != "table":
        listed = Scenarios(tuple(Scenario(one.name, one.summary) for one in found))
        click.echo(render(listed, options.output, options.query))
        return
    width = max(len(one.name) for one in found)
    for one in found:
        click.echo(f"{one.name:<{width}}  {one.summary}")


def serve(context: click.Context, scenario: str, port: int, speed: float, ready_file: Path | None) -> None:
    """Carry out `remediate sandbox serve`."""
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


def env(context: click.Context, ready_file: Path | None) -> None:
    """Carry out `remediate sandbox env`."""
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


def private(scenario: str, speed: float) -> Sandbox:
    """A sandbox for one command. Raises UsageError for a world that is not known, and in a plain install."""
    try:
        sandbox: Sandbox = _server().Sandbox(scenario, speed=speed)
    except UnknownScenario as error:
        raise UsageError(str(error), hint="remediate sandbox list names them all") from error
    return sandbox


def _server() -> ModuleType:
    """The server's module. Raises UsageError in a plain install, which cannot import it."""
    return optional("remediate.sandbox.server", "sandbox", "the sandbox")
