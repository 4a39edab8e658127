"""The command `remediate`: its commands, and how anything that goes wrong ends it."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

import click

from remediate import __version__
from remediate.cli.commands import COMMANDS
from remediate.cli.deferred import carry_out, load
from remediate.cli.parameters import common
from remediate.cli.terminal import interactive
from remediate.errors import Exit, UsageError


@click.group(
    invoke_without_command=True,
    commands=COMMANDS,
    context_settings={"help_option_names": ["-h", "--help"]},
)
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
    if not interactive():
        click.echo(f"{context.get_help()}\n", err=True)
        raise UsageError("the wizard needs a terminal", hint="remediate verify TARGET")
    carry_out("remediate.cli.wizard:wizard", context)


def run(arguments: Sequence[str]) -> int:
    """Run the command line and return its exit code; prints whatever went wrong as one line."""
    try:
        result = main.main(list(arguments), prog_name="remediate", standalone_mode=False)
        return int(result) if isinstance(result, int) else int(Exit.DONE)
    except SystemExit as ended:
        return int(ended.code) if isinstance(ended.code, int) else int(Exit.UNEXPECTED)
    except (Exception, KeyboardInterrupt) as error:
        return _failed(error, arguments)


def _failed(error: BaseException, arguments: Sequence[str]) -> int:
    """Tell what was raised; a command line that could not be understood is searched for its options."""
    code: int = load("remediate.cli.error:tell")(
        error,
        _structured(arguments),
        debug="--debug" in arguments,
        no_color="--no-color" in arguments,
    )
    return code


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
