"""The short texts of the wizard: a verdict, a plan and an outcome in a few lines. Details are other pages."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence

from rich.console import Console, RenderableType
from rich.text import Text

from remediate import ids
from remediate.checks.advice import listed
from remediate.checks.content_share import expectation
from remediate.model import (
    PURPOSES,
    App,
    ChangedSince,
    Finding,
    Guard,
    Integration,
    Plan,
    Run,
    TargetResult,
    healthy,
)
from remediate.show.console import safe, symbols
from remediate.show.layout import blank, marked, next_step, print_parts, prose
from remediate.show.plan import estimated_outage, restarts_of
from remediate.show.run import result_line, routing_differences
from remediate.show.words import describe_plan, duration, plural, resource_name, subnet_name, timestamp
from remediate.steps import kind_of

MAX_LISTED = 5
"""How many apps or further findings are listed by name."""
_COMMAND = re.compile(r":?\s*`[^`]*`")
_SENTENCE = re.compile(r"(?<=[.;])\s")


def print_verdict(
    console: Console,
    integration: Integration,
    findings: Sequence[Finding],
    since: ChangedSince | None = None,
) -> None:
    """Print what is wrong with an app in a few lines: the worst finding, who is affected, what else.

    `since` is what changed since it was healthy.
    """
    print_parts(
        console,
        blank(),
        _facts(console, integration),
        *_worst(console, integration, findings),
        *_affected(integration),
        *_since(since),
    )


def _facts(console: Console, integration: Integration) -> Text:
    app, plan = integration.target, integration.plan
    where = subnet_name(integration.subnet_id) if integration.subnet_id else ""
    facts = (safe(app.kind), describe_plan(plan) if plan else "", where)
    name = Text(safe(app.name), style="strong")
    for fact in (one for one in facts if one):
        name.append(f" {symbols(console).dot} {fact}", style="quiet")
    return name


def _worst(
    console: Console, integration: Integration, findings: Sequence[Finding]
) -> Iterator[RenderableType]:
    said = [one for one in findings if one.severity != "info"]
    if not said:
        yield marked(console, "good", f"{integration.target.name} looks healthy; there is nothing to repair.")
        return
    yield from finding_lines(console, said[0])
    yield from more_findings(console, said[1:])


def finding_lines(console: Console, finding: Finding) -> Iterator[RenderableType]:
    """A finding as its title and one sentence."""
    yield marked(console, finding.severity, f"{finding.title}.")
    yield prose(first_sentence(finding.detail))


def more_findings(console: Console, findings: Sequence[Finding]) -> Iterator[RenderableType]:
    """Further findings, a line each."""
    for one in findings[:MAX_LISTED]:
        yield marked(console, one.severity, one.title)
    if len(findings) > MAX_LISTED:
        yield Text(f"  and {len(findings) - MAX_LISTED} more")


def _affected(integration: Integration) -> Iterator[RenderableType]:
    """Who else is on the link, where somebody is."""
    apps = integration.on_subnet
    if len(apps) > 1:
        yield prose(f"{len(apps)} apps use it: {names(apps)}.")


def _since(since: ChangedSince | None) -> Iterator[RenderableType]:
    """What changed since the app was healthy, in one line."""
    if since and since.changes:
        meanings = [safe(one.meaning) for one in since.changes]
        yield prose(f"Since it was healthy, {timestamp(since.at)}: {_some(meanings)}.")


def names(apps: Sequence[App]) -> str:
    """The names of apps, the first of them where there are many."""
    return _some([safe(one.name) for one in apps])


def _some(texts: Sequence[str]) -> str:
    more = len(texts) - MAX_LISTED
    return listed([*texts[:MAX_LISTED], f"{more} more"] if more > 0 else texts)


def first_sentence(text: str) -> str:
    """The first sentence of a text, or its first clause up to a semicolon."""
    return _SENTENCE.split(text.strip(), maxsplit=1)[0].replace(";", ".")


def print_refusal(console: Console, plan: Plan, said: Iterable[Finding], *, advise: bool = False) -> None:
    """Print why a plan is refused; what a verdict has `said` already is not repeated.

    `advise` says that nothing can be offered: then what the operator can do elsewhere is printed.
    """
    known = {one.title for one in said}
    new = [one for one in plan.refusals if one.title not in known]
    for one in new[:MAX_LISTED]:
        print_parts(console, *finding_lines(console, one))
    if any(one.code != "not-integrated" for one in plan.refusals):
        print_parts(console, Text("  While this is so, a reconnect is refused."))
    action = plan.refusals[0].action if advise and plan.refusals else ""
    if action and "`remediate " not in action:
        print_parts(console, next_step(console, _without_commands(action)))


def _without_commands(action: str) -> str:
    """What to do, without its commands: they hold whole ids, and are in the details."""
    return _COMMAND.sub("", action).strip()


def print_brief_plan(console: Console, plan: Plan) -> None:
    """Print what a plan does: a line about all of it, and a line for each app that it interrupts."""
    print_parts(console, blank(), Text(what_it_does(plan), style="strong"))
    print_parts(console, *(_app_line(plan, app) for app in plan.apps[:MAX_LISTED]), *_rest(plan))
    if any(estimated_outage(plan, app) for app in plan.apps):
        print_parts(console, *(prose(words) for words in _wait(plan)))
    for words in _warnings(plan):
        print_parts(console, prose(f"{symbols(console).warning} {words}", style="warning"))


def print_before_question(console: Console, plan: Plan) -> None:
    """Print a plan that takes an app's network away: the operator is asked to type a name for that."""
    if any(kind_of(step.do).takes_away for step in plan.steps):
        print_brief_plan(console, plan)


