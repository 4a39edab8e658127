"""`remediate playbooks`: the guided procedures, listed, shown and validated."""

from __future__ import annotations

import click
from msgspec.structs import asdict

from remediate.cli.options import asked, common
from remediate.cli.page import put
from remediate.playbook import find, shipped


@click.group()
@common
def playbooks() -> None:
    """The guided procedures."""


@playbooks.command(name="list")
@common
@click.pass_context
def list_(context: click.Context) -> None:
    """List the playbooks that come with remediate."""
    from remediate.show.lists import Playbooks
    from remediate.show.playbooks import listing

    put(asked(context), Playbooks(shipped()), lambda console: listing(console, shipped()))


@playbooks.command()
@click.argument("playbook", metavar="ID|FILE")
@common
@click.pass_context
def show(context: click.Context, playbook: str) -> None:
    """Show one playbook: what it is for, and its steps."""
    from remediate.show.lists import ShownPlaybook
    from remediate.show.playbooks import playbook as page

    one = find(playbook)
    put(asked(context), ShownPlaybook(**asdict(one)), lambda console: page(console, one))


@playbooks.command()
@click.argument("playbook", metavar="ID|FILE")
@common
@click.pass_context
def validate(context: click.Context, playbook: str) -> None:
    """Check a playbook; every error at once, with line numbers, exit code 2."""
    from remediate.show.lists import PlaybookCheck
    from remediate.show.playbooks import valid

    checked = find(playbook)
    put(asked(context), PlaybookCheck(checked.id), lambda console: valid(console, checked))
