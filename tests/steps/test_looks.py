"""What each kind of step that looks waits for, keeps and says, given what Azure shows."""

from __future__ import annotations

from typing import Any

import pytest
from msgspec.structs import replace

from remediate.model import (
    Endpoint,
    Probe,
    Routing,
    Step,
    Worker,
    World,
)
from remediate.steps import SETTLE, StepFailed
from remediate.steps.disconnect import LINK_GONE
from remediate.steps.probe import ADDRESSED, FRESH
from remediate.steps.purge import PURGE as PURGE_LIMIT
from remediate.steps.purge import PURGE_AGAIN
from remediate.steps.reconnect import LINK_READY
from tests.checks.worlds import ELSEWHERE, NEIGHBOUR, OTHER_PLAN, PLAN, SUBNET, TARGET, case, link
from tests.run.test_checked import LEAVE
from tests.run.test_remaining import REBUILD
from tests.run.test_run_state import PURGE
from tests.steps.executions import (
    HEALTHY,
    Execution,
    at,
    carry_out,
    failure,
)

ROUTED = Routing(all_traffic=False, content_share_traffic=True)


@pytest.mark.parametrize(
    ("after", "told"),
    [
        ([{}], []),
        ([{"routing": Routing()}, {}], []),
        (
            [{"routing": replace(ROUTED, all_traffic=True)}],
            ["outboundVnetRouting.allTraffic was false, is true"],
        ),
        ([{"dns": {"dnsServers": ["10.0.0.4"]}}], ["dnsConfiguration was "]),
        (
            [{"routing": Routing(content_share_traffic=True), "dns": {"a": 1}}],
            ["outboundVnetRouting.allTraffic was false, is null", "dnsConfiguration was "],
        ),
        ([failure("broken", 503)], ["its routing could not be read"]),
    ],
)
def test_each_setting_that_is_not_as_it_was_is_told(after: list[Any], told: list[str]) -> None:
    before = replace(REBUILD.apps[0], routing=ROUTED)
    there = Execution(replace(REBUILD, apps=(before, REBUILD.apps[1])))
    there.reader.apps[TARGET] = [
        one if isinstance(one, Exception) else replace(before, **one) for one in after
    ]
    step = at(REBUILD, "check-routing")
    if not told:
        carry_out(step, there)
        assert there.seen.routing == {TARGET: ROUTED, NEIGHBOUR: REBUILD.apps[1].routing}
    else:
        with pytest.raises(StepFailed) as raised:
            carry_out(step, there)
        lines = str(raised.value).split("; orders: ")
        assert len(lines) == len(told)
        assert all(part in line for part, line in zip(told, lines, strict=True))
        assert ("set it back with: `az resource update --ids" in lines[0]) is (
            "could not be read" not in told[0]
        )
    assert there.waiter.timeouts == [SETTLE, SETTLE]
    carry_out(replace(step, timeout=7.0), quick := Execution(REBUILD))
    assert quick.waiter.timeouts == [7.0, 7.0]


@pytest.mark.parametrize("settles", [True, False])
@pytest.mark.parametrize(
    ("places", "told", "statuses"),
    [
        ((None, None), "", ("disconnected", "disconnected")),
        ((ELSEWHERE, None), "", ("disconnected", "disconnected")),
        ((SUBNET.upper(), None), "orders is still connected", ("unknown", "disconnected")),
        ((failure("absent", 404), None), "", ("disconnected", "disconnected")),
        (
            (failure("broken", 503), None),
            "where orders is could not be read",
            ("unknown", "disconnected"),
        ),
        ((SUBNET, SUBNET), "orders is still connected; billing is still connected", ("unknown", "unknown")),
    ],
)
def test_the_last_look_at_a_subnet_says_where_each_app_is(
    places: tuple[Any, Any], told: str, statuses: tuple[str, str], settles: bool
) -> None:
    there = Execution(LEAVE, settles=settles)
    there.reader.worlds = case(links=()).world
    there.reader.places = dict(zip((TARGET, NEIGHBOUR), places, strict=True))
    for outcome in there.state.outcomes.values():
        outcome.status = "unknown"
    if told:
        with pytest.raises(StepFailed) as raised:
            carry_out(at(LEAVE, "verify"), there)
        assert str(raised.value) == told
    else:
        carry_out(at(LEAVE, "verify"), there)
    assert tuple(there.state.outcomes[one].status for one in (TARGET, NEIGHBOUR)) == statuses
    assert there.waits == ([("Azure's answers to agree", SETTLE)] if settles else [])


