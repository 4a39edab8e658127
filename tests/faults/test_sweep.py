"""Every request of a run meets every fault; after at most one `resume` all is whole, and nothing lied."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from remediate.azure import pipeline
from tests.conftest import Azure, Ran
from tests.faults.invariants import APPS, check_no_blind_repetition, check_whole, link, sites

QUICK = ("--yes", "-o", "json", "--poll-interval", "0.02", "--timeout", "1")
RUNS = {"link-missing": (*APPS[:1],), "shared-link": APPS}
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


class Sweep:
    """One run with one fault, and the promises checked afterwards."""

    def __init__(self, azure: Azure, remediate: Callable[..., Ran], scenario: str) -> None:
        self.azure = azure
        self._remediate = remediate
        self._apps = RUNS[scenario]
        self._run = ("reconnect", "orders-func", "--scope", "link", *QUICK)

    def requests(self) -> int:
        """How many requests to ARM a run makes when nothing goes wrong."""
        self.azure.reset()
        assert self._remediate(*self._run).code == 0
        return sum(entry["path"].startswith(("/subscriptions/", "/providers/")) for entry in self.azure.log)

    def meet(self, fault: dict[str, Any], *, nth: int, method: str = ".*") -> None:
        self.azure.reset()
        before = sites(self.azure, self._apps)
        self.azure.fault({"match": {"path": ARM, "nth": nth, "method": method}, "times": 1, **fault})
        ran = self._remediate(*self._run)
        log = self.azure.log
        self.azure.fault()
        check_no_blind_repetition(log)
        if ran.code == 5:
            assert ran.document["status"] in ("failed", "rolled-back")
            if ran.document["resume"]:
                ran = self._remediate("resume", *QUICK)
                assert ran.code == 0, ran.out
        if ran.code == 0:
            assert ran.document["status"] == "succeeded"
            check_whole(self.azure, before)
        elif ran.code != 5:
            self._check_untouched(ran, before)

    def _check_untouched(self, ran: Ran, before: dict[str, dict[str, Any]]) -> None:
        assert ran.code in (1, 2, 4, 6), ran.out
        now = sites(self.azure, self._apps)
        for app, properties in before.items():
            assert now[app]["virtualNetworkSubnetId"] == properties["virtualNetworkSubnetId"]
        assert link(self.azure) is None


@pytest.fixture
def sweep(
    azure: Callable[..., Azure],
    remediate: Callable[..., Ran],
    monkeypatch: pytest.MonkeyPatch,
    tmp_path: Path,
) -> Callable[[str], Sweep]:
    monkeypatch.setattr(pipeline, "READ_TIMEOUT", READ_TIMEOUT)

    def start(scenario: str) -> Sweep:
        return Sweep(azure(scenario), remediate, scenario)

    return start


@pytest.mark.parametrize("fault", FAULTS)
def test_some_requests_meet_each_fault(sweep: Callable[[str], Sweep], fault: str) -> None:
    run = sweep("link-missing")
    run.meet(FAULTS[fault], nth=1, method="DELETE")
    run.meet(FAULTS[fault], nth=1, method="PATCH")
    run.meet(FAULTS[fault], nth=30 + list(FAULTS).index(fault))


@pytest.mark.sweep
@pytest.mark.parametrize("fault", FAULTS)
def test_every_request_of_a_run_meets_each_fault(
    sweep: Callable[[str], Sweep], fault: str, record_property: Callable[[str, object], None]
) -> None:
    run = sweep("link-missing")
    last = run.requests()
    for nth in range(1, last + 1):
        run.meet(FAULTS[fault], nth=nth)
    record_property("points", last)


@pytest.mark.sweep
@pytest.mark.parametrize("fault", FAULTS)
def test_every_write_on_a_shared_link_meets_each_fault(
    sweep: Callable[[str], Sweep], fault: str, record_property: Callable[[str, object], None]
) -> None:
    run = sweep("shared-link")
    for nth in range(1, len(APPS) + 1):
        run.meet(FAULTS[fault], nth=nth, method="DELETE")
        run.meet(FAULTS[fault], nth=nth, method="PATCH")
    record_property("points", 2 * len(APPS))
