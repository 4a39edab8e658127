"""The process is killed at every point of a run, and `resume` makes it whole.

At every point around a write or a line of the journal, that is, and among reads, which change nothing, at the
first and at every third one after it.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import pytest

from remediate.sandbox.server import Sandbox
from tests.conftest import PLAN, SUBNET, Azure
from tests.faults.crashing import Commands
from tests.faults.invariants import (
    APPS,
    check_left,
    check_no_blind_repetition,
    check_purged,
    check_whole,
    sites,
)

QUICK = ("--yes", "-o", "json", "--poll-interval", "0.02", "--timeout", "3")
Sites = dict[str, dict[str, Any]]


@dataclass(frozen=True)
class Job:
    """A command that changes something, in its world, and what has to hold once it ended well.

    `sample` is at how many points it is killed where not every one is tried.
    """

    scenario: str
    command: tuple[str, ...]
    check: Callable[[Azure, Sites], None]
    sample: int


JOBS = {
    "reconnect": Job("shared-link", ("reconnect", "orders-func", "--scope", "link"), check_whole, 4),
    "guard": Job("shared-link", ("guard", PLAN, "--disconnect"), check_left, 4),
    "purge": Job("link-orphaned", ("purge", SUBNET), check_purged, 3),
}
RUN = (*JOBS["reconnect"].command, *QUICK)
KILLED = -9
SHARDS = 8
AMONG_READS = 3


@pytest.fixture(scope="module")
def worlds() -> Iterator[Callable[[str], tuple[Azure, Commands]]]:
    """Each scenario once, with a command line that can be killed."""
    with ExitStack() as stack:

        @cache
        def serve(scenario: str) -> tuple[Azure, Commands]:
            sandbox = stack.enter_context(Sandbox(scenario, speed=1000))
            return Azure(sandbox), Commands(sandbox.environment)

        yield serve


@pytest.fixture
def world(worlds: Callable[[str], tuple[Azure, Commands]]) -> tuple[Azure, Commands]:
    return worlds("shared-link")


def crash_and_resume(
    job: Job, azure: Azure, commands: Commands, fatal: int, state: Path, every: int = 1
) -> None:
    """Kill a run at a point, resume it, and check that everything holds."""
    azure.reset()
    before = sites(azure, APPS if job.scenario == "shared-link" else APPS[:1])
    killed = commands.run(*job.command, *QUICK, state=state, fatal=fatal, every=every)
    assert killed["code"] == KILLED, killed
    touched = bool(azure.writes)
    resumed = commands.run("resume", *QUICK, state=state)
    if resumed["code"] == 2:
        assert "no run is unfinished" in resumed["out"]
        assert bool(azure.writes) == touched
    else:
        assert resumed["code"] == 0, resumed
        assert json.loads(resumed["out"])["status"] == "succeeded"
    if touched or resumed["code"] == 0:
        job.check(azure, before)
    check_no_blind_repetition(azure.log)


@pytest.fixture(scope="module")
def points(
    worlds: Callable[[str], tuple[Azure, Commands]], tmp_path_factory: pytest.TempPathFactory
) -> Callable[..., int]:
    """How many points each job passes when nothing goes wrong: counted once."""

    @cache
    def count(name: str, every: int = 1) -> int:
        azure, commands = worlds(JOBS[name].scenario)
        azure.reset()
        state = tmp_path_factory.mktemp("count") / name
        counted = commands.run(*JOBS[name].command, *QUICK, state=state, every=every)
        assert counted["code"] == 0, counted
        return int(counted["points"])

    return count


def test_a_run_that_is_not_killed_passes_many_points(points: Callable[[str], int]) -> None:
    assert points("reconnect") > 150


@pytest.mark.parametrize("name", ["reconnect", "purge"])  # tests/faults/test_guard.py samples the third
def test_killed_at_some_points_and_resumed(
    worlds: Callable[[str], tuple[Azure, Commands]], points: Callable[[str], int], tmp_path: Path, name: str
) -> None:
    job = JOBS[name]
    azure, commands = worlds(job.scenario)
    last = points(name)
    for number in range(job.sample):
        fatal = 1 + number * (last - 1) // (job.sample - 1)
        crash_and_resume(job, azure, commands, min(fatal, last - 4), tmp_path / str(number))


@pytest.mark.sweep
@pytest.mark.parametrize("name", JOBS)
@pytest.mark.parametrize("shard", range(SHARDS))
def test_killed_at_every_point_and_resumed(
    worlds: Callable[[str], tuple[Azure, Commands]],
    points: Callable[..., int],
    tmp_path: Path,
    shard: int,
    name: str,
    record_property: Callable[[str, object], None],
) -> None:
    job = JOBS[name]
    azure, commands = worlds(job.scenario)
    last = points(name, AMONG_READS)
    mine = range(1 + shard, last - 3, SHARDS)
    for fatal in mine:
        crash_and_resume(job, azure, commands, fatal, tmp_path / str(fatal), AMONG_READS)
    record_property("points", len(mine))


@pytest.mark.sweep
def test_killed_again_while_resuming(
    world: tuple[Azure, Commands],
    points: Callable[[str], int],
    tmp_path: Path,
    record_property: Callable[[str, object], None],
) -> None:
    azure, commands = world
    last = points("reconnect")
    tried = 0
    for fatal in range(last // 3, last - 8, 9):
        azure.reset()
        before = sites(azure)
        state = tmp_path / str(fatal)
        assert commands.run(*RUN, state=state, fatal=fatal)["code"] == KILLED
        if not azure.writes:
            continue
        commands.run("resume", *QUICK, state=state, fatal=20 + fatal % 40)
        resumed = commands.run("resume", *QUICK, state=state)
        assert resumed["code"] in (0, 2), resumed
        check_whole(azure, before)
        check_no_blind_repetition(azure.log)
        tried += 1
    record_property("points", tried)


def killed_with_an_app_away(azure: Azure, commands: Commands, last: int, folder: Path) -> Path:
    """The state of a run that was killed late, while an app was disconnected."""
    for fatal in range(last * 3 // 4, last, last // 20):
        azure.reset()
        state = folder / str(fatal)
        assert commands.run(*RUN, state=state, fatal=fatal)["code"] == KILLED
        if any(one["virtualNetworkSubnetId"] is None for one in sites(azure).values()):
            return state
    raise AssertionError("no app was away at any of the points")


def test_rolled_back_every_app_is_where_it_was(
    world: tuple[Azure, Commands], points: Callable[[str], int], tmp_path: Path
) -> None:
    azure, commands = world
    last = points("reconnect")
    azure.reset()
    before = sites(azure)
    state = killed_with_an_app_away(azure, commands, last, tmp_path)
    run = next((state / "runs").iterdir()).name
    back = commands.run("rollback", run, *QUICK, state=state)
    assert (back["code"], json.loads(back["out"])["status"]) == (0, "rolled-back"), back
    now = sites(azure)
    assert {app: one["virtualNetworkSubnetId"] for app, one in now.items()} == {
        app: one["virtualNetworkSubnetId"] for app, one in before.items()
    }


def test_a_new_run_on_a_link_whose_run_was_cut_off_is_refused(
    world: tuple[Azure, Commands], points: Callable[[str], int], tmp_path: Path
) -> None:
    azure, commands = world
    last = points("reconnect")
    azure.reset()
    commands.run(*RUN, state=tmp_path, fatal=last * 4 // 5)
    writes = len(azure.writes)
    again = commands.run(*RUN, state=tmp_path)
    assert again["code"] == 4, again
    assert json.loads(again["out"])["code"] == "unfinished"
    assert "has not ended" in again["err"]
    assert len(azure.writes) == writes
