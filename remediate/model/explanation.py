"""What a code means: of a finding, of an exit, or of an error."""

from __future__ import annotations

from typing import Literal

from msgspec import Struct

from remediate.model.finding import Severity

ExplainedKind = Literal["finding", "exit code", "error"]


class Explanation(Struct, frozen=True):
    """One code in words. Of a finding also how it is looked for, an example, and a command that shows it.

    `exits` are the exit codes of an error. `see` runs on the sandbox.
    """

    code: str
    kind: ExplainedKind
    meaning: str
    action: str
    severities: tuple[Severity, ...] = ()
    looked_for: str = ""
    playbooks: tuple[str, ...] = ()
    example: str = ""
    see: str = ""
    exits: tuple[int, ...] = ()


class Explained(Struct, frozen=True):
    """The document of `explain`: what one code means, or with `code` null every code."""

    code: str | None
    explanations: tuple[Explanation, ...]
    schema: Literal["remediate.explain/1"] = "remediate.explain/1"
