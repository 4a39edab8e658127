"""The command `remediate`: its commands, and how anything that goes wrong ends it."""

from __future__ import annotations

import logging
import re
import sys
import traceback
from collections.abc import Iterator, Sequence

import click

from remediate import __version__
from remediate.cli.guard import guard
from remediate.cli.options import asked, common
from remediate.cli.playbooks import playbooks
from remediate.cli.problem import Exit, Problem, put
from remediate.cli.purge import purge
from remediate.cli.reconnect import reconnect
from remediate.cli.runs import resume, rollback, runs
from remediate.cli.sandbox import sandbox
from remediate.cli.snapshot import snapshot
from remediate.cli.verify import verify
from remediate.cli.watch import watch
from remediate.redaction import redacted


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
        raise Problem("the wizard needs a terminal", hint="remediate verify TARGET")
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
    except SystemExit as ended:
        return int(ended.code) if isinstance(ended.code, int) else int(Exit.UNEXPECTED)
    except (Exception, KeyboardInterrupt) as error:
        if debug:
            print(redacted("".join(traceback.format_exception(error))), file=sys.stderr, end="")
        problem = as_problem(error)
        _tell(problem, _structured(arguments))
        return int(problem.exit)


def as_problem(error: BaseException) -> Problem:
    """One line, one hint, one exit code for anything that was raised."""
    if isinstance(error, Problem):
        return error
    if isinstance(error, click.UsageError):
        command = error.ctx.command_path if error.ctx else "remediate"
        return Problem(_misused(error), hint=f"{command} --help", code="usage")
    if isinstance(error, click.exceptions.Abort | KeyboardInterrupt):
        return Problem("interrupted, and nothing was changed", exit_=Exit.INTERRUPTED)
    if isinstance(error, click.ClickException):
        return Problem(error.format_message())
    return _from_rooms(error)


def _misused(error: click.UsageError) -> str:
    """What is wrong with the command line; for a missing command, click would print the whole help."""
    group = error.ctx.command if error.ctx else None
    missing = isinstance(error, click.exceptions.NoArgsIsHelpError) or error.message == "Missing command."
    if error.ctx and isinstance(group, click.Group) and missing:
        return f"{error.ctx.command_path} needs a command: {', '.join(sorted(group.commands))}"
    return error.format_message()


def _from_rooms(error: BaseException) -> Problem:
    from remediate import ids, plan, playbook
    from remediate.show.documents import BadQuery

    if isinstance(error, playbook.PlaybookErrors | playbook.UnknownPlaybook):
        return Problem(str(error), hint="remediate playbooks list", code="playbook")
    if isinstance(error, plan.WrongUse | ids.InvalidId | BadQuery):
        return Problem(str(error))
    return _from_azure(error)


def _from_azure(error: BaseException) -> Problem:
    from remediate.azure.cloud import UnknownCloud
    from remediate.azure.failure import Failure
    from remediate.azure.session import NotSignedIn

    if isinstance(error, UnknownCloud):
        return Problem(str(error))
    if isinstance(error, NotSignedIn):
        return Problem(
            f"not signed in: {error}", hint="az login", exit_=Exit.UNEXPECTED, code="not-signed-in"
        )
    if isinstance(error, Failure):
        return Problem(str(error), hint=_advice(error.kind), exit_=Exit.UNEXPECTED, code=error.kind)
    return _from_run(error) or Problem(
        f"unexpected: {type(error).__name__}: {error}",
        hint="the same command with --debug shows where",
        exit_=Exit.UNEXPECTED,
    )


def _from_run(error: BaseException) -> Problem | None:
    from remediate.run.effects import Moved
    from remediate.state.store import StoreError

    if isinstance(error, Moved):
        return Problem(str(error), hint="look again, and decide anew", exit_=Exit.SOMEBODY_ELSE, code="moved")
    if isinstance(error, StoreError):
        hint = "this command changed nothing; --state DIR names another folder"
        return Problem(str(error), hint=hint, exit_=Exit.REFUSED, code="state")
    return None


def _advice(kind: str) -> str:
    advice = {
        "denied": "the role Reader on the app, its plan and its network is needed to look",
        "unreachable": "check the network and --arm-endpoint, then try again",
        "throttled": "Azure asks for patience: try again in a minute",
    }
    return advice.get(kind, "")


def _tell(problem: Problem, output: str | None) -> None:
    """One line on stderr, and under -o json or yaml the error document on stdout."""
    from remediate.show.console import look

    put(look(no_color="--no-color" in sys.argv).err, problem)
    if output in ("json", "yaml"):
        from remediate.show.documents import render

        text = render(problem.report, "json" if output == "json" else "yaml")
        look().out.out(text, highlight=False)


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
