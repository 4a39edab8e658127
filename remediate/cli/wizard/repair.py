"""Carrying out a plan, and what can be done after it did not end well."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

from remediate.cli.wizard.conversation import Conversation, Offer
from remediate.errors import Exit, Interrupted
from remediate.jobs.apply import apply, report_run
from remediate.jobs.execution import Proposal
from remediate.jobs.invocation import CANCELLED
from remediate.jobs.open_runs import check_open_runs
from remediate.jobs.purge import propose_purge
from remediate.jobs.resume import continue_run
from remediate.model import Run
from remediate.playbook import find
from remediate.run.current_state import Verb
from remediate.run.journal import Record, read
from remediate.show.brief import print_brief_plan, print_refusal
from remediate.show.layout import message, print_parts
from remediate.show.plan import print_dry_run, print_plan
from remediate.show.run import print_run

Again = Callable[[], None]
"""What looks at the same thing again."""


def carry_out(talk: Conversation, proposal: Proposal, again: Again) -> None:
    """Carry a plan out, print its outcome, and end; after anything but a success ask what to do.

    Raises Ended, and Back where the operator did not confirm.
    """
    context, plan = talk.context, proposal.plan
    if not context.options.dry_run:
        check_open_runs(context, plan.target, plan.subnet)
    run = apply(context, proposal)
    code = report_run(context, plan, proposal.playbook, run)
    talk.check_back()
    talk.code = code
    if code == Exit.INTERRUPTED or code == Exit.DONE:
        talk.end(code)
    after_run(talk, run, again)


def after_run(talk: Conversation, run: Run, again: Again) -> None:
    """Ask what to do after a run that did not end well: finish it, undo it, look again."""
    record = read(talk.context.store, run.run)
    offers: list[Offer] = []
    if record.touched and not record.finished:
        offers = [
            ("Finish it now", partial(take_up, talk, record, "resume")),
            ("Put everything back as it was", partial(take_up, talk, record, "rollback")),
        ]
    offers.append(("Look again", again))
    if run.support:
        offers.append(("Show a support request to paste", partial(_show_support, talk, run.support)))
    talk.what_now(lambda: None, offers, lambda: print_run(talk.console, run), back=False)


def take_up(talk: Conversation, record: Record, verb: Verb) -> None:
    """Finish a run or undo it, print the outcome, and end; after anything but a success ask again.

    Raises Ended and SomethingElse.
    """
    code = continue_run(talk.context, record, verb)
    talk.check_back()
    talk.code = code
    if talk.code in (Exit.DONE, Exit.INTERRUPTED):
        talk.end(talk.code)
    offers: list[Offer] = [("Try again", partial(take_up, talk, record, verb))]
    talk.what_now(lambda: None, offers, back=False)


def clear_link(talk: Conversation, subnet: str, then: Again) -> None:
    """Have Azure clear the link of a subnet that nobody uses, and go on with what that makes possible."""
    context = talk.context
    proposal = propose_purge(context, subnet, find("purge-orphan"))
    if proposal.plan.refusals or not proposal.plan.links:
        print_refusal(talk.console, proposal.plan, ())
        then()
        return
    offers: list[Offer] = [("Clear it now", partial(_clear, talk, proposal, then))]
    talk.what_now(
        partial(print_brief_plan, talk.console, proposal.plan), offers, partial(_details, talk, proposal)
    )


def _clear(talk: Conversation, proposal: Proposal, then: Again) -> None:
    if not talk.context.options.dry_run:
        check_open_runs(talk.context, proposal.plan.target, proposal.plan.subnet)
    run = apply(talk.context, proposal)
    talk.code = report_run(talk.context, proposal.plan, proposal.playbook, run)
    if talk.code == Exit.INTERRUPTED:
        raise Interrupted(CANCELLED)
    if talk.code == Exit.DONE:
        then()
    else:
        after_run(talk, run, then)


def _details(talk: Conversation, proposal: Proposal) -> None:
    print_plan(talk.console, proposal.plan, proposal.playbook)
    print_dry_run(talk.console, proposal.plan)


def _show_support(talk: Conversation, text: str) -> None:
    print_parts(talk.console, *message(text))
    talk.end(talk.code or Exit.DONE)
