"""`remediate playbooks`: the guided procedures, listed, shown and validated."""

from __future__ import annotations

import click
from msgspec.structs import asdict

from remediate.cli.options import asked, common
from remediate.playbook import Playbook, find, shipped


@click.group()
@common
def playbooks() -> None:
    """The guided procedures."""


@playbooks.command(name="list")
@common
@click.pass_context
def list_(context: click.Context) -> None:
    """List the playbooks that come with remediate."""
    from remediate.show.console import look
    from remediate.show.documents import render
    from remediate.show.lists import Playbooks
    from remediate.show.playbooks import listing

    options = asked(context)
    if options.output == "table":
        listing(look(no_color=options.no_color).out, shipped())
    else:
        print(render(Playbooks(shipped()), options.output, options.query))


@playbooks.command()
@click.argument("playbook", metavar="ID|FILE")
@common
@click.pass_context
def show(context: click.Context, playbook: str) -> None:
    """Show one playbook: what it is for, and its steps."""
    _show(context, find(playbook))


@playbooks.command()
@click.argument("playbook", metavar="ID|FILE")
@common
@click.pass_context
def validate(context: click.Context, playbook: str) -> None:
    """Check a playbook; every error at once, with line numbers, exit code 2."""
    from remediate.show.console import look, safe, signs
    from remediate.show.documents import render
    from remediate.show.lists import PlaybookCheck

    options, checked = asked(context), find(playbook)
    if options.output == "table":
        console = look(no_color=options.no_color).out
        console.print(f"{signs(console).good} {safe(checked.id)}: {len(checked.steps)} steps, no error")
    else:
        print(render(PlaybookCheck(checked.id), options.output, options.query))


def _show(context: click.Context, one: Playbook) -> None:
    from remediate.show.console import look
    from remediate.show.documents import render
    from remediate.show.lists import ShownPlaybook
    from remediate.show.playbooks import playbook as page

    options = asked(context)
    if options.output == "table":
        page(look(no_color=options.no_color).out, one)
    else:
        print(render(ShownPlaybook(**asdict(one)), options.output, options.query))
