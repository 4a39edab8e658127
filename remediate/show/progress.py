"""What a run says while it runs: a line that ticks in a terminal, plain timestamped lines elsewhere."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime

from rich.console import Console, Group
from rich.live import Live
from rich.spinner import Spinner
from rich.text import Text

from remediate.model import Step, StepResult, StepStatus
from remediate.show.console import safe
from remediate.show.layout import indented, marked, put
from remediate.show.words import lasting, resource, stamp, step_words
from remediate.steps import kind_of

_STYLES: dict[StepStatus, str] = {
    "succeeded": "good",
    "failed": "error",
    "skipped": "info",
    "planned": "info",
}


class LiveProgress:
    """Progress in a terminal: finished steps stay as ticked lines, the running one is redrawn below them."""

    def __init__(self, console: Console, now: Callable[[], float]) -> None:
        """`now` is a clock in seconds that only differences are taken of."""
        self._console = console
        self._now = now
        self._live: Live | None = None
        self._tell = ""
        self._wait = ""
        self._since = 0.0
        self._spinner = Spinner("line" if console.options.ascii_only else "dots", style="strong")

    def step_started(self, step: Step) -> None:
        """Begin a step; its line is redrawn until it ends, unless it asks: it would fight with the prompt."""
        self._tell, self._wait, self._since = step_words(step), "", self._now()
        if not kind_of(step.do).asks:
            self._draw()

    def waiting(self, step: Step, reason: str, until: datetime | None) -> None:
        """Say what is being waited for, and until when at the latest."""
        self._wait = f"{safe(reason)}{_deadline(until)}"
        if self._live:
            self._live.refresh()

    def step_ended(self, step: Step, result: StepResult) -> None:
        """Tick the step off; a result's detail goes below it."""
        self._stop()
        style = _STYLES[result.status]
        line = marked(self._console, style, "").append(step_words(step))
        if result.status != "succeeded":
            line.append(f"  {result.status}", style=style)
        if result.seconds is not None:
            line.append(f"  {lasting(result.seconds)}", style="quiet")
        put(self._console, line, *_details(result))

    def note(self, text: str) -> None:
        """Say something between the lines."""
        put(self._console, indented(Text(safe(text), style="quiet")))

    def close(self) -> None:
        """Leave the terminal as it was. May be called twice."""
        self._stop()

    def _draw(self) -> None:
        self._live = Live(
            get_renderable=self._line,
            console=self._console,
            refresh_per_second=8,
            transient=True,
            redirect_stdout=False,
            redirect_stderr=False,
        )
        self._live.start(refresh=True)

    def _stop(self) -> None:
        if self._live:
            self._live.stop()
            self._live = None

    def _line(self) -> Group:
        elapsed = lasting(int(max(0.0, self._now() - self._since)))
        self._spinner.update(text=Text(self._tell).append(f"  {elapsed}", style="quiet"))
        if not self._wait:
            return Group(self._spinner)
        return Group(self._spinner, indented(Text(self._wait, style="quiet")))


def _details(result: StepResult) -> tuple[Text, ...]:
    return (Text(f"  {safe(result.detail)}", style="quiet"),) if result.detail else ()


def _deadline(until: datetime | None) -> str:
    return f", until {until.astimezone(UTC):%H:%M:%S} UTC at the latest" if until else ""


class PlainProgress:
    """Progress without a terminal: one timestamped line an event, in UTC."""

    def __init__(self, console: Console, now: Callable[[], datetime]) -> None:
        """`now` gives the time that the lines start with."""
        self._console = console
        self._now = now
        self._reason: tuple[int, str] | None = None

    def step_started(self, step: Step) -> None:
        """Write the line that a step begins."""
        self._write(f"{_name(step)}: {safe(step.tell)}")

    def waiting(self, step: Step, reason: str, until: datetime | None) -> None:
        """Write what is waited for, once for as long as the reason stays the same."""
        if self._reason == (step.n, reason):
            return
        self._reason = (step.n, reason)
        self._write(f"{_name(step)}: {safe(reason)}" + (f", until {stamp(until)}" if until else ""))

    def step_ended(self, step: Step, result: StepResult) -> None:
        """Write how a step ended, how long it took, and its detail."""
        took = f" after {lasting(result.seconds)}" if result.seconds is not None else ""
        detail = f": {safe(result.detail)}" if result.detail else ""
        self._write(f"{_name(step)}: {result.status}{took}{detail}")

    def note(self, text: str) -> None:
        """Write a line that belongs to no step."""
        self._write(safe(text))

    def close(self) -> None:
        """Nothing is held open."""

    def _write(self, text: str) -> None:
        self._console.print(Text(f"{stamp(self._now())} {text}"), soft_wrap=True)


def _name(step: Step) -> str:
    return f"step {step.n} {safe(step.do)} {resource(step.target)}"
