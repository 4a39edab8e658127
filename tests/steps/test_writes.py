"""What each kind of step that writes sends, waits for and keeps, given what Azure shows."""

from __future__ import annotations

import pytest
from msgspec.structs import replace

from remediate.errors import StateChanged, StoreError
from remediate.model import (
    Delegation,
    Link,
    Plan,
    Request,
    Step,
    Subnet,
)
from remediate.model.failure import Kind, NotSent, OutcomeUnknown, RequestFailed
from remediate.steps import SETTLE, StepFailed
from remediate.steps.disconnect import LINK_GONE
from remediate.steps.purge import LinkRemains
from remediate.steps.reconnect import LINK_READY
from tests.checks.worlds import ELSEWHERE, NEIGHBOUR, OTHER_PLAN, PLAN, SUBNET, TARGET, link
from tests.run.test_checked import DELEGATE, LEAVE
from tests.run.test_remaining import REBUILD
from tests.run.test_run_state import PURGE
from tests.steps.executions import (
    BACK,
    EFFECT,
    GONE,
    OUT,
    READY,
    Execution,
    Waiting,
    at,
    carry_out,
    failure,
    subnet,
)


def test_before_a_change_a_token_is_fetched_and_azure_is_looked_at() -> None:
    there = Execution(REBUILD)
    carry_out(at(REBUILD, "preflight"), there)
    assert there.events == ["token", "unchanged"]
    for do in ("confirm", "pause"):
        there = Execution(REBUILD)
        carry_out(replace(at(REBUILD, "confirm"), do=do), there)
        assert (there.events, there.sent) == (["confirm"], [])


def test_an_app_may_be_away_from_the_moment_its_disconnect_goes_out() -> None:
    there = Execution(REBUILD)
    there.clock.seconds = 5.0
    carry_out(OUT, there)
    outcome = there.state.outcomes[TARGET]
    assert there.sent == [OUT.request]
    assert there.statuses == ["unknown/untouched"]
    assert (outcome.status, outcome.disconnected_at) == ("disconnected", 5.0)
    assert there.seen.disconnected == {TARGET: (OUT, 5.0)}
    assert not there.done()
    there.reader.places[TARGET] = None
    assert there.done()


@pytest.mark.parametrize(
    ("error", "status"),
    [
        (failure("denied"), "untouched"),
        (StoreError("the disk is full"), "untouched"),
        (OutcomeUnknown("no answer"), "unknown"),
        (ValueError("x"), "unknown"),
    ],
)
def test_only_a_disconnect_that_was_surely_not_carried_out_left_its_app_alone(
    error: Exception, status: str
) -> None:
    there = Execution(REBUILD, error)
    with pytest.raises(type(error)):
        carry_out(OUT, there)
    outcome = there.state.outcomes[TARGET]
    assert outcome.status == status
    assert (outcome.disconnected_at is None) is (status == "untouched")
    assert there.seen.disconnected == {}


def away(plan: Plan, *, on: str | None = None) -> Execution:
    """Both apps were disconnected at 0, and are read where `on` says."""
    there = Execution(plan)
    there.seen.disconnected = {one.target: (one, 0.0) for one in plan.steps if one.do == "disconnect"}
    there.reader.places = dict.fromkeys((TARGET, NEIGHBOUR), on)
    return there


TWO_PLANS = (REBUILD.apps[0], replace(REBUILD.apps[1], plan=OTHER_PLAN))


@pytest.mark.parametrize(
    ("plan", "links", "gone"),
    [
        (REBUILD, (), True),
        (REBUILD, (link(PLAN),), False),
        (REBUILD, (link(PLAN.upper()),), False),
        (REBUILD, (link(OTHER_PLAN),), True),
        (replace(REBUILD, links=(PLAN, OTHER_PLAN)), (link(OTHER_PLAN),), True),
        (replace(REBUILD, links=()), (link(PLAN),), False),
        (replace(REBUILD, links=()), (link(OTHER_PLAN),), True),
        (replace(REBUILD, links=(SUBNET,)), (link(SUBNET),), False),
        (replace(REBUILD, links=(), apps=TWO_PLANS), (link(PLAN),), False),
        (replace(REBUILD, links=(), apps=TWO_PLANS), (link(OTHER_PLAN),), True),
        (REBUILD, (link(PLAN, type_="Microsoft.Other/things"),), True),
        (REBUILD, (link(PLAN, type_="Microsoft.Other/things"), link(PLAN)), False),
        (LEAVE, (link(PLAN),), False),
        (LEAVE, (link(OTHER_PLAN),), True),
        (replace(LEAVE, links=(PLAN, OTHER_PLAN)), (link(OTHER_PLAN),), False),
        (replace(LEAVE, links=()), (link(PLAN),), True),
    ],
)
def test_the_link_is_gone_once_none_names_the_plan_of_the_apps(
    plan: Plan, links: tuple[Link, ...], gone: bool
) -> None:
    there = away(plan)
    there.reader.subnets = subnet(*links)
    step = at(plan, "wait-link-gone")
    if gone:
        carry_out(step, there)
    else:
        with pytest.raises(StepFailed, match="link to be removed"):
            carry_out(step, there)
    assert there.waits == [("the service association link to be removed", LINK_GONE)]
    assert there.sent == []


