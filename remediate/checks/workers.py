"""Findings of a probe: what the workers themselves say, whatever ARM says (azure-facts.md, 1).

Each gives one finding a probe.
"""

from __future__ import annotations

from collections.abc import Iterator

from remediate import ids
from remediate.checks.advice import called, typed
from remediate.model import Evidence, Finding, Integration, Probe, Question, Worker, World

_MISSED = (
    "The port was tried from the app's own workers. A route, a firewall or the resolution of the name "
    "prevents the connection, or nothing listens on the port."
)
_SILENT = (
    "The answer of the test is not one that is known, so it is not known whether the endpoint is reachable."
)


def worker_without_ip(world: World, question: Question) -> tuple[Finding, ...]:
    """A connected app has an instance without a private address, or with one that could not be read."""
    if not _is_connected(world, question):
        return ()
    return tuple(found for probe in world.probes if (found := _without_ip(probe)))


def _without_ip(probe: Probe) -> Finding | None:
    missing = [worker for worker in probe.workers if worker.addressed is False]
    silent = [one for one in probe.workers if one.addressed is None and one.reached is not None]
    if probe.by == "tcpPingCheck" or not (missing or silent):
        return None
    return Finding(
        code="worker-without-ip",
        severity="error" if missing else "unknown",
        title=f"{'No private address' if missing else 'Private address unknown'} on "
        f"{_share(probe, missing or silent)}",
        detail="WEBSITE_PRIVATE_IP holds the address that an instance has in the subnet. An instance without "
        "one is not in the virtual network, whatever Azure Resource Manager says.",
        action="If the app was connected within the last 5 minutes, wait 10 minutes and run again: "
        f"{_again(probe)}. Otherwise check that the subnet has an address for every instance, and rebuild "
        f"the integration: {typed(['remediate', 'reconnect', called(probe.app)])}",
        evidence=tuple(
            Evidence("instances", f"{worker.instance}.WEBSITE_PRIVATE_IP", worker.address)
            for worker in missing or silent
        ),
    )


def probe_failed(world: World, question: Question) -> tuple[Finding, ...]:
    """The host and port given with `--probe` are not reached from an instance, or that is unknown."""
    connected = _is_connected(world, question)
    return tuple(_failed(probe, connected) for probe in world.probes if not probe.reached)


def _is_connected(world: World, question: Question) -> bool:
    """Whether ARM calls the app connected; a step that probes follows a connect."""
    return question.kind == "probe" or Integration(world, question).connected


def _failed(probe: Probe, connected: bool) -> Finding:
    missed = [worker for worker in probe.workers if worker.reached is False]
    return Finding(
        code="probe-failed",
        severity="error" if missed else "unknown",
        title=f"{probe.endpoint} is not reached from {_share(probe, missed)}"
        if missed
        else f"Could not find out whether {ids.app_name(probe.app)} reaches {probe.endpoint}",
        detail=_detail(missed, connected),
        action=f"Look again: {_again(probe)}" if missed else _may_be_denied(probe),
        evidence=tuple(_evidence(probe, missed)),
    )


def _share(probe: Probe, workers: list[Worker]) -> str:
    """`2 of 3 instances of orders-func`; for a test that names no instance the app alone."""
    name, many = ids.app_name(probe.app), len(probe.workers)
    if probe.by == "tcpPingCheck":
        return name
    return f"{len(workers)} of {many} {'instance' if many == 1 else 'instances'} of {name}"


def _detail(missed: list[Worker], connected: bool) -> str:
    if not missed:
        return _SILENT
    return _MISSED if connected else f"The app is connected to no network at present. {_MISSED}"


def _may_be_denied(probe: Probe) -> str:
    return (
        "The test needs the role Website Contributor (Reader is not enough), and the app must be running. "
        f"Then run again: {_again(probe)}"
    )


def _evidence(probe: Probe, missed: list[Worker]) -> Iterator[Evidence]:
    """What was tried where, in Azure's own words."""
    if probe.message is not None:
        yield Evidence("instances", "read", probe.message)
    for worker in missed or probe.workers:
        if worker.instance:
            yield Evidence(probe.by, f"{worker.instance}.Output", worker.status)
            continue
        yield Evidence(probe.by, "connectionStatus", worker.status)
        if worker.detail:
            yield Evidence(probe.by, "connectionStatusDetails", worker.detail)


def _again(probe: Probe) -> str:
    return typed(["remediate", "verify", called(probe.app), "--probe", str(probe.endpoint)])
