"""The progress of a run: a line with a spinner in a terminal, plain timestamped lines elsewhere."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime

from rich.console import Console, Group
from rich.live import Live
from rich.spinner import Spinner
from rich.text import Text

from remediate.model import Step, StepResult, StepStatus
from remediate.show.console import safe
from remediate.show.layout import indented, marked, print_parts
from remediate.show.words import describe_step, duration, resource_name, timestamp
from remediate.steps import kind_of

_STYLES: dict[StepStatus, str] = {
    "succeeded": "good",
    "failed": "error",
    "skipped": "info",
    "planned": "info",
}


class LiveProgress:
    """Progress in a terminal: finished steps stay as lines, the running one is redrawn below them."""

    def __init__(self, console: Console, now: Callable[[], float]) -> None:
        """`now` is a monotonic clock in seconds."""
        self._console = console
        self._now = now
        self._live: Live | None = None
        self._tell = ""
        self._wait = ""
        self._since = 0.0
        self._spinner = Spinner("line" if console.options.ascii_only else "dots", style="strong")

    def step_started(self, step: Step) -> None:
        """Begin a step; its line is redrawn until it ends, unless the step asks a question."""
        self._tell, self._wait, self._since = describe_step(step), "", self._now()
        if not kind_of(step.do).asks:
            self._draw()

    def waiting(self, step: Step, reason: str, until: datetime | None) -> None:
        """Show what the step waits for, and until when at the latest."""
        self._wait = f"{safe(reason)}{_deadline(until)}"
        if self._live:
            self._live.refresh()

    def step_ended(self, step: Step, result: StepResult) -> None:
        """Print the result of a step, with its detail below."""
        self._stop()
        style = _STYLES[result.status]
        line = marked(self._console, style, "").append(describe_step(step))
        if result.status != "succeeded":
            line.append(f"  {result.status}", style=style)
        if result.seconds is not None:
            line.append(f"  {duration(result.seconds)}", style="quiet")
        print_parts(self._console, line, *_details(result))

    def note(self, text: str) -> None:
        """Print a line that belongs to no step."""
        print_parts(self._console, indented(Text(safe(text), style="quiet")))

    def close(self) -> None:
        """Restore the terminal. May be called twice."""
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
        elapsed = duration(int(max(0.0, self._now() - self._since)))
        self._spinner.update(text=Text(self._tell).append(f"  {elapsed}", style="quiet"))
        if not self._wait:
            return Group(self._spinner)
        return Group(self._spinner, indented(Text(self._wait, style="quiet")))


def _details(result: StepResult) -> tuple[Text, ...]:
    return (Text(f"  {safe(result.detail)}", style="quiet"),) if result.detail else ()


def _deadline(until: datetime | None) -> str:
    return f", until {until.astimezone(UTC):%H:%M:%S} UTC at the latest" if until else ""


class PlainProgress:
    """Progress without a terminal: one timestamped line for each event, in UTC."""

    def __init__(self, console: Console, now: Callable[[], datetime]) -> None:
        """`now` returns the time at the start of each line."""
        self._console = console
        self._now = now
        self._reason: tuple[int, str] | None = None

    def step_started(self, step: Step) -> None:
        """Print that a step begins."""
        self._write(f"{_name(step)}: {safe(step.tell)}")

    def waiting(self, step: Step, reason: str, until: datetime | None) -> None:
        """Print what the step waits for, once for each reason."""
        if self._reason == (step.n, reason):
            return
        self._reason = (step.n, reason)
        self._write(f"{_name(step)}: {safe(reason)}" + (f", until {timestamp(until)}" if until else ""))

    def step_ended(self, step: Step, result: StepResult) -> None:
        """Print how a step ended, how long it took, and its detail."""
        took = f" after {duration(result.seconds)}" if result.seconds is not None else ""
        detail = f": {safe(result.detail)}" if result.detail else ""
        self._write(f"{_name(step)}: {result.status}{took}{detail}")

    def note(self, text: str) -> None:
        """Print a line that belongs to no step."""
        self._write(safe(text))

    def close(self) -> None:
        """Do nothing: there is nothing to restore."""

    def _write(self, text: str) -> None:
        self._console.print(Text(f"{timestamp(self._now())} {text}"), soft_wrap=True)


def _name(step: Step) -> str:
    return f"step {step.n} {safe(step.do)} {resource_name(step.target)}"
