"""`remediate runs`, `resume` and `rollback`: the journal of every change, to finish or to undo it."""

from __future__ import annotations

import click

from remediate.cli.deferred import calls, completes
from remediate.cli.help import Command, Group
from remediate.cli.parameters import Age, common_options


@click.group(cls=Group)
@common_options
def runs() -> None:
    """The runs that changed something, and whether they finished."""


@runs.command(name="list")
@common_options
@calls("remediate.jobs.runs:list_runs")
def list_() -> None:
    """List the runs that are kept, the newest last."""


@runs.command()
@click.argument("run", metavar="RUN", shell_complete=completes("runs"))
@common_options
@calls("remediate.jobs.runs:show_run")
def show() -> None:
    """Show one run: its plan, every write with Azure's ids, and how each step ended."""


@runs.command()
@click.option(
    "--older-than",
    "age",
    type=Age(),
    required=True,
    metavar="AGE",
    help="The minimum age of the last line of the journal, such as 90d, 12w or 36h.",
)
@common_options
@calls("remediate.jobs.runs:prune_runs")
def prune() -> None:
    """Delete old runs that are finished: their journals and snapshots.

    A run that is not finished is never deleted, however old, nor is one whose journal
    is damaged. With --dry-run the runs are listed and kept.
    """


@click.command(cls=Command)
@click.argument("run", metavar="[RUN]", required=False, shell_complete=completes("runs"))
@common_options
@calls("remediate.jobs.resume:resume")
def resume() -> None:
    """Finish an interrupted run: reads Azure first, and repeats no write that took effect."""


@click.command(cls=Command)
@click.argument("run", metavar="RUN", shell_complete=completes("runs"))
@common_options
@calls("remediate.jobs.resume:rollback")
def rollback() -> None:
    """Put every app of a run back on the subnet that it had."""