def _wait(plan: Plan) -> Iterator[str]:
    """The wait for the link while apps are disconnected, which no estimate holds."""
    wait = next((step for step in plan.steps if kind_of(step.do).leaves and step.timeout), None)
    if wait and wait.timeout:
        yield f"Waiting for Azure to remove the link adds seconds, and at most {duration(wait.timeout)}."


def what_it_does(plan: Plan) -> str:
    """A plan in one sentence."""
    where = subnet_name(plan.subnet or plan.target)
    leaving = [step.target for step in plan.steps if kind_of(step.do).takes_away]
    coming = [step.target for step in plan.steps if kind_of(step.do).brings_back]
    if plan.clears_link:
        return f"Azure will be asked to clear the link of {where}. No app is changed."
    if not plan.brings_back:
        return f"{_who(leaving)} will be disconnected from {where} for good. Nothing is deleted."
    if not leaving:
        who = _who(coming) if coming else "No app"
        return f"{who} will be connected to {where}. Nothing is disconnected."
    order = ", one at a time" if len(coming) > 1 else ""
    link = "; then Azure creates the link again" if plan.scope == "link" else ""
    back = f", then {_who(coming)}" if len(coming) > len(leaving) else " and"
    return f"{_who(leaving)} will be disconnected from {where}{back} connected again{order}{link}."


def _who(targets: Sequence[str]) -> str:
    """An app by its name, several by their number."""
    return resource_name(targets[0]) if len(targets) == 1 else f"{len(targets)} apps"


def _app_line(plan: Plan, app: App) -> Text:
    restarts, seconds = restarts_of(plan, app), estimated_outage(plan, app)
    tried = any(kind_of(step.do).tries and ids.same(step.target, app.id) for step in plan.steps)
    most = restarts + tried  # whether Azure restarts an app for the trial is not documented
    times = {0: "does not restart", 1: "restarts once", 2: "restarts twice"}.get(most, "")
    times = f"restarts {restarts} or {most} times" if tried else times
    away = f", without network for {seconds[0]} to {seconds[1]} s" if seconds else ""
    for_good = ", without network from then on" if plan.disconnects_for_good else ""
    return Text(f"  {safe(app.name)} {times}{away}{for_good}")


def _rest(plan: Plan) -> Iterator[Text]:
    if len(plan.apps) > MAX_LISTED:
        yield Text(f"  and {plural(len(plan.apps) - MAX_LISTED, 'more app')}, in the same way")


