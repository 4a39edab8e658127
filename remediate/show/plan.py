"""The page of a plan: what will happen, to whom, and what it costs; and the dry run's exact requests."""

from __future__ import annotations

import json
from collections.abc import Iterator

from rich.console import Console, RenderableType
from rich.text import Text

from remediate import ids
from remediate.checks.content_share import expectation
from remediate.model import App, Plan, Request, Step
from remediate.playbook import Playbook
from remediate.show.console import safe, signs
from remediate.show.findings import findings
from remediate.show.layout import Hanging, blank, heading, indented, marked, paragraphs, prose, put, table
from remediate.show.words import counted, lasting, place, resource, step_words

DISCONNECT_SECONDS = (1, 53)
"""Shortest and longest recorded answer to DELETE networkConfig (azure-facts.md, 2)."""
CONNECT_SECONDS = (9, 34)
"""Shortest and longest recorded answer to a site write (azure-facts.md, 2)."""
_RESTARTING = ("disconnect", "reconnect")
"""Each of these restarts the app (azure-facts.md, 2)."""


def plan(console: Console, planned: Plan, playbook: Playbook) -> None:
    """Print what a plan would do, or why it is refused."""
    put(console, *_title(console, planned, playbook))
    if planned.refusals:
        put(console, *_refusals(console, planned))
        return
    put(
        console,
        blank(),
        *paragraphs(playbook.explain),
        blank(),
        *_impact(playbook),
        heading("What will happen"),
        *_steps(planned),
        blank(),
        *_cost(console, planned),
    )


def _title(console: Console, planned: Plan, playbook: Playbook) -> Iterator[RenderableType]:
    apart = planned.subnet and not ids.same(planned.subnet, planned.target)
    where = f" on {place(planned.subnet)}" if planned.subnet and apart else ""
    facts = (
        f"{resource(planned.target)}{where}",
        f"scope {planned.scope}",
        f"playbook {safe(planned.playbook)}",
    )
    yield Text(safe(playbook.title), style="strong")
    yield Text(f" {signs(console).dot} ".join(facts), style="quiet")


def _refusals(console: Console, planned: Plan) -> Iterator[RenderableType]:
    yield blank()
    yield marked(console, "error", "refused: nothing was changed, and nothing will be")
    yield from findings(console, planned.refusals)


def _steps(planned: Plan) -> Iterator[RenderableType]:
    rows = [(Text(f"{step.n:>2}"), step.do, _step_line(step)) for step in planned.steps]
    yield table(("", "", ""), rows)


def _step_line(step: Step) -> Text:
    words = Text(step_words(step))
    if step.timeout:
        words.append(f" (at most {lasting(step.timeout)})", style="quiet")
    return words


def outage(planned: Plan, app: App) -> tuple[int, int] | None:
    """The estimated seconds without network of one app, shortest and longest, by recorded durations.

    Everything counts from the start of its disconnect to the end of its reconnect, so also the
    disconnects and connects of other apps in between; waiting for the link comes on top. None
    where the plan does not both disconnect and reconnect the app.
    """
    mine = [at for at, step in enumerate(planned.steps) if ids.same(step.target, app.id)]
    first = next((at for at in mine if planned.steps[at].do == "disconnect"), None)
    last = next((at for at in mine if planned.steps[at].do == "reconnect"), None)
    if first is None or last is None or last < first:
        return None
    between = [step.do for step in planned.steps[first : last + 1]]
    away, back = between.count("disconnect"), between.count("reconnect")
    shortest = away * DISCONNECT_SECONDS[0] + back * CONNECT_SECONDS[0]
    return shortest, away * DISCONNECT_SECONDS[1] + back * CONNECT_SECONDS[1]


