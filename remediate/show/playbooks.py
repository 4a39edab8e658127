"""The list of playbooks, and one playbook in full."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from rich.console import Console, RenderableType
from rich.text import Text

from remediate.model import PlaybookStep
from remediate.playbook import Playbook
from remediate.show.console import safe, symbols
from remediate.show.layout import blank, heading, marked, paragraphs, print_parts, prose, table
from remediate.show.words import duration, plural


def print_playbooks(console: Console, playbooks: Iterable[Playbook]) -> None:
    """Print one line for each playbook: id, scope, title, and the findings that it is for."""
    rows = [(one.id, one.scope, one.title, ", ".join(one.for_)) for one in playbooks]
    print_parts(console, table(("playbook", "scope", "what it does", "for"), rows))


def print_playbook(console: Console, one: Playbook) -> None:
    """Print a playbook: its purpose, explanation, impact, and its steps with their settings."""
    print_parts(
        console,
        Text(safe(one.title), style="strong"),
        Text(_facts(console, one), style="quiet"),
        blank(),
        *paragraphs(one.explain),
        *_impact(one),
        blank(),
        heading("Steps"),
        table(("", "step", "", "on failure"), _rows(one)),
    )


def print_valid(console: Console, one: Playbook) -> None:
    """Print that a playbook has no error."""
    print_parts(
        console, marked(console, "good", f"{safe(one.id)}: {plural(len(one.steps), 'step')}, no error")
    )


def _facts(console: Console, one: Playbook) -> str:
    cures = f"for {safe(', '.join(one.for_))}" if one.for_ else "for no finding"
    facts = (f"playbook {safe(one.id)}", f"scope {safe(one.scope)}", cures)
    return f" {symbols(console).dot} ".join(facts)


def _impact(one: Playbook) -> Iterator[RenderableType]:
    if one.impact:
        yield blank()
        yield prose(one.impact, by=0, style="strong")


def _rows(one: Playbook) -> Iterator[tuple[str | Text, ...]]:
    for number, step in enumerate(one.steps, start=1):
        yield f"{number:>2}", step.do, _words(step), step.on_failure


def _words(step: PlaybookStep) -> Text:
    words = Text(safe(step.tell))
    settings = []
    if step.every:
        settings.append(f"looks every {duration(step.every)}")
    if step.timeout:
        settings.append(f"at most {duration(step.timeout)}")
    return words.append(f" ({', '.join(settings)})", style="quiet") if settings else words
