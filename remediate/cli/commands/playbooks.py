"""`remediate playbooks`: the guided procedures, listed, shown and validated."""

from __future__ import annotations

import click

from remediate.cli.deferred import calls, completes
from remediate.cli.help import Group
from remediate.cli.parameters import common_options


@click.group(cls=Group)
@common_options
def playbooks() -> None:
    """The guided procedures."""


@playbooks.command(name="list")
@common_options
@calls("remediate.jobs.playbooks:list_playbooks")
def list_() -> None:
    """List the playbooks that come with remediate."""


@playbooks.command()
@click.argument("playbook", metavar="ID|FILE", shell_complete=completes("playbooks"))
@common_options
@calls("remediate.jobs.playbooks:show_playbook")
def show() -> None:
    """Show one playbook: what it is for, and its steps."""


@playbooks.command()
@click.argument("playbook", metavar="ID|FILE", shell_complete=completes("playbooks"))
@common_options
@calls("remediate.jobs.playbooks:validate_playbook")
def validate() -> None:
    """Check a playbook; every error at once, with line numbers, exit code 2."""
