"""One look at an app: read everything, judge it, and ask its workers."""

from __future__ import annotations

from collections.abc import Iterable

from msgspec import Struct
from msgspec.structs import replace

from remediate import ids
from remediate.azure.failure import RequestFailed
from remediate.checks import judge, judge_probes, ordered
from remediate.cli.desk import Desk
from remediate.errors import NotFound
from remediate.model import Endpoint, Finding, Probe, Topology


class Sight(Struct, frozen=True):
    """One look at an app: what was read, what its workers said where they were asked, and what it means."""

    target: str
    topology: Topology
    findings: tuple[Finding, ...]
    probes: tuple[Probe, ...] = ()


def look_at(desk: Desk, target: str, subnet: str | None = None) -> Sight:
    """Read everything about an app and judge it. Raises UsageError when there is no such app."""
    try:
        topology = desk.reader.topology(target, subnet)
    except RequestFailed as failure:
        if failure.kind == "absent":
            raise NotFound(f"there is no app {ids.app_name(target)}: {failure}") from failure
        raise
    return Sight(target, topology, judge(topology))


def probed(desk: Desk, sight: Sight, endpoints: Iterable[Endpoint]) -> Sight:
    """The same look with what the app's workers say about each host and port."""
    app, connected = sight.topology.target, sight.topology.connected
    probes = tuple(desk.reader.probe(app, endpoint) for endpoint in endpoints)
    findings = ordered((*sight.findings, *judge_probes(probes, connected)))
    return replace(sight, probes=probes, findings=findings)
