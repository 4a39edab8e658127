"""Every read of every command meets every answer that hides something: no verdict becomes better by it.

Each read meets some of the answers, in turns that differ from read to read and from world to world, so that
every kind of read meets every answer somewhere.
"""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from functools import cache
from pathlib import Path
from typing import Any

import pytest

from remediate.sandbox.server import Sandbox
from tests.conftest import APP, GROUP, PLAN, SUBNET, Azure, Ran
from tests.faults.invariants import check_no_blind_repetition, link, sites
from tests.faults.test_sweep import ALONE, GUARD, PURGE, Job
from tests.faults.unseen import (
    ANSWERS,
    Read,
    check_no_better,
    check_nothing_concluded,
    first_of_each,
    hide,
    in_turn,
    reads_of,
)
from tests.run.test_faults import CONFIG, DENIED, SITE, rule
from tests.sampled import in_sweep

QUICK = ("--yes", "-o", "json", "--poll-interval", "0.02", "--timeout", "1")
LOOKS: dict[str, tuple[str, ...]] = {
    "verify": ("verify", APP),
    "verify --subnet": ("verify", APP, "--subnet", SUBNET),
    "reconnect": ("reconnect", APP, "--dry-run"),
    "reconnect --scope link": ("reconnect", APP, "--scope", "link", "--dry-run"),
    "reconnect --subnet": ("reconnect", APP, "--subnet", SUBNET, "--dry-run"),
    "purge": ("purge", SUBNET, "--dry-run"),
    "guard app": ("guard", APP),
    "guard plan": ("guard", PLAN),
    "guard subnet": ("guard", SUBNET),
    "guard network": ("guard", SUBNET.partition("/subnets/")[0]),
    "guard group": ("guard", GROUP.removesuffix("/providers")),
    "guard --disconnect": ("guard", PLAN, "--disconnect", "--dry-run"),
    "watch": ("watch", APP, "--once"),
}
"""Commands that change nothing."""
WORLDS = ("healthy", "link-orphaned", "link-unused", "multi-plan-subnet", "subnet-missing")
SAMPLE = [("guard app", "healthy"), ("purge", "healthy"), ("verify", "link-unused")]
"""Commands and worlds in which the verdict would be better if what is hidden were gone."""
EACH = 1
"""How many answers a read meets in one world."""
JOBS = {"reconnect": ALONE, "purge": PURGE, "guard": GUARD}


@pytest.fixture(scope="module")
def worlds() -> Iterator[Callable[[str], Azure]]:
    """Each scenario once."""
    with ExitStack() as stack:
        yield cache(lambda scenario: Azure(stack.enter_context(Sandbox(scenario, speed=1000))))


@pytest.fixture
def world(worlds: Callable[[str], Azure], monkeypatch: pytest.MonkeyPatch) -> Callable[[str], Azure]:
    """One of them as it begins, and this process pointed at it."""

    def begin(scenario: str) -> Azure:
        azure = worlds(scenario)
        azure.reset()
        azure.fault()
        for name, value in azure.environment.items():
            monkeypatch.setenv(name, value)
        return azure

    return begin


def look(azure: Azure, remediate: Callable[..., Ran], words: tuple[str, ...], begin: int, each: int) -> int:
    """Let the reads of a command that changes nothing meet their answers; return how many there were."""
    undisturbed, tried = remediate(*words, "-o", "json"), 0
    reads = [one for one in reads_of(azure.log) if one.nth == 1]
    for answer, read in in_turn(reads, begin, each):
        hide(azure, answer, read)
        check_no_better(undisturbed, remediate(*words, "-o", "json"))
        tried += 1
    assert azure.writes == []
    return tried


def test_every_read_meets_as_many_answers_as_it_should() -> None:
    reads = reads_of([{"method": "GET", "path": f"/subscriptions/{n}", "mutating": False} for n in range(9)])
    met = list(in_turn(reads, 3, 2))
    assert (len(met), {name for name, _ in met}) == (18, set(ANSWERS))
    assert {read for _, read in met} == set(reads)


