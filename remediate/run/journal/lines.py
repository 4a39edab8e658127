"""What each line of a journal says, and the name under which a store keeps it."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Literal

import msgspec
from msgspec import Struct

from remediate.model import Finding, Plan, Request, RunStatus, StepResult
from remediate.state.store import checked_part

VERSION = 1
JOURNAL = "journal.jsonl"
Moment = Annotated[datetime, msgspec.Meta(tz=True)]


class Begin(Struct, frozen=True, tag_field="kind", tag="begin"):
    """The first line: who, from where, on which Azure, and the whole plan."""

    at: Moment
    run: str
    tool: str
    who: str
    host: str
    pid: int
    signed_in: str
    arm: str
    plan: Plan
    findings: tuple[Finding, ...]
    journal: int = VERSION


class Resumed(Struct, frozen=True, tag_field="kind", tag="resumed"):
    """Somebody took the run up again."""

    at: Moment
    who: str
    host: str
    pid: int
    verb: Literal["resume", "rollback"]


class Intent(Struct, frozen=True, tag_field="kind", tag="intent"):
    """A write that is about to go out.

    `attempt` counts the writes of a run from 1, also across `resume`. Journals of earlier versions have none.
    """

    at: Moment
    n: int
    do: str
    target: str
    request: Request
    attempt: int | None = None


class Outcome(Struct, frozen=True, tag_field="kind", tag="outcome"):
    """How a write was answered: its status and Azure's ids for it, or why there is none.

    `attempt` is the number of the intent that it answers. `sent` is false for a write that was announced and
    then surely not sent; journals of earlier versions do not have it.
    """

    at: Moment
    n: int
    status: int | None
    request_id: str
    correlation_id: str
    error: str | None = None
    attempt: int | None = None
    sent: bool = True


class Ended(Struct, frozen=True, tag_field="kind", tag="step"):
    """A step that ended."""

    at: Moment
    result: StepResult


class End(Struct, frozen=True, tag_field="kind", tag="end"):
    """The last line. Without one the run is unfinished."""

    at: Moment
    status: RunStatus
    message: str | None = None
    left_open: bool = True


Line = Begin | Resumed | Intent | Outcome | Ended | End


def name_of(run: str) -> str:
    """Where in a store the journal of a run is. Raises InvalidRunName for what no run can be called."""
    return f"runs/{checked_part(run)}/{JOURNAL}"
