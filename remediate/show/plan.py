"""The page of a plan: its steps, apps and outages; and the exact requests of a dry run."""

from __future__ import annotations

import json
from collections.abc import Iterator

from rich.console import Console, RenderableType
from rich.text import Text

from remediate import ids
from remediate.checks.advice import listed
from remediate.checks.content_share import expectation
from remediate.model import App, Finding, Plan, Request, Step
from remediate.playbook import Playbook
from remediate.show.console import safe, symbols
from remediate.show.findings import all_finding_parts
from remediate.show.layout import (
    HangingIndent,
    blank,
    heading,
    indented,
    marked,
    paragraphs,
    print_parts,
    prose,
    table,
)
from remediate.show.words import (
    describe_step,
    duration,
    plural,
    resource_name,
    scope_words,
    subnet_name,
)
from remediate.steps import CONNECT_SECONDS, DISCONNECT_SECONDS, kind_of

_CONNECTS = "Connect an app to a subnet"
_ONLY_CONNECTS = (
    "The app is connected to the subnet, and nothing is disconnected before. It restarts once. Azure creates "
    "the service association link when the first app of a plan connects to a subnet. Routing and DNS "
    "settings stay as they are and are compared before and after."
)
"""About a plan that disconnects nobody: an app that is connected nowhere, or to a subnet that is gone."""


def print_plan(console: Console, planned: Plan, playbook: Playbook) -> None:
    """Print the steps of a plan, or why it is refused."""
    print_parts(console, *_title(console, planned, playbook))
    if planned.refusals:
        print_parts(console, *_refusals(console, planned))
        return
    print_parts(
        console,
        blank(),
        *_purpose(planned, playbook),
        blank(),
        heading("What will happen"),
        *_steps(planned),
        blank(),
        *_cost(console, planned),
        *_other_plans(planned),
    )


def print_cautions(console: Console, findings: tuple[Finding, ...]) -> None:
    """Print what refuses nothing and has to be known before the answer."""
    if findings:
        print_parts(console, blank(), heading("Before you decide"), *all_finding_parts(console, findings))


def _title(console: Console, planned: Plan, playbook: Playbook) -> Iterator[RenderableType]:
    apart = planned.subnet and not ids.same(planned.subnet, planned.target)
    where = f" on {subnet_name(planned.subnet)}" if planned.subnet and apart else ""
    facts = (
        f"{resource_name(planned.target)}{where}",
        *((scope_words(planned.scope, len(planned.apps)),) if planned.apps else ()),
        f"playbook {safe(planned.playbook)}",
    )
    title = _CONNECTS if _only_connects(planned) else playbook.title
    yield Text(safe(title), style="strong")
    yield Text(f" {symbols(console).dot} ".join(facts), style="quiet")


def _only_connects(planned: Plan) -> bool:
    """Whether a plan connects an app and disconnects nobody. One that is refused has no steps."""
    kinds = [kind_of(step.do) for step in planned.steps]
    return any(kind.brings_back for kind in kinds) and not any(kind.takes_away for kind in kinds)


def _refusals(console: Console, planned: Plan) -> Iterator[RenderableType]:
    yield blank()
    yield marked(console, "error", "refused: nothing was changed, and nothing will be")
    yield from all_finding_parts(console, planned.refusals)


def _steps(planned: Plan) -> Iterator[RenderableType]:
    rows = [(Text(f"{step.n:>2}"), _step_line(step)) for step in planned.steps]
    yield table(("", ""), rows)


def _step_line(step: Step) -> Text:
    words = Text(describe_step(step))
    if step.timeout:
        words.append(f" (at most {duration(step.timeout)})", style="quiet")
    return words


def estimated_outage(planned: Plan, app: App) -> tuple[int, int] | None:
    """The shortest and longest estimate of the seconds without network of one app, by recorded durations.

    Counted from the start of its disconnect to the end of its reconnect, including the disconnects and
    connects of other apps in between; the wait for the link is not included. None if the plan does not both
    disconnect and reconnect the app.
    """
    mine = [at for at, step in enumerate(planned.steps) if ids.same(step.target, app.id)]
    first = next((at for at in mine if kind_of(planned.steps[at].do).takes_away), None)
    last = next((at for at in mine if kind_of(planned.steps[at].do).brings_back), None)
    if first is None or last is None or last < first:
        return None
    between = [kind_of(step.do) for step in planned.steps[first : last + 1]]
    away, back = sum(kind.takes_away for kind in between), sum(kind.brings_back for kind in between)
    shortest = away * DISCONNECT_SECONDS[0] + back * CONNECT_SECONDS[0]
    return shortest, away * DISCONNECT_SECONDS[1] + back * CONNECT_SECONDS[1]


def _cost(console: Console, planned: Plan) -> Iterator[RenderableType]:
    if not planned.apps:
        return
    rows = [(app.name, *_app_cost(planned, app)) for app in planned.apps]
    yield heading("Which apps are interrupted")
    yield table(("app", "restarts", "without network"), rows)
    if any(estimated_outage(planned, app) for app in planned.apps):
        restarts = sum(restarts_of(planned, app) for app in planned.apps)
        yield prose(
            f"{plural(len(planned.apps), 'app')}, {plural(restarts, 'restart')}, one app at a time. "
            "The seconds are estimates from recordings "
            f"(a disconnect {DISCONNECT_SECONDS[0]} to {DISCONNECT_SECONDS[1]} s, "
            f"a connect {CONNECT_SECONDS[0]} to {CONNECT_SECONDS[1]} s).{_waits(planned)}{_trial(planned)}",
            style="quiet",
        )
        yield from _expectations(console, planned)


