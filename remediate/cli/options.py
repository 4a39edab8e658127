"""The options that every command takes, before or after its name, and what they were set to."""

from __future__ import annotations

import math
import os
from collections.abc import Callable
from typing import Any, Literal, TypeVar

import click
import msgspec

INTERRUPTION = "interruption"
"""What the command's Interruption is called in click's context object, beside the options."""
Output = Literal["table", "json", "yaml"]
Command = TypeVar("Command", bound=Callable[..., Any])


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


class _Positive(click.FloatRange):
    """More than nothing, and not more than `most`; `nan` is in no order with either, and is no number."""

    def __init__(self, most: float) -> None:
        super().__init__(min=0, min_open=True, max=most)

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> Any:
        number = super().convert(value, param, ctx)
        if math.isnan(number):
            self.fail(f"{value!r} is not a number.", param, ctx)
        return number


SPEED = _Positive(1_000_000)
"""How many times faster simulated time runs."""
_SECONDS = _Positive(86_400)
_DECLARED: tuple[tuple[tuple[str, ...], dict[str, Any]], ...] = (
    (
        ("-o", "--output"),
        {"type": click.Choice(["table", "json", "yaml"]), "help": "How results are printed on stdout."},
    ),
    (("--query",), {"metavar": "JMESPATH", "help": "Print only this part of the JSON or YAML result."}),
    (("-y", "--yes"), {"is_flag": True, "help": "Answer every question with yes; overrides no refusal."}),
    (("--dry-run",), {"is_flag": True, "help": "Send no write; print each one that would be sent."}),
    (("--no-color",), {"is_flag": True, "help": "No colour; NO_COLOR does the same."}),
    (("-v", "--verbose"), {"is_flag": True, "help": "Name every request on stderr."}),
    (("--debug",), {"is_flag": True, "help": "Everything, tracebacks included; secrets are left out."}),
    (
        ("--poll-interval",),
        {"type": _SECONDS, "metavar": "SECONDS", "help": "How often to look while waiting."},
    ),
    (("--timeout",), {"type": _SECONDS, "metavar": "SECONDS", "help": "How long each wait may last."}),
    (("--subscription",), {"metavar": "ID", "help": "Default: AZURE_SUBSCRIPTION_ID, then az's own."}),
    (
        ("--state",),
        {
            "metavar": "DIR|URL",
            "help": "Where runs are kept: a folder, or azblob://ACCOUNT/CONTAINER (REMEDIATE_STATE).",
        },
    ),
    (("--cloud",), {"metavar": "NAME", "help": "AzureCloud, AzureUSGovernment or AzureChinaCloud."}),
    (
        ("--arm-endpoint",),
        {"metavar": "URL", "help": "Any other Azure, by its ARM address (REMEDIATE_ARM_ENDPOINT)."},
    ),
    (
        ("--sandbox",),
        {
            "is_flag": False,
            "flag_value": "healthy",
            "metavar": "[SCENARIO]",
            "help": "Run against a private simulated Azure; see `remediate sandbox list`.",
        },
    ),
    (
        ("--sandbox-speed",),
        {"type": SPEED, "metavar": "X", "help": "How much faster its time runs (60)."},
    ),
)
_NAMES = tuple(names[-1].lstrip("-").replace("-", "_") for names, _ in _DECLARED)


def common(command: Command) -> Command:
    """Give a command the options everywhere. It finds them in `asked(context)`."""

    def keep(context: click.Context, parameter: click.Parameter, value: Any) -> Any:
        given = context.ensure_object(dict)
        if value is not None and value is not False and parameter.name is not None:
            given[parameter.name] = value
        return value

    for names, settings in reversed(_DECLARED):
        default = False if settings.get("is_flag") else None
        option = click.option(*names, default=default, expose_value=False, callback=keep, **settings)
        command = option(command)
    return command


def asked(context: click.Context) -> Options:
    """The options of this call; what stands after the command's name wins over what stands before.

    Raises click.UsageError for options that contradict each other.
    """
    given: dict[str, Any] = context.ensure_object(dict)
    options = Options(**{name: given[name] for name in _NAMES if name in given})
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
    import jmespath
    from jmespath.exceptions import JMESPathError

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
