"""Runs that have not ended: each command warns of them; no change begins, no deletion is safe until then."""

from __future__ import annotations

from collections.abc import Mapping

from msgspec.structs import replace

from remediate import ids
from remediate.checks.advice import named, typed
from remediate.errors import Exit, RemediateError, StoreError
from remediate.jobs.context import CommandContext
from remediate.model import App, Deletion, Evidence, Finding, Integration
from remediate.run import journal as journals
from remediate.run.journal import Record, read_open
from remediate.show.console import warn
from remediate.show.words import subnet_name
from remediate.state.store import LockHeld


class UnfinishedRun(RemediateError):
    """An earlier run on the same link is unfinished: it has to be finished first."""

    exit = Exit.REFUSED
    code = "unfinished"


def warn_unfinished_runs(context: CommandContext) -> None:
    """Print a warning for each unfinished run, before anything else is read."""
    console = context.consoles.err
    try:
        opened = read_open(context.store)
    except StoreError as error:  # reading needs no state; a change will be refused for it
        warn(console, str(error))
        return
    for record in opened.unfinished(context.session.cloud.arm):
        begun, plan = record.begin, record.begin.plan
        where = subnet_name(plan.subnet) if plan.subnet else ids.app_name(plan.target)
        warn(
            console,
            f"Run {begun.run} on {where} by {begun.who} has not ended. "
            f"To finish it: `remediate resume {begun.run}`",
        )
    for message in opened.damaged.values():
        warn(console, message)


def check_open_runs(
    context: CommandContext, target: str, subnet: str | None, *, lock_held: bool = False
) -> None:
    """Refuse a change while an earlier run on this app or subnet is unfinished.

    With `lock_held` the process that left an open journal is known to be dead. Raises UnfinishedRun and
    LockHeld.
    """
    for record in read_open(context.store).unfinished(context.session.cloud.arm):
        begun, plan = record.begin, record.begin.plan
        ours = ids.same(plan.subnet, subnet) or any(ids.same(app.id, target) for app in plan.apps)
        if not ours or record.end is not None:
            continue
        if not lock_held:
            _check_free(context, plan.subnet or plan.target)
        raise UnfinishedRun(
            f"run {begun.run} on this link was interrupted and is not finished",
            hint=f"remediate resume {begun.run}",
        )


def open_run_of(context: CommandContext, app: str) -> Record | None:
    """The newest unfinished run that is about an app. Raises StoreError."""
    opened = read_open(context.store).unfinished(context.session.cloud.arm)
    about = [one for one in opened if any(ids.same(app, mine.id) for mine in one.begin.plan.apps)]
    return about[-1] if about else None


def with_open_run(
    context: CommandContext, integration: Integration, findings: tuple[Finding, ...]
) -> tuple[Finding, ...]:
    """The findings of an app, and before them the unfinished run that took its network.

    To finish that run is then the one thing to do: no finding offers a reconnect beside it.
    """
    try:
        record = open_run_of(context, integration.app_id)
    except StoreError:  # `warn_unfinished_runs` has said so
        return findings
    if record is None or not _took_network(record, integration):
        return findings
    first = _took(record, integration)
    rest = (replace(one, action="") if "remediate reconnect" in one.action else one for one in findings)
    return (first, *rest)


def _took_network(record: Record, integration: Integration) -> bool:
    """Whether a run disconnected an app to connect it again, and no view names a subnet of it now."""
    taken = any(record.first_disconnect(app.id) for app in _same(record, integration))
    returning = record.begin.plan.brings_back or record.direction == "rollback"
    return taken and returning and not integration.world.places(integration.app_id)


def _same(record: Record, integration: Integration) -> list[App]:
    return [app for app in record.begin.plan.apps if ids.same(app.id, integration.app_id)]


