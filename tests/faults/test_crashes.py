"""The process is killed at every single point of a run, and `resume` makes it whole."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from remediate.sandbox.server import Sandbox
from tests.conftest import Azure
from tests.faults.invariants import check_no_blind_repetition, check_whole, sites

QUICK = ("--yes", "-o", "json", "--poll-interval", "0.02", "--timeout", "3")
RUN = ("reconnect", "orders-func", "--scope", "link", *QUICK)
KILLED = -9
SHARDS = 8
SAMPLE = 8


class Commands:
    """The command line in processes of its own, which can be killed at a point."""

    def __init__(self, environment: dict[str, str]) -> None:
        self._environment = environment
        self._server = subprocess.Popen(
            [sys.executable, "-m", "tests.faults.crashing"],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )

    def run(self, *arguments: str, state: Path, fatal: int = 0) -> dict[str, Any]:
        environment = {**self._environment, "REMEDIATE_STATE": str(state), "NO_PROXY": "localhost"}
        order = {"fatal": fatal, "environment": environment, "arguments": arguments}
        assert self._server.stdin is not None
        assert self._server.stdout is not None
        self._server.stdin.write(json.dumps(order) + "\n")
        self._server.stdin.flush()
        answer: dict[str, Any] = json.loads(self._server.stdout.readline())
        return answer

    def close(self) -> None:
        self._server.communicate(timeout=30)


@pytest.fixture(scope="module")
def world() -> Iterator[tuple[Azure, Commands]]:
    with Sandbox("shared-link", speed=1000) as sandbox:
        commands = Commands(sandbox.environment)
        yield Azure(sandbox), commands
        commands.close()


def crash_and_resume(azure: Azure, commands: Commands, fatal: int, state: Path) -> dict[str, Any]:
    """Kill a run at a point, resume it, and check that everything holds."""
    azure.reset()
    before = sites(azure)
    killed = commands.run(*RUN, state=state, fatal=fatal)
    assert killed["code"] == KILLED, killed
    touched = bool(azure.writes)
    resumed = commands.run("resume", *QUICK, state=state)
    if not touched and resumed["code"] == 2:
        assert "no run is unfinished" in resumed["out"]
        assert azure.writes == []
    else:
        assert resumed["code"] == 0, resumed
        assert json.loads(resumed["out"])["status"] == "succeeded"
        check_whole(azure, before)
    check_no_blind_repetition(azure.log)
    return resumed


@pytest.fixture(scope="module")
def last(world: tuple[Azure, Commands], tmp_path_factory: pytest.TempPathFactory) -> int:
    """How many points a run passes that is not killed."""
    azure, commands = world
    azure.reset()
    counted = commands.run(*RUN, state=tmp_path_factory.mktemp("count"))
    assert counted["code"] == 0, counted
    return int(counted["points"])


def test_a_run_that_is_not_killed_passes_many_points(last: int) -> None:
    assert last > 150


def test_killed_at_some_points_and_resumed(world: tuple[Azure, Commands], last: int, tmp_path: Path) -> None:
    azure, commands = world
    for number in range(SAMPLE):
        fatal = 1 + number * (last - 1) // (SAMPLE - 1)
        crash_and_resume(azure, commands, min(fatal, last - 4), tmp_path / str(number))


@pytest.mark.sweep
@pytest.mark.parametrize("shard", range(SHARDS))
def test_killed_at_every_point_and_resumed(
    world: tuple[Azure, Commands],
    last: int,
    tmp_path: Path,
    shard: int,
    record_property: Callable[[str, object], None],
) -> None:
    azure, commands = world
    mine = range(1 + shard, last - 3, SHARDS)
    for fatal in mine:
        crash_and_resume(azure, commands, fatal, tmp_path / str(fatal))
    record_property("points", len(mine))


@pytest.mark.sweep
def test_killed_again_while_resuming(
    world: tuple[Azure, Commands], last: int, tmp_path: Path, record_property: Callable[[str, object], None]
) -> None:
    azure, commands = world
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


def test_rolled_back_every_app_is_where_it_was(
    world: tuple[Azure, Commands], last: int, tmp_path: Path
) -> None:
    azure, commands = world
    azure.reset()
    before = sites(azure)
    state = tmp_path / "state"
    assert commands.run(*RUN, state=state, fatal=last // 2)["code"] == KILLED
    run = next((state / "runs").iterdir()).name
    assert any(one["virtualNetworkSubnetId"] is None for one in sites(azure).values())
    back = commands.run("rollback", run, *QUICK, state=state)
    assert (back["code"], json.loads(back["out"])["status"]) == (0, "rolled-back"), back
    now = sites(azure)
    assert {app: one["virtualNetworkSubnetId"] for app, one in now.items()} == {
        app: one["virtualNetworkSubnetId"] for app, one in before.items()
    }


def test_a_new_run_on_a_link_whose_run_was_cut_off_is_refused(
    world: tuple[Azure, Commands], last: int, tmp_path: Path
) -> None:
    azure, commands = world
    azure.reset()
    commands.run(*RUN, state=tmp_path, fatal=last * 4 // 5)
    writes = len(azure.writes)
    again = commands.run(*RUN, state=tmp_path)
    assert again["code"] == 4, again
    assert json.loads(again["out"])["code"] == "unfinished"
    assert "has not ended" in again["err"]
    assert len(azure.writes) == writes
