"""The page after a run: the result as read back, each app's outage, findings before and after, next steps."""

from __future__ import annotations

from collections.abc import Iterator

import msgspec
from rich.console import Console, RenderableType
from rich.text import Text

from remediate.model import PURPOSES, Finding, Routing, Run, RunStatus, TargetResult, TargetStatus, healthy
from remediate.show.console import safe
from remediate.show.findings import all_finding_parts, tally
from remediate.show.layout import (
    blank,
    heading,
    indented,
    marked,
    message,
    next_step,
    print_parts,
    prose,
    table,
)
from remediate.show.probes import PROBE_FINDINGS, probe_sections
from remediate.show.words import duration, format_value, plural, resource_name, subnet_name
from remediate.steps import kind_of

DELETION_WARNING = (
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
"""Findings from Azure's answer to a write, which no read shows."""
_ENDS: dict[RunStatus, tuple[str, str]] = {
    "planned": ("info", "planned"),
    "refused": ("error", "refused"),
    "failed": ("error", "not finished"),
    "interrupted": ("warning", "interrupted"),
    "rolled-back": ("warning", "rolled back"),
}


def print_run(console: Console, done: Run) -> None:
    """Print the result of a run; what it came to is on the last screen, so a support request comes before.

    Of a run that the operator left before it changed anything there is nothing more to say.
    """
    if done.status == "interrupted" and not done.changed:
        print_parts(console, Text("Nothing was changed."))
        return
    if done.support:
        print_parts(
            console,
            heading("A support request to paste, if nothing below helps"),
            *message(done.support),
            blank(),
        )
    print_parts(console, result_line(console, done))
    if done.message:
        print_parts(console, *message(done.message))
    print_parts(console, *_targets(console, done), *_probes(console, done))
    print_parts(console, *_before_after(console, done), *_open(console, done))
    if done.resume:
        print_parts(console, blank(), heading("What to do next"), next_step(console, done.resume))
    if done.status == "succeeded" and PURPOSES[done.purpose].brings_back:
        print_parts(console, blank(), prose(DELETION_WARNING, by=0))
    print_parts(console, blank(), Text(_footer(done), style="quiet"))


def result_line(console: Console, done: Run) -> Text:
    """The result in one line, which states only what was read back."""
    if done.status == "succeeded":
        return _succeeded(console, done)
    style, words = _ENDS[done.status]
    if not done.changed:
        there = PURPOSES[done.purpose].clears_link and done.findings_after
        what = f"{resource_name(done.targets[0].id)} still has its link" if there else "nothing was changed"
        return marked(console, style, f"{words}: {what}")
    share = _share(done)
    if left := tally(done.findings_after):
        share += f"; verify finds {left}"
    return marked(console, style, f"{words}: {share}")


def _share(done: Run) -> str:
    """The progress: `2 of 4 apps reconnected`."""
    traits = PURPOSES[done.purpose]
    if traits.clears_link:
        return "the subnet was not read without its link"
    reached = sum(target.status == traits.reached for target in done.targets)
    return f"{reached} of {plural(len(done.targets), 'app')} {traits.reached}"


def _is_repaired_by_trial(done: Run) -> bool:
    """Whether nothing was left to repair after the trial, which read everything again."""
    tried = any(kind_of(step.do).tries and step.status == "succeeded" for step in done.steps)
    return done.status == "succeeded" and not done.changed and tried


def _succeeded(console: Console, done: Run) -> Text:
    if _is_repaired_by_trial(done):
        words = f"succeeded: {_subjects(done)} connected, nothing is left to repair, no app was disconnected"
        return marked(console, "good", words)
    left = tuple(one for one in done.findings_after if one.code not in _MET)  # what `verify` finds too
    after = healthy(left)
    unsure = any(target.status != PURPOSES[done.purpose].reached for target in done.targets)
    if not _looked(done) or unsure or after is None:
        return marked(console, "unknown", "done, but not everything could be read back")
    if after is False:
        return marked(console, "warning", f"done, and verify still finds {tally(left)}")
    if any(routing_differences(target) for target in done.targets):
        return marked(console, "warning", "done, but routing is not as it was before")
    return marked(console, "good", f"succeeded: {_reached(done)}, read back from Azure")


def _reached(done: Run) -> str:
    traits = PURPOSES[done.purpose]
    if traits.clears_link:
        return f"{resource_name(done.targets[0].id)} is without a link"
    left = "connected and healthy" if traits.brings_back else traits.reached
    return f"{_subjects(done)} {left}"


def _subjects(done: Run) -> str:
    if len(done.targets) == 1:
        return f"{resource_name(done.targets[0].id)} is"
    return f"{plural(len(done.targets), 'app')} are"


def _targets(console: Console, done: Run) -> Iterator[RenderableType]:
    if not done.targets or PURPOSES[done.purpose].clears_link:
        return
    yield blank()
    subnets = {(target.subnet or "").casefold() for target in done.targets}
    if len(subnets) == 1 and done.targets[0].subnet:
        yield heading(f"On {subnet_name(done.targets[0].subnet)}")
    apart = len(subnets) > 1
    headers = ("app", *(("subnet",) if apart else ()), "status", "without network", "routing")
    yield table(headers, [_target_row(console, done, target, apart) for target in done.targets])
    for target in done.targets:
        for flag, before, after in routing_differences(target):
            words = f"{resource_name(target.id)}: {flag} was {format_value(before)}, is {format_value(after)}"
            yield indented(marked(console, "error", words))


def _target_row(console: Console, done: Run, target: TargetResult, apart: bool) -> tuple[str | Text, ...]:
    traits = PURPOSES[done.purpose]
    style = "good" if target.status == traits.reached else _TARGET_STYLES[target.status]
    outage = duration(target.outage_seconds) if target.outage_seconds is not None else ""
    subnet = (subnet_name(target.subnet) if target.subnet else "none",)
    return (
        resource_name(target.id),
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
    if routing_differences(target):
        return marked(console, "error", "differs")
    return Text("unchanged")


def routing_differences(target: TargetResult) -> list[tuple[str, bool | None, bool | None]]:
    """The routing flags that differ, with Azure's names; none if one side was not read."""
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
    """Whether Azure was read again at the end: otherwise no findings afterwards mean nothing."""
    verified = any(kind_of(step.do).proves and step.status == "succeeded" for step in done.steps)
    seen = any(one.code not in _MET for one in done.findings_after)
    return verified or seen or _is_repaired_by_trial(done)


def _probes(console: Console, done: Run) -> Iterator[RenderableType]:
    yield from probe_sections(console, done.probes_before, ", before")
    yield from probe_sections(console, done.probes_after, ", after")


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
            bool(probes) or code not in PROBE_FINDINGS for probes in (done.probes_before, done.probes_after)
        )
        before = before and code not in _MET
        yield code, _state(console, was.get(code), before), _state(console, now.get(code), after)


def _state(console: Console, found: Finding | None, looked: bool) -> Text:
    if found is None and not looked:
        return marked(console, "unknown", "not looked for")
    if found is None:
        return marked(console, "good", "not found")
    return marked(console, found.severity, found.severity)


def _open(console: Console, done: Run) -> Iterator[RenderableType]:
    """The remaining findings in full, so that no `verify` is needed to see them."""
    left = [one for one in done.findings_after if one.severity != "info"]
    if done.status == "refused" and not any(step.status == "failed" for step in done.steps):
        left = left or list(done.findings_before)  # they refuse it; else Azure did, in the trial
    yield from all_finding_parts(console, left)


def _footer(done: Run) -> str:
    sent = f"{plural(done.requests.reads, 'read')}, {plural(done.requests.writes, 'write')}"
    return f"Run {safe(done.run)}: {sent}, {duration(done.seconds)}."