def _took(record: Record, integration: Integration) -> Finding:
    begun, name = record.begin, ids.app_name(integration.app_id)
    resume, rollback = (typed(["remediate", verb, begun.run]) for verb in ("resume", "rollback"))
    sent = next((one for app in _same(record, integration) if (one := record.first_disconnect(app.id))), None)
    return Finding(
        code="operation-in-progress",
        severity="error",
        title=f"Run {begun.run} of this tool disconnected {name} and has not ended",
        detail=f"{name} is without network until the run connects it to "
        f"{subnet_name(begun.plan.subnet or '')} again.",
        action=f"Finish it: {resume}, or put every app back as it was: {rollback}",
        evidence=(Evidence("run", "disconnected", f"{sent.at:%Y-%m-%dT%H:%M:%SZ}" if sent else None),),
    )


def runs_beside_deletion(context: CommandContext, deletion: Deletion) -> tuple[Finding, ...]:
    """A finding for each unfinished run that is to connect an app of the deletion, or to a subnet of it.

    Between its disconnects and its connects nobody is on the subnet, and Azure shows nothing in the way.
    What a journal that cannot be read left behind is unknown: the last finding says so.
    """
    try:
        opened = read_open(context.store)
    except StoreError as error:
        return (_runs_not_read({"state": str(error)}, "Make the state readable, then look again."),)
    found = opened.unfinished(context.session.cloud.arm)
    beside = tuple(_unfinished(one) for one in found if _is_beside(one, deletion))
    if not opened.damaged:
        return beside
    listed = typed(["remediate", "runs", "list"])
    return (*beside, _runs_not_read(opened.damaged, f"See which these are: {listed}. Then look again."))


def _is_beside(record: Record, deletion: Deletion) -> bool:
    """Whether the run is still to connect apps, and the deletion takes the subnet or one of the apps."""
    plan = record.begin.plan
    if not plan.brings_back and record.direction != "rollback":
        return False
    if record.end is None and any(deletion.takes(app.id) for app in plan.apps):
        return True
    if plan.subnet is None or not deletion.takes(plan.subnet):
        return False
    there = [app.id for app in deletion.world.apps_on(plan.subnet)]
    returned = all(any(ids.same(app.id, one) for one in there) for app in plan.apps)
    return record.end is None or not returned


def _unfinished(record: Record) -> Finding:
    begun, plan = record.begin, record.begin.plan
    one = len(plan.apps) == 1
    resume, rollback = (typed(["remediate", verb, begun.run]) for verb in ("resume", "rollback"))
    return Finding(
        code="operation-in-progress",
        severity="warning",
        title=f"Run {begun.run} of this tool has not ended",
        detail=f"It is to connect {named(app.id for app in plan.apps)} to {subnet_name(plan.subnet or '')} "
        f"again; until then {'the app' if one else 'each of them'} may be disconnected. If the deletion "
        "comes first, the run cannot do that, or a link is left behind.",
        action=f"Finish it: {resume}, or connect every app again as it was: {rollback}. Then look again.",
        evidence=(Evidence("run", begun.run, f"begun by {begun.who}"),),
    )


def _runs_not_read(reasons: Mapping[str, str], action: str) -> Finding:
    """`reasons` has the reason by the run, or by `state` where no run could be read."""
    return Finding(
        code="no-read-permission",
        severity="unknown",
        title="Could not read the runs of this tool",
        detail="A run that has not ended may be about to connect an app to a subnet that the deletion takes.",
        action=action,
        evidence=tuple(Evidence("runs", run, why) for run, why in reasons.items()),
    )


def at_work(context: CommandContext, record: Record) -> LockHeld | None:
    """Who carries a run out at this moment, None where nobody does. Raises StoreError."""
    try:
        _check_free(context, record.begin.plan.subnet or record.begin.plan.target)
    except LockHeld as held:
        return held
    return None


def _check_free(context: CommandContext, what: str) -> None:
    """Raises LockHeld when another run holds the lock of a link."""
    holder = journals.holder("none", context.session.clock.now())
    with context.store.lock(journals.lock_name(what), holder):
        return