def _cost(console: Console, planned: Plan) -> Iterator[RenderableType]:
    if not planned.apps:
        return
    rows = [(app.name, *_app_cost(planned, app)) for app in planned.apps]
    yield heading("Which apps feel it")
    yield table(("app", "restarts", "without network"), rows)
    if any(outage(planned, app) for app in planned.apps):
        restarts = sum(restarts_of(planned, app) for app in planned.apps)
        yield prose(
            f"{counted(len(planned.apps), 'app')}, {counted(restarts, 'restart')}, one app at a time. "
            "The seconds are estimates from recordings "
            f"(a disconnect {DISCONNECT_SECONDS[0]} to {DISCONNECT_SECONDS[1]} s, "
            f"a connect {CONNECT_SECONDS[0]} to {CONNECT_SECONDS[1]} s).{_waits(planned)}",
            style="quiet",
        )
        yield from _expectations(console, planned)


def _expectations(console: Console, planned: Plan) -> Iterator[RenderableType]:
    """What the apps themselves may do while they are without network, said before it is taken away."""
    told = [words for app in planned.apps if outage(planned, app) and (words := expectation(app))]
    for words in told:
        yield blank()
        yield prose(f"{signs(console).warning} {words}", style="warning")


def restarts_of(planned: Plan, app: App) -> int:
    """How often the plan restarts one app."""
    return sum(step.do in _RESTARTING and ids.same(step.target, app.id) for step in planned.steps)


def _app_cost(planned: Plan, app: App) -> tuple[str, str]:
    if planned.purpose == "disconnect":
        return str(restarts_of(planned, app)), "from then on"
    seconds = outage(planned, app)
    words = f"{seconds[0]} to {seconds[1]} s" if seconds else "not taken away"
    return str(restarts_of(planned, app)), words


def _waits(planned: Plan) -> str:
    """What the waits between the first disconnect and the last reconnect can add."""
    at = {step.do: number for number, step in enumerate(planned.steps)}
    start = next((n for n, step in enumerate(planned.steps) if step.do == "disconnect"), 0)
    between = planned.steps[start : at.get("reconnect", start)]
    longest = sum(step.timeout or 0 for step in between if step.do.startswith("wait-"))
    if not longest:
        return ""
    return f" The wait for the link comes on top: seconds in the recordings, at most {lasting(longest)} here."


def _impact(playbook: Playbook) -> Iterator[RenderableType]:
    if playbook.impact:
        yield prose(playbook.impact, by=0, style="strong")
        yield blank()


def steps_left(console: Console, planned: Plan) -> None:
    """Print the steps of a run that is taken up again."""
    put(console, blank(), heading("What is left"), *_steps(planned), blank())


def dry_run(console: Console, planned: Plan) -> None:
    """Print each write of a plan exactly as it would go out, in order."""
    if planned.refusals:
        put(console, *_refusals(console, planned))
        return
    writes = [step for step in planned.steps if step.request]
    if not writes:
        put(console, Text("Dry run: nothing was changed, and the plan holds no write."))
        return
    put(
        console,
        Text("Dry run: nothing was changed. These writes would go out, in this order:", style="strong"),
    )
    for number, step in enumerate(writes, start=1):
        put(console, blank(), *_write(number, step))


def _write(number: int, step: Step) -> Iterator[RenderableType]:
    yield Text(f"{number:>2}  {safe(step.do)} {resource(step.target)}")
    if step.request:
        yield indented(_request(step.request), 4)
    if step.fallback:
        yield indented(Text("only if Azure refuses the request above:", style="quiet"), 4)
        yield indented(_request(step.fallback), 4)


def _request(request: Request) -> Hanging:
    text = Text().append(safe(request.method), style="strong").append(f" {safe(request.path)}")
    for name, value in request.headers.items():
        text.append(f"\n{safe(name)}: {safe(value)}")
    if request.body is not None:
        body = json.dumps(request.body, indent=2, ensure_ascii=False).split("\n")
        text.append("\n" + "\n".join(safe(line) for line in body))
    return Hanging(text)
