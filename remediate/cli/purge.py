"""`remediate purge`: prove that nobody uses a subnet's link, and have Azure clear it."""

from __future__ import annotations

import sys

import click
from msgspec.structs import replace

from remediate import ids
from remediate import plan as planning
from remediate.checks import judge
from remediate.cli.conduct import Job, check_open_runs, tell_unfinished
from remediate.cli.desk import Desk, desk
from remediate.cli.job import perform, put_document, tell, unsent
from remediate.cli.options import asked
from remediate.cli.reconnect import check_codes
from remediate.errors import Exit, NotFound, UsageError
from remediate.model import Question
from remediate.playbook import Playbook, find
from remediate.show.words import place


def purge(context: click.Context, subnet: str, allowed: tuple[str, ...], playbook: str) -> None:
    """Carry out `remediate purge`."""
    options, target = asked(context), _subnet(subnet)
    check_codes(allowed)
    procedure = find(playbook)
    with desk(options) as here:
        tell_unfinished(here)
        if not options.dry_run:
            check_open_runs(here, target, target)
        job = proposed(here, target, procedure, frozenset(allowed))
        if not job.plan.links and not job.plan.refusals:
            code = _nothing_to_do(here, job)
        else:
            code = tell(here, job.plan, procedure, perform(here, job))
    sys.exit(code)


def _subnet(text: str) -> str:
    """The subnet's id. Raises UsageError."""
    if not text.strip():
        raise UsageError("SUBNET_ID is empty", hint="a variable that is not set?")
    try:
        found = ids.from_address(text)
        ids.vnet_of(found)
    except ids.InvalidId as error:
        raise UsageError(f"SUBNET_ID: {error}") from error
    return found


def proposed(desk: Desk, subnet: str, playbook: Playbook, allowed: frozenset[str] = frozenset()) -> Job:
    """The plan for what was read of a subnet and its links. Raises NotFound without such a subnet."""
    question = Question("purge", subnet)
    world = desk.reader.read(question)
    if world.status(subnet) == "absent":
        raise NotFound(f"there is no subnet {ids.name(subnet)}")
    world = desk.reader.preflight(world, question)
    findings = judge(world, question)
    plan = planning.make(world, question, findings, playbook, planning.Options(allowed=allowed))
    return Job(playbook, plan, findings, lambda: proposed(desk, subnet, playbook, allowed).plan)


def _nothing_to_do(desk: Desk, job: Job) -> int:
    """A subnet that was read without a link: nothing is sent, and that is no failure."""
    told = f"{place(job.plan.target)} has no service association link: there is nothing to purge"
    if desk.options.output == "table":
        desk.look.out.print(f"{told}.")
    else:
        run = replace(unsent(desk, job, "succeeded"), message=told)
        put_document(desk, run, desk.options.output)
    return int(Exit.DONE)
