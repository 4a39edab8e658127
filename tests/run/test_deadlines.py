"""`--timeout` ends every wait and every repetition, and no wait keeps an app from being connected again.

The command line runs on a clock as fast as the sandbox's, so that times here are those of Azure.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from itertools import pairwise
from typing import Any

import pytest

from remediate.azure.clock import ScaledClock
from remediate.jobs import context as contexts
from tests.conftest import APP, SUBNET, Azure, Ran
from tests.sampled import in_sweep
from tests.untried import untried

SPEED = 20.0
"""At this speed the 20 s of a read while an app is away are one real second.

Where the time of a whole run is looked at, half of it leaves a busy machine more real time.
"""
RECONNECT = ("reconnect", "orders-func", "--yes", "-o", "json", *untried())
SITE = "/sites/orders-func$"
CONFIG = "/sites/orders-func/networkConfig/virtualNetwork$"
LIST = "/sites/orders-func/virtualNetworkConnections$"
SUBNET_PATH = "/subnets/snet-apps$"
PURGE = "/purgeUnusedVirtualNetworkIntegration$"
HANG = 100_000
"""Seconds after which nobody listens any more."""
HURT = 400.0
"""Seconds that an app may be away with several reads that hang; before, one alone took 4 times 120 s."""


@pytest.fixture
def serve(azure: Callable[..., Azure], monkeypatch: pytest.MonkeyPatch) -> Callable[..., Azure]:
    """Serve a scenario, and have the command line see its time."""

    def start(scenario: str, speed: float = SPEED) -> Azure:
        monkeypatch.setattr(contexts, "SystemClock", lambda: ScaledClock(speed, least_real=0.0))
        return azure(scenario, speed=speed)

    return start


def answered(method: str, path: str, status: int, body: Any = None, *, times: int = 0) -> dict[str, Any]:
    error = {"error": {"code": "Broken", "message": "broken"}}
    answer = {"status": status, "body": body or error}
    return {"match": {"method": method, "path": path}, "times": times, "answer": answer}


def hanging(path: str, *, nth: int, times: int) -> dict[str, Any]:
    return {"match": {"method": "GET", "path": path, "nth": nth}, "times": times, "delay": HANG}


def is_connected(azure: Azure) -> bool:
    body = azure.ask("GET", f"{APP}?api-version=2025-05-01").json()
    return bool(body["properties"]["virtualNetworkSubnetId"] == SUBNET)


def reads_before_the_disconnect(azure: Azure, ending: str) -> int:
    """How often a healthy run reads something until it disconnects."""
    log = azure.log
    disconnect = next(n for n, entry in enumerate(log) if entry["method"] == "DELETE")
    paths = [one["path"].partition("?")[0] for one in log[:disconnect] if one["method"] == "GET"]
    return sum(path.endswith(ending.rstrip("$")) for path in paths)


@pytest.mark.parametrize("status", [504, *in_sweep(500)])
def test_a_connect_that_is_broken_for_ever_is_repeated_within_the_timeout_only(
    remediate: Callable[..., Ran], serve: Callable[..., Azure], status: int
) -> None:
    azure = serve("healthy", SPEED / 2)
    azure.world.durations = replace(azure.world.durations, disconnect_last=2.0)  # within the timeout
    azure.fault(answered("PATCH", SITE, status))
    ran = remediate(*RECONNECT, "--timeout", "5")
    assert (ran.code, ran.document["status"]) == (5, "failed")
    assert "az rest --method patch" in ran.document["message"]
    patches = [entry for entry in azure.writes if entry["method"] == "PATCH"]
    assert 2 <= len(patches) <= 6
    assert ran.document["seconds"] < 150


def test_a_disconnect_that_is_broken_for_ever_is_repeated_within_the_timeout_only(
    remediate: Callable[..., Ran], serve: Callable[..., Azure]
) -> None:
    azure = serve("healthy", SPEED / 2)
    azure.fault(answered("DELETE", CONFIG, 500))
    ran = remediate(*RECONNECT, "--timeout", "5")
    assert ran.code in (1, 5)
    assert len([entry for entry in azure.writes if entry["method"] == "DELETE"]) <= 4
    assert is_connected(azure)


def test_a_lock_is_waited_out_by_what_connects_whatever_the_timeout(
    remediate: Callable[..., Ran], serve: Callable[..., Azure]
) -> None:
    """The disconnect takes 53 s, and is not awaited that long: its lock is met by the connect."""
    azure = serve("slow", SPEED / 2)
    ran = remediate(*RECONNECT, "--timeout", "8", "--poll-interval", "4")
    assert ran.code == 5
    assert ran.document["targets"][0]["status"] == "reconnected"
    assert [entry["status"] for entry in azure.writes if entry["method"] == "PATCH"][-1] in (200, 202)
    assert is_connected(azure)


@pytest.mark.parametrize(("status", "code"), [(500, "RetryableError"), *in_sweep((429, "429"))])
def test_a_lock_that_never_opens_is_waited_out_once_and_not_for_every_app(
    remediate: Callable[..., Ran], serve: Callable[..., Azure], status: int, code: str
) -> None:
    """Each of the four apps had 90 seconds, and at the end 90 more: 80 writes in 12 minutes."""
    azure = serve("shared-link")
    body = {"error": {"code": code, "message": "Cannot acquire exclusive lock"}}
    azure.fault(answered("PATCH", "/sites/", status, body))
    ran = remediate(*RECONNECT, *untried("rebuild-link"), "--timeout", "5")
    assert (ran.code, ran.document["status"]) == (5, "failed")
    patches = [entry["path"] for entry in azure.writes if entry["method"] == "PATCH"]
    assert len(patches) <= 11 + 7 * 3
    assert all(patches.count(path) >= 2 for path in set(patches))
    assert len(set(patches)) == 4


def test_a_subnet_write_that_stays_in_progress_is_read_back_after_the_timeout(
    remediate: Callable[..., Ran], serve: Callable[..., Azure]
) -> None:
    azure = serve("delegation-missing", SPEED / 2)
    azure.fault(answered("GET", "/operations/", 200, {"status": "InProgress"}))
    ran = remediate(*RECONNECT, "--timeout", "20")
    assert (ran.code, ran.document["status"]) == (0, "succeeded")
    delegate = next(step for step in ran.document["steps"] if step["do"] == "delegate")
    assert delegate["seconds"] < 60
    assert [entry["method"] for entry in azure.writes].count("PUT") == 1


@pytest.mark.parametrize("status", [500, *in_sweep(504)])
def test_a_purge_whose_answer_is_lost_again_and_again_ends_with_the_timeout(
    remediate: Callable[..., Ran], serve: Callable[..., Azure], status: int
) -> None:
    azure = serve("link-orphaned", SPEED / 2)
    azure.fault(answered("POST", PURGE, status))
    ran = remediate("purge", SUBNET, "--yes", "-o", "json", "--timeout", "10")
    assert ran.code in (3, 5)
    assert len(azure.writes) <= 6
    purge = next(step for step in ran.document["steps"] if step["do"] == "purge")
    assert purge["seconds"] < 40


@pytest.mark.parametrize(
    ("ending", "instead"),
    [
        (CONFIG, SITE),
        *in_sweep((SITE, "/virtualNetworkConnections$"), (SUBNET_PATH, "/virtualNetworks/vnet-prod$")),
    ],
)
def test_a_read_that_hangs_while_the_app_is_away_gives_way_to_another_view(
    remediate: Callable[..., Ran], serve: Callable[..., Azure], ending: str, instead: str
) -> None:
    azure = serve("healthy")
    assert remediate(*RECONNECT, "--poll-interval", "2").code == 0
    before = reads_before_the_disconnect(azure, ending)
    azure.reset()
    azure.fault(hanging(ending, nth=before + 1, times=2))
    ran = remediate(*RECONNECT, "--poll-interval", "2")
    assert (ran.code, ran.document["status"]) == (0, "succeeded"), ran.document["message"]
    assert is_connected(azure)
    assert ran.document["targets"][0]["outage_seconds"] < HURT
    log = [(one["method"], one["path"].partition("?")[0]) for one in azure.log]
    gap = log[next(n for n, one in enumerate(log) if one[0] == "DELETE") :]
    hung = next(n for n, one in enumerate(gap) if one[0] == "GET" and one[1].endswith(ending[:-1]))
    after = [path for method, path in gap[hung + 1 :] if method == "GET"]
    assert any(path.endswith(instead[:-1]) for path in after[:4])


@pytest.mark.sweep
def test_where_every_view_hangs_the_app_is_connected_all_the_same(
    remediate: Callable[..., Ran], serve: Callable[..., Azure]
) -> None:
    azure = serve("healthy")
    assert remediate(*RECONNECT, "--poll-interval", "2").code == 0
    before = {ending: reads_before_the_disconnect(azure, ending) for ending in (SITE, CONFIG, LIST)}
    azure.reset()
    azure.fault(
        hanging(CONFIG, nth=before[CONFIG] + 1, times=3),
        hanging(SITE, nth=before[SITE] + 1, times=3),
        hanging(LIST, nth=before[LIST] + 1, times=3),
    )
    ran = remediate(*RECONNECT, "--timeout", "30", "--poll-interval", "2")
    assert ran.code in (0, 5)
    assert [entry["method"] for entry in azure.writes][:2] == ["DELETE", "PATCH"]
    assert is_connected(azure)


def test_a_timeout_shorter_than_any_answer_takes_nothing_away_for_good(
    remediate: Callable[..., Ran], serve: Callable[..., Azure]
) -> None:
    azure = serve("slow")
    ran = remediate(*RECONNECT, "--timeout", "0.001", "--poll-interval", "4")
    assert ran.code in (1, 5)
    assert is_connected(azure)
    log = [entry for entry in azure.log if entry["mutating"] or "/networkConfig/" in entry["path"]]
    deletes = [one for one in pairwise(log) if one[0]["method"] == one[1]["method"] == "DELETE"]
    assert deletes == []
