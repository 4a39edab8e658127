"""The page after a run: what was read back, what each app felt, before and after, and what to do next."""

from __future__ import annotations

from collections.abc import Iterator

import msgspec
from msgspec.structs import replace
from rich.console import Console, RenderableType
from rich.text import Text

from remediate.model import PURPOSES, Finding, Routing, Run, RunStatus, TargetResult, TargetStatus, healthy
from remediate.show.console import safe
from remediate.show.findings import findings, tally
from remediate.show.layout import blank, heading, indented, marked, message, next_step, prose, put, table
from remediate.show.probes import OF_WORKERS, sections
from remediate.show.words import counted, lasting, literal, place, resource
from remediate.steps import kind_of

WARNING = (
    "Before you delete an app, a slot, a plan or a subnet: disconnect the integration first. A deletion "
    "does not do that for you. It leaves the service association link behind as an orphan, and an orphan "
    "blocks the subnet: it can be neither deleted nor used by another plan until the link is purged. "
    "`remediate guard RESOURCE_ID` says who holds a link, and with --disconnect it makes the deletion safe."
)
"""Why a disconnect comes before every deletion (azure-facts.md, 2)."""

_TARGET_STYLES: dict[TargetStatus, str] = {
    "reconnected": "good",
    "disconnected": "error",
    "purged": "good",
    "unknown": "unknown",
    "untouched": "info",
}


_MET = {"policy-denies"}
"""Findings that a run meets when it writes, and that no look at Azure shows."""
_ENDS: dict[RunStatus, tuple[str, str]] = {
    "planned": ("info", "planned"),
    "refused": ("error", "refused"),
    "failed": ("error", "not finished"),
    "interrupted": ("warning", "interrupted"),
    "rolled-back": ("warning", "rolled back"),
}


def run(console: Console, done: Run) -> None:
    """Print the result of a run."""
    put(console, result(console, done))
    if done.message:
        put(console, *message(done.message))
    put(console, *_targets(console, done), *_probes(console, done))
    put(console, *_before_after(console, done), *_open(console, done))
    if done.resume:
        put(console, blank(), heading("What to do next"), next_step(console, done.resume))
    if done.support:
        put(
            console,
            blank(),
            heading("If it stays so, a support request to paste"),
            *message(done.support),
        )
    if done.status == "succeeded" and PURPOSES[done.purpose].brings_back:
        put(console, blank(), prose(WARNING, by=0))
    put(console, blank(), Text(_footer(done), style="quiet"))


def result(console: Console, done: Run) -> Text:
    """One line, which claims only what was read back."""
    if done.status == "succeeded":
        return _succeeded(console, done)
    style, words = _ENDS[done.status]
    if not done.changed:
        there = PURPOSES[done.purpose].clears_link and done.findings_after
        told = f"{resource(done.targets[0].id)} still has its link" if there else "nothing was changed"
        return marked(console, style, f"{words}: {told}")
    share = _share(done)
    if left := tally(done.findings_after):
        share += f"; verify finds {left}"
    return marked(console, style, f"{words}: {share}")


def _share(done: Run) -> str:
    """How far it came: `2 of 4 apps reconnected`."""
    traits = PURPOSES[done.purpose]
    if traits.clears_link:
        return "the link was not read as gone"
    reached = sum(target.status == traits.reached for target in done.targets)
    return f"{reached} of {counted(len(done.targets), 'app')} {traits.reached}"


def _succeeded(console: Console, done: Run) -> Text:
    after = healthy(done.findings_after)
    unsure = any(target.status != PURPOSES[done.purpose].reached for target in done.targets)
    if not _looked(done) or unsure or after is None:
        return marked(console, "unknown", "done, but not everything could be read back")
    if after is False:
        return marked(console, "warning", f"done, and verify still finds {tally(done.findings_after)}")
    if any(differences(target) for target in done.targets):
        return marked(console, "warning", "done, but routing is not as it was before")
    return marked(console, "good", f"succeeded: {_reached(done)}, read back from Azure")


def _reached(done: Run) -> str:
    traits = PURPOSES[done.purpose]
    if traits.clears_link:
        return f"{resource(done.targets[0].id)} is without a link"
    left = "connected and healthy" if traits.brings_back else traits.reached
    return f"{_subjects(done)} {left}"


def _subjects(done: Run) -> str:
    if len(done.targets) == 1:
        return f"{resource(done.targets[0].id)} is"
    return f"{counted(len(done.targets), 'app')} are"


