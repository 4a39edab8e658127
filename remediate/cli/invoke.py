"""From click's context to the invocation that a job takes: the common options, prompts and logging."""

from __future__ import annotations

import logging
import os
import sys
from typing import Any

import click
import jmespath
from jmespath.exceptions import JMESPathError
from msgspec.structs import replace

from remediate.cli.parameters import INTERRUPTION
from remediate.cli.terminal import TerminalPrompts
from remediate.jobs.invocation import Invocation, Options
from remediate.playbook import FINDING_CODES
from remediate.redaction import redacted
from remediate.show.commands import repeat_options


def prepare(context: click.Context) -> Invocation:
    """The invocation of a command. Raises click.UsageError for options that contradict each other."""
    given = context.ensure_object(dict)
    configure_logging(debug="debug" in given, verbose="verbose" in given)
    options = parse_options(context)
    return Invocation(options, TerminalPrompts(color=not options.no_color), given[INTERRUPTION])


def parse_options(context: click.Context) -> Options:
    """The options of this call; those after the command's name override those before it.

    Raises click.UsageError for options that contradict each other.
    """
    given: dict[str, Any] = context.ensure_object(dict)
    repeat_options(given)
    options = Options(**{name: given[name] for name in Options.__struct_fields__ if name in given})
    if options.query:
        _check_query(options.query)
        options = options if options.structured else replace(options, output="json")
    if options.sandbox and (options.arm_endpoint or options.cloud):
        raise click.UsageError("--sandbox brings its own Azure: leave --cloud and --arm-endpoint out")
    if options.arm_endpoint and options.cloud:
        raise click.UsageError("--cloud and --arm-endpoint both name an Azure: choose one")
    return _with_environment(options)


def _check_query(query: str) -> None:
    """Refuse an invalid query before anything is done."""
    try:
        jmespath.compile(query)
    except (JMESPathError, ValueError, RecursionError) as error:
        reason = (str(error).splitlines() or [type(error).__name__])[0].rstrip(":")
        raise click.UsageError(f"--query {query!r} is not JMESPath: {reason}") from error


def _with_environment(options: Options) -> Options:
    endpoint = os.environ.get("REMEDIATE_ARM_ENDPOINT")
    if not options.arm_endpoint and not options.cloud and not options.sandbox and endpoint:
        options = replace(options, arm_endpoint=endpoint)
    if os.environ.get("NO_COLOR"):
        options = replace(options, no_color=True)
    return options


def finding_code(text: str) -> str:
    """The code of a finding. Raises ValueError for any other text."""
    if text not in FINDING_CODES:
        raise ValueError(f"there is no finding with the code {text!r}")
    return text


class RedactingFormatter(logging.Formatter):
    """Formats log records without secrets, whatever a library logs."""

    def format(self, record: logging.LogRecord) -> str:
        """The line, or the lines with a traceback, without secrets."""
        return redacted(super().format(record))


def configure_logging(*, debug: bool, verbose: bool) -> None:
    """Log to stderr. Azure's libraries log failures that are results here: only --debug prints them."""
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(RedactingFormatter("%(asctime)s %(message)s", datefmt="%Y-%m-%dT%H:%M:%S%z"))
    levels = {"azure": logging.CRITICAL, "remediate": logging.INFO if verbose else logging.CRITICAL}
    for name, level in levels.items():
        logger = logging.getLogger(name)
        logger.setLevel(logging.DEBUG if debug else level)
        logger.handlers = [handler]
