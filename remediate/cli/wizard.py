"""The wizard: ask what is happening and to which resource, show what it means, and apply a proposal."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from remediate.azure import discover
from remediate.azure.discover import Candidate
from remediate.azure.inventory import Entry, inventory
from remediate.cli import prompts
from remediate.cli.choices import Title
from remediate.errors import Exit, NotFound
from remediate.jobs.apply import apply, report_run
from remediate.jobs.assessment import Assessment, assess
from remediate.jobs.context import CommandContext, open_context
from remediate.jobs.execution import Proposal
from remediate.jobs.guard import (
    DisconnectResult,
    assess_deletion,
    build_guard,
    disconnect_holders,
    report_guard,
)
from remediate.jobs.invocation import Invocation
from remediate.jobs.open_runs import check_open_runs, warn_unfinished_runs
from remediate.jobs.reconnect import propose
from remediate.jobs.verify import build_verification
from remediate.model import Deletable, Scope
from remediate.show.console import safe
from remediate.show.guard import KIND_NAMES, print_guard
from remediate.show.layout import blank, print_parts, prose
from remediate.show.verification import print_verification
from remediate.show.words import resource_name, subnet_name

_LOST = "An app lost its network, or cannot reach something in it"
_DELETE = "I am about to delete an app, plan, subnet or group"
_CHECK = "I only want to look: is the integration healthy?"
_LEAVE = "Nothing, leave"
_HEALTHY = (
    "No fault was found. A rebuild of the integration costs two restarts all the same, and helps only if "
    "the workers keep something old, such as DNS servers."
)


def wizard(invocation: Invocation) -> int:
    """Guide the operator, and return the exit code. Raises Interrupted at every question that is left."""
    with open_context(invocation, may_write=True) as context:
        warn_unfinished_runs(context)
        happening = _choose(
            context,
            "What is happening?",
            [(_LOST, "lost"), (_DELETE, "delete"), (_CHECK, "check"), (_LEAVE, prompts.LEAVE)],
        )
        return _before_deletion(context) if happening == "delete" else _app(context, happening == "lost")


def _choose(
    context: CommandContext,
    question: str,
    choices: Sequence[tuple[Title, Any]],
    *,
    search: bool = False,
    noun: str = "choice",
) -> Any:
    return prompts.choose(question, choices, search=search, noun=noun, color=not context.options.no_color)


def _choose_resource(
    context: CommandContext,
    question: str,
    found: Sequence[Candidate | Entry],
    rows: Iterable[tuple[str, ...]],
    what: str,
) -> str:
    """The id of one of the resources. Raises NotFound if there are none."""
    if not found:
        raise NotFound(f"there is no {what} in subscription {context.subscription}")
    choices = [(row, one.id) for row, one in zip(rows, found, strict=True)]
    return str(_choose(context, question, choices, search=True, noun=what))


def _app(context: CommandContext, repair: bool) -> int:
    """Assess an app, and with `repair` reconnect it."""
    app = _which_app(context)
    if repair:
        check_open_runs(context, app, None)
    assessment = assess(context, app)
    result = build_verification(context, assessment)
    print_verification(context.consoles.err, assessment.integration, result, context.session.clock.now())
    if not repair:
        return int(Exit.DONE if result.healthy else Exit.FOUND_SOMETHING)
    proposal = _proposal(context, assessment, result.healthy)
    return report_run(context, proposal.plan, proposal.playbook, apply(context, proposal))


def _which_app(context: CommandContext) -> str:
    found = discover.apps(context.session, context.subscription)
    rows = [
        (
            safe(one.name),
            safe(one.group),
            safe(one.location),
            safe(one.kind),
            subnet_name(one.subnet) if one.subnet else "not integrated",
        )
        for one in found
    ]
    return _choose_resource(context, "Which app?", found, rows, "app")


def _proposal(context: CommandContext, assessment: Assessment, healthy: bool | None) -> Proposal:
    """The proposal for the scope that fits, or that the operator chose."""
    suggested = propose(context, assessment)
    wider = _for_link(context, assessment, suggested)
    context.consoles.err.print()
    if healthy:
        print_parts(context.consoles.err, prose(_HEALTHY, 0), blank())
    scope = _choose_scope(context, assessment, suggested, wider)
    return wider if wider is not None and scope == "link" else suggested


def _for_link(context: CommandContext, assessment: Assessment, suggested: Proposal) -> Proposal | None:
    """The proposal for the whole link, if other apps are on the subnet and it is not refused."""
    if suggested.plan.scope == "link" or len(assessment.integration.on_subnet) < 2:
        return None
    wider = propose(context, assessment, "link")
    return None if wider.plan.refusals else wider


def _choose_scope(
    context: CommandContext, assessment: Assessment, suggested: Proposal, wider: Proposal | None
) -> Scope:
    """Ask for the scope, unless only one is possible. A refused scope is explained and not offered."""
    if wider is None:
        return suggested.plan.scope
    for refusal in suggested.plan.refusals:
        print_parts(context.consoles.err, prose(f"{refusal.title}. {refusal.detail}", 0), blank())
    choices: list[tuple[str, str]] = [
        (f"Rebuild the link: all {len(wider.plan.apps)} on the subnet, one at a time", "link")
    ]
    if not suggested.plan.refusals:
        choices.insert(0, (f"Only {assessment.integration.target.name}", "app"))
    choices.append((_LEAVE, prompts.LEAVE))
    chosen: Scope = _choose(context, "Which scope?", choices)
    return chosen


def _before_deletion(context: CommandContext) -> int:
    """Assess a deletion, and disconnect the holders if the operator wants that. Deletes nothing."""
    kinds: list[tuple[str, str]] = [(name[0].upper() + name[1:], kind) for kind, name in KIND_NAMES.items()]
    kind: Deletable = _choose(context, "What do you want to delete?", [*kinds, (_LEAVE, prompts.LEAVE)])
    assessment = assess_deletion(context, _which_resource(context, kind))
    apps = [app for _, several in assessment.deletion.leaving for app in several]
    if not apps:
        return report_guard(context, assessment, DisconnectResult())
    print_guard(context.consoles.err, build_guard(context, assessment))
    if not _wants_disconnect(context, len(apps)):
        return int(Exit.FOUND_SOMETHING)
    return report_guard(context, assessment, disconnect_holders(context, assessment))


def _which_resource(context: CommandContext, kind: Deletable) -> str:
    found = inventory(context.session, context.subscription, kind)
    rows = [(resource_name(one.id), safe(one.group), safe(one.location)) for one in found]
    return _choose_resource(context, "Which one?", found, rows, KIND_NAMES[kind])


def _wants_disconnect(context: CommandContext, number: int) -> bool:
    context.consoles.err.print()
    who = "it" if number == 1 else f"all {number}"
    choices = [
        (f"Disconnect {who} now, one at a time; nothing is deleted", True),
        ("Leave it as it is", False),
    ]
    return bool(_choose(context, "What now?", choices))
