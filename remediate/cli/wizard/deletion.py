"""Before something is deleted, or a subnet is used by others: say who holds it, and free it."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

from remediate.azure.inventory import inventory
from remediate.cli.wizard.conversation import Choice, Conversation, Offer
from remediate.cli.wizard.repair import after_run, clear_link
from remediate.errors import Exit, Interrupted, NotFound
from remediate.jobs.guard import (
    DeletionAssessment,
    DisconnectResult,
    assess_deletion,
    build_guard,
    disconnect_holders,
    report_guard,
)
from remediate.jobs.invocation import CANCELLED
from remediate.model import Deletable
from remediate.show.brief import print_brief_guard
from remediate.show.console import safe
from remediate.show.guard import KIND_NAMES, print_guard
from remediate.show.words import resource_name, subnet_name


def before_deletion(talk: Conversation) -> None:
    """Choose what is to be deleted, and look at who holds it. Nothing is deleted."""
    kinds: list[Choice] = [(name[0].upper() + name[1:], kind) for kind, name in KIND_NAMES.items()]

    def which_kind() -> Deletable:
        kind: Deletable = talk.choose("What do you want to delete?", [*kinds, *talk.ways_out()], back=True)
        return kind

    talk.asking(
        which_kind,
        lambda kind: talk.asking(partial(_which, talk, kind), partial(assess_and_offer, talk)),
    )


def _which(talk: Conversation, kind: Deletable) -> str:
    context = talk.context
    found = inventory(context.session, context.subscription, kind)
    if not found:
        raise NotFound(f"there is no {KIND_NAMES[kind]} in subscription {context.subscription}")
    rows: list[Choice] = [
        ((resource_name(one.id), safe(one.group), safe(one.location)), one.id) for one in found
    ]
    return str(talk.choose("Which one?", rows, search=True, back=True, noun=KIND_NAMES[kind]))


def assess_and_offer(talk: Conversation, target: str, afterwards: Offer | None = None) -> None:
    """Assess a deletion, and offer what makes it safe; `afterwards` is offered once nothing holds it."""
    assessment = assess_deletion(talk.context, target)
    document = build_guard(talk.context, assessment)
    show = partial(print_brief_guard, talk.console, document)
    details = partial(print_guard, talk.console, document)
    if document.safe:
        leave: Offer = ("Leave: nothing holds it", lambda: talk.end(talk.code or Exit.DONE))
        talk.what_now(show, [*([afterwards] if afterwards else []), leave], details, leave=False)
    else:
        again = partial(assess_and_offer, talk, target, afterwards)
        talk.what_now(show, _offers(talk, assessment, again), details)


def _offers(talk: Conversation, assessment: DeletionAssessment, again: Callable[[], None]) -> list[Offer]:
    apps = [one for _, several in assessment.deletion.leaving for one in several]
    offers: list[Offer] = []
    if apps:
        who = "it" if len(apps) == 1 else f"all {len(apps)}, one at a time"
        disconnect = partial(_disconnect, talk, assessment, again)
        offers.append((f"Disconnect {who}; nothing is deleted", disconnect))
    for subnet in () if apps else assessment.deletion.cleared:
        offers.append((f"Clear the link of {subnet_name(subnet)}", partial(clear_link, talk, subnet, again)))
    return [*offers, ("Look again", again)]


def _disconnect(talk: Conversation, assessment: DeletionAssessment, again: Callable[[], None]) -> None:
    """Disconnect every app that holds it, and look again; a run that did not end well comes first."""
    result: DisconnectResult = disconnect_holders(talk.context, assessment)
    code = report_guard(talk.context, assessment, result)
    if any(one.run.changed for one in result.subnets):
        talk.context.goes_back = False  # from the question about another subnet: something was changed
    talk.check_back()
    talk.code = code
    if talk.code == Exit.INTERRUPTED:
        raise Interrupted(CANCELLED)
    unfinished = [one.run for one in result.subnets if one.run.changed and one.run.status != "succeeded"]
    if unfinished:
        after_run(talk, unfinished[0], again)
    else:
        again()
