"""One assessment of an app: everything is read, judged by the checks, and its workers are asked."""

from __future__ import annotations

from collections.abc import Iterable

from msgspec import Struct
from msgspec.structs import replace

from remediate import __version__, ids
from remediate.checks import judge
from remediate.checks.reading import app_not_read
from remediate.errors import NotFound
from remediate.jobs.context import CommandContext
from remediate.jobs.target import nearest_id
from remediate.model import (
    Document,
    Endpoint,
    Finding,
    Integration,
    Probe,
    Question,
    ReadStatus,
    Snapshot,
    World,
)
from remediate.model.failure import RequestFailed
from remediate.snapshot import LIVE, Origin, take_snapshot


class Assessment(Struct, frozen=True):
    """An app, the question about it, what was read, and the findings.

    `allowed` are the codes that the operator allows to be unknown.
    """

    target: str
    question: Question
    world: World
    findings: tuple[Finding, ...]
    allowed: frozenset[str] = frozenset()

    @property
    def integration(self) -> Integration:
        """The app's integration, as it was read."""
        return Integration(self.world, self.question)

    @property
    def probes(self) -> tuple[Probe, ...]:
        """The answers of the app's workers, where they were asked."""
        return self.world.probes


def assess(context: CommandContext, target: str, subnet: str | None = None) -> Assessment:
    """Read everything about an app and run the checks.

    Raises NotFound when there is no such app, and RequestFailed when it cannot be read.
    """
    question = Question("look", target, subnet)
    try:
        world = context.reader.read(question)
    except RequestFailed as failure:
        if failure.kind == "absent":
            message = f"there is no app {ids.app_name(target)}: {failure}"
            raise NotFound(message, hint=nearest_id(context, target)) from failure
        context.check_signed_in()
        raise
    context.check_signed_in()
    return Assessment(target, question, world, judge(world, question))


def finding_of(failure: RequestFailed, target: str) -> Finding:
    """What a failed read of the app itself is called: what is not known is a finding, not a fault."""
    statuses: dict[str, ReadStatus] = {"not-visible": "not-visible", "denied": "denied"}
    status = statuses.get(failure.kind, "failed")
    world = World(documents=(Document("site", target, status, message=str(failure)),))
    return app_not_read(world, Question("look", target))


def with_probes(context: CommandContext, assessment: Assessment, endpoints: Iterable[Endpoint]) -> Assessment:
    """The same assessment with the workers' answers about each host and port."""
    app = assessment.integration.target
    probes = tuple(context.reader.probe(app, endpoint) for endpoint in endpoints)
    world = replace(assessment.world, probes=probes)
    return replace(assessment, world=world, findings=judge(world, assessment.question, assessment.allowed))


def snapshot_of(context: CommandContext, assessment: Assessment, label: str = LIVE) -> Snapshot:
    """An assessment as a snapshot of this moment."""
    now = context.session.clock.now()
    return take_snapshot(
        assessment.world, assessment.question, assessment.findings, label, now, origin(context)
    )


def origin(context: CommandContext) -> Origin:
    """Who takes a snapshot, with which version, of which Azure."""
    cloud = context.session.cloud
    return Origin(context.session.signed_in.who, f"remediate {__version__}", cloud.name, cloud.arm)
