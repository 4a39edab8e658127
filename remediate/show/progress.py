"""The progress of a run: a line with a spinner in a terminal, plain timestamped lines elsewhere."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime

from rich.console import Console, Group
from rich.live import Live
from rich.spinner import Spinner
from rich.text import Text

from remediate.model import Step, StepResult, StepStatus
from remediate.show.console import safe, symbols
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

    def __init__(self, console: Console, now: Callable[[], float], *, brief: bool = False) -> None:
        """`now` is a monotonic clock in seconds. `brief` keeps no line of a look that found nothing wrong."""
        self._console = console
        self._now = now
        self._brief = brief
        self._live: Live | None = None
        self._tell = self._usually = ""
        self._wait = ""
        self._since = 0.0
        self._spinner = Spinner("line" if console.options.ascii_only else "dots", style="strong")

    def step_started(self, step: Step) -> None:
        """Begin a step; its line is redrawn until it ends, unless the step asks a question."""
        kind = kind_of(step.do)
        self._tell, self._wait, self._since = describe_step(step), "", self._now()
        self._usually = kind.usually
        if not kind.asks:
            self._draw()

    def waiting(self, step: Step, reason: str, until: datetime | None) -> None:
        """Show what the step waits for, unless its own line says so, and until when at the latest."""
        said = [] if kind_of(step.do).waits_for_link else [safe(reason)]
        self._wait = ", ".join([*said, *_deadline(until)])
        if self._live:
            self._live.refresh()

    def step_ended(self, step: Step, result: StepResult) -> None:
        """Print the result of a step, with its detail below."""
        self._stop()
        if result.status in ("succeeded", "skipped") and self._is_left_out(step):
            return
        style = _STYLES[result.status]
        line = marked(self._console, style, "").append(describe_step(step))
        if result.status != "succeeded":
            line.append(f"  {result.status}", style=style)
        if result.seconds is not None:
            line.append(f"  {duration(result.seconds)}", style="quiet")
        print_parts(self._console, line, *_details(result))

    def _is_left_out(self, step: Step) -> bool:
        """Whether the line of a step that did not fail says nothing: an answered question, a brief look."""
        return not _tells(step) and (kind_of(step.do).asks or self._brief)

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
        dot = f" {symbols(self._console).dot} "
        facts = [elapsed, *([self._usually] if self._usually else [])]
        self._spinner.update(text=Text(self._tell).append(f"{dot}{dot.join(facts)}", style="quiet"))
        if not self._wait:
            return Group(self._spinner)
        return Group(self._spinner, indented(Text(self._wait, style="quiet")))


def _tells(step: Step) -> bool:
    """Whether a step changes, awaits or tries something; the others only look or ask."""
    kind = kind_of(step.do)
    return kind.changes or kind.waits_for_link or kind.reaches


def _details(result: StepResult) -> tuple[Text, ...]:
    return (Text(f"  {safe(result.detail)}", style="quiet"),) if result.detail else ()


def _deadline(until: datetime | None) -> list[str]:
    return [f"until {until.astimezone(UTC):%H:%M:%S} UTC at the latest"] if until else []


class SpokenProgress:
    """Progress for a person whose terminal redraws nothing: a sentence for each change, and each failure."""

    def __init__(self, console: Console) -> None:
        self._console = console

    def step_started(self, step: Step) -> None:
        """Print what begins, and how long it usually takes."""
        usually = kind_of(step.do).usually
        if _tells(step) and not kind_of(step.do).asks:
            self.note(f"{describe_step(step)}{f', {usually}' if usually else ''}.")

    def waiting(self, step: Step, reason: str, until: datetime | None) -> None:
        """Print nothing: the step's own sentence says what it waits for."""

    def step_ended(self, step: Step, result: StepResult) -> None:
        """Print how a step failed."""
        if result.status == "failed":
            self.note(f"{describe_step(step)}: failed. {result.detail or ''}".rstrip())

    def note(self, text: str) -> None:
        """Print a line that belongs to no step."""
        print_parts(self._console, Text(safe(text)))

    def close(self) -> None:
        """Do nothing: there is nothing to restore."""


class PlainProgress:
    """Progress without a terminal: one timestamped line for each event, in UTC."""

    def __init__(self, console: Console, now: Callable[[], datetime]) -> None:
        """`now` returns the time at the start of each line."""
        self._console = console
        self._now = now
        self._reason: tuple[int, str] | None = None

    def step_started(self, step: Step) -> None:
        """Print that a step begins."""
        usually = kind_of(step.do).usually
        self._write(f"{_name(step)}: {safe(step.tell)}{f' ({usually})' if usually else ''}")

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
