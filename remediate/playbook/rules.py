"""The order of a playbook's steps: what must stand before, after or beside what, and why."""

from __future__ import annotations

from collections.abc import Iterator

from remediate.model import PURPOSES, PlaybookStep, Purpose
from remediate.playbook.shape import STEP_NAMES, PlaybookError, purpose_of
from remediate.steps import KINDS, StepKind, kind_of

CARRIED_OUT: dict[Purpose, frozenset[str]] = {
    purpose: frozenset(name for name, kind in KINDS.items() if purpose in kind.purposes)
    for purpose in PURPOSES
}
"""The steps that are carried out, by what a playbook is for; a playbook with any other is refused."""
_GUARDS = tuple(name for name, kind in KINDS.items() if kind.guards)
_RULE = "nothing is taken away before it was checked and confirmed"
_FOR_GOOD = "a playbook that disconnects for good cures no finding: for: []"
_BACK = "'reconnect' and 'wait-link-ready'"
_WAITING = "no app waits for an answer without its network"
_TRIAL = "it tries what connects an app again while the app is connected"
_UNDELEGATED = "Azure refuses every connect to a subnet without its delegation"
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
        kind, before = kind_of(step.do), {one.do for one in steps[:n]}
        missing = [name for name in _GUARDS if name not in before]
        if kind.changes and missing:
            needed = f"'{step.do}' needs {' and '.join(missing)} before it"
            yield PlaybookError(step.line, f"{needed}: {_RULE}")
        if (kind.guards or kind.delegates or kind.tries) and step.on_failure == "continue":
            yield PlaybookError(step.line, f"'{step.do}' cannot go on after a failure: {_RULE}")
        earlier = _kinds(steps[:n])
        if kind.delegates and any(one.takes_away for one in earlier):
            yield PlaybookError(step.line, f"'{step.do}' stands before 'disconnect': {_RULE}")
        if kind.tries and any(one.takes_away or one.brings_back for one in earlier):
            yield PlaybookError(step.line, f"'{step.do}' stands before 'disconnect': {_TRIAL}")
        if kind.delegates and any(one.tries for one in earlier):
            yield PlaybookError(step.line, f"'{step.do}' stands before 'trial': {_UNDELEGATED}")
        if kind.once and step.do in before:
            yield PlaybookError(step.line, f"'{step.do}' may stand only once")


def unsupported_errors(steps: tuple[PlaybookStep, ...]) -> Iterator[PlaybookError]:
    """Steps that nothing carries out in a playbook of this purpose."""
    purpose = purpose_of({step.do for step in steps})
    traits = PURPOSES[purpose]
    for step in steps:
        reported = traits.clears_link and kind_of(step.do).changes  # by the rule about 'purge' below
        if step.do in STEP_NAMES and step.do not in CARRIED_OUT[purpose] and not reported:
            what = f"a playbook that {traits.does}"
            yield PlaybookError(step.line, f"'{step.do}' is not carried out in {what}")


def gap_errors(steps: tuple[PlaybookStep, ...]) -> Iterator[PlaybookError]:
    """What would keep an app without its network that could be done before or after.

    Until the apps and the link are back an app may be without its network, and nothing else may keep it so.
    """
    for n, step in enumerate(steps):
        kind, before, after = kind_of(step.do), _kinds(steps[:n]), _kinds(steps[n + 1 :])
        left = any(one.takes_away for one in before)
        coming_back = any(one.brings_back or one.after_first_app for one in after)
        if kind.asks and kind.needs_all_connected and left and coming_back:
            yield PlaybookError(
                step.line, f"'{step.do}' stands before 'disconnect' or after {_BACK}: {_WAITING}"
            )
        if kind.reaches and (coming_back or any(one.takes_away for one in after)):
            yield PlaybookError(step.line, f"'{step.do}' stands after {_BACK}: {_TRIED}")


def purpose_errors(steps: tuple[PlaybookStep, ...], *, cures: bool) -> Iterator[PlaybookError]:
    """What contradicts the one thing that a playbook is for."""
    purges = PURPOSES[purpose_of({step.do for step in steps})].clears_link
    returns = any(kind.brings_back for kind in _kinds(steps))
    for n, step in enumerate(steps):
        kind, after = kind_of(step.do), _kinds(steps[n + 1 :])
        back = any(one.brings_back for one in after)
        if kind.takes_away and not back and (cures or returns):
            yield PlaybookError(step.line, f"'{step.do}' has no 'reconnect' after it; {_FOR_GOOD}")
        if purges and kind.changes and not kind.clears_link:
            yield PlaybookError(step.line, f"'{step.do}' does not go with 'purge', which clears a link alone")
        if _stays(steps, cures=cures):
            yield from _unproved(step, kind, after)


def _stays(steps: tuple[PlaybookStep, ...], *, cures: bool) -> bool:
    """Whether what the playbook takes away is not put back."""
    traits = PURPOSES[purpose_of({step.do for step in steps})]
    return traits.clears_link or (traits.disconnects_for_good and not cures)


def _unproved(step: PlaybookStep, kind: StepKind, after: list[StepKind]) -> Iterator[PlaybookError]:
    """What is wrong with a step of a playbook that puts nothing back."""
    if (kind.takes_away or kind.clears_link) and not any(one.proves for one in after):
        yield PlaybookError(step.line, f"'{step.do}' has no 'verify' after it: only a look proves it")
    if step.on_failure == "rollback":
        yield PlaybookError(step.line, "'rollback' needs a 'reconnect' step: nothing is put back here")


def _kinds(steps: tuple[PlaybookStep, ...]) -> list[StepKind]:
    return [kind_of(step.do) for step in steps]
