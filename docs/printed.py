"""What the real command prints on the simulated Azure, as text and as pictures, the same in every run."""

from __future__ import annotations

import io
import os
import re
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, redirect_stderr, redirect_stdout
from datetime import UTC, datetime
from functools import cache

import msgspec
from msgspec.structs import replace
from rich.console import Console
from rich.text import Text

from remediate.cli import app
from remediate.model import Requests, Run
from remediate.sandbox.server import Sandbox
from remediate.show.console import open_consoles
from remediate.show.run import print_run

WIDTH = 100
AT = datetime(2026, 1, 1, 3, 0, tzinfo=UTC)
PACE = {"disconnect": 2.0, "reconnect": 9.1, "wait-link-ready": 2.1, "preflight": 0.1, "verify": 0.1}
"""Seconds of each kind of step on a sandbox at speed 1, rounded; what is not named takes next to nothing."""
LAST_DISCONNECT = 8.0
_STAMP = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ")


class Terminal(io.StringIO):
    """Text that believes to be a terminal, so that it gets what an operator sees."""

    def isatty(self) -> bool:
        """It says so."""
        return True


@contextmanager
def replaced_environment(wanted: dict[str, str]) -> Iterator[None]:
    """Within, the environment is this one."""
    before = dict(os.environ)
    os.environ.clear()
    os.environ.update(wanted)
    try:
        yield
    finally:
        os.environ.clear()
        os.environ.update(before)


@contextmanager
def nobodys_environment() -> Iterator[None]:
    """No setting, credential or state of whoever generates the pages shows in them."""
    kept = {
        name: value
        for name, value in os.environ.items()
        if not name.startswith(("AZURE_", "REMEDIATE_", "REQUESTS_", "NO_COLOR", "FORCE_COLOR"))
    }
    screen = {"TERM": "xterm-256color", "COLORTERM": "truecolor", "COLUMNS": str(WIDTH)}
    with tempfile.TemporaryDirectory() as state:
        own = {"REMEDIATE_STATE": state, "NO_PROXY": "localhost,127.0.0.1"}
        with replaced_environment({**kept, **screen, **own}):
            yield


def printed(command: str, out: io.StringIO | None = None) -> str:
    """What `remediate COMMAND` prints on stdout: as in front of Azure, though it is a sandbox."""
    page, (words, _, rest) = out or io.StringIO(), command.partition(" --sandbox ")
    scenario, _, others = rest.partition(" ")
    with nobodys_environment(), Sandbox(scenario, speed=1000) as sandbox:
        os.environ.update(sandbox.environment)
        with redirect_stdout(page), redirect_stderr(io.StringIO()):
            app.run([*words.split(), *others.split()])
    return _STAMP.sub(f"{AT:%Y-%m-%dT%H:%M:%SZ}", page.getvalue())


@cache
def finished_run(command: str) -> Run:
    """The result of a run, with fixed values for what differs from one run to the next."""
    run = msgspec.json.decode(printed(f"{command} --yes -o json"), type=Run)
    last = max(step.n for step in run.steps if step.do == "disconnect")
    steps = tuple(
        replace(step, seconds=LAST_DISCONNECT if step.n == last else PACE.get(step.do, 0.0))
        for step in run.steps
    )
    targets = tuple(
        replace(target, outage_seconds=_between(target.id, replace(run, steps=steps)))
        for target in run.targets
    )
    return replace(
        run,
        run=f"{AT:%Y%m%dT%H%M%SZ}-7f3a",
        started=AT,
        steps=steps,
        targets=targets,
        seconds=round(sum(step.seconds or 0 for step in steps), 1),
        requests=Requests(reads=5 * len(run.steps), writes=run.requests.writes),
    )


def _between(target: str, run: Run) -> float:
    """Seconds from an app's disconnect to its reconnect, both included."""
    own = [step.n for step in run.steps if step.target == target and step.do in ("disconnect", "reconnect")]
    return round(sum(step.seconds or 0 for step in run.steps if own[0] <= step.n <= own[-1]), 1)


def picture(title: str, text: str) -> str:
    """A terminal with this text in it, as SVG that fetches nothing from anywhere."""
    console = Console(file=io.StringIO(), record=True, width=WIDTH, highlight=False)
    console.print(Text.from_ansi(text.rstrip("\n")))
    drawn = re.sub(r"@font-face \{.*?\}\n", "", console.export_svg(title=title), flags=re.DOTALL)
    return "\n".join(line.rstrip() for line in drawn.strip().splitlines()) + "\n"


def of_command(command: str) -> str:
    """A picture of what a command prints in a terminal."""
    title = f"remediate {command.partition(' --sandbox')[0]}"
    return picture(title, printed(command, Terminal()))


def of_run(command: str) -> str:
    """A picture of a run's result."""
    page = Terminal()
    with nobodys_environment():
        print_run(open_consoles(out=page, width=WIDTH).out, finished_run(command))
    return picture(f"remediate {command.partition(' --sandbox')[0]} --yes", page.getvalue())
