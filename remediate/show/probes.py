"""The answers of an app's workers: instance, private address, and whether the port is reached."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from rich.console import Console, RenderableType
from rich.text import Text

from remediate.model import Probe, Worker
from remediate.show.console import safe
from remediate.show.layout import blank, heading, indented, marked, print_parts, table
from remediate.show.words import resource_name

PROBE_FINDINGS = frozenset({"worker-without-ip", "probe-failed"})
"""The findings that need the answers of the workers."""
_NAME = 8
"""Characters of an instance's name that are shown, of 64; JSON has all of them."""


def print_probes(console: Console, answers: Iterable[Probe]) -> None:
    """Print the answers, if the workers were asked."""
    print_parts(console, *probe_sections(console, answers))


def probe_sections(console: Console, answers: Iterable[Probe], when: str = "") -> Iterator[RenderableType]:
    """One table for each probe, each after an empty line; `when` ends the heading."""
    for probe in answers:
        yield blank()
        yield heading(f"What the workers of {resource_name(probe.app)} say{when}")
        if probe.message is not None:
            yield indented(marked(console, "unknown", f"they could not be asked: {probe.message}"))
        else:
            headers = ("instance", "private address", safe(probe.endpoint))
            yield table(headers, [_row(console, probe, worker) for worker in probe.workers])


def _row(console: Console, probe: Probe, worker: Worker) -> tuple[Text, ...]:
    name = safe(worker.instance[:_NAME]) if worker.instance else "any"
    return Text(name), _address(console, probe, worker), _reached(console, worker)


def _address(console: Console, probe: Probe, worker: Worker) -> Text:
    if probe.by == "tcpPingCheck":
        return Text("not reported", style="quiet")
    if worker.addressed is None:
        return marked(console, "unknown", "no answer")
    if worker.address is None:
        return marked(console, "error", "none")
    return Text(safe(worker.address))


def _reached(console: Console, worker: Worker) -> Text:
    if worker.reached:
        return marked(console, "good", "reached")
    style, words = ("unknown", "no answer") if worker.reached is None else ("error", "not reached")
    answer = ": ".join(part for part in (worker.status, worker.detail) if part)
    return marked(console, style, words).append(f"  {safe(answer)}", style="quiet")
