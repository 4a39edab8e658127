"""Findings: severity, title, detail, evidence, and the action for each."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable

from rich.console import Console, RenderableType
from rich.text import Text

from remediate.model import Evidence, Finding, healthy
from remediate.show.console import PIPED_WIDTH, safe
from remediate.show.layout import HangingIndent, blank, indented, marked, next_step, prose
from remediate.show.words import format_value, plural, shorten_ids


def finding_parts(console: Console, one: Finding) -> list[RenderableType]:
    """A finding in full, for `print_parts`."""
    first = marked(console, one.severity, f"{one.severity:<7}  ")
    first.append(safe(one.title), style="strong").append(f"  {safe(one.code)}", style="quiet")
    parts: list[RenderableType] = [HangingIndent(first)]
    if one.detail:
        parts.append(prose(one.detail))
    parts += [indented(HangingIndent(_evidence(console, fact)), 4) for fact in one.evidence]
    if one.action:
        parts.append(next_step(console, one.action))
    return parts


def _evidence(console: Console, fact: Evidence) -> Text:
    # An empty value must not look like a truncated line.
    value = format_value(fact.value) or '""'
    if console.width < PIPED_WIDTH:
        value = shorten_ids(value, "..." if console.options.ascii_only else "…")
    return Text(f"{safe(fact.view)}.{safe(fact.field)} = {value}", style="quiet")


def all_finding_parts(console: Console, all_of_them: Iterable[Finding]) -> list[RenderableType]:
    """Every finding in full, in the given order, each after an empty line."""
    parts: list[RenderableType] = []
    for one in all_of_them:
        parts += [blank(), *finding_parts(console, one)]
    return parts


def verdict_line(console: Console, found: tuple[Finding, ...], state: bool | None) -> Text:
    """Healthy, unhealthy with the counts, or unknown. `state` is the verification's `healthy`.

    If the findings contradict it, the findings decide.
    """
    by_findings = healthy(found)
    if by_findings is False or state is False:
        counts = tally(found)
        return marked(console, "error", f"unhealthy: {counts}" if counts else "unhealthy")
    if by_findings is None or state is None:
        return marked(console, "unknown", "unknown: could not read everything")
    return marked(console, "good", "healthy")


def tally(found: Iterable[Finding]) -> str:
    """`2 errors, 1 warning`, and whether everything could be read. Empty without any of them."""
    number = Counter(one.severity for one in found)
    parts = [plural(number[word], word) for word in ("error", "warning") if number[word]]
    if number["unknown"]:
        parts.append("could not read everything")
    return ", ".join(parts)
