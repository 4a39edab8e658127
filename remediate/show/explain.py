"""What the code of a finding, an exit or an error means, and the list of all codes."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

from rich.console import Console, RenderableType
from rich.text import Text

from remediate.model import Explanation
from remediate.show.console import symbols
from remediate.show.layout import blank, heading, message, next_step, print_parts, prose, table

_HEADINGS = {"finding": "Findings", "exit code": "Exit codes", "error": "Errors"}


def print_codes(console: Console, explanations: Iterable[Explanation]) -> None:
    """Print a line for each code, by kind."""
    listed = tuple(explanations)
    for number, (kind, title) in enumerate(_HEADINGS.items()):
        rows = [(one.code, _first_sentence(one.meaning)) for one in listed if one.kind == kind]
        print_parts(console, *([blank()] if number else []), heading(title), table(("", ""), rows))


def print_explanation(console: Console, explanations: Iterable[Explanation]) -> None:
    """Print what one code means, what to do, and a command that shows it."""
    for number, one in enumerate(explanations):
        print_parts(console, *([blank()] if number else []), *_parts(console, one))


def _parts(console: Console, one: Explanation) -> Iterator[RenderableType]:
    yield Text(f"{one.kind} {one.code}" if one.kind != "finding" else one.code, style="strong")
    if facts := _facts(one):
        yield Text(f" {symbols(console).dot} ".join(facts), style="quiet")
    yield blank()
    yield prose(one.meaning, by=0)
    if one.example:
        yield from (blank(), heading("For example"), *message(one.example))
    if one.action:
        yield from (blank(), heading("What to do"), *message(one.action))
    if one.see:
        yield from (blank(), heading("See it on a simulated Azure"), next_step(console, one.see))


def _facts(one: Explanation) -> list[str]:
    facts = [
        " or ".join(one.severities),
        f"looked for {one.looked_for}" if one.looked_for else "",
        f"playbook {', '.join(one.playbooks)}" if one.playbooks else "",
        f"exit code {' or '.join(map(str, one.exits))}" if one.exits else "",
    ]
    return [one for one in facts if one]


def _first_sentence(text: str) -> str:
    text = text.removeprefix("A request to Azure failed. ")
    return re.split(r"\. |; (?![^(]*\))", text)[0].rstrip(".")