def _other_plans(planned: Plan) -> Iterator[RenderableType]:
    """Whose integration a rebuild of the link leaves alone, on a subnet that several plans share."""
    own = planned.apps[0].plan if planned.apps else None
    others = [ids.name(one) for one in planned.links if own and not ids.same(one, own)]
    rebuilds = planned.brings_back and any(kind_of(step.do).takes_away for step in planned.steps)
    if planned.scope != "link" or not rebuilds or not others:
        return
    one = len(others) == 1
    yield blank()
    yield prose(
        f"Only the integration of {ids.name(own)} is rebuilt. {listed(others)} {'is' if one else 'are'} on "
        f"{subnet_name(planned.subnet or '')} too, and {'its' if one else 'their'} apps are not touched. "
        "Whether a link serves them meanwhile and afterwards is not documented: verify them afterwards."
    )


def _expectations(console: Console, planned: Plan) -> Iterator[RenderableType]:
    """What the apps may do while they are without network; printed before they are disconnected."""
    texts = [words for app in planned.apps if estimated_outage(planned, app) and (words := expectation(app))]
    for words in texts:
        yield blank()
        yield prose(f"{symbols(console).warning} {words}", style="warning")


def restarts_of(planned: Plan, app: App) -> int:
    """How often the plan restarts one app: each write that disconnects or connects it (azure-facts.md, 2)."""
    kinds = [kind_of(step.do) for step in planned.steps if ids.same(step.target, app.id)]
    return sum(kind.takes_away or kind.brings_back for kind in kinds)


def _app_cost(planned: Plan, app: App) -> tuple[str, str]:
    if planned.disconnects_for_good:
        return str(restarts_of(planned, app)), "from then on"
    if seconds := estimated_outage(planned, app):
        words = f"{seconds[0]} to {seconds[1]} s"
    else:
        words = "not disconnected" if app.subnet else "already, until it is connected"
    return str(restarts_of(planned, app)), words


def _waits(planned: Plan) -> str:
    """The time that the waits between the first disconnect and the last reconnect can add."""
    kinds = [kind_of(step.do) for step in planned.steps]
    start = next((n for n, kind in enumerate(kinds) if kind.takes_away), 0)
    end = max((n for n, kind in enumerate(kinds) if kind.brings_back), default=start)
    between = planned.steps[start:end]
    longest = sum(step.timeout or 0 for step in between if kind_of(step.do).waits_for_link)
    if not longest:
        return ""
    return (
        f" The wait for the link comes on top: seconds in the recordings, at most {duration(longest)} here."
    )


def _trial(planned: Plan) -> str:
    tries = any(kind_of(step.do).tries for step in planned.steps)
    return " Whether Azure restarts an app for the trial as well is not documented." if tries else ""


def _purpose(planned: Plan, playbook: Playbook) -> Iterator[RenderableType]:
    """What the playbook says that it does; its words are about a disconnect, which not every plan has."""
    if _only_connects(planned):
        yield prose(_ONLY_CONNECTS, by=0)
        return
    yield from paragraphs(playbook.explain)
    if playbook.impact:
        yield blank()
        yield prose(playbook.impact, by=0, style="strong")


def print_remaining_steps(console: Console, planned: Plan) -> None:
    """Print the remaining steps of a run that is resumed."""
    print_parts(console, blank(), heading("What is left"), *_steps(planned), blank())


def print_dry_run(console: Console, planned: Plan) -> None:
    """Print each write of a plan exactly as it would be sent, in order."""
    if planned.refusals:
        print_parts(console, *_refusals(console, planned))
        return
    writes = [step for step in planned.steps if step.request]
    if not writes:
        print_parts(console, blank(), Text("Dry run: nothing was changed, and the plan has no write."))
        return
    print_parts(
        console,
        blank(),
        Text("Dry run: nothing was changed. These writes would be sent, in this order:", style="strong"),
    )
    tried = {step.target for step in writes if kind_of(step.do).tries}
    for number, step in enumerate(writes, start=1):
        print_parts(console, blank(), *_write(number, step, tried))


def _write(number: int, step: Step, tried: set[str]) -> Iterator[RenderableType]:
    """`tried` are the apps with a trial: what Azure accepted there is sent first."""
    chosen = kind_of(step.do).brings_back and step.target in tried
    yield Text(f"{number:>2}  {safe(step.do)} {resource_name(step.target)}")
    if step.request:
        yield indented(_request(step.request), 4)
    if step.fallback:
        when = "instead, if Azure refuses the request above, in the trial or here" if chosen else ""
        words = when or "only if Azure refuses the request above"
        yield indented(Text(f"{words}:", style="quiet"), 4)
        yield indented(_request(step.fallback), 4)


def _request(request: Request) -> HangingIndent:
    text = Text().append(safe(request.method), style="strong").append(f" {safe(request.path)}")
    for name, value in request.headers.items():
        text.append(f"\n{safe(name)}: {safe(value)}")
    if request.body is not None:
        body = json.dumps(request.body, indent=2, ensure_ascii=False).split("\n")
        text.append("\n" + "\n".join(safe(line) for line in body))
    return HangingIndent(text)
