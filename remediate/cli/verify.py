"""`remediate verify`: every check and every view, and nothing but reads."""

from __future__ import annotations

import sys

import click

from remediate.cli.conduct import tell_unfinished
from remediate.cli.desk import desk
from remediate.cli.keeping import judged
from remediate.cli.options import asked
from remediate.cli.probe import probed_endpoint
from remediate.cli.sight import look_at, probed
from remediate.cli.target import resolve, subnet_id
from remediate.errors import Exit
from remediate.show.documents import render
from remediate.show.verification import verification


def verify(
    context: click.Context,
    target: str | None,
    group: str | None,
    name: str | None,
    slot: str | None,
    subnet: str | None,
    probe: str | None,
) -> None:
    """Carry out `remediate verify`."""
    options, wanted = asked(context), subnet_id(subnet)
    endpoint = probed_endpoint(context, probe)
    with desk(options) as here:
        tell_unfinished(here)
        sight = look_at(here, resolve(here, target, group, name, slot), wanted)
        sight = probed(here, sight, [endpoint] if endpoint else [])
        result = judged(here, sight)
        if options.output == "table":
            verification(here.look.out, sight.integration, result, here.session.clock.now())
        else:
            here.look.out.out(render(result, options.output, options.query), highlight=False)
    sys.exit(Exit.DONE if result.healthy else Exit.FOUND_SOMETHING)
