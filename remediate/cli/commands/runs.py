"""`remediate runs`, `resume` and `rollback`: the journal of what was changed, and how to go on or back."""

from __future__ import annotations

import click

from remediate.cli.deferred import carried_out_by
from remediate.cli.parameters import (
    common,
)


@click.group()
@common
def runs() -> None:
    """What was changed, and whether it was finished."""


@runs.command(name="list")
@common
@carried_out_by("remediate.cli.runs:list_")
def list_() -> None:
    """List the runs that are kept, the newest last."""


@runs.command()
@click.argument("run", metavar="RUN")
@common
@carried_out_by("remediate.cli.runs:show")
def show() -> None:
    """Show one run: its plan, every write with Azure's ids, and how each step ended."""


@click.command()
@click.argument("run", metavar="[RUN]", required=False)
@common
@carried_out_by("remediate.cli.runs:resume")
def resume() -> None:
    """Finish a run that did not end: looks at Azure first, and repeats nothing that has happened."""


@click.command()
@click.argument("run", metavar="RUN")
@common
@carried_out_by("remediate.cli.runs:rollback")
def rollback() -> None:
    """Put every app of a run back on the subnet that it had."""
