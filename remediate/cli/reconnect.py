"""`remediate reconnect`: verify, preflight, plan, confirm, disconnect, reconnect, verify."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

import click

from remediate.cli.options import asked, common
from remediate.cli.target import resolve, subnet_id, target_options

if TYPE_CHECKING:
    from remediate.model import Scope


@click.command()
@target_options
@click.option(
    "--scope",
    type=click.Choice(["app", "link"]),
    help="Rebuild this app's integration alone, or every integration of its plan on the subnet.",
)
@click.option("--subnet", metavar="ID", help="The subnet to connect to, for an app that is not integrated.")
@click.option(
    "--allow-unknown",
    "allowed",
    multiple=True,
    metavar="CODE",
    help="Go on although this could not be found out; may be given several times.",
)
@click.option("--playbook", metavar="ID|FILE", help="The procedure; see `remediate playbooks list`.")
@common
@click.pass_context
def reconnect(
    context: click.Context,
    target: str | None,
    group: str | None,
    name: str | None,
    slot: str | None,
    scope: Scope | None,
    subnet: str | None,
    playbook: str | None,
    allowed: tuple[str, ...],
) -> None:
    """Disconnect an app from its virtual network and connect it again.

    Nothing is taken away that could not be put back. With --dry-run every write is
    printed and none is sent; with --yes nothing is asked.
    """
    from remediate.cli.conduct import check_open_runs, tell_unfinished
    from remediate.cli.desk import desk
    from remediate.cli.job import carry_out, conclude, look_at, propose
    from remediate.playbook import find

    options, wanted = asked(context), subnet_id(subnet)
    check_codes(allowed)
    if playbook:
        find(playbook)  # a playbook that is wrong is refused before anybody signs in
    with desk(options) as here:
        tell_unfinished(here)
        app = resolve(here, target, group, name, slot)
        if not options.dry_run:
            check_open_runs(here, app, wanted)
        sight = look_at(here, app, wanted)
        proposal = propose(here, sight, scope, playbook, frozenset(allowed))
        code = conclude(here, proposal, carry_out(here, proposal))
    sys.exit(code)


def check_codes(allowed: tuple[str, ...]) -> None:
    """Whether every code of --allow-unknown is that of a finding. Raises click.UsageError."""
    from remediate.playbook import FINDING_CODES

    for code in allowed:
        if code not in FINDING_CODES:
            raise click.UsageError(f"--allow-unknown {code!r}: there is no finding of that code")
