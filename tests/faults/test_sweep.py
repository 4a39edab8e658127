"""Every request of a run meets every fault; after at most one `resume` all is whole, and nothing lied.

A command asks for the same things many times. Every fault meets every kind of request, and the faults take
turns at its repetitions, so that every request meets some fault too. In a run that connects again or purges,
a kind is a request between two writes: the same read is another one once the app is away.
"""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Callable
from dataclasses import dataclass
from itertools import accumulate
from pathlib import Path
from typing import Any

import pytest

from remediate.azure import transport
from tests.conftest import PLAN, SUBNET, Azure, Ran
from tests.faults.invariants import (
    APPS,
    check_left,
    check_no_blind_repetition,
    check_purged,
    check_whole,
    link,
    sites,
)

QUICK = ("--yes", "-o", "json", "--poll-interval", "0.02", "--timeout", "1")


@dataclass(frozen=True)
class Job:
    """A command in its world: the apps there, what has to hold once it ended well, and the link before."""

    scenario: str
    command: tuple[str, ...]
    apps: tuple[str, ...]
    check: Callable[[Azure, dict[str, dict[str, Any]]], None] = check_whole
    link: str | None = None


RECONNECT = ("reconnect", "orders-func", "--scope", "link")
ALONE = Job("link-missing", RECONNECT, APPS[:1])
SHARED = Job("shared-link", RECONNECT, APPS)
GUARD = Job("healthy", ("guard", PLAN, "--disconnect"), APPS[:1], check_left, PLAN)
PURGE = Job(
    "link-orphaned", ("purge", SUBNET), APPS[:1], check_purged, PLAN.replace("plan-orders", "plan-gone")
)
JOBS = {"reconnect": ALONE, "purge": PURGE}
ARM = "^/(subscriptions|providers)/"
READ_TIMEOUT = 0.25


def answer(status: int, code: str, message: str = "", **headers: str) -> dict[str, Any]:
    return {"status": status, "headers": headers, "body": {"error": {"code": code, "message": message}}}


FAULTS: dict[str, dict[str, Any]] = {
    "504 carried out": {"answer": answer(504, "GatewayTimeout"), "effect": "kept"},
    "504 not carried out": {"answer": answer(504, "GatewayTimeout")},
    "500": {"answer": answer(500, "InternalServerError")},
    "503": {"answer": answer(503, "ServiceUnavailable")},
    "429 lock": {"answer": answer(429, "429", "Cannot acquire exclusive lock")},
    "429 quota": {"answer": answer(429, "TooManyRequests", **{"Retry-After": "1"})},
    "409 busy": {"answer": answer(409, "Conflict", "another operation is in progress")},
    "reset before": {"reset": "before"},
    "reset after": {"reset": "after"},
    "timeout": {"delay": 1000 * READ_TIMEOUT * 2},
    "garbage": {"garbage": True},
    "truncated": {"answer": {"status": 200, "body": '{"id": "/subscriptions/'}},
    "stale": {"stale": True},
    "missing field": {"answer": {"status": 200, "body": {"id": APPS[0], "name": "orders-func"}}},
    "a 200 that lies": {"answer": {"status": 200, "body": None}},
}


Asked = tuple[str, str]
"""Method and path of a request; equal ones are of one kind."""


