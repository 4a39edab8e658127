"""The imports that wait until they are needed; all others stand at the top of their file.

- The code of a command: `--help` and shell completion must not wait for the Azure SDKs.
- The wizard, the printing of errors and the prompts: most commands need none of them.
- The sandbox and shared state: optional extras, which a plain install cannot import.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from importlib import import_module
from types import ModuleType
from typing import Any

import click

from remediate.errors import UsageError


def carried_out_by(reference: str) -> Callable[[Callable[[], None]], Callable[..., Any]]:
    """Have a declared command carried out by `module:function`, which is imported when the command runs.

    The function takes the click context and the declared parameters.
    """

    def decorate(declared: Callable[[], None]) -> Callable[..., Any]:
        @click.pass_context
        @wraps(declared)
        def command(context: click.Context, /, **parameters: Any) -> Any:
            return carry_out(reference, context, **parameters)

        command.reference = reference  # type: ignore[attr-defined]
        return command

    return decorate


def carry_out(reference: str, context: click.Context, **parameters: Any) -> Any:
    """Import the code of a command and run it, with the logging that its options ask for."""
    given = context.ensure_object(dict)
    load("remediate.cli.logs:configure")(debug="debug" in given, verbose="verbose" in given)
    return load(reference)(context, **parameters)


def load(reference: str) -> Any:
    """The object that `module:name` names."""
    module, _, name = reference.partition(":")
    return getattr(import_module(module), name)


def optional(module: str, extra: str, what: str) -> ModuleType:
    """A module that needs an optional extra. Raises UsageError, with the command that installs it."""
    try:
        return import_module(module)
    except ImportError as error:
        if (error.name or "").startswith("remediate"):
            raise
        raise UsageError(f'{what} is not installed: pip install "vnet-remediate[{extra}]"') from error