@pytest.mark.parametrize(("command", "scenario"), [*in_sweep(*SAMPLE[:2]), *SAMPLE[2:]])
def test_no_verdict_becomes_better_by_one_answer_to_each_read(
    world: Callable[[str], Azure], remediate: Callable[..., Ran], command: str, scenario: str
) -> None:
    look(world(scenario), remediate, LOOKS[command], SAMPLE.index((command, scenario)), 1)


@pytest.mark.parametrize("answer", ANSWERS)
def test_an_app_of_which_no_list_could_be_read_is_not_called_missing(
    world: Callable[[str], Azure], remediate: Callable[..., Ran], answer: str
) -> None:
    azure, lists = world("healthy"), ("ResourceGraph/resources$", "^/subscriptions/[^/]+/resources$")
    azure.fault(*({"match": {"path": path}, "times": 0, **ANSWERS[answer]} for path in lists))
    ran = remediate("verify", "orders-func", "-o", "json")
    assert ran.code == 1
    assert ran.document["code"] != "not-found"
    assert "is called" not in ran.err


@pytest.mark.sweep
@pytest.mark.parametrize("scenario", WORLDS)
@pytest.mark.parametrize("command", LOOKS)
def test_no_verdict_becomes_better_by_what_is_hidden(
    world: Callable[[str], Azure],
    remediate: Callable[..., Ran],
    record_property: Callable[[str, object], None],
    scenario: str,
    command: str,
) -> None:
    begin = WORLDS.index(scenario) + 3 * list(LOOKS).index(command)
    record_property("points", look(world(scenario), remediate, LOOKS[command], begin, EACH))


def run_of(ran: Ran) -> dict[str, Any]:
    """The run's document; that of a guard holds it, or holds none."""
    document: dict[str, Any] = ran.document
    return (document["runs"] or [{}])[0] if document["schema"] == "remediate.guard/1" else document


def check_untouched(azure: Azure, before: dict[str, dict[str, Any]]) -> None:
    """Every app is where it was; a trial may have given it a new time of its last change."""
    now = sites(azure, tuple(before))
    for app, properties in before.items():
        for name in ("virtualNetworkSubnetId", "outboundVnetRouting"):
            assert now[app][name] == properties[name], app


def change(azure: Azure, remediate: Callable[..., Ran], job: Job, name: str, read: Read) -> None:
    """Hide something from one read of a run on: nothing is concluded, and no app is worse off in the end."""
    azure.fault()
    azure.reset()
    before = sites(azure, job.apps)
    hide(azure, name, read)
    ran = remediate(*job.command, *QUICK)
    log = azure.log
    azure.fault()
    check_nothing_concluded(ran)
    check_no_blind_repetition(log)
    run = run_of(ran)
    if run.get("resume"):
        ran = remediate("resume", *QUICK)
        assert ran.code == 0, ran.out
        run = run_of(ran)
    if run.get("status") == "succeeded":
        job.check(azure, before)
    elif ran.code != 5:
        assert ran.code in (1, 3, 4), ran.out
        check_untouched(azure, before)
        assert link(azure) == job.link


def reads_of_run(azure: Azure, remediate: Callable[..., Ran], job: Job) -> list[Read]:
    """The reads of a run when nothing goes wrong; of equal ones between two writes only the first."""
    assert remediate(*job.command, *QUICK).code == 0
    return first_of_each(azure.log)


