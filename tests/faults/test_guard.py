"""`guard --disconnect` killed or interrupted all along, its requests met by faults: no orphan, no lie.

It is killed and interrupted at every third point: before one request, after the next, and between them at
lines of the journal. tests/faults/test_crashes.py kills it at every write and line, in a world with one run.
"""

from __future__ import annotations

import json
import signal
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from remediate.azure import transport
from remediate.sandbox.server import Sandbox
from tests.conftest import GROUP, SUBNET, Azure, Ran
from tests.faults.crashing import Commands
from tests.faults.invariants import APPS, check_no_blind_repetition, sites
from tests.faults.test_crashes import KILLED
from tests.faults.test_sweep import ARM, FAULTS, READ_TIMEOUT, Asked, asked, in_turn

QUICK = ("--yes", "-o", "json", "--poll-interval", "0.02", "--timeout", "3")
GUARD = ("guard", GROUP.removesuffix("/providers"), "--disconnect", *QUICK)
SCENARIO = "slot-differs"
"""An app and its slot on two subnets, each with a link: two runs, one after the other."""
HOLDERS = APPS[:2]
SUBNETS = (SUBNET, SUBNET.replace("snet-apps", "snet-data"))
SHARDS = 4
STRIDE = 3
INTERRUPTS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
INTERRUPTED = len(INTERRUPTS)
"""At how many points it is interrupted where not every third one is tried: by each signal once."""
SAMPLE: tuple[tuple[str, dict[str, Any]], ...] = (
    ("504 carried out", {"method": "DELETE", "nth": 1}),
    ("reset after", {"method": "DELETE", "nth": 2}),
    ("a 200 that lies", {"method": "DELETE", "nth": 1}),
    ("a 200 that lies", {"nth": 55}),
    ("garbage", {"nth": 85}),
)
LONG_ENOUGH = 30
"""Seconds for a read once the fault is over, on a machine that is busy with other tests."""


def connected(azure: Azure) -> list[str]:
    """The apps that still name a subnet."""
    return [app for app, one in sites(azure, HOLDERS).items() if one["virtualNetworkSubnetId"]]


def check_safe(azure: Azure) -> None:
    """Everybody is out, no link is left, and the apps are still there."""
    assert connected(azure) == []
    for subnet in SUBNETS:
        properties = azure.ask("GET", f"{subnet}?api-version=2024-05-01").json()["properties"]
        assert not properties.get("serviceAssociationLinks"), subnet


def check_not_reconnected(log: list[dict[str, Any]]) -> None:
    """A disconnect for good never connects an app, whatever went wrong."""
    assert {entry["method"] for entry in log if entry["mutating"]} <= {"DELETE"}


@pytest.fixture(scope="module")
def world() -> Iterator[tuple[Azure, Commands]]:
    with Sandbox(SCENARIO, speed=1000) as sandbox:
        yield Azure(sandbox), Commands(sandbox.environment)


@pytest.fixture(scope="module")
def last(world: tuple[Azure, Commands], tmp_path_factory: pytest.TempPathFactory) -> int:
    """How many points a guard passes when nothing goes wrong."""
    azure, commands = world
    azure.reset()
    counted = commands.run(*GUARD, state=tmp_path_factory.mktemp("count") / "state")
    assert counted["code"] == 0, counted
    return int(counted["points"])


def crash_and_go_on(azure: Azure, commands: Commands, fatal: int, state: Path) -> None:
    """Kill it at a point, finish the run that was cut off, and guard once more."""
    azure.reset()
    assert commands.run(*GUARD, state=state, fatal=fatal)["code"] == KILLED
    resumed = commands.run("resume", *QUICK, state=state)
    assert resumed["code"] in (0, 2), resumed
    again = commands.run(*GUARD, state=state)
    assert (again["code"], json.loads(again["out"])["safe"]) == (0, True), again
    check_safe(azure)
    check_not_reconnected(azure.log)
    check_no_blind_repetition(azure.log)


@pytest.mark.sweep
@pytest.mark.parametrize("shard", range(SHARDS))
def test_killed_at_every_third_point_and_gone_on(
    world: tuple[Azure, Commands],
    last: int,
    tmp_path: Path,
    shard: int,
    record_property: Callable[[str, object], None],
) -> None:
    azure, commands = world
    mine = range(1 + STRIDE * shard, last - 3, STRIDE * SHARDS)
    for fatal in mine:
        crash_and_go_on(azure, commands, fatal, tmp_path / str(fatal))
    record_property("points", len(mine))


