"""The page of `remediate doctor`: a line for each check, and what to do below those that are not ok."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

from rich.console import Console
from rich.table import Table
from rich.text import Text

from remediate.checks.advice import typed
from remediate.model import Check, Doctor, LackingAction
from remediate.show.commands import with_options
from remediate.show.console import safe, symbols
from remediate.show.layout import blank, indented, marked, next_step, print_parts
from remediate.show.words import plural, resource_name

_STYLES = {"ok": "good", "problem": "error", "unknown": "unknown"}
_NAMES = 17
"""Columns of a symbol and the name of a check, with a space behind the longest."""


def print_doctor(console: Console, result: Doctor, role_file: Path | None) -> None:
    """Print the checks; `role_file` is where the custom role was written."""
    needed = [one for one in result.lacking if one.needed]
    for check in result.checks:
        _print_check(console, check, needed if check.name == "permissions" else ())
    print_parts(console, blank(), _verdict(console, result))
    if role_file:
        command = typed(["az", "role", "definition", "create", "--role-definition", f"@{role_file}"])
        print_parts(console, next_step(console, f"The custom role is in {role_file}. Create it: {command}"))


def _print_check(console: Console, check: Check, lacking: Iterable[LackingAction]) -> None:
    style = _STYLES[check.result]
    head = Text(f"{symbols(console).of(style)} {check.name}".ljust(_NAMES), style=style)
    print_parts(console, _row(head, check.detail))
    actions = (f"{one.action} at {resource_name(one.scope)}" for one in lacking)
    for note in (*check.notes, *actions):
        print_parts(console, indented(_row(Text(f"{symbols(console).dot} "), note)))
    if check.cure and check.result != "ok":
        print_parts(console, next_step(console, check.cure))


def _row(head: Text, text: str) -> Table:
    """A text beside its head, wrapped between words."""
    row = Table.grid()
    row.add_column(no_wrap=True)
    row.add_column(overflow="fold")
    row.add_row(head, Text(safe(with_options(text))))
    return row


def _verdict(console: Console, result: Doctor) -> Text:
    problems = sum(one.result == "problem" for one in result.checks)
    unknown = sum(one.result == "unknown" for one in result.checks)
    if result.ready:
        return marked(console, "good", "Ready: nothing here keeps a repair from working.")
    if not problems:
        return marked(console, "unknown", f"Not known: {plural(unknown, 'check')} without an answer.")
    also = f", and {unknown} without an answer" if unknown else ""
    return marked(console, "error", f"Not ready: {plural(problems, 'problem')}{also}.")
