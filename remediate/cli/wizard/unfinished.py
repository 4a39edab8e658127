"""A run that has not ended: say which apps are without network now, and offer to finish it."""

from __future__ import annotations

from functools import partial

import msgspec

from remediate.cli.wizard.conversation import Conversation, Offer
from remediate.cli.wizard.repair import take_up
from remediate.errors import StoreError
from remediate.jobs.apps_now import apps_now
from remediate.jobs.open_runs import at_work
from remediate.jobs.runs import summary
from remediate.run.journal import Record, read_open
from remediate.show.console import warn
from remediate.show.runs import print_journal
from remediate.show.unfinished import print_unfinished_run


def offer_unfinished_runs(talk: Conversation) -> None:
    """Say of each unfinished run which apps are without network now, and offer to finish it."""
    context = talk.context
    try:
        opened = read_open(context.store)
    except StoreError as error:  # reading needs no state; a change will be refused for it
        warn(talk.console, str(error))
        return
    for text in opened.damaged.values():
        warn(talk.console, text)
    for record in opened.unfinished(context.session.cloud.arm):
        talk.trying(partial(offer_run, record=record))


def offer_run(talk: Conversation, record: Record) -> None:
    """Say where the apps of a run are now, and ask what to do. Raises Ended and SomethingElse.

    A run that somebody carries out at this moment is only named.
    """
    if held := at_work(talk.context, record):
        warn(talk.console, str(held))
        return
    apps = apps_now(talk.context, record)
    now = talk.context.session.clock.now()
    offers: list[Offer] = [("Finish it now", partial(take_up, talk, record, "resume"))]
    if not record.begin.plan.clears_link:
        offers.append(("Put everything back as it was", partial(take_up, talk, record, "rollback")))
    show = partial(print_unfinished_run, talk.console, record.begin.plan, record.begin.at, apps, now)
    talk.what_now(show, offers, partial(_details, talk, record), back=False)


def _details(talk: Conversation, record: Record) -> None:
    line = summary(record.begin.run, record)
    print_journal(talk.console, line, msgspec.to_builtins(record.lines))
