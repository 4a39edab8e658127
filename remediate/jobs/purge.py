"""`remediate purge`: prove that a subnet's link is unused, and ask Azure to clear it."""

from __future__ import annotations

from msgspec.structs import replace

from remediate import ids
from remediate import plan as planning
from remediate.checks import judge
from remediate.errors import Exit, NotFound
from remediate.jobs.apply import apply, report_run, unsent_run
from remediate.jobs.context import CommandContext, open_context
from remediate.jobs.execution import Proposal
from remediate.jobs.invocation import Invocation
from remediate.jobs.open_runs import check_open_runs, warn_unfinished_runs
from remediate.jobs.output import print_run_document
from remediate.jobs.rereading import fresh_plan
from remediate.jobs.resource import check_subnet, find_subnet
from remediate.model import Plan, Question
from remediate.playbook import Playbook, find
from remediate.show.words import subnet_name


def purge(invocation: Invocation, subnet: str, allowed: frozenset[str], playbook: str) -> int:
    """Clear a subnet's unused link, print the result, and return the exit code."""
    check_subnet("SUBNET_ID", subnet)
    chosen = find(playbook)
    with open_context(invocation, may_write=True) as context:
        warn_unfinished_runs(context)
        target = find_subnet(context, "SUBNET_ID", subnet)
        if not context.options.dry_run:
            check_open_runs(context, target, target)
        proposal = propose_purge(context, target, chosen, allowed)
        if not proposal.plan.links and not proposal.plan.refusals:
            return _nothing_to_do(context, proposal)
        return report_run(context, proposal.plan, chosen, apply(context, proposal))


def propose_purge(
    context: CommandContext, subnet: str, playbook: Playbook, allowed: frozenset[str] = frozenset()
) -> Proposal:
    """The plan for a subnet and its links, as they are read now. Raises NotFound without such a subnet."""
    question = Question("purge", subnet)
    world = context.reader.read(question)
    if world.status(subnet) == "absent":
        raise NotFound(f"there is no subnet {ids.name(subnet)}")
    world = context.reader.preflight(world, question)
    context.check_signed_in()
    findings = judge(world, question)
    plan = planning.make(world, question, findings, playbook, planning.Options(allowed=allowed))

    def replan() -> Plan:
        """The same plan from fresh reads, to see whether Azure is still the same."""
        return fresh_plan(plan, propose_purge(context, subnet, playbook, allowed))

    return Proposal(playbook, plan, findings, replan, world=world)


def _nothing_to_do(context: CommandContext, proposal: Proposal) -> int:
    """A subnet without a link: nothing is sent, and that is no failure."""
    message = (
        f"{subnet_name(proposal.plan.target)} has no service association link: there is nothing to purge"
    )
    if context.options.output == "table":
        context.consoles.out.print(f"{message}.")
    else:
        run = replace(unsent_run(context, proposal, "succeeded"), message=message)
        print_run_document(context.options, context.consoles, run)
    return int(Exit.DONE)