def _warnings(plan: Plan) -> Iterator[str]:
    """What the operator has to know before the answer."""
    yield from (words for app in plan.apps if estimated_outage(plan, app) and (words := expectation(app)))
    delegated = next((step for step in plan.steps if kind_of(step.do).delegates), None)
    if delegated:
        yield f"{resource_name(delegated.target)} is delegated to {plan.service} first, which is asked for."
    own = plan.apps[0].plan if plan.apps else None
    others = [ids.name(one) for one in plan.links if own and plan.brings_back and not ids.same(one, own)]
    if plan.scope == "link" and others:
        yield f"{listed(others)} on the same subnet stays as it is; verify its apps afterwards."


def print_outcome(console: Console, run: Run) -> None:
    """Print how a run ended, in a few lines. One that was left before it changed anything is a line."""
    if run.status == "interrupted" and not run.changed:
        print_parts(console, Text("Nothing was changed."))
        return
    print_parts(console, blank(), result_line(console, run), *_targets(console, run), *_reasons(console, run))
    sent = f"{plural(run.requests.reads, 'read')}, {plural(run.requests.writes, 'write')}"
    print_parts(console, Text(f"Run {safe(run.run)}: {sent}, {duration(run.seconds)}.", style="quiet"))


def _targets(console: Console, run: Run) -> Iterator[RenderableType]:
    if PURPOSES[run.purpose].clears_link:
        return
    for one in run.targets[:MAX_LISTED]:
        yield _target(console, run, one)
    if len(run.targets) > MAX_LISTED:
        yield Text(f"  and {len(run.targets) - MAX_LISTED} more")


def _target(console: Console, run: Run, target: TargetResult) -> Text:
    away = target.status in ("disconnected", "unknown") and PURPOSES[run.purpose].brings_back
    facts = ["MAY BE WITHOUT NETWORK NOW" if away else str(target.status)]
    if target.outage_seconds is not None and not away:
        facts.append(f"without network for {duration(target.outage_seconds)}")
    if routing_differences(target):
        facts.append("routing differs from before")
    dot = f" {symbols(console).dot} "
    return Text(f"  {resource_name(target.id)}{dot}{dot.join(facts)}", style="error" if away else "")


def _reasons(console: Console, run: Run) -> Iterator[RenderableType]:
    """Why it did not end well: what the steps said, less the commands, and what is still wrong."""
    if run.status in ("succeeded", "rolled-back") and healthy(run.findings_after) is not False:
        return
    told = [one.detail for one in run.steps if one.status == "failed" and one.detail]  # by the progress
    lines = [one for one in (run.message or "").splitlines() if not any(detail in one for detail in told)]
    for line in lines[:3]:
        yield prose(first_sentence(line))
    left = [one for one in run.findings_after if one.severity != "info"]
    yield from more_findings(console, left)


def print_brief_guard(console: Console, document: Guard) -> None:
    """Print whether something can be deleted or used, and who holds it."""
    name = resource_name(document.target)
    if document.safe:
        use = " and used" if document.kind == "subnet" else ""
        print_parts(
            console, blank(), marked(console, "good", f"{name} can be deleted{use}: nothing holds it.")
        )
        return
    said = [one for one in document.findings if one.severity != "info"]
    print_parts(console, blank(), *_guard_verdict(console, document))
    if said and not any(one.kind in ("app", "slot") for one in document.holders):
        print_parts(console, *finding_lines(console, said.pop(0)))
    print_parts(console, *more_findings(console, said))


def _guard_verdict(console: Console, document: Guard) -> Iterator[RenderableType]:
    name = resource_name(document.target)
    apps = [resource_name(one.id) for one in document.holders if one.kind in ("app", "slot")]
    if document.safe is None:
        yield marked(
            console, "unknown", f"Whether {name} can be deleted is unknown: not everything was read."
        )
    elif apps:
        verb = "is" if len(apps) == 1 else "are"
        yield marked(console, "error", f"{name} is held by {_some(apps)}, which {verb} connected.")
        yield prose("To delete anything of it now leaves a link behind, which blocks the subnet.")
    else:
        yield marked(console, "error", f"{name} cannot be deleted or used yet.")
