"""`remediate sandbox`: list the scenarios, check a world file, serve one, and print its environment."""

from __future__ import annotations

import os
import shlex
from pathlib import Path
from types import ModuleType
from typing import TYPE_CHECKING

from remediate.errors import InvalidWorldFile, UsageError
from remediate.jobs.extras import import_extra
from remediate.jobs.invocation import Invocation
from remediate.jobs.output import print_document
from remediate.sandbox.running import STATE_FOLDER, environment, state_file
from remediate.sandbox.scenarios import InvalidWorld, UnknownScenario, UnreadableWorld, load_file, summaries
from remediate.show.console import open_consoles, safe
from remediate.show.documents import render
from remediate.show.lists import Scenario, ScenarioList, WorldCheck
from remediate.show.worlds import print_world

if TYPE_CHECKING:
    from remediate.sandbox.server import Sandbox  # an optional extra

WRONG_WORLD = (UnknownScenario, UnreadableWorld, InvalidWorld)


def list_scenarios(invocation: Invocation) -> None:
    """Print the scenarios that can be simulated."""
    found = summaries()
    width = max(len(one.name) for one in found)
    lines = [f"{one.name:<{width}}  {one.summary}" for one in found]
    listed = ScenarioList(tuple(Scenario(one.name, one.summary) for one in found))
    print_document(invocation.options, listed, lambda console: console.out("\n".join(lines), highlight=False))


def check(invocation: Invocation, file: str) -> None:
    """Print that a world file has no error. Raises InvalidWorldFile with every error, and UsageError."""
    if file in {one.name for one in summaries()} and not Path(file).exists():
        raise UsageError(
            f"{file!r} is a shipped scenario, not a file: it needs no check",
            hint=f"use it with `--sandbox {file}`, or start a file of your own with `extends: {file}`",
        )
    import_extra("jsonschema", "sandbox", "the sandbox")
    try:
        state = load_file(file).state
    except WRONG_WORLD as error:
        raise _wrong_world(error) from error
    subnets = sum(len(one.subnets) for one in state.vnets.values())
    found = WorldCheck(file, apps=len(state.sites), plans=len(state.plans), subnets=subnets)
    print_document(invocation.options, found, lambda console: print_world(console, found))


def serve(invocation: Invocation, scenario: str, port: int, speed: float, ready_file: Path | None) -> None:
    """Serve a scenario or a world file until a signal comes. Raises UsageError."""
    options, server = invocation.options, _server()
    consoles = open_consoles(no_color=options.no_color)

    def announce(environment: dict[str, str]) -> None:
        if options.output != "table":
            consoles.out.out(render(environment, options.output, options.query), highlight=False)
        address = environment["REMEDIATE_ARM_ENDPOINT"]
        lines = (
            f"{safe(scenario)} is simulated at {address}, until Ctrl-C. In another shell:",
            f'  eval "$({_environment_command(options.state)})"',
        )
        consoles.err.out("\n".join(lines), highlight=False)

    try:
        server.serve(
            scenario,
            port=port,
            speed=speed,
            ready_file=ready_file,
            state_file=state_file(options.state),
            on_ready=announce,
        )
    except WRONG_WORLD as error:
        raise _wrong_world(error) from error
    except OSError as error:
        raise UsageError(f"the sandbox cannot be served: {error.strerror or error}") from error


def print_environment(invocation: Invocation, ready_file: Path | None) -> None:
    """Print the environment of the running sandbox. Raises UsageError when none is running."""
    options = invocation.options
    try:
        found = environment(ready_file, options.state)
    except ValueError as error:
        damaged = f"{ready_file or state_file(options.state)} is not the file of a sandbox, or it is damaged"
        raise UsageError(damaged) from error
    if found is None:
        note = ready_file or state_file(options.state)
        raise UsageError(f"no sandbox is running whose address is in {note}", hint="remediate sandbox serve")
    lines = [f"export {name}={_quoted(value)}" for name, value in found.items()]
    print_document(options, found, lambda console: console.out("\n".join(lines), highlight=False))


def _environment_command(state: str | None) -> str:
    """What finds this sandbox from another shell, also where that has no REMEDIATE_STATE."""
    named = state or os.environ.get(STATE_FOLDER)
    local = ["--state", str(Path(named).absolute())] if named and "://" not in named else []
    return shlex.join(["remediate", "sandbox", "env", *local])


def _quoted(value: str) -> str:
    quoted = shlex.quote(value)
    return quoted if quoted.startswith("'") else f"'{quoted}'"


def private_sandbox(scenario: str, speed: float) -> Sandbox:
    """A sandbox for one command, of a scenario or a world file.

    Raises UsageError for an unknown scenario and in a plain install, and InvalidWorldFile.
    """
    try:
        sandbox: Sandbox = _server().Sandbox(scenario, speed=speed)
    except WRONG_WORLD as error:
        raise _wrong_world(error) from error
    return sandbox


def _wrong_world(error: ValueError) -> UsageError:
    if isinstance(error, InvalidWorld):
        return InvalidWorldFile(str(error))
    return UsageError(
        str(error), hint="remediate sandbox list" if isinstance(error, UnknownScenario) else None
    )


def _server() -> ModuleType:
    """The server's module. Raises UsageError in a plain install, which cannot import it."""
    return import_extra("remediate.sandbox.server", "sandbox", "the sandbox")
