"""`remediate explain`: what a code means."""

from __future__ import annotations

import click

from remediate.cli.deferred import calls, completes
from remediate.cli.help import Command
from remediate.cli.parameters import common_options


@click.command(cls=Command)
@click.argument("code", required=False, shell_complete=completes("codes"))
@common_options
@calls("remediate.jobs.explain:explain")
def explain() -> None:
    """Explain CODE: of a finding (link-missing), an exit (5) or an error (not-found).

    It says what the code means, what to do, and which command shows it on the sandbox. Without
    CODE it lists all of them. Nothing is read but a file of this installation.
    """