def test_where_others_hold_the_link_the_disconnect_alone_is_awaited() -> None:
    there = away(LEAVE)
    there.reader.subnets = subnet(link(PLAN))
    carry_out(replace(at(LEAVE, "wait-link-gone"), target=TARGET), there)
    assert there.waits == [("the disconnect to take effect", LINK_GONE)]
    there = away(LEAVE, on=SUBNET)
    with pytest.raises(StepFailed, match="the disconnect to take effect"):
        carry_out(replace(at(LEAVE, "wait-link-gone"), target=TARGET), there)


def test_a_disconnect_without_effect_is_sent_again_once_its_time_is_over() -> None:
    there = away(REBUILD)
    there.reader.places[TARGET] = [SUBNET, SUBNET, None]
    carry_out(GONE, there)
    assert there.sent == [OUT.request]  # seen at 6 s and at 12 s; gone at 18 s
    assert there.seen.disconnected[TARGET] == (OUT, 12.0)
    there = away(REBUILD)
    there.reader.places[TARGET] = [SUBNET, None]
    carry_out(GONE, there)
    assert there.sent == []
    there = away(REBUILD)
    there.seen.disconnected[TARGET] = OUT, 6.0 - EFFECT
    there.reader.places[TARGET] = [SUBNET, None]
    carry_out(GONE, there)
    assert there.sent == [OUT.request]


def test_a_wait_whose_disconnect_could_not_be_sent_again_failed() -> None:
    there = away(REBUILD, on=SUBNET)
    there._answers = [NotSent()]
    with pytest.raises(StepFailed, match="the disconnect was not sent again"):
        carry_out(GONE, there)
    assert there.seen.disconnected[TARGET] == (OUT, 0.0)


def test_an_app_is_back_at_azures_answer_and_that_is_proved_by_reading() -> None:
    there = Execution(REBUILD)
    there.clock.seconds = 9.0
    there.reader.places[TARGET] = [None, ELSEWHERE, SUBNET.upper()]
    carry_out(BACK, there)
    outcome = there.state.outcomes[TARGET]
    assert there.sent == [BACK.request]
    assert (outcome.status, outcome.reconnected_at, there.seen.reconnected) == (
        "reconnected",
        9.0,
        {TARGET: 9.0},
    )
    assert there.waits == [("the app to be connected", SETTLE)]


def test_an_app_whose_connect_does_not_show_may_be_away() -> None:
    there = Execution(REBUILD)
    there.reader.places[TARGET] = None
    with pytest.raises(StepFailed):
        carry_out(BACK, there)
    assert there.state.outcomes[TARGET].status == "unknown"


@pytest.mark.parametrize(
    ("kind", "put"),
    [
        ("denied", True),
        ("policy", True),
        ("refused", True),
        ("absent", True),
        ("locked", False),
        ("moved", False),
        ("throttled", False),
    ],
)
def test_the_put_goes_out_only_where_azure_refused_the_patch_itself(kind: Kind, put: bool) -> None:
    there = Execution(REBUILD, failure(kind))
    if put:
        carry_out(BACK, there)
        assert there.sent == [BACK.request, BACK.fallback]
        assert there.state.outcomes[TARGET].status == "reconnected"
    else:
        with pytest.raises(RequestFailed):
            carry_out(BACK, there)
        assert there.sent == [BACK.request]
    without = Execution(REBUILD, failure(kind))
    with pytest.raises(RequestFailed):
        carry_out(replace(BACK, fallback=None), without)
    assert without.sent == [BACK.request]
    twice = Execution(REBUILD, failure("denied"), failure("policy"))
    with pytest.raises(RequestFailed, match="policy"):
        carry_out(BACK, twice)
    assert twice.state.outcomes[TARGET].status == "untouched"


@pytest.mark.parametrize(
    ("links", "ready"),
    [
        ((), False),
        ((link(),), True),
        ((link(PLAN.upper()),), True),
        ((link(state="Updating"),), False),
        ((link(OTHER_PLAN),), False),
        ((link(OTHER_PLAN), link()), True),
        ((link(type_="Microsoft.Other/things"),), False),
    ],
)
def test_the_link_is_ready_once_one_to_the_plan_is_finished(links: tuple[Link, ...], ready: bool) -> None:
    there = Execution(REBUILD)
    there.reader.subnets = subnet(*links)
    if ready:
        carry_out(READY, there)
    else:
        with pytest.raises(StepFailed):
            carry_out(READY, there)
    assert there.waits == [("the service association link to be ready", LINK_READY)]
    either = Execution(replace(REBUILD, links=(PLAN, OTHER_PLAN)))
    either.reader.subnets = subnet(link(OTHER_PLAN))
    carry_out(READY, either)


