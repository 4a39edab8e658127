"""Apply a proposal: refuse it, preview it or carry it out, and print the result with its exit code."""

from __future__ import annotations

from msgspec.structs import replace

from remediate import plan as planning
from remediate.errors import Exit
from remediate.jobs.context import CommandContext, needs_terminal
from remediate.jobs.execution import Proposal, locked_execution, new_run_id
from remediate.jobs.open_runs import check_open_runs
from remediate.jobs.output import print_run_document
from remediate.jobs.recording import keep_before
from remediate.model import PURPOSES, Plan, Run, RunStatus, Step, StepResult
from remediate.playbook import Playbook
from remediate.run.assignment import Assignment
from remediate.run.journal import Journal
from remediate.run.state import untouched
from remediate.show.brief import print_before_question, print_outcome
from remediate.show.plan import print_cautions, print_dry_run, print_plan
from remediate.show.probes import print_probes
from remediate.show.run import print_run


def apply(context: CommandContext, proposal: Proposal) -> Run:
    """Refuse, preview or carry out a plan; the result is for `report_run`.

    Raises UsageError without anybody to ask, UnfinishedRun, LockHeld and RunStopped.
    """
    plan = proposal.plan
    if plan.refusals:
        return unsent_run(context, proposal, "refused")
    if context.options.dry_run:
        return unsent_run(context, proposal, "planned")
    if not context.options.yes and not context.interactive:
        raise needs_terminal("--yes to do it, or --dry-run to see what would be done")

    def prepare(journal: Journal) -> Assignment:
        """Under the lock: print the plan, and begin the journal with it."""
        check_open_runs(context, plan.target, plan.subnet, lock_held=True)
        if context.guided:
            print_before_question(context.consoles.err, plan)
        elif context.interactive or not context.options.structured:  # who is asked has seen the plan
            print_plan(context.consoles.err, plan, proposal.playbook)
            print_cautions(context.consoles.err, planning.cautions(proposal.findings))
            print_probes(context.consoles.err, proposal.probes)
        journal.begin(plan, proposal.findings, context.session.signed_in.who, context.session.cloud.arm)
        keep_before(context, journal.run, plan, proposal.assessment)
        return Assignment(plan, proposal.findings, proposal.replan, untouched(plan))

    run_id, what = new_run_id(context), plan.subnet or plan.target
    with locked_execution(context, run_id, what, plan.purpose, prepare) as execution:
        run = execution.run()
    return replace(run, probes_before=proposal.probes)


def report_run(context: CommandContext, plan: Plan, playbook: Playbook, run: Run) -> int:
    """Print the result of a plan on stdout, and return the exit code."""
    if context.options.output != "table":
        print_run_document(context.options, context.consoles, run)
    elif context.guided and run.status != "planned":
        print_outcome(context.consoles.out, run)
    elif plan.refusals:
        print_plan(context.consoles.out, plan, playbook)
    elif run.status == "planned":
        print_plan(context.consoles.out, plan, playbook)
        print_cautions(context.consoles.out, planning.cautions(run.findings_before))
        print_probes(context.consoles.out, run.probes_before)
        print_dry_run(context.consoles.out, plan)
    else:
        print_run(context.consoles.out, run)
    return int(exit_code(run))


def exit_code(run: Run) -> Exit:
    """The exit code of a run, from its status and from what it changed (docs/reference/exit-codes.md)."""
    if run.status in ("succeeded", "planned"):
        return Exit.DONE
    if run.status == "refused":
        return Exit.REFUSED
    if run.changed:
        return Exit.NOT_FINISHED
    if PURPOSES[run.purpose].clears_link and run.status == "failed" and run.findings_after:
        return Exit.FOUND_SOMETHING  # the link was read, and it is still there
    return Exit.INTERRUPTED if run.status == "interrupted" else Exit.UNEXPECTED


def unsent_run(context: CommandContext, proposal: Proposal, status: RunStatus) -> Run:
    """The document of a run that sends nothing: refused, only planned, or with nothing to do."""
    plan = proposal.plan
    return Run(
        run=new_run_id(context),
        status=status,
        dry_run=context.options.dry_run,
        scope=plan.scope,
        playbook=plan.playbook,
        targets=untouched(plan).targets(plan, {}),
        steps=tuple(_planned(step) for step in plan.steps),
        findings_before=proposal.findings,
        findings_after=(),
        probes_before=proposal.probes,
        requests=context.session.requests,
        started=context.session.clock.now(),
        seconds=0.0,
        message="\n".join(f"{one.title}. {one.action}".strip() for one in plan.refusals) or None,
        purpose=plan.purpose,
    )


def _planned(step: Step) -> StepResult:
    return StepResult(step.n, step.do, step.target, "planned", request=step.request)
