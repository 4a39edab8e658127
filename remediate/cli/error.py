"""How an error is reported: a line and a hint on stderr, with -o json or yaml a document on stdout."""

from __future__ import annotations

import sys
import traceback

import click

from remediate.errors import Exit, Interrupted, RemediateError, UnexpectedError, UsageError
from remediate.model import ErrorReport
from remediate.redaction import redacted
from remediate.run.interruption import StopNow
from remediate.show.console import open_consoles, print_error
from remediate.show.documents import render


class CommandLineError(UsageError):
    """The command line could not be parsed."""

    code = "usage"

    def __init__(self, error: click.ClickException) -> None:
        context = error.ctx if isinstance(error, click.UsageError) else None
        command = context.command_path if context else "remediate"
        super().__init__(_misused(error, context), hint=f"{command} --help")


class NotFinished(RemediateError):
    """An error after a run of the command changed Azure: the exit code says that something was changed."""

    exit = Exit.NOT_FINISHED
    code = "not-finished"
    hint = "remediate runs list"

    def __init__(self, cause: RemediateError) -> None:
        message = "interrupted" if cause.exit is Exit.INTERRUPTED else str(cause)
        super().__init__(f"{message}; the journal records what was changed")


def _misused(error: click.ClickException, context: click.Context | None) -> str:
    """What is wrong with the command line; for a missing command click's message is the whole help."""
    missing = isinstance(error, click.exceptions.NoArgsIsHelpError) or error.message == "Missing command."
    if missing and context and isinstance(context.command, click.Group):
        name = context.command_path.removeprefix("remediate ")
        return f"{name} needs a command: {', '.join(sorted(context.command.commands))}"
    return error.format_message()


def as_error(error: BaseException) -> RemediateError:
    """The RemediateError for anything that was raised, also for click's errors and Ctrl-C."""
    if isinstance(error, RemediateError):
        return error
    if isinstance(error, click.exceptions.Abort | KeyboardInterrupt | StopNow):
        return Interrupted("interrupted, and nothing was changed")
    return CommandLineError(error) if isinstance(error, click.ClickException) else UnexpectedError(error)


def report(raised: BaseException, output: str | None, *, changed: bool, debug: bool, no_color: bool) -> int:
    """Print the error that ends a command, and return the exit code. `output` is the value of -o, if given.

    `changed` says that a run of the command changed Azure before the error.
    """
    if debug:
        print(redacted("".join(traceback.format_exception(raised))), file=sys.stderr, end="")
    error, consoles = as_error(raised), open_consoles(no_color=no_color)
    if changed and error.exit in (Exit.UNEXPECTED, Exit.INTERRUPTED):
        error = NotFinished(error)
    if isinstance(raised, KeyboardInterrupt | StopNow):
        consoles.err.show_cursor()  # a progress line that was interrupted leaves it hidden
    print_error(consoles.err, error)
    if output in ("json", "yaml"):
        text = render(document(error), "json" if output == "json" else "yaml")
        consoles.out.out(text, highlight=False)
    return int(error.exit)


def document(error: RemediateError) -> ErrorReport:
    """The document `remediate.error/1`."""
    return ErrorReport(code=error.code, message=str(error), hint=error.hint, exit=int(error.exit))
