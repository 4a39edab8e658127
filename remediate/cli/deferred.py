"""The imports that wait until they are needed: `--help` and completion load no Azure SDK.

- A command is declared with click in `cli.commands`; its module is imported when the command is run,
  completed or explained, for the list of commands a name and a line do.
- A declared command names the job that it calls.
- The wizard, prompts, errors and some parsers of options are loaded by the commands that use them.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import wraps
from importlib import import_module
from typing import Any

import click

from remediate.cli.help import Group
from remediate.errors import UsageError


class LazyGroup(Group):
    """A group of commands that are imported one by one, when they are used."""

    def __init__(self, *, package: str, lazy: Mapping[str, tuple[str, str]], **settings: Any) -> None:
        """`lazy` has for each command its module in the package, and the first line of its help."""
        super().__init__(**settings)
        for name, (_, line) in lazy.items():
            self.add_command(click.Command(name, help=line))
        self._modules = {name: f"{package}.{module}" for name, (module, _) in lazy.items()}

    def declared(self, name: str) -> click.Command:
        """The command of that name, with its options; its module is imported. Raises KeyError."""
        command: click.Command = load(f"{self._modules[name]}:{name}")
        return command

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        """What click parses: the declared command in place of the one that is only listed."""
        name, listed, rest = super().resolve_command(ctx, args)
        return name, self.declared(name) if name and listed else None, rest


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


def completes(values: str) -> Callable[[click.Context, click.Parameter, str], Any]:
    """A completion of `cli.completion` by its name; that module is imported when the shell asks."""

    def complete(context: click.Context, parameter: click.Parameter, incomplete: str) -> Any:
        return load(f"remediate.cli.completion:{values}")(context, parameter, incomplete)

    return complete


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
