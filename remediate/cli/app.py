"""The command `remediate`: its commands, and how anything that goes wrong ends it."""

from __future__ import annotations

import logging
import re
import sys
import traceback
from collections.abc import Iterator, Sequence

import click

from remediate import __version__
from remediate.azure.redact import redacted
from remediate.cli.error import as_error, tell_error
from remediate.cli.guard import guard
from remediate.cli.options import asked, common
from remediate.cli.playbooks import playbooks
from remediate.cli.purge import purge
from remediate.cli.reconnect import reconnect
from remediate.cli.runs import resume, rollback, runs
from remediate.cli.sandbox import sandbox
from remediate.cli.snapshot import snapshot
from remediate.cli.verify import verify
from remediate.cli.watch import watch
from remediate.errors import Exit, UsageError


@click.group(invoke_without_command=True, context_settings={"help_option_names": ["-h", "--help"]})
@common
@click.version_option(__version__, "-V", "--version", message="remediate %(version)s")
@click.pass_context
def main(context: click.Context) -> None:
    """Bring back the virtual network of an Azure App Service or Functions app.

    Without a command, in a terminal: a wizard that looks, explains, and walks you
    through. Start with `remediate verify TARGET`, which only reads. To try everything
    without an Azure, add `--sandbox link-missing`.
    """
    if context.invoked_subcommand is not None:
        return
    from remediate.cli.desk import interactive

    if not interactive():
        click.echo(f"{context.get_help()}\n", err=True)
        raise UsageError("the wizard needs a terminal", hint="remediate verify TARGET")
    from remediate.cli.wizard import wizard

    sys.exit(wizard(asked(context)))


for _command in (
    verify,
    watch,
    reconnect,
    purge,
    guard,
    resume,
    rollback,
    runs,
    snapshot,
    playbooks,
    sandbox,
):
    main.add_command(_command)


def run(arguments: Sequence[str]) -> int:
    """Run the command line and return its exit code; prints whatever went wrong as one line."""
    debug = "--debug" in arguments
    _configure_logging(debug, verbose="-v" in arguments or "--verbose" in arguments)
    try:
        result = main.main(list(arguments), prog_name="remediate", standalone_mode=False)
        return int(result) if isinstance(result, int) else int(Exit.DONE)
    except SystemExit as exit_:
        return int(exit_.code) if isinstance(exit_.code, int) else int(Exit.UNEXPECTED)
    except (Exception, KeyboardInterrupt) as error:
        if debug:
            print(redacted("".join(traceback.format_exception(error))), file=sys.stderr, end="")
        ended = as_error(error)
        tell_error(ended, _structured(arguments), no_color="--no-color" in arguments)
        return int(ended.exit)


def _structured(arguments: Sequence[str]) -> str | None:
    """What -o was set to, found even where the command line could not be understood."""
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


class _Redacting(logging.Formatter):
    """Whatever a library logs, no secret of it is printed."""

    def format(self, record: logging.LogRecord) -> str:
        """The line, or the lines with a traceback, without secrets."""
        return redacted(super().format(record))


def _configure_logging(debug: bool, *, verbose: bool) -> None:
    """Azure's libraries log their own failures; those are told as results, so only --debug prints them."""
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(_Redacting("%(asctime)s %(message)s", datefmt="%Y-%m-%dT%H:%M:%S%z"))
    levels = {"azure": logging.CRITICAL, "remediate": logging.INFO if verbose else logging.CRITICAL}
    for name, level in levels.items():
        logger = logging.getLogger(name)
        logger.setLevel(logging.DEBUG if debug else level)
        logger.handlers = [handler]
