"""A step as a playbook has it."""

from __future__ import annotations

from msgspec import Struct

from remediate.model.plan import OnFailure
from remediate.model.probe import Endpoint


class PlaybookStep(Struct, frozen=True, rename="kebab"):
    """One step: what to do, the line shown meanwhile, times in seconds, its line in the file.

    `probe` is what a step `probe` is to reach, where the file says it.
    """

    do: str
    tell: str
    timeout: float | None = None
    every: float | None = None
    on_failure: OnFailure = "stop"
    line: int = 0
    probe: Endpoint | None = None
