"""`remediate verify`: every check and every view, and nothing but reads."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

import click

from remediate.cli.options import asked, common
from remediate.cli.probe import probe_option
from remediate.cli.target import resolve, subnet_id, target_options
from remediate.errors import Exit

if TYPE_CHECKING:
    from remediate.model import Endpoint


@click.command()
@target_options
@click.option("--subnet", metavar="ID", help="Look at this subnet instead of the app's own.")
@probe_option("Try to reach this from the app's workers, and read their private addresses.")
@common
@click.pass_context
def verify(
    context: click.Context,
    target: str | None,
    group: str | None,
    name: str | None,
    slot: str | None,
    subnet: str | None,
    probe: Endpoint | None,
) -> None:
    """Look at an app's integration and say what is wrong with it.

    TARGET is an app's name, its resource id or its portal address. Reads only.
    With --probe the app's workers are asked too: whether each has a private address,
    and whether it reaches the host and port. Exit code 0 when healthy, 3 when something
    was found or could not be read.
    """
    from remediate.cli.conduct import tell_unfinished
    from remediate.cli.desk import desk
    from remediate.cli.job import look_at, probed
    from remediate.cli.keeping import judged
    from remediate.show.documents import render
    from remediate.show.verification import verification

    options, wanted = asked(context), subnet_id(subnet)
    with desk(options) as here:
        tell_unfinished(here)
        sight = look_at(here, resolve(here, target, group, name, slot), wanted)
        sight = probed(here, sight, [probe] if probe else [])
        result = judged(here, sight)
        if options.output == "table":
            verification(here.look.out, sight.topology, result, here.session.clock.now())
        else:
            here.look.out.out(render(result, options.output, options.query), highlight=False)
    sys.exit(Exit.DONE if result.healthy else Exit.FOUND_SOMETHING)
