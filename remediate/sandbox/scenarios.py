"""The worlds of the sandbox: shipped scenarios, and files of the same form (docs/reference/worlds.md)."""

from __future__ import annotations

import difflib
from dataclasses import dataclass
from pathlib import Path

from remediate.sandbox.world import World
from remediate.sandbox.worldfile.build import build
from remediate.sandbox.worldfile.errors import InvalidWorld, UnknownScenario, UnreadableWorld
from remediate.sandbox.worldfile.layers import GROUP, SUBSCRIPTION, Described, scenario_names, shipped

__all__ = [
    "GROUP",
    "SUBSCRIPTION",
    "InvalidWorld",
    "Summary",
    "UnknownScenario",
    "UnreadableWorld",
    "is_file",
    "load",
    "load_file",
    "summaries",
]


@dataclass(frozen=True)
class Summary:
    """A scenario's name, and its world in one line."""

    name: str
    summary: str


def summaries() -> list[Summary]:
    """Every scenario, by name."""
    return [Summary(name, shipped(name)["summary"]) for name in scenario_names()]


def is_file(source: str) -> bool:
    """Whether a world is named as a file: with a `/` or `\\` in it, or with the ending `.yaml` or `.yml`."""
    return "/" in source or "\\" in source or source.casefold().endswith((".yaml", ".yml"))


def load(source: str, speed: float = 1.0) -> World:
    """The world of a scenario or a file, at the simulated second 0.

    A shipped scenario is not checked again: a test does that, and importing the check takes time.
    Raises UnknownScenario, and for a file UnreadableWorld and InvalidWorld.
    """
    return load_file(source, speed) if is_file(source) else build(_read_scenario(source), speed)


def load_file(source: str, speed: float = 1.0) -> World:
    """The world that a file describes. Raises UnreadableWorld and InvalidWorld."""
    from remediate.sandbox.worldfile.check import checked  # jsonschema is slow to import

    try:
        text = Path(source).read_bytes()
    except (OSError, ValueError) as error:
        reason = error.strerror if isinstance(error, OSError) else str(error)
        raise UnreadableWorld(f"the world file {source} cannot be read: {reason}") from error
    return build(checked(text, source), speed)


def _read_scenario(name: str) -> Described:
    names = scenario_names()
    if name not in names:
        near = difflib.get_close_matches(name, names, n=3, cutoff=0.4)
        offer = f"did you mean {', '.join(near)}?" if near else f"there are {', '.join(names)}"
        raise UnknownScenario(f"there is no scenario {name!r}: {offer}")
    return shipped(name)