DELEGATING = at(DELEGATE, "delegate")
DELEGATED = Delegation("web", DELEGATE.service)


def test_a_subnet_counts_as_delegated_once_azure_is_done_with_it() -> None:
    there = Execution(DELEGATE)
    bare = Subnet(SUBNET, (), (), (), "Succeeded")
    there.reader.subnets = [
        bare,
        replace(bare, delegations=(DELEGATED,), state="Updating"),
        replace(bare, delegations=(DELEGATED,)),
    ]
    carry_out(DELEGATING, there)
    assert (there.sent, there.state.delegated) == ([DELEGATING.request], True)
    assert there.waits == [("the delegation", SETTLE)]
    assert there.done()
    there.reader.subnets = bare
    assert not there.done()
    unfinished = Execution(DELEGATE)
    unfinished.reader.subnets = replace(bare, delegations=(DELEGATED,), state="Updating")
    with pytest.raises(StepFailed):
        carry_out(DELEGATING, unfinished)
    assert unfinished.state.delegated


def test_a_delegation_is_asked_for_and_not_sent_after_a_no() -> None:
    there = Execution(DELEGATE, yes=False)
    carry_out(DELEGATING, there)
    assert (there.events, there.sent, there.state.delegated) == (["confirm"], [], False)


@pytest.mark.parametrize(
    ("error", "touched", "raised", "delegated"),
    [
        (failure("denied"), False, RequestFailed, False),
        (failure("moved", 412), False, StateChanged, False),
        (failure("moved", 412), True, RequestFailed, False),
        (OutcomeUnknown("no answer"), False, OutcomeUnknown, True),
    ],
)
def test_only_a_delegation_that_was_surely_not_carried_out_changed_nothing(
    error: Exception, touched: bool, raised: type[Exception], delegated: bool
) -> None:
    there = Execution(DELEGATE, error)
    if touched:
        there.state.outcomes[TARGET].status = "reconnected"
    with pytest.raises(raised):
        carry_out(DELEGATING, there)
    assert there.state.delegated is delegated


PURGING = replace(at(PURGE, "purge"), target=SUBNET, request=Request("POST", "/purge"))


@pytest.mark.parametrize(
    ("links", "answers", "raised", "status", "sent"),
    [
        ([()], (), None, "purged", 1),
        ([(link(OTHER_PLAN),), ()], (), None, "purged", 2),
        ([(link(PLAN),)], (), None, "purged", 1),
        ([(link(OTHER_PLAN),)], (), LinkRemains, "unknown", 3),
        ([()], (failure("denied"),), RequestFailed, "untouched", 1),
        ([()], (StoreError("the disk is full"),), StoreError, "untouched", 1),
        ([()], (OutcomeUnknown("no answer"),), OutcomeUnknown, "unknown", 1),
    ],
)
def test_a_purge_is_done_once_the_subnet_is_read_without_the_link(
    links: list[tuple[Link, ...]],
    answers: tuple[Exception, ...],
    raised: type[Exception] | None,
    status: str,
    sent: int,
) -> None:
    there = Execution(PURGE, *answers)
    there.reader.subnets = [subnet(*one) for one in links]
    if raised is None:
        carry_out(PURGING, there)
    else:
        with pytest.raises(raised):
            carry_out(PURGING, there)
    assert there.state.outcomes[SUBNET].status == status
    assert there.state.link_remains is (raised is LinkRemains)
    assert (there.sent, there.statuses[0]) == ([PURGING.request] * sent, "unknown")


def test_a_purge_that_was_interrupted_says_nothing_of_what_azure_would_have_done() -> None:
    there = Execution(PURGE)
    there.reader.subnets, there.waiter = subnet(link(OTHER_PLAN)), Waiting(interrupted=True)
    with pytest.raises(StepFailed, match="the link is still there"):
        carry_out(PURGING, there)
    assert not there.state.link_remains
    there = Execution(PURGE, StoreError("the disk is full"))
    there.announced = True
    with pytest.raises(StoreError):
        carry_out(PURGING, there)
    assert there.state.outcomes[SUBNET].status == "unknown"
    carry_out(replace(PURGING, timeout=5.0, every=2.0), there := Execution(PURGE))
    assert (there.waiter.timeouts, there.waiter.intervals) == ([5.0], [2.0])


@pytest.mark.parametrize("do", ["snapshot", "restart", "teleport"])
def test_what_nothing_carries_out_fails(do: str) -> None:
    with pytest.raises(StepFailed, match=f"no way to carry out {do}"):
        carry_out(replace(OUT, do=do), Execution(REBUILD))


@pytest.mark.parametrize("step", [OUT, BACK, PURGING, DELEGATING], ids=lambda one: one.do)
def test_a_write_without_a_request_is_none(step: Step) -> None:
    plan = {"purge": PURGE, "delegate": DELEGATE}.get(step.do, REBUILD)
    with pytest.raises(StepFailed, match="the plan holds no request"):
        carry_out(replace(step, request=None), Execution(plan))