def test_the_last_look_at_a_subnet_says_which_link_remains_and_whether_it_was_read() -> None:
    there = Execution(LEAVE, settles=False)
    there.reader.places = dict.fromkeys(there.reader.places)
    there.reader.worlds = case(links=(link(PLAN),)).world
    with pytest.raises(StepFailed, match=r"^the link still names plan-shop$"):
        carry_out(at(LEAVE, "verify"), there)
    there.reader.worlds = World()
    with pytest.raises(StepFailed, match="could not read snet-web"):
        carry_out(at(LEAVE, "verify"), there)


@pytest.mark.parametrize(
    ("world", "status", "told"),
    [
        (case(links=()).world, "purged", ""),
        (case(links=(link(OTHER_PLAN),)).world, "unknown", "the link still names plan-other"),
        (World(), "unknown", "could not read snet-web"),
    ],
)
def test_the_last_look_of_a_purge_is_at_the_link_alone(world: World, status: str, told: str) -> None:
    there = Execution(PURGE)
    there.reader.worlds = world
    there.state.outcomes[SUBNET].status = "unknown"
    if told:
        with pytest.raises(StepFailed, match=f"^{told}$"):
            carry_out(at(PURGE, "verify"), there)
    else:
        carry_out(at(PURGE, "verify"), there)
    assert there.state.outcomes[SUBNET].status == status


LINK_MISSING = case(links=()).world


@pytest.mark.parametrize(
    ("worlds", "settles", "told"),
    [
        ([HEALTHY], True, ""),
        ([HEALTHY], False, ""),
        ([LINK_MISSING, HEALTHY], True, ""),
        ([LINK_MISSING, HEALTHY], False, "link"),
        ([LINK_MISSING], True, "answers to agree"),
    ],
)
def test_the_last_look_at_an_app_waits_until_nothing_is_wrong_where_there_is_time(
    worlds: list[World], settles: bool, told: str
) -> None:
    there = Execution(REBUILD, settles=settles)
    there.reader.worlds = list(worlds)
    if told:
        with pytest.raises(StepFailed, match=told):
            carry_out(at(REBUILD, "verify"), there)
    else:
        carry_out(at(REBUILD, "verify"), there)
        assert there.seen.world == HEALTHY
    assert there.waits == ([("Azure's answers to agree", SETTLE)] if settles else [])


def probe(*workers: Worker) -> Probe:
    return Probe(TARGET, "db", 1433, "tcpping", workers)


FINE = probe(Worker("a", True, "10.0.0.4", True))
BARE = probe(Worker("a", False, None, True))
LOST = probe(Worker("a", True, "10.0.0.5", False))
SILENT = probe(Worker("a", True, "10.0.0.5", None))
PROBING = Step(11, "probe", TARGET.upper(), "Trying", probe=Endpoint("db", 1433))


@pytest.mark.parametrize(
    ("back", "seen", "waits", "good"),
    [
        (None, [FINE], [], True),
        (None, [LOST], [], False),
        (0.0, [FINE], [ADDRESSED], True),
        (0.0, [BARE, FINE], [ADDRESSED], True),
        (0.0, [BARE, LOST, LOST, FINE], [ADDRESSED, SETTLE], True),
        (0.0, [SILENT, SILENT, LOST, LOST], [ADDRESSED, SETTLE], False),
        (0.0, [BARE], [ADDRESSED, SETTLE], False),
        (0.1 - FRESH, [FINE], [ADDRESSED], True),
        (-FRESH, [FINE], [], True),
    ],
)
def test_workers_get_time_right_after_a_connect(
    back: float | None, seen: list[Probe], waits: list[float], good: bool
) -> None:
    there = Execution(REBUILD)
    there.reader.probes = list(seen)
    step = replace(PROBING, target=TARGET)
    if back is not None:
        there.seen.reconnected[TARGET] = back
    if good:
        carry_out(step, there)
    else:
        with pytest.raises(StepFailed):
            carry_out(step, there)
    assert [limit for _, limit in there.waits] == waits
    assert there.seen.probes[11].good is good


def test_a_probe_needs_a_host_and_a_port_and_asks_the_app_of_its_step() -> None:
    there = Execution(REBUILD)
    there.reader.probes = [FINE]
    carry_out(PROBING, there)
    with pytest.raises(StepFailed, match="names no host and port"):
        carry_out(replace(PROBING, probe=None), there)


def test_each_wait_has_the_limit_that_azures_own_times_ask_for() -> None:
    """Azure names 10 to 15 minutes for a link, and minutes for a purge (see each constant)."""
    assert (LINK_GONE, LINK_READY) == (900.0, 900.0)
    assert (PURGE_LIMIT, PURGE_AGAIN) == (600.0, 30.0)
    assert (SETTLE, ADDRESSED, FRESH) == (60.0, 600.0, 300.0)
