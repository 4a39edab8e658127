"""The command `remediate`: the group of its commands, and the exit code of whatever goes wrong."""

from __future__ import annotations

import os
import re
from collections.abc import Iterator, Sequence
from contextvars import Context, copy_context
from functools import partial
from typing import Any

import click

from remediate import __version__
from remediate.cli import commands
from remediate.cli.deferred import LazyGroup, call, load
from remediate.cli.ending import end_at_once
from remediate.cli.parameters import INTERRUPTION, common_options
from remediate.cli.terminal import interactive
from remediate.errors import Exit, UsageError
from remediate.run.interruption import Interruption, StopNow


@click.group(
    cls=LazyGroup,
    package=commands.__name__,
    lazy=commands.COMMANDS,
    sections=commands.SECTIONS,
    invoke_without_command=True,
    context_settings={"help_option_names": ["-h", "--help"]},
)
@common_options
@click.version_option(__version__, "-V", "--version", message="remediate %(version)s")
@click.pass_context
def main(context: click.Context) -> Any:
    """Bring back the virtual network of an Azure App Service or Functions app.

    Without a command, in a terminal: a wizard that explains what is wrong, and guides
    you. Start with `remediate verify TARGET`, which only reads. To try everything
    without Azure, add `--sandbox link-missing`.
    """
    if context.invoked_subcommand is not None:
        return None
    if not interactive():
        click.echo(f"{context.get_help()}\n", err=True)
        raise UsageError("the wizard needs a terminal", hint="remediate verify TARGET")
    return call("remediate.cli.wizard:wizard", context)


def run(arguments: Sequence[str], *, own_process: bool = False) -> int:
    """Run the command line and return its exit code; an error is printed as one line.

    `own_process` says that the process ends with the command: then a command that hangs after a second
    signal is ended with its process.
    """
    # A context of its own: the options that its printed commands repeat are not those of the next one.
    context = copy_context()
    interruption = Interruption(partial(_end_at_once, context, arguments) if own_process else None)
    with interruption.installed():
        return context.run(_run, arguments, interruption)


def _run(arguments: Sequence[str], interruption: Interruption) -> int:
    try:
        return _result(arguments, interruption)
    except (Exception, KeyboardInterrupt, StopNow) as error:
        interruption.report()
        return _report(arguments, error, changed=interruption.changed)


def _result(arguments: Sequence[str], interruption: Interruption) -> int:
    _check_text(arguments)
    try:
        given = {INTERRUPTION: interruption}
        if "_REMEDIATE_COMPLETE" in os.environ:
            load("remediate.cli.completion:register")()
        result = main.main(list(arguments), prog_name="remediate", standalone_mode=False, obj=given)
    except SystemExit as ended:
        result = ended.code if isinstance(ended.code, int) else Exit.UNEXPECTED
    interruption.report()
    return int(result) if isinstance(result, int) else int(Exit.DONE)


def _check_text(arguments: Sequence[str]) -> None:
    """Raises UsageError for bytes that are not UTF-8: Python reads them as surrogates that cannot be sent."""
    for argument in arguments:
        try:
            argument.encode()
        except UnicodeEncodeError as error:
            raise UsageError(f"an argument is not UTF-8: {argument[:80]!a}") from error


def _end_at_once(context: Context, arguments: Sequence[str], error: BaseException) -> None:
    """End the process of a command that hangs after it was stopped, from another thread than its own."""
    if isinstance(error, SystemExit):
        end_at_once(int(error.code or Exit.DONE), lambda: None)
    code = load("remediate.cli.error:as_error")(error).exit
    end_at_once(int(code), lambda: context.copy().run(_report, arguments, error))


def _report(arguments: Sequence[str], error: BaseException, *, changed: bool = False) -> int:
    """Report an error; the output format is searched in the arguments, which may not have been parsed."""
    code: int = load("remediate.cli.error:report")(
        error,
        _structured(arguments),
        changed=changed,
        debug="--debug" in arguments,
        no_color="--no-color" in arguments,
    )
    return code


def _structured(arguments: Sequence[str]) -> str | None:
    """The value of -o, found even if the command line could not be parsed."""
    chosen = list(_outputs(arguments))
    return chosen[-1] if chosen else None


def _outputs(arguments: Sequence[str]) -> Iterator[str]:
    for position, word in enumerate(arguments):
        if word == "--output":
            yield next(iter(arguments[position + 1 :]), "")
        elif word.startswith("--output="):
            yield word.partition("=")[2]
        elif bundled := re.fullmatch(r"-[yv]*o(.*)", word):
            yield bundled[1].lstrip("=") or next(iter(arguments[position + 1 :]), "")
