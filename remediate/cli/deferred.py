"""The imports that wait until they are needed: `--help` and completion load no Azure SDK.

- A command is declared with click in `cli.commands`, and names the job that it calls.
- The wizard, prompts, errors and some parsers of options are loaded by the commands that use them.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from importlib import import_module
from typing import Any

import click

from remediate.errors import UsageError


def calls(reference: str) -> Callable[[Callable[[], None]], Callable[..., Any]]:
    """Have a declared command call the job `module:function`, which is imported when the command runs.

    The job takes an Invocation and the declared parameters; what it returns is the exit code, None for 0.
    """

    def decorate(declared: Callable[[], None]) -> Callable[..., Any]:
        @click.pass_context
        @wraps(declared)
        def command(context: click.Context, /, **parameters: Any) -> Any:
            return call(reference, context, **parameters)

        command.reference = reference  # type: ignore[attr-defined]
        return command

    return decorate


def call(reference: str, context: click.Context, **parameters: Any) -> Any:
    """Import a job and call it, with the logging and the invocation that the options ask for."""
    invocation = load("remediate.cli.invoke:prepare")(context)
    return load(reference)(invocation, **parameters)


def load(reference: str) -> Any:
    """The object that `module:name` names."""
    module, _, name = reference.partition(":")
    return getattr(import_module(module), name)


class Deferred(click.ParamType):  # type: ignore[type-arg]  # generic only in newer versions of click
    """A type whose parser `module:function` is imported when a value is given."""

    def __init__(self, name: str, reference: str) -> None:
        self.name = name
        self.reference = reference

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> Any:
        """What the parser returns; its ValueError or UsageError is reported for the option."""
        try:
            return load(self.reference)(value)
        except (ValueError, UsageError) as error:
            return self.fail(f"{error}.", param, ctx)
