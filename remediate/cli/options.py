"""What the options that every command takes were set to, environment included."""

from __future__ import annotations

import os
from typing import Any, Literal

import click
import jmespath
import msgspec
from jmespath.exceptions import JMESPathError

Output = Literal["table", "json", "yaml"]


class Options(msgspec.Struct, frozen=True):
    """What was asked for on the command line, environment included. Times in seconds."""

    output: Output = "table"
    query: str | None = None
    yes: bool = False
    dry_run: bool = False
    no_color: bool = False
    verbose: bool = False
    debug: bool = False
    poll_interval: float | None = None
    timeout: float | None = None
    subscription: str | None = None
    state: str | None = None
    cloud: str | None = None
    arm_endpoint: str | None = None
    sandbox: str | None = None
    sandbox_speed: float = 60.0

    @property
    def structured(self) -> bool:
        """Whether stdout carries one document and nothing more."""
        return self.output != "table"

    @property
    def passing(self) -> bool:
        """Whether a private sandbox ends with the command, and the state with it."""
        return self.sandbox is not None and self.state is None


def asked(context: click.Context) -> Options:
    """The options of this call; what stands after the command's name wins over what stands before.

    Raises click.UsageError for options that contradict each other.
    """
    given: dict[str, Any] = context.ensure_object(dict)
    options = Options(**{name: given[name] for name in Options.__struct_fields__ if name in given})
    if options.query and not options.structured:
        raise click.UsageError("--query needs -o json or -o yaml")
    if options.query:
        _check_query(options.query)
    if options.sandbox and (options.arm_endpoint or options.cloud):
        raise click.UsageError("--sandbox brings its own Azure: leave --cloud and --arm-endpoint out")
    if options.arm_endpoint and options.cloud:
        raise click.UsageError("--cloud and --arm-endpoint both name an Azure: choose one")
    return _with_environment(options)


def _check_query(query: str) -> None:
    """A query that cannot work is refused before anything is done."""
    try:
        jmespath.compile(query)
    except (JMESPathError, ValueError, RecursionError) as error:
        reason = (str(error).splitlines() or [type(error).__name__])[0]
        raise click.UsageError(f"--query {query!r} is not JMESPath: {reason}") from error


def _with_environment(options: Options) -> Options:
    endpoint = os.environ.get("REMEDIATE_ARM_ENDPOINT")
    if not options.arm_endpoint and not options.cloud and not options.sandbox and endpoint:
        options = msgspec.structs.replace(options, arm_endpoint=endpoint)
    if os.environ.get("NO_COLOR"):
        options = msgspec.structs.replace(options, no_color=True)
    return options
