"""A world file of the sandbox on the console."""

from __future__ import annotations

from rich.console import Console

from remediate.show.console import safe
from remediate.show.layout import marked, print_parts
from remediate.show.lists import WorldCheck
from remediate.show.words import plural


def print_world(console: Console, one: WorldCheck) -> None:
    """Print that a world file has no error, and what there is in its world."""
    found = (
        f"{plural(one.apps, 'app')}, {plural(one.plans, 'plan')}, {plural(one.subnets, 'subnet')}, no error"
    )
    print_parts(console, marked(console, "good", f"{safe(one.file)}: {found}"))
