"""`remediate playbooks`: the guided procedures, listed, shown and validated."""

from __future__ import annotations

import click
from msgspec.structs import asdict

from remediate.cli.options import asked
from remediate.cli.page import put
from remediate.playbook import find, shipped
from remediate.show.lists import PlaybookCheck, Playbooks, ShownPlaybook
from remediate.show.playbooks import listing, valid
from remediate.show.playbooks import playbook as page


def list_(context: click.Context) -> None:
    """Carry out `remediate playbooks list`."""
    put(asked(context), Playbooks(shipped()), lambda console: listing(console, shipped()))


def show(context: click.Context, playbook: str) -> None:
    """Carry out `remediate playbooks show`."""
    one = find(playbook)
    put(asked(context), ShownPlaybook(**asdict(one)), lambda console: page(console, one))


def validate(context: click.Context, playbook: str) -> None:
    """Carry out `remediate playbooks validate`."""
    checked = find(playbook)
    put(asked(context), PlaybookCheck(checked.id), lambda console: valid(console, checked))
