"""Brings command lines before az's own parser, and runs none; for the Python of an `az`, not for ours.

Reads a JSON list of argument lists on stdin; writes those that the parser refuses as a JSON list to stdout.
"""

from __future__ import annotations

import json
import sys

from azure.cli.core import get_default_cli  # type: ignore[import-not-found]
from azure.cli.core._help import AzCliHelp  # type: ignore[import-not-found]
from azure.cli.core.commands import AzCliCommandInvoker  # type: ignore[import-not-found]
from azure.cli.core.commands.events import (  # type: ignore[import-not-found]
    EVENT_INVOKER_POST_LOAD_ARGUMENTS,
    EVENT_INVOKER_PRE_LOAD_ARGUMENTS,
)
from azure.cli.core.parser import AzCliCommandParser  # type: ignore[import-not-found]
from knack.events import EVENT_INVOKER_POST_CMD_TBL_CREATE  # type: ignore[import-not-found]

CLI = get_default_cli()


def parse(arguments: list[str]) -> None:
    """Parse one command line as `az` does before it runs it. Raises SystemExit for one that is wrong."""
    CLI.invocation = invocation = AzCliCommandInvoker(
        cli_ctx=CLI,
        parser_cls=AzCliCommandParser,
        commands_loader_cls=CLI.commands_loader_cls,
        help_cls=AzCliHelp,
    )
    loader = invocation.commands_loader
    loader.load_command_table(arguments)
    name = invocation._rudimentary_get_command(arguments)
    loader.command_name = name
    # As `az` does: only this command, so that what it takes as --ids is asked for in no other way.
    loader.command_table = {one: it for one, it in loader.command_table.items() if one == name}
    invocation.data["command_string"] = name
    CLI.raise_event(EVENT_INVOKER_PRE_LOAD_ARGUMENTS, commands_loader=loader)
    loader.load_arguments(name)
    CLI.raise_event(EVENT_INVOKER_POST_LOAD_ARGUMENTS, commands_loader=loader)
    CLI.raise_event(EVENT_INVOKER_POST_CMD_TBL_CREATE, commands_loader=loader)
    invocation.parser.load_command_table(loader)
    invocation.parser.parse_args(arguments)


def is_refused(arguments: list[str]) -> bool:
    """Whether the parser refuses a command line."""
    try:
        parse(arguments)
    except SystemExit:
        return True
    return False


if __name__ == "__main__":
    print(json.dumps([one for one in json.load(sys.stdin) if is_refused(one)]))
