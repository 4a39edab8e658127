"""What a look leaves behind: the newest healthy snapshot, and what changed since then."""

from __future__ import annotations

from remediate import __version__, ids
from remediate.checks import judge
from remediate.checks.advice import naming
from remediate.cli.desk import Desk
from remediate.cli.sight import Sight, look_at
from remediate.errors import RemediateError
from remediate.model import ChangedSince, Plan, Question, Snapshot, Verification, World, healthy
from remediate.show.console import safe, warn
from remediate.snapshot import LIVE, Origin, compare, take
from remediate.state.snapshots import HEALTHY, DamagedSnapshot, Snapshots
from remediate.state.store import StoreError


def judged(desk: Desk, sight: Sight) -> Verification:
    """The verdict of a look. A healthy one is kept, any other is compared with the newest healthy one.

    A store that fails is told, and changes nothing about the verdict.
    """
    since: ChangedSince | None = None
    try:
        if healthy(sight.findings):
            keep_healthy(desk, sight)
        else:
            since = changed_since(desk, sight)
    except StoreError as error:
        warn(desk.look.err, f"{error}; snapshots are neither kept nor compared")
    findings = sight.findings
    if since and since.subnet:
        findings = naming(sight.integration, findings, since.subnet)
    return Verification(
        target=sight.integration.target.id,
        healthy=healthy(sight.findings),
        findings=findings,
        views=sight.integration.views,
        requests=desk.session.requests.reads,
        probes=sight.probes,
        changed_since=since,
    )


def shelf(desk: Desk) -> Snapshots:
    """The snapshots of the Azure that this command is on."""
    return Snapshots(desk.store, desk.session.cloud.arm)


def snapshot_of(desk: Desk, sight: Sight, label: str = LIVE) -> Snapshot:
    """A look as a snapshot of this moment."""
    return take(sight.world, sight.question, sight.findings, label, desk.session.clock.now(), origin(desk))


def origin(desk: Desk) -> Origin:
    """Who is looking, with what, and at which Azure."""
    cloud = desk.session.cloud
    return Origin(desk.session.signed_in.who, f"remediate {__version__}", cloud.name, cloud.arm)


def keep_healthy(desk: Desk, sight: Sight) -> None:
    """Keep a healthy look, and say so unless it is as the one that was kept last. Raises StoreError.

    A look at a subnet that the app is not on says nothing about the app's own.
    """
    if desk.options.passing or not sight.integration.connected:
        return
    now, kept = snapshot_of(desk, sight, HEALTHY), None
    try:
        kept = shelf(desk).find(now.target, HEALTHY)
    except DamagedSnapshot as error:
        warn(desk.look.err, f"{error}; a new one takes its place")
    shelf(desk).save(now)
    if kept is None or compare(kept, now).changes:
        name = ids.app_name(now.target)
        desk.look.err.print(f"Kept as the newest healthy snapshot of {safe(name)}.", style="quiet")


def changed_since(desk: Desk, sight: Sight) -> ChangedSince | None:
    """What is different from the newest healthy snapshot, None without one. Raises StoreError."""
    kept = shelf(desk).find(sight.integration.target.id, HEALTHY)
    if kept is None:
        return None
    now = snapshot_of(desk, _beside(desk, sight, kept))
    found = compare(kept, now)
    there = now.subnet if now.facts.get("subnet") == "found" and ids.alike(now.subnet, kept.subnet) else None
    return ChangedSince(kept.at, kept.label, there, found.changes, found.left_out)


def _beside(desk: Desk, sight: Sight, kept: Snapshot) -> Sight:
    """The look; where no view names a subnet any more, one at the subnet that the app was on."""
    if sight.integration.subnet_id is not None or kept.subnet is None:
        return sight
    try:
        return look_at(desk, sight.target, kept.subnet)
    except RemediateError:
        return sight


def keep_before(desk: Desk, run: str, plan: Plan, sight: Sight | None) -> None:
    """Keep how an app is before a run: the one that it is about, or the first of those that are to leave."""
    seen = sight or _leaving(desk, plan)
    if seen is not None:
        _keep(desk, run, snapshot_of(desk, seen, "before"))


def keep_after(desk: Desk, run: str, plan: Plan, world: World | None) -> None:
    """Keep what the last look of a run saw; a run that could not look has nothing to keep."""
    looked = _last_look(plan, world) if world else _leaving(desk, plan)
    if looked is not None:
        _keep(desk, run, snapshot_of(desk, looked, "after"))


def _last_look(plan: Plan, world: World) -> Sight:
    question = Question("look", plan.target, plan.subnet if plan.subnet_asked else None)
    return Sight(plan.target, question, world, judge(world, question))


def _leaving(desk: Desk, plan: Plan) -> Sight | None:
    """The first app that leaves for good, seen at the subnet; a purge is about no app."""
    if plan.purpose != "disconnect" or not plan.apps or desk.options.passing:
        return None
    try:
        return look_at(desk, plan.apps[0].id, plan.subnet)
    except RemediateError:
        return None


def _keep(desk: Desk, run: str, snapshot: Snapshot) -> None:
    try:
        shelf(desk).keep_of_run(run, "before" if snapshot.label == "before" else "after", snapshot)
    except StoreError as error:  # the journal is what a run needs; this is for reading afterwards
        warn(desk.look.err, f"{error}; the run goes without this snapshot")
