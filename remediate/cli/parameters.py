"""The options and arguments that several commands declare, and their types."""

from __future__ import annotations

import math
import re
from collections.abc import Callable
from datetime import timedelta
from typing import Any, TypeVar

import click

from remediate.cli.deferred import Deferred, completes
from remediate.cli.help import CommonOption

INTERRUPTION = "interruption"
"""The key of the command's Interruption in click's context object, beside the options."""
Command = TypeVar("Command", bound=Callable[..., Any])
_UNITS = {"": 1, "s": 1, "m": 60, "h": 3600, "d": 86_400}
_AGES = {"h": timedelta(hours=1), "d": timedelta(days=1), "w": timedelta(weeks=1)}
_LONGEST = 7 * 86_400
"""Seconds."""


class _Positive(click.FloatRange):
    """A number above zero, `most` at the most; `nan` compares with neither and is refused."""

    def __init__(self, most: float) -> None:
        super().__init__(min=0, min_open=True, max=most)

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> Any:
        number = super().convert(value, param, ctx)
        if math.isnan(number):
            self.fail(f"{value!r} is not a number.", param, ctx)
        return number


class Interval(click.ParamType):  # type: ignore[type-arg]  # generic only in newer versions of click
    """`15m`, `30s`, `1h`, `1d`, or seconds."""

    name = "time"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> float:
        """The number of seconds, a week at the most."""
        found = re.fullmatch(r"(\d{1,6})([smhd]?)", str(value), re.ASCII)
        seconds = int(found[1]) * _UNITS[found[2]] if found else 0
        if not 1 <= seconds <= _LONGEST:
            self.fail(f"{value!r} is not a time such as 30s, 15m or 1h, up to a week.", param, ctx)
        return float(seconds)


class Age(click.ParamType):  # type: ignore[type-arg]  # generic only in newer versions of click
    """`90d`, `12w` or `36h`."""

    name = "age"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> timedelta:
        """The age as a timedelta."""
        found = re.fullmatch(r"([0-9]{1,5})([hdw])", str(value))
        if found is None:
            self.fail(f"{value!r} is not an age such as 90d, 12w or 36h", param, ctx)
        return int(found[1]) * _AGES[found[2]]


SPEED = _Positive(1_000_000)
"""How many times faster simulated time runs."""
_SECONDS = _Positive(86_400)
_COMMON_OPTIONS: tuple[tuple[tuple[str, ...], dict[str, Any]], ...] = (
    (
        ("-o", "--output"),
        {"type": click.Choice(["table", "json", "yaml"]), "help": "How results are printed on stdout."},
    ),
    (
        ("--query",),
        {"metavar": "JMESPATH", "help": "Print only this part of the result, as JSON unless -o yaml."},
    ),
    (("-y", "--yes"), {"is_flag": True, "help": "Answer every question with yes; overrides no refusal."}),
    (("--dry-run",), {"is_flag": True, "help": "Send no write; print each one that would be sent."}),
    (("--no-color",), {"is_flag": True, "help": "No colour; NO_COLOR does the same."}),
    (("-v", "--verbose"), {"is_flag": True, "help": "Print every request on stderr."}),
    (("--debug",), {"is_flag": True, "help": "Print debug logs and tracebacks, without secrets."}),
    (
        ("--poll-interval",),
        {"type": _SECONDS, "metavar": "SECONDS", "help": "How often Azure is read while waiting."},
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
    (
        ("--cloud",),
        {
            "metavar": "NAME",
            "shell_complete": completes("clouds"),
            "help": "AzureCloud, AzureUSGovernment or AzureChinaCloud.",
        },
    ),
    (
        ("--arm-endpoint",),
        {"metavar": "URL", "help": "Any other Azure, by its ARM address (REMEDIATE_ARM_ENDPOINT)."},
    ),
    (
        ("--sandbox",),
        {
            "is_flag": False,
            "flag_value": "healthy",
            "metavar": "[SCENARIO|FILE]",
            "shell_complete": completes("scenarios"),
            "help": "Run against a private simulated Azure: `remediate sandbox list`, or FILE.yaml.",
        },
    ),
    (
        ("--sandbox-speed",),
        {"type": SPEED, "metavar": "X", "help": "How much faster its time runs (60)."},
    ),
)


def common_options(command: Command) -> Command:
    """Declare the common options on a command; `parse_options` collects their values."""

    def keep(context: click.Context, parameter: click.Parameter, value: Any) -> Any:
        given = context.ensure_object(dict)
        if value is not None and value is not False and parameter.name is not None:
            given[parameter.name] = value
        return value

    for names, settings in reversed(_COMMON_OPTIONS):
        default = False if settings.get("is_flag") else None
        option = click.option(
            *names, cls=CommonOption, default=default, expose_value=False, callback=keep, **settings
        )
        command = option(command)
    return command


def target_options(command: Callable[..., Any]) -> Callable[..., Any]:
    """The ways to name an app or slot."""
    for option in (
        click.option("-s", "--slot", metavar="SLOT", help="A slot of the app."),
        click.option(
            "-n", "--name", metavar="NAME", shell_complete=completes("apps"), help="The app's name."
        ),
        click.option("-g", "--resource-group", "group", metavar="GROUP", help="The app's resource group."),
        click.argument("target", required=False, shell_complete=completes("apps")),
    ):
        command = option(command)
    return command


def probe_option(help_text: str) -> Callable[[Command], Command]:
    """The option `--probe`; its value is an Endpoint."""
    endpoint = Deferred("endpoint", "remediate.model:endpoint")
    return click.option("--probe", type=endpoint, metavar="HOST:PORT", help=help_text)


def allow_unknown_option(help_text: str) -> Callable[[Command], Command]:
    """The option `--allow-unknown`; its value is the set of the codes."""
    return click.option(
        "--allow-unknown",
        "allowed",
        type=Deferred("code", "remediate.cli.invoke:finding_code"),
        multiple=True,
        callback=lambda context, parameter, codes: frozenset(codes),
        metavar="CODE",
        shell_complete=completes("finding_codes"),
        help=help_text,
    )
