"""One look at an app: read everything, judge it, and ask its workers."""

from __future__ import annotations

from collections.abc import Iterable

from msgspec import Struct
from msgspec.structs import replace

from remediate import ids
from remediate.azure.failure import RequestFailed
from remediate.checks import judge
from remediate.cli.desk import Desk
from remediate.errors import NotFound
from remediate.model import Endpoint, Finding, Integration, Probe, Question, World


class Sight(Struct, frozen=True):
    """One look at an app: what was asked, what was read, and what it means."""

    target: str
    question: Question
    world: World
    findings: tuple[Finding, ...]

    @property
    def integration(self) -> Integration:
        """The app's integration, as it was read."""
        return Integration(self.world, self.question)

    @property
    def probes(self) -> tuple[Probe, ...]:
        """What the app's workers said, where they were asked."""
        return self.world.probes


def look_at(desk: Desk, target: str, subnet: str | None = None) -> Sight:
    """Read everything about an app and judge it. Raises UsageError when there is no such app."""
    question = Question("look", target, subnet)
    try:
        world = desk.reader.read(question)
    except RequestFailed as failure:
        if failure.kind == "absent":
            raise NotFound(f"there is no app {ids.app_name(target)}: {failure}") from failure
        raise
    return Sight(target, question, world, judge(world, question))


def probed(desk: Desk, sight: Sight, endpoints: Iterable[Endpoint]) -> Sight:
    """The same look with what the app's workers say about each host and port."""
    app = sight.integration.target
    world = replace(sight.world, probes=tuple(desk.reader.probe(app, endpoint) for endpoint in endpoints))
    return replace(sight, world=world, findings=judge(world, sight.question))
