"""The wizard: what is happening, which app, what it means, how far to go, and then the job itself."""

from __future__ import annotations

import sys

import click

from remediate.azure import discover
from remediate.azure.discover import Candidate
from remediate.cli import prompts
from remediate.cli.conduct import check_open_runs, tell_unfinished
from remediate.cli.desk import Desk, desk
from remediate.cli.job import Proposal, carry_out, conclude, propose
from remediate.cli.keeping import judged
from remediate.cli.options import Options, asked
from remediate.cli.sight import Sight, look_at
from remediate.cli.wizard_deletion import before_deletion
from remediate.errors import Exit, NotFound
from remediate.model import Scope
from remediate.show.console import safe
from remediate.show.layout import blank, prose, put
from remediate.show.verification import verification
from remediate.show.words import place

_LOST = "An app lost its network, or cannot reach something in it"
_DELETE = "I am about to delete an app, plan, subnet or group"
_CHECK = "I only want to look: is the integration healthy?"
_LEAVE = "Nothing, leave"
_NOTHING_WRONG = (
    "Nothing is wrong that could be seen from here. Rebuilding the integration all the same costs two "
    "restarts, and is worth that only where the workers keep something old, such as DNS servers."
)


def wizard(context: click.Context) -> None:
    """Walk the operator through, and exit. Can be left at every question."""
    sys.exit(_guided(asked(context)))


def _guided(options: Options) -> int:
    with desk(options) as here:
        tell_unfinished(here)
        color = not options.no_color
        happening = prompts.choose(
            "What is happening?",
            [(_LOST, "lost"), (_DELETE, "delete"), (_CHECK, "check"), (_LEAVE, prompts.LEAVE)],
            color=color,
        )
        if happening == "delete":
            return before_deletion(here)
        app = _which_app(here)
        if happening == "lost":
            check_open_runs(here, app, None)
        sight = look_at(here, app)
        state = _show(here, sight)
        if happening == "check":
            return int(Exit.DONE if state else Exit.FOUND_SOMETHING)
        proposal = _proposal(here, sight, state)
        return conclude(here, proposal, carry_out(here, proposal))


def _which_app(here: Desk) -> str:
    found = discover.apps(here.session, here.subscription)
    if not found:
        raise NotFound(f"there is no app in subscription {here.subscription}")
    choices = [(line, one.id) for line, one in zip(_lines(found), found, strict=True)]
    return str(prompts.choose("Which app?", choices, search=True, color=not here.options.no_color))


def _lines(candidates: tuple[Candidate, ...]) -> list[str]:
    """One aligned line an app: name, group, region, kind, and its subnet."""
    rows = [
        (
            safe(one.name),
            safe(one.group),
            safe(one.location),
            safe(one.kind),
            place(one.subnet) if one.subnet else "not integrated",
        )
        for one in candidates
    ]
    return prompts.aligned(rows)


def _show(here: Desk, sight: Sight) -> bool | None:
    result = judged(here, sight)
    verification(here.look.err, sight.integration, result, here.session.clock.now())
    return result.healthy


def _proposal(here: Desk, sight: Sight, state: bool | None) -> Proposal:
    """The plan for the scope that fits, or that the operator chose."""
    suggested = propose(here, sight, None, None)
    wider = _wider(here, sight, suggested)
    here.look.err.print()
    if state:
        put(here.look.err, prose(_NOTHING_WRONG, 0), blank())
    scope = _scope(here, suggested, wider)
    return wider if wider is not None and scope == "link" else suggested


def _wider(here: Desk, sight: Sight, suggested: Proposal) -> Proposal | None:
    """The plan for the whole link, where others are on the subnet and it is not refused."""
    if suggested.plan.scope == "link" or len(sight.integration.on_subnet) < 2:
        return None
    wider = propose(here, sight, "link", None)
    return None if wider.plan.refusals else wider


def _scope(here: Desk, suggested: Proposal, wider: Proposal | None) -> Scope:
    """Ask how far to go, unless there is only one way. What cannot work is said, and not offered."""
    color = not here.options.no_color
    if wider is None:
        return suggested.plan.scope
    for refusal in suggested.plan.refusals:
        put(here.look.err, prose(f"{refusal.title}. {refusal.detail}", 0), blank())
    choices: list[tuple[str, str]] = [
        (f"Rebuild the link: all {len(wider.plan.apps)} on the subnet, one at a time", "link")
    ]
    if not suggested.plan.refusals:
        choices.insert(0, (f"Only {suggested.sight.integration.target.name}", "app"))
    choices.append((_LEAVE, prompts.LEAVE))
    chosen: Scope = prompts.choose("How far should it go?", choices, color=color)
    return chosen