def interrupt_and_go_on(azure: Azure, commands: Commands, point: int, state: Path) -> None:
    """Interrupt it at a point: nothing more is taken away, in this run or the next, and that is told."""
    azure.reset()
    cut = commands.run(*GUARD, state=state, fatal=point, number=INTERRUPTS[point % len(INTERRUPTS)])
    assert cut["code"] >= 0, cut  # ended by itself, not by the signal and not by a crash
    away = len(HOLDERS) - len(connected(azure))
    document = json.loads(cut["out"])
    assert cut["writes_after"] == 0, cut
    if away == 0:
        assert (cut["code"], azure.writes) == (130, []), cut
    elif away < len(HOLDERS):
        assert (cut["code"], document["safe"]) == (5, False), cut
    else:
        assert cut["code"] in (0, 5), cut
    again = commands.run("resume", *QUICK, state=state)
    assert again["code"] in (0, 2), again
    again = commands.run(*GUARD, state=state)
    assert (again["code"], json.loads(again["out"])["safe"]) == (0, True), again
    check_safe(azure)
    check_not_reconnected(azure.log)
    check_no_blind_repetition(azure.log)


def test_interrupted_at_some_points_and_gone_on(
    world: tuple[Azure, Commands], last: int, tmp_path: Path
) -> None:
    azure, commands = world
    for number in range(1, INTERRUPTED + 1):
        point = number * (last - 1) // (INTERRUPTED + 1)
        point += (number - point) % len(INTERRUPTS)
        interrupt_and_go_on(azure, commands, point, tmp_path / str(number))


def test_interrupted_in_the_last_look_says_that_nobody_saw_whether_it_is_safe(
    world: tuple[Azure, Commands], last: int, tmp_path: Path
) -> None:
    azure, commands = world
    for before_end in range(6, 60, 6):  # how often it polls, and so where the last look is, differs
        azure.reset()
        point = last - before_end
        cut = commands.run(*GUARD, state=tmp_path / str(point), fatal=point, number=signal.SIGTERM)
        if "interrupted: whether the deletion is safe now was not read" in cut["err"]:
            break
    assert (cut["code"], connected(azure)) == (5, []), cut
    assert "no-read-permission" in [one["code"] for one in json.loads(cut["out"])["findings"]]


@pytest.mark.sweep
@pytest.mark.parametrize("shard", range(SHARDS))
def test_interrupted_at_every_third_point_and_gone_on(
    world: tuple[Azure, Commands],
    last: int,
    tmp_path: Path,
    shard: int,
    record_property: Callable[[str, object], None],
) -> None:
    azure, commands = world
    mine = range(1 + STRIDE * shard, last - 3, STRIDE * SHARDS)
    for point in mine:
        interrupt_and_go_on(azure, commands, point, tmp_path / str(point))
    record_property("points", len(mine))


class Sweep:
    """One guard with one fault, and the promises checked afterwards."""

    def __init__(
        self, azure: Azure, remediate: Callable[..., Ran], patience: Callable[[float], None]
    ) -> None:
        self.azure = azure
        self._remediate = remediate
        self._patience = patience

    def requests(self) -> list[Asked]:
        """What a guard asks of ARM when nothing goes wrong."""
        self.azure.reset()
        assert self._remediate(*GUARD).code == 0
        return asked(self.azure.log)

    def meet(self, fault: dict[str, Any], *, nth: int, method: str = ".*", path: str = ARM) -> None:
        self.azure.reset()
        self.azure.fault({"match": {"path": path, "nth": nth, "method": method}, "times": 1, **fault})
        self._patience(READ_TIMEOUT)
        ran = self._remediate(*GUARD)
        self.azure.fault()
        self._patience(LONG_ENOUGH)
        if ran.code == 0:
            check_safe(self.azure)
        elif ran.code == 5 and any(one["resume"] for one in ran.document["runs"]):
            assert self._remediate("resume", *QUICK).code == 0
        elif ran.code in (1, 2, 4):
            assert connected(self.azure) == list(HOLDERS), ran.out
        again = self._remediate(*GUARD)
        assert again.code == 0, again.out
        check_safe(self.azure)
        check_not_reconnected(self.azure.log)
        check_no_blind_repetition(self.azure.log)


@pytest.fixture
def sweep(
    azure: Callable[..., Azure], remediate: Callable[..., Ran], monkeypatch: pytest.MonkeyPatch
) -> Sweep:
    def patience(seconds: float) -> None:
        monkeypatch.setattr(transport, "READ_TIMEOUT", seconds)

    return Sweep(azure(SCENARIO), remediate, patience)


@pytest.mark.parametrize(("fault", "match"), SAMPLE)
def test_some_requests_meet_some_faults(sweep: Sweep, fault: str, match: dict[str, Any]) -> None:
    sweep.meet(FAULTS[fault], **match)


@pytest.mark.sweep
@pytest.mark.parametrize("fault", FAULTS)
def test_every_kind_of_request_meets_each_fault(
    sweep: Sweep, fault: str, record_property: Callable[[str, object], None]
) -> None:
    points = in_turn(fault, sweep.requests())
    for match in points:
        sweep.meet(FAULTS[fault], **match)
    record_property("points", len(points))
