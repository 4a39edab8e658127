"""Whatever becomes of each single line of a journal on shared state, no app is left without its network.

A machine is killed at the points at which tests/faults/test_crashes.py kills one.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Literal

import pytest

from remediate.run.journal import read
from remediate.sandbox.server import Sandbox
from remediate.state import lease as leases
from remediate.state import service
from tests.azurite.proxy import APPEND, Fate, Proxy, Seen
from tests.azurite.server import Azurite, Container, connection_string
from tests.conftest import SUBNET, Azure, Ran
from tests.faults.crashing import Commands
from tests.faults.invariants import check_no_blind_repetition, check_whole, sites
from tests.faults.test_crashes import AMONG_READS, KILLED
from tests.state.test_store import blob_store

Mishap = Literal["lost", "twice", "cut", "gone", "broken"]
"""An answer is lost, a line arrives twice, a line does not arrive, the store is gone, the lock is broken."""
MISHAPS: dict[Mishap, int] = {"lost": 5, "twice": 9, "cut": 14, "gone": 12, "broken": 6}
"""Each with the line at which the quick sample has it happen."""
PASSING = ("lost", "twice", "cut")
SAMPLE = ("gone", "cut")
"""One of each kind: the store goes away for good, and a write that passes at the second try."""
QUICK = ("--yes", "-o", "json", "--poll-interval", "0.02", "--timeout", "3")
RUN = ("reconnect", "orders-func", "--scope", "link", *QUICK)
SHARDS = 4


@pytest.fixture
def four(azure: Callable[..., Azure], monkeypatch: pytest.MonkeyPatch) -> Azure:
    monkeypatch.setattr(leases, "CONFIRMED_FOR", -1.0)
    monkeypatch.setattr(service, "CALL_LIMIT", 0.5)
    return azure("shared-link")


def arrange(proxy: Proxy, container: Container, mishap: Mishap, number: int) -> None:
    """Something happens at the n-th line that is kept from now on."""
    appends = [0]

    def decide(one: Seen) -> Fate:
        appends[0] += one.comp == APPEND
        if mishap == "gone":
            return "cut" if appends[0] >= number else "pass"
        if one.comp != APPEND or appends[0] != number:
            return "pass"
        if mishap == "broken":
            container.break_leases()
            return "pass"
        return mishap

    proxy.fate = decide


def try_point(
    remediate: Callable[..., Ran],
    azure: Azure,
    proxy: Proxy,
    container: Container,
    mishap: Mishap,
    number: int,
) -> None:
    """One run with one mishap, and a look at every promise; then whatever is open is resumed."""
    azure.reset()
    before = sites(azure)
    arrange(proxy, container, mishap, number)
    ran = remediate(*RUN)
    proxy.fate = lambda _: "pass"
    point = mishap, number, ran.err
    assert ran.code in ((0,) if mishap in PASSING else (0, 1, 4, 5)), point
    assert subnets(azure) == {SUBNET}, point
    disconnected = any(method == "DELETE" for method, _ in azure.sent)  # a trial changes nothing
    assert (ran.code in (1, 4)) == (not disconnected), point
    check_no_blind_repetition(azure.log)
    check_journals(container, complete=mishap in PASSING)
    if ran.code == 0:
        check_whole(azure, before)
    container.break_leases()
    resumed = remediate("resume", *QUICK)
    assert resumed.code in (0, 2, 5), (*point, resumed.err)
    if resumed.code == 5:  # the link was not rebuilt, and the run is settled
        assert resumed.document["resume"] is None, resumed.out
        assert "Start a new run" in resumed.document["message"], resumed.out
    assert subnets(azure) == {SUBNET}, (*point, resumed.err)
    container.empty()


def subnets(azure: Azure) -> set[str | None]:
    return {one["virtualNetworkSubnetId"] for one in sites(azure).values()}


def check_journals(container: Container, *, complete: bool) -> None:
    """Each line is there once, and makes a run."""
    for name, lines in container.journals().items():
        assert len(lines) == len(set(lines))
        if lines:
            record = read(blob_store(), name.split("/")[1])
            assert record.finished or not complete


def appends_of_a_run(remediate: Callable[..., Ran], azure: Azure, proxy: Proxy, container: Container) -> int:
    azure.reset()
    before = proxy.count(APPEND)
    assert remediate(*RUN).code == 0
    container.empty()
    return proxy.count(APPEND) - before


@pytest.mark.parametrize("mishap", SAMPLE)
def test_a_mishap_at_one_line(
    remediate: Callable[..., Ran], four: Azure, proxy: Proxy, container: Container, mishap: Mishap
) -> None:
    try_point(remediate, four, proxy, container, mishap, MISHAPS[mishap])


@pytest.mark.sweep
@pytest.mark.parametrize("shard", range(SHARDS))
@pytest.mark.parametrize("mishap", MISHAPS)
def test_a_mishap_at_every_line(
    remediate: Callable[..., Ran],
    four: Azure,
    proxy: Proxy,
    container: Container,
    mishap: Mishap,
    shard: int,
    record_property: Callable[[str, object], None],
) -> None:
    last = appends_of_a_run(remediate, four, proxy, container)
    mine = range(1 + shard, last + 1, SHARDS)
    for number in mine:
        try_point(remediate, four, proxy, container, mishap, number)
    record_property("points", len(mine))


def crash_and_resume(commands: Commands, azure: Azure, container: Container, fatal: int) -> None:
    """One machine is killed at a point; once its lock has lapsed another resumes."""
    azure.reset()
    before = sites(azure)
    where = container.url
    killed = commands.run(*RUN, state=where, fatal=fatal, every=AMONG_READS)
    assert killed["code"] == KILLED, killed
    touched = bool(azure.writes)
    container.break_leases()
    resumed = commands.run("resume", *QUICK, state=where)
    if not touched and resumed["code"] == 2:
        assert azure.writes == []  # no write was announced
    else:
        assert resumed["code"] == 0, resumed["err"]
        check_whole(azure, before)
    check_no_blind_repetition(azure.log)
    check_journals(container, complete=False)
    container.empty()


@pytest.fixture
def machines(azurite: Azurite, container: Container) -> Any:
    with Sandbox("shared-link", speed=1000) as sandbox:
        given = {"AZURE_STORAGE_CONNECTION_STRING": connection_string(azurite.port)}
        yield Azure(sandbox), Commands({**sandbox.environment, **given})


def points_of(commands: Commands, azure: Azure, container: Container) -> int:
    azure.reset()
    counted = commands.run(*RUN, state=container.url, every=AMONG_READS)
    assert counted["code"] == 0, counted
    container.empty()
    return int(counted["points"])


def test_killed_at_one_point_and_resumed_by_another_machine(
    machines: tuple[Azure, Commands], container: Container
) -> None:
    azure, commands = machines
    last = points_of(commands, azure, container)
    crash_and_resume(commands, azure, container, round(last * 0.6))


@pytest.mark.sweep
@pytest.mark.parametrize("shard", range(SHARDS))
def test_killed_at_every_point_and_resumed_by_another_machine(
    machines: tuple[Azure, Commands],
    container: Container,
    shard: int,
    record_property: Callable[[str, object], None],
) -> None:
    azure, commands = machines
    last = points_of(commands, azure, container)
    mine = range(1 + shard, last - 3, SHARDS)
    for fatal in mine:
        crash_and_resume(commands, azure, container, fatal)
    record_property("points", len(mine))
