"""`remediate reconnect`: verify, preflight, plan, confirm, disconnect, reconnect, verify."""

from __future__ import annotations

import sys

import click

from remediate.cli.conduct import check_open_runs, tell_unfinished
from remediate.cli.desk import desk
from remediate.cli.job import compared, conclude, job_of, perform, propose
from remediate.cli.options import asked
from remediate.cli.probe import probed_endpoint
from remediate.cli.sight import look_at
from remediate.cli.target import resolve, subnet_id
from remediate.model import Scope
from remediate.playbook import FINDING_CODES, find


def reconnect(
    context: click.Context,
    target: str | None,
    group: str | None,
    name: str | None,
    slot: str | None,
    scope: Scope | None,
    subnet: str | None,
    probe: str | None,
    playbook: str | None,
    allowed: tuple[str, ...],
) -> None:
    """Carry out `remediate reconnect`."""
    options, wanted = asked(context), subnet_id(subnet)
    endpoint = probed_endpoint(context, probe)
    check_codes(allowed)
    if playbook:
        find(playbook)  # a playbook that is wrong is refused before anybody signs in
    with desk(options) as here:
        tell_unfinished(here)
        app = resolve(here, target, group, name, slot)
        if not options.dry_run:
            check_open_runs(here, app, wanted)
        sight = look_at(here, app, wanted)
        proposal = compared(here, propose(here, sight, scope, playbook, frozenset(allowed), endpoint))
        code = conclude(here, proposal, perform(here, job_of(here, proposal)))
    sys.exit(code)


def check_codes(allowed: tuple[str, ...]) -> None:
    """Whether every code of --allow-unknown is that of a finding. Raises click.UsageError."""
    for code in allowed:
        if code not in FINDING_CODES:
            raise click.UsageError(f"--allow-unknown {code!r}: there is no finding of that code")
