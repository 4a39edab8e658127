"""The snapshots that commands keep by themselves: the newest healthy one, and before and after a run."""

from __future__ import annotations

from remediate import ids
from remediate.checks import judge
from remediate.errors import RemediateError, StoreError
from remediate.jobs.assessment import Assessment, assess, snapshot_of
from remediate.jobs.context import CommandContext
from remediate.model import ChangedSince, Plan, Snapshot, World
from remediate.show.console import safe, warn
from remediate.snapshot import compare
from remediate.state.snapshots import HEALTHY, DamagedSnapshot, SnapshotStore
from remediate.steps import question_of


def snapshot_store(context: CommandContext) -> SnapshotStore:
    """The snapshots of the Azure that this command is signed in to."""
    return SnapshotStore(context.store, context.session.cloud.arm)


def keep_healthy(context: CommandContext, assessment: Assessment) -> None:
    """Keep a healthy assessment; print that it was kept if it differs from the last one. Raises StoreError.

    An assessment of a subnet that the app is not on is not kept: it does not describe the app's own state.
    """
    if context.options.ephemeral or not assessment.integration.connected:
        return
    now, kept = snapshot_of(context, assessment, HEALTHY), None
    try:
        kept = snapshot_store(context).find(now.target, HEALTHY)
    except DamagedSnapshot as error:
        warn(context.consoles.err, f"{error}; a new snapshot replaces it")
    snapshot_store(context).save(now)
    if not context.guided and (kept is None or compare(kept, now).changes):
        name = ids.app_name(now.target)
        context.consoles.err.print(f"Kept as the newest healthy snapshot of {safe(name)}.", style="quiet")


def changed_since(context: CommandContext, assessment: Assessment) -> ChangedSince | None:
    """What changed since the newest healthy snapshot, None without one. Raises StoreError."""
    kept = snapshot_store(context).find(assessment.integration.target.id, HEALTHY)
    if kept is None:
        return None
    now = snapshot_of(context, _at_last_subnet(context, assessment, kept))
    found = compare(kept, now)
    there = now.subnet if now.facts.get("subnet") == "found" and ids.alike(now.subnet, kept.subnet) else None
    return ChangedSince(kept.at, kept.label, there, found.changes, found.left_out)


def _at_last_subnet(context: CommandContext, assessment: Assessment, kept: Snapshot) -> Assessment:
    """The assessment; if no view names a subnet any more, one with the subnet of the kept snapshot."""
    if assessment.integration.subnet_id is not None or kept.subnet is None:
        return assessment
    try:
        return assess(context, assessment.target, kept.subnet)
    except RemediateError:
        return assessment


def keep_before(context: CommandContext, run: str, plan: Plan, assessment: Assessment | None) -> None:
    """Keep the state before a run: of the app that it is about, or of the first app to disconnect."""
    seen = assessment or _first_disconnected(context, plan)
    if seen is not None:
        _keep(context, run, snapshot_of(context, seen, "before"))


def keep_after(context: CommandContext, run: str, plan: Plan, world: World | None) -> None:
    """Keep what a run read last; a run that could not read anything keeps nothing."""
    seen = _last_assessment(plan, world) if world else _first_disconnected(context, plan)
    if seen is not None:
        _keep(context, run, snapshot_of(context, seen, "after"))


def _last_assessment(plan: Plan, world: World) -> Assessment:
    question = question_of(plan)
    return Assessment(plan.target, question, world, judge(world, question))


def _first_disconnected(context: CommandContext, plan: Plan) -> Assessment | None:
    """The first app that is disconnected for good, with its subnet; None for a purge, which has no app."""
    if not plan.disconnects_for_good or not plan.apps or context.options.ephemeral:
        return None
    try:
        return assess(context, plan.apps[0].id, plan.subnet)
    except RemediateError:
        return None


def _keep(context: CommandContext, run: str, snapshot: Snapshot) -> None:
    try:
        snapshot_store(context).save_for_run(
            run, "before" if snapshot.label == "before" else "after", snapshot
        )
    except StoreError as error:  # a run needs its journal; this snapshot is only for later reading
        warn(context.consoles.err, f"{error}; the run goes on without this snapshot")
