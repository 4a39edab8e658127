"""The wizard: it asks what is happening, says what that means, and does what the operator chooses.

One file for each path of the conversation; `conversation` is what all of them share.
"""

from __future__ import annotations

from contextlib import suppress

from remediate.azure.sign_in import NotSignedIn
from remediate.cli import prompts
from remediate.cli.prompts import Back
from remediate.cli.wizard.app import lost_network
from remediate.cli.wizard.apps import many_apps
from remediate.cli.wizard.conversation import Conversation, Ended
from remediate.cli.wizard.deletion import before_deletion
from remediate.cli.wizard.practice import Practice, choose_scenario, practise, with_sandbox
from remediate.cli.wizard.subnet import blocked_subnet
from remediate.cli.wizard.subscription import choose_subscription
from remediate.cli.wizard.unfinished import offer_unfinished_runs
from remediate.errors import Interrupted
from remediate.jobs.context import open_context
from remediate.jobs.doctor import doctor
from remediate.jobs.invocation import Invocation
from remediate.show.console import open_consoles, print_error

_ENTRIES = (
    ("An app lost its network", lost_network),
    ("A subnet cannot be deleted or used", blocked_subnet),
    ("I am going to delete something", before_deletion),
    ("Look at many apps", many_apps),
    ("Practise on the sandbox", practise),
)


def wizard(invocation: Invocation) -> int:
    """Guide the operator, and return the exit code of the last job; 130 where none was done."""
    while True:
        try:
            with open_context(invocation, may_write=True, may_ask=True) as context:
                return _converse(Conversation(context))
        except Practice as practice:
            invocation = with_sandbox(invocation, practice.scenario)
        except NotSignedIn as error:
            color = not invocation.options.no_color
            print_error(open_consoles(no_color=not color).err, error)
            try:
                scenario = _after_failed_sign_in(invocation, color)
            except Interrupted:
                return int(error.exit)
            if scenario:
                invocation = with_sandbox(invocation, scenario)


def _after_failed_sign_in(invocation: Invocation, color: bool) -> str | None:
    """The scenario to practise with, or None to sign in again. Raises Interrupted, and UsageError."""
    choices = [
        ("Try again: I have signed in", "again"),
        ("Check this machine and its way to Azure", "check"),
        ("Practise on the sandbox, without a sign-in", "practise"),
        ("Leave", prompts.LEAVE),
    ]
    while True:
        with suppress(Back):
            chosen = prompts.choose("What now?", choices, color=color)
            if chosen != "check":
                return choose_scenario(color=color) if chosen == "practise" else None
            doctor(invocation, None, None, None, None, None)


def _converse(talk: Conversation) -> int:
    """The unfinished runs, then whatever else is happening; leaving is no error. Raises Practice."""
    try:
        talk.trying(offer_unfinished_runs)
        talk.trying(choose_subscription)
        while True:
            entry = talk.choose("What is happening?", [*_ENTRIES, *talk.ways_out()])
            talk.trying(entry)
    except Ended as ended:
        return ended.code
    except Interrupted:
        return talk.leave()