def to_arm(log: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """The entries of a log that are of requests to ARM."""
    return [entry for entry in log if entry["path"].startswith(("/subscriptions/", "/providers/"))]


def asked(log: list[dict[str, Any]]) -> list[Asked]:
    """The requests to ARM in a log."""
    return [(entry["method"], entry["path"].partition("?")[0]) for entry in to_arm(log)]


def writes_before(log: list[dict[str, Any]]) -> list[int]:
    """For each request to ARM how many writes came before it."""
    mutating = [int(entry["mutating"]) for entry in to_arm(log)]
    return list(accumulate(mutating[:-1], initial=0))


def in_turn(fault: str, requests: list[Asked], writes: list[int] | None = None) -> list[dict[str, Any]]:
    """Of each kind of request the one whose turn it is with this fault, as a rule's `match` without more.

    With `writes`, how many came before each request, a request behind another write is of another kind.
    """
    turn, kinds, seen = list(FAULTS).index(fault), defaultdict[Any, list[int]](list), Counter[Asked]()
    for request, before in zip(requests, writes or [0] * len(requests), strict=True):
        seen[request] += 1
        kinds[request, before].append(seen[request])
    return [
        {"method": method, "path": f"^{re.escape(path)}$", "nth": nth}
        for ((method, path), _), times in kinds.items()
        for nth in times[turn % len(times) :: len(FAULTS)]
    ]


class Sweep:
    """One run with one fault, and the promises checked afterwards."""

    def __init__(self, azure: Azure, remediate: Callable[..., Ran], job: Job) -> None:
        self.azure = azure
        self._remediate = remediate
        self._job = job
        self._run = (*job.command, *QUICK)

    def undisturbed(self) -> list[dict[str, Any]]:
        """The log of a run when nothing goes wrong."""
        self.azure.reset()
        assert self._remediate(*self._run).code == 0
        return self.azure.log

    def meet(self, fault: dict[str, Any], *, nth: int, method: str = ".*", path: str = ARM) -> None:
        self.azure.reset()
        before = sites(self.azure, self._job.apps)
        self.azure.fault({"match": {"path": path, "nth": nth, "method": method}, "times": 1, **fault})
        ran = self._remediate(*self._run)
        log = self.azure.log
        self.azure.fault()
        check_no_blind_repetition(log)
        if ran.code == 5:
            run = _run_of(ran)
            assert run["status"] in ("failed", "rolled-back")
            if run["resume"]:
                ran = self._remediate("resume", *QUICK)
                assert ran.code == 0, ran.out
        if ran.code in (0, 3) and _run_of(ran).get("status") == "succeeded":
            self._job.check(self.azure, before)
        elif ran.code != 5:
            self._check_untouched(ran, before)

    def _check_untouched(self, ran: Ran, before: dict[str, dict[str, Any]]) -> None:
        assert ran.code in (1, 2, 3, 4, 6), ran.out
        now = sites(self.azure, self._job.apps)
        for app, properties in before.items():
            assert now[app]["virtualNetworkSubnetId"] == properties["virtualNetworkSubnetId"]
        assert link(self.azure) == self._job.link


def _run_of(ran: Ran) -> dict[str, Any]:
    """The run's document; that of a guard holds it, or holds none."""
    document: dict[str, Any] = ran.document
    return (document["runs"] or [{}])[0] if document["schema"] == "remediate.guard/1" else document


@pytest.fixture
def sweep(
    azure: Callable[..., Azure],
    remediate: Callable[..., Ran],
    monkeypatch: pytest.MonkeyPatch,
    tmp_path: Path,
) -> Callable[[Job], Sweep]:
    monkeypatch.setattr(transport, "READ_TIMEOUT", READ_TIMEOUT)

    def start(job: Job) -> Sweep:
        return Sweep(azure(job.scenario), remediate, job)

    return start


@pytest.mark.parametrize("fault", FAULTS)
def test_some_requests_meet_each_fault(sweep: Callable[[Job], Sweep], fault: str) -> None:
    run, number = sweep(ALONE), list(FAULTS).index(fault)
    run.meet(FAULTS[fault], nth=1, method=("DELETE", "PATCH")[number % 2])
    run.meet(FAULTS[fault], nth=30 + number)


@pytest.mark.parametrize("fault", ["504 carried out", "reset before", "a 200 that lies", "stale"])
def test_a_purge_meets_some_faults(sweep: Callable[[Job], Sweep], fault: str) -> None:
    sweep(PURGE).meet(FAULTS[fault], nth=1, method="POST", path="/purgeUnused")


def test_every_request_gets_its_turn_with_some_fault_and_every_fault_with_every_kind() -> None:
    requests = [("GET", "/a")] * 2 + [("GET", "/b.c")] * 40 + [("PATCH", "/a")]
    turns = {fault: in_turn(fault, requests) for fault in FAULTS}
    met = {(one["method"], one["path"], one["nth"]) for matches in turns.values() for one in matches}
    assert len(met) == len(requests)
    for matches in turns.values():
        kinds = {(one["method"], one["path"]) for one in matches}
        assert kinds == {("GET", "^/a$"), ("GET", r"^/b\.c$"), ("PATCH", "^/a$")}


def test_the_same_read_before_and_after_a_write_meets_every_fault_at_both_places() -> None:
    read = {"method": "GET", "path": "/subscriptions/a?x", "mutating": False}
    write = {"method": "PATCH", "path": "/subscriptions/a?x", "mutating": True}
    log = [read, read, write, read, {**read, "path": "/elsewhere"}, read]
    assert writes_before(log) == [0, 0, 0, 1, 1]
    for fault in FAULTS:
        turns = in_turn(fault, asked(log), writes_before(log))
        assert [one["method"] for one in turns] == ["GET", "PATCH", "GET"]
        assert turns[0]["nth"] in (1, 2)
        assert turns[2]["nth"] in (3, 4)


@pytest.mark.sweep
@pytest.mark.parametrize("name", JOBS)
@pytest.mark.parametrize("fault", FAULTS)
def test_every_kind_of_request_between_two_writes_of_a_run_meets_each_fault(
    sweep: Callable[[Job], Sweep], fault: str, name: str, record_property: Callable[[str, object], None]
) -> None:
    run = sweep(JOBS[name])
    log = run.undisturbed()
    points = in_turn(fault, asked(log), writes_before(log))
    for match in points:
        run.meet(FAULTS[fault], **match)
    record_property("points", len(points))


@pytest.mark.sweep
@pytest.mark.parametrize("fault", FAULTS)
def test_every_kind_of_request_of_a_guard_meets_each_fault(
    sweep: Callable[[Job], Sweep], fault: str, record_property: Callable[[str, object], None]
) -> None:
    run = sweep(GUARD)
    points = in_turn(fault, asked(run.undisturbed()))
    for match in points:
        run.meet(FAULTS[fault], **match)
    record_property("points", len(points))


@pytest.mark.sweep
@pytest.mark.parametrize("fault", FAULTS)
def test_every_write_on_a_shared_link_meets_each_fault(
    sweep: Callable[[Job], Sweep], fault: str, record_property: Callable[[str, object], None]
) -> None:
    run = sweep(SHARED)
    for nth in range(1, len(APPS) + 1):
        run.meet(FAULTS[fault], nth=nth, method="DELETE")
        run.meet(FAULTS[fault], nth=nth, method="PATCH")
    record_property("points", 2 * len(APPS))
