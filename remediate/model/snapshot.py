"""What is kept of a look at Azure, and what became of it by a later look."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any, Literal

from msgspec import Meta, Struct

from remediate.model.azure import Document

Event = Literal["first", "changed", "same", "failed", "back"]
Moment = Annotated[datetime, Meta(tz=True)]


class Snapshot(Struct, frozen=True):
    """One look at an app, kept: the document `remediate.snapshot/1`.

    `facts` are what is compared, by path (`subnet.serviceAssociationLinks`): a path that is missing is
    not held, null says that Azure names nothing. `unread` are the parts that could not be read, and why.
    `documents` are what Azure said, field for field, less secrets. `source` is `azure`, or which tool's
    output was imported; `at` is then when that was done. `arm` is the address of Azure.
    """

    label: str
    target: str
    subnet: str | None
    at: Moment
    healthy: bool | None
    findings: tuple[str, ...]
    facts: dict[str, Any]
    unread: dict[str, str]
    documents: tuple[Document, ...]
    source: str
    who: str
    tool: str
    cloud: str
    arm: str
    schema: Literal["remediate.snapshot/1"] = "remediate.snapshot/1"


class Change(Struct, frozen=True):
    """One thing that is different: its path, what it was and is, and what that means."""

    path: str
    before: Any
    after: Any
    meaning: str


class LeftOut(Struct, frozen=True):
    """Something that could not be compared: a part, or a path within one, and why."""

    path: str
    why: str


class Side(Struct, frozen=True):
    """One of the two snapshots of a comparison, in short."""

    label: str
    target: str
    at: datetime
    healthy: bool | None
    findings: tuple[str, ...]
    source: str


class Difference(Struct, frozen=True):
    """Two snapshots compared: the document `remediate.diff/1`.

    `same` is false with any change, null when what could not be read may hide one, else true.
    """

    same: bool | None
    before: Side
    after: Side
    changes: tuple[Change, ...]
    left_out: tuple[LeftOut, ...]
    compared: int
    schema: Literal["remediate.diff/1"] = "remediate.diff/1"


class ChangedSince(Struct, frozen=True):
    """What is different from the newest healthy snapshot of an app, which was taken `at`.

    `subnet` is the one that the app was on then, null where it is not found any more.
    """

    at: datetime
    label: str
    subnet: str | None
    changes: tuple[Change, ...]
    left_out: tuple[LeftOut, ...]


class Watched(Struct, frozen=True):
    """One look of `watch` at one app: the document `remediate.watch/1`, a line of its output.

    `event`: the `first` look; something `changed`; all is the `same`; the look `failed`; it is `back`
    after looks that failed. `changes` are those since the look before. `snapshot` is the label of what
    was kept for it, or null. `message` says what is new; `text` says of whom and with which verdict too,
    under the name that chat services read.
    """

    target: str
    at: datetime
    event: Event
    healthy: bool | None
    findings: tuple[str, ...]
    changes: tuple[Change, ...]
    snapshot: str | None
    message: str
    text: str
    schema: Literal["remediate.watch/1"] = "remediate.watch/1"
