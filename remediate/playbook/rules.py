"""The order of a playbook's steps: what must stand before, after or beside what, and why."""

from __future__ import annotations

from collections.abc import Iterator

from remediate.model import Purpose
from remediate.playbook.shape import STEP_NAMES, PlaybookError, PlaybookStep, purpose_of

_CHANGING = frozenset({"disconnect", "reconnect", "delegate", "purge", "restart"})
_ASKING = frozenset({"preflight", "confirm", "pause", "verify"})
CARRIED_OUT: dict[Purpose, frozenset[str]] = {
    "reconnect": _ASKING
    | {"delegate", "disconnect", "wait-link-gone", "reconnect", "wait-link-ready", "check-routing", "probe"},
    "disconnect": _ASKING | {"disconnect", "wait-link-gone"},
    "purge": _ASKING | {"purge"},
}
"""The steps that are carried out, by what a playbook is for; a playbook with any other is refused."""
_DOES: dict[Purpose, str] = {
    "reconnect": "reconnects",
    "disconnect": "disconnects for good",
    "purge": "purges",
}
_RULE = "nothing is taken away before it was checked and confirmed"
_ONCE = frozenset({"confirm", "disconnect", "reconnect", "purge"})
_FOR_GOOD = "a playbook that disconnects for good cures no finding: for: []"
_BRINGING_BACK = frozenset({"reconnect", "wait-link-ready"})
"""Until these are over an app may be without its network, and nothing else may keep it so."""
_BACK = "'reconnect' and 'wait-link-ready'"
_WAITING = "no app waits for an answer without its network"
_TRIED = "what it is to reach is tried before the change anyway"


def sequence_errors(steps: tuple[PlaybookStep, ...], *, cures: bool) -> list[PlaybookError]:
    """Everything that is wrong with the order of the steps; `cures` says that the playbook names findings."""
    return [
        *unsupported_errors(steps),
        *order_errors(steps),
        *gap_errors(steps),
        *purpose_errors(steps, cures=cures),
    ]


def order_errors(steps: tuple[PlaybookStep, ...]) -> Iterator[PlaybookError]:
    """What is wrong with the order: nothing is changed before it was checked and confirmed."""
    for n, step in enumerate(steps):
        before = {one.do for one in steps[:n]}
        missing = [name for name in ("preflight", "confirm") if name not in before]
        if step.do in _CHANGING and missing:
            needed = f"'{step.do}' needs {' and '.join(missing)} before it"
            yield PlaybookError(step.line, f"{needed}: {_RULE}")
        if step.do in ("preflight", "confirm", "delegate") and step.on_failure == "continue":
            yield PlaybookError(step.line, f"'{step.do}' cannot go on after a failure: {_RULE}")
        if step.do == "delegate" and "disconnect" in before:
            yield PlaybookError(step.line, f"'delegate' stands before 'disconnect': {_RULE}")
        if step.do in _ONCE and step.do in before:
            yield PlaybookError(step.line, f"'{step.do}' may stand only once")


def unsupported_errors(steps: tuple[PlaybookStep, ...]) -> Iterator[PlaybookError]:
    """Steps that nothing carries out in a playbook of this purpose."""
    purpose = purpose_of({step.do for step in steps})
    for step in steps:
        told = purpose == "purge" and step.do in _CHANGING  # by the rule about 'purge' below
        if step.do in STEP_NAMES and step.do not in CARRIED_OUT[purpose] and not told:
            what = f"a playbook that {_DOES[purpose]}"
            yield PlaybookError(step.line, f"'{step.do}' is not carried out in {what}")


def gap_errors(steps: tuple[PlaybookStep, ...]) -> Iterator[PlaybookError]:
    """What would keep an app without its network that could be done before or after."""
    for n, step in enumerate(steps):
        before, after = ({one.do for one in part} for part in (steps[:n], steps[n + 1 :]))
        if step.do == "pause" and "disconnect" in before and after & _BRINGING_BACK:
            yield PlaybookError(step.line, f"'pause' stands before 'disconnect' or after {_BACK}: {_WAITING}")
        if step.do == "probe" and after & {"disconnect", *_BRINGING_BACK}:
            yield PlaybookError(step.line, f"'probe' stands after {_BACK}: {_TRIED}")


def purpose_errors(steps: tuple[PlaybookStep, ...], *, cures: bool) -> Iterator[PlaybookError]:
    """What contradicts the one thing that a playbook is for."""
    names = {step.do for step in steps}
    purpose = purpose_of(names)
    stays = purpose == "purge" or (purpose == "disconnect" and not cures)
    for n, step in enumerate(steps):
        after = {one.do for one in steps[n + 1 :]}
        if step.do == "disconnect" and "reconnect" not in after and (cures or "reconnect" in names):
            yield PlaybookError(step.line, f"'disconnect' has no 'reconnect' after it; {_FOR_GOOD}")
        if purpose == "purge" and step.do in _CHANGING - {"purge"}:
            yield PlaybookError(step.line, f"'{step.do}' does not go with 'purge', which clears a link alone")
        if stays and step.do in ("purge", "disconnect") and "verify" not in after:
            yield PlaybookError(step.line, f"'{step.do}' has no 'verify' after it: only a look proves it")
        if stays and step.on_failure == "rollback":
            yield PlaybookError(step.line, "'rollback' needs a 'reconnect' step: nothing is put back here")