@pytest.mark.parametrize("name", ["purge", *in_sweep("reconnect", "guard")])
def test_what_is_hidden_from_some_reads_of_a_run(
    world: Callable[[str], Azure], remediate: Callable[..., Ran], name: str
) -> None:
    job = JOBS[name]
    azure = world(job.scenario)
    reads = reads_of_run(azure, remediate, job)
    for at in range(3):
        read = reads[(at + 1) * len(reads) // 4]
        change(azure, remediate, job, list(ANSWERS)[at], read)


@pytest.mark.sweep
@pytest.mark.parametrize("shard", range(2))
@pytest.mark.parametrize("name", JOBS)
def test_what_is_hidden_from_each_read_of_a_run(
    world: Callable[[str], Azure],
    remediate: Callable[..., Ran],
    record_property: Callable[[str, object], None],
    name: str,
    shard: int,
) -> None:
    job = JOBS[name]
    azure = world(job.scenario)
    points = list(in_turn(reads_of_run(azure, remediate, job), list(JOBS).index(name), 1))[shard::2]
    for answer, read in points:
        change(azure, remediate, job, answer, read)
    record_property("points", len(points))


@pytest.fixture
def cut_off(
    world: Callable[[str], Azure],
    remediate: Callable[..., Ran],
    monkeypatch: pytest.MonkeyPatch,
    tmp_path: Path,
) -> Callable[[], Azure]:
    """A world with an app that a run disconnected and could not connect again; each call begins it anew."""
    kept, number = tmp_path / "kept", iter(range(10_000))
    azure = world("healthy")
    monkeypatch.setenv("REMEDIATE_STATE", str(kept))
    # The first PATCH is the trial, which Azure takes.
    azure.fault(
        rule("PATCH", SITE, nth=2, times=0, answer=DENIED), rule("PUT", CONFIG, times=0, answer=DENIED)
    )
    assert remediate("reconnect", APP, *QUICK).code == 5

    def again() -> Azure:
        azure.fault()
        azure.reset()
        azure.ask("DELETE", f"{APP}/networkConfig/virtualNetwork?api-version=2025-05-01").raise_for_status()
        state = tmp_path / f"state-{next(number)}"
        shutil.copytree(kept, state)
        monkeypatch.setenv("REMEDIATE_STATE", str(state))
        return azure

    return again


def finish(
    cut_off: Callable[[], Azure], remediate: Callable[..., Ran], verb: str, points: list[tuple[str, Read]]
) -> None:
    """Hide something from the reads of a resume or rollback; without that, a second one connects the app."""
    for name, read in points:
        azure = cut_off()
        run = remediate("runs", "list", "-o", "json").document["runs"][0]["run"]
        hide(azure, name, read)
        ran = remediate(verb, run, *QUICK)
        azure.fault()
        check_nothing_concluded(ran)
        assert remediate("resume", run, *QUICK).code == 0
        assert [one["virtualNetworkSubnetId"] for one in sites(azure, (APP,)).values()] == [SUBNET]


def reads_of_finish(cut_off: Callable[[], Azure], remediate: Callable[..., Ran], verb: str) -> list[Read]:
    azure = cut_off()
    run = remediate("runs", "list", "-o", "json").document["runs"][0]["run"]
    before = len(azure.log)
    assert remediate(verb, run, *QUICK).code == 0
    return first_of_each(azure.log[before:])


@pytest.mark.parametrize("verb", ["resume", "rollback"])
def test_what_is_hidden_while_a_run_is_finished(
    cut_off: Callable[[], Azure], remediate: Callable[..., Ran], verb: str
) -> None:
    reads = reads_of_finish(cut_off, remediate, verb)
    finish(cut_off, remediate, verb, list(in_turn(reads[:2], 0, 1)))


@pytest.mark.sweep
@pytest.mark.parametrize("verb", ["resume", "rollback"])
def test_what_is_hidden_from_each_read_while_a_run_is_finished(
    cut_off: Callable[[], Azure],
    remediate: Callable[..., Ran],
    record_property: Callable[[str, object], None],
    verb: str,
) -> None:
    points = list(in_turn(reads_of_finish(cut_off, remediate, verb), 0, 1))
    finish(cut_off, remediate, verb, points)
    record_property("points", len(points))


def test_a_difference_that_is_hidden_makes_no_snapshot_the_same(
    world: Callable[[str], Azure], remediate: Callable[..., Ran]
) -> None:
    world("healthy")
    assert remediate("snapshot", "save", APP, "--label", "before").code == 0
    azure = world("link-missing")
    words = ("snapshot", "diff", "before", "live", "--target", APP, "-o", "json")
    undisturbed = remediate(*words)
    assert undisturbed.code == 3
    reads = [one for one in reads_of(azure.log) if one.nth == 1]
    for answer, read in in_turn(reads, 0, 1):
        hide(azure, answer, read)
        ran = remediate(*words)
        assert ran.code in (1, 3), ran
        assert not [one for one in ran.document.get("changes", ()) if one["after"] == "absent"]