def _targets(console: Console, done: Run) -> Iterator[RenderableType]:
    if not done.targets or PURPOSES[done.purpose].clears_link:
        return
    yield blank()
    subnets = {(target.subnet or "").casefold() for target in done.targets}
    if len(subnets) == 1 and done.targets[0].subnet:
        yield heading(f"On {place(done.targets[0].subnet)}")
    apart = len(subnets) > 1
    headers = ("app", *(("subnet",) if apart else ()), "status", "without network", "routing")
    yield table(headers, [_target_row(console, done, target, apart) for target in done.targets])
    for target in done.targets:
        for flag, before, after in differences(target):
            words = f"{resource(target.id)}: {flag} was {literal(before)}, is {literal(after)}"
            yield indented(marked(console, "error", words))


def _target_row(console: Console, done: Run, target: TargetResult, apart: bool) -> tuple[str | Text, ...]:
    traits = PURPOSES[done.purpose]
    style = "good" if target.status == traits.reached else _TARGET_STYLES[target.status]
    outage = lasting(target.outage_seconds) if target.outage_seconds is not None else ""
    subnet = (place(target.subnet) if target.subnet else "none",)
    return (
        resource(target.id),
        *(subnet if apart else ()),
        marked(console, style, target.status),
        outage,
        Text("") if traits.disconnects_for_good else _routing(console, target),
    )


def _routing(console: Console, target: TargetResult) -> Text:
    if target.status == "untouched" and target.routing_after is None:
        return Text("")
    if target.routing_before is None or target.routing_after is None:
        return marked(console, "unknown", "not read back")
    if differences(target):
        return marked(console, "error", "differs")
    return Text("unchanged")


def differences(target: TargetResult) -> list[tuple[str, bool | None, bool | None]]:
    """The routing flags that are not as before, named as Azure does; none where a side was unread."""
    if target.routing_before is None or target.routing_after is None:
        return []
    fields = msgspec.structs.fields(Routing)
    pairs = [
        (
            field.encode_name,
            getattr(target.routing_before, field.name),
            getattr(target.routing_after, field.name),
        )
        for field in fields
    ]
    return [(name, before, after) for name, before, after in pairs if before != after]


def _looked(done: Run) -> bool:
    """Whether Azure was read again at the end: without that, no finding afterwards means nothing."""
    verified = any(kind_of(step.do).proves and step.status == "succeeded" for step in done.steps)
    return verified or any(one.code not in _MET for one in done.findings_after)


def _probes(console: Console, done: Run) -> Iterator[RenderableType]:
    yield from sections(console, done.probes_before, ", before")
    yield from sections(console, done.probes_after, ", after")


def _before_after(console: Console, done: Run) -> Iterator[RenderableType]:
    if not _looked(done):
        return
    before, after = done.findings_before, done.findings_after
    yield blank()
    yield heading("Findings")
    if not before and not after:
        yield indented(Text("none before, none after"))
        return
    yield table(("", "before", "after"), _finding_rows(console, done))


def _finding_rows(console: Console, done: Run) -> Iterator[tuple[str | Text, ...]]:
    was = {one.code: one for one in done.findings_before}
    now = {one.code: one for one in done.findings_after}
    for code in {**was, **now}:
        before, after = (
            bool(asked) or code not in OF_WORKERS for asked in (done.probes_before, done.probes_after)
        )
        yield code, _state(console, was.get(code), before), _state(console, now.get(code), after)


def _state(console: Console, found: Finding | None, looked: bool) -> Text:
    if found is None and not looked:
        return marked(console, "unknown", "not looked for")
    if found is None:
        return marked(console, "good", "not found")
    return marked(console, found.severity, found.severity)


def _open(console: Console, done: Run) -> Iterator[RenderableType]:
    """What is still wrong, in full, so that the operator need not ask again."""
    left = [one for one in done.findings_after if one.severity != "info"]
    if done.status == "refused":
        left = left or list(done.findings_before)
    if done.resume:
        # What a finding advises was just tried: the next step is the run's own.
        left = [replace(one, action="") for one in left]
    yield from findings(console, left)


def _footer(done: Run) -> str:
    sent = f"{counted(done.requests.reads, 'read')}, {counted(done.requests.writes, 'write')}"
    return f"Run {safe(done.run)}: {sent}, {lasting(done.seconds)}."
