"""`remediate playbooks`: the guided procedures, listed, shown and validated."""

from __future__ import annotations

import click

from remediate.cli.deferred import carried_out_by
from remediate.cli.parameters import (
    common,
)


@click.group()
@common
def playbooks() -> None:
    """The guided procedures."""


@playbooks.command(name="list")
@common
@carried_out_by("remediate.cli.playbooks:list_")
def list_() -> None:
    """List the playbooks that come with remediate."""


@playbooks.command()
@click.argument("playbook", metavar="ID|FILE")
@common
@carried_out_by("remediate.cli.playbooks:show")
def show() -> None:
    """Show one playbook: what it is for, and its steps."""


@playbooks.command()
@click.argument("playbook", metavar="ID|FILE")
@common
@carried_out_by("remediate.cli.playbooks:validate")
def validate() -> None:
    """Check a playbook; every error at once, with line numbers, exit code 2."""
