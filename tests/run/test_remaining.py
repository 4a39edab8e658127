"""What is left of a run: decided by its journal and by where Azure says that every app is now. Pure."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from remediate import plan as planning
from remediate import playbook
from remediate.checks import judge
from remediate.model import CurrentState, Plan, Step, StepResult, Where
from remediate.run import remaining
from remediate.run.journal import Begin, Ended, Intent, Line, Outcome, Record
from tests.checks.worlds import ASKED, NEIGHBOUR, SUBNET, TARGET, app, case

AT = datetime(2026, 1, 1, 3, tzinfo=UTC)
NAMES = {"orders": TARGET, "billing": NEIGHBOUR}
WHERE: tuple[Where, ...] = ("connected", "disconnected", "elsewhere", "gone", "unclear")


def rebuild(*, trial: bool = False) -> Plan:
    """Both apps are disconnected, billing first, and connected again, orders first."""
    seen = case(others=(app(NEIGHBOUR),), links=())
    whole = playbook.find("rebuild-link")
    steps = tuple(step for step in whole.steps if trial or step.do != "trial")
    own = replace(whole, steps=steps)
    return planning.make(*seen, judge(*seen), own, planning.Options("link"))


def connect() -> Plan:
    """One app that was connected nowhere is connected."""
    seen = case(**ASKED)
    return planning.make(*seen, judge(*seen), playbook.find("reconnect-app"), planning.Options("app"))


def leave() -> Plan:
    """Both apps are disconnected for good."""
    plan = rebuild()
    kept = tuple(step for step in plan.steps if step.do in ("preflight", "confirm", "disconnect"))
    return replace(plan, steps=kept, purpose="disconnect")


REBUILD, CONNECT, LEAVE = rebuild(), connect(), leave()
TRIED = rebuild(trial=True)
"""As REBUILD, with a trial of each app before the first is disconnected."""


def after(plan: Plan, *writes: str) -> Record:
    """The journal of a run that was cut off after these writes.

    A write is "disconnect billing", with "?" behind it where no answer came, "!" where it was refused and
    "-" where it was not sent.
    """
    begin = Begin(AT, "r", "0", "me", "here", 1, "me", "https://arm", plan, ())
    lines: list[Line] = [begin]
    for second, write in enumerate(writes, 1):
        do, _, name = write.rstrip("?!-").partition(" ")
        (step,) = [one for one in plan.steps if one.do == do and one.target == NAMES[name]]
        assert step.request is not None
        at = AT + timedelta(seconds=second)
        lines.append(Intent(at, step.n, do, step.target, step.request, second))
        if not write.endswith("?"):
            status = {"!": 403, "-": None}.get(write[-1], 200)
            sent = not write.endswith("-")
            lines.append(Outcome(at, step.n, status, "", "", attempt=second, sent=sent))
    return Record(begin, tuple(lines))


def standing(orders: Where, billing: Where | None = None, *, delegated: bool = True) -> CurrentState:
    apps = {TARGET: orders} if billing is None else {TARGET: orders, NEIGHBOUR: billing}
    return CurrentState(apps, delegated)


def moves(plan: Plan) -> list[str]:
    """The writes that are left, in order."""
    return [f"{one.do} {one.target.rpartition('/')[2]}" for one in plan.steps if one.request]


def names(plan: Plan) -> list[str]:
    return [one.do for one in plan.steps]


BOTH_OUT = ("disconnect billing", "disconnect orders")


@pytest.mark.parametrize(
    ("writes", "orders", "billing", "left"),
    [
        (
            ("disconnect billing?",),
            "connected",
            "connected",
            ["disconnect billing", "disconnect orders", "reconnect orders", "reconnect billing"],
        ),
        (
            ("disconnect billing",),
            "connected",
            "disconnected",
            ["disconnect orders", "reconnect orders", "reconnect billing"],
        ),
        (
            ("disconnect billing?",),
            "connected",
            "unclear",
            ["disconnect orders", "reconnect orders", "reconnect billing"],
        ),
        (BOTH_OUT, "disconnected", "disconnected", ["reconnect orders", "reconnect billing"]),
        ((*BOTH_OUT, "reconnect orders"), "connected", "disconnected", ["reconnect billing"]),
        (
            (*BOTH_OUT, "reconnect orders?"),
            "disconnected",
            "disconnected",
            ["reconnect orders", "reconnect billing"],
        ),
        ((*BOTH_OUT, "reconnect orders", "reconnect billing"), "connected", "connected", []),
        (BOTH_OUT, "disconnected", "connected", ["reconnect orders"]),
        (BOTH_OUT, "connected", "disconnected", ["reconnect billing"]),
        (("disconnect billing",), "connected", "connected", []),
        (BOTH_OUT, "elsewhere", "disconnected", ["reconnect billing"]),
        (BOTH_OUT, "disconnected", "gone", ["reconnect orders"]),
        (BOTH_OUT, "unclear", "unclear", ["reconnect orders", "reconnect billing"]),
    ],
)
def test_resume_finishes_what_was_begun_and_repeats_nothing_that_has_happened(
    writes: tuple[str, ...], orders: Where, billing: Where, left: list[str]
) -> None:
    assert moves(remaining.plan_to_resume(after(REBUILD, *writes), standing(orders, billing))) == left


def test_where_nothing_more_may_be_taken_what_is_away_comes_back() -> None:
    record, now = after(REBUILD, "disconnect billing"), standing("connected", "disconnected")
    left = remaining.plan_to_resume(record, now, may_disconnect=False)
    assert moves(left) == ["reconnect billing"]
    assert "wait-link-gone" not in names(left)


def test_a_subnet_is_delegated_where_it_is_not_yet() -> None:
    record = after(replace(CONNECT, steps=(Step(99, "delegate", SUBNET, "Delegating"), *CONNECT.steps)))
    assert "delegate" in names(remaining.plan_to_resume(record, standing("disconnected", delegated=False)))
    assert "delegate" not in names(remaining.plan_to_resume(record, standing("disconnected", delegated=True)))


@pytest.mark.parametrize(
    ("orders", "billing", "left"),
    [
        ("connected", "connected", []),
        ("connected", "disconnected", ["reconnect billing"]),
        ("disconnected", "unclear", ["reconnect orders", "reconnect billing"]),
        ("elsewhere", "disconnected", ["reconnect billing"]),
        ("disconnected", "gone", ["reconnect orders"]),
    ],
)
def test_rollback_connects_every_app_that_is_off_its_subnet(
    orders: Where, billing: Where, left: list[str]
) -> None:
    assert moves(remaining.plan_to_roll_back(after(REBUILD, *BOTH_OUT), standing(orders, billing))) == left


@pytest.mark.parametrize("plan", [REBUILD, LEAVE], ids=["reconnect", "for good"])
@pytest.mark.parametrize(
    ("writes", "left"),
    [
        ((), []),
        (("disconnect orders-",), []),
        (("disconnect orders!",), []),
        (("disconnect orders!", "disconnect orders-"), []),
        (("disconnect orders?",), ["reconnect orders"]),
        (("disconnect orders?", "disconnect orders!"), ["reconnect orders"]),
        (("disconnect orders?", "disconnect orders-"), ["reconnect orders"]),
        (("disconnect orders-", "disconnect orders"), ["reconnect orders"]),
    ],
)
def test_a_rollback_leaves_an_app_alone_that_the_run_surely_never_took(
    plan: Plan, writes: tuple[str, ...], left: list[str]
) -> None:
    record, now = after(plan, "disconnect billing", *writes), standing("disconnected", "connected")
    assert moves(remaining.plan_to_roll_back(record, now)) == left
    state = remaining.run_state(record, now, 0.0, AT, "rollback")
    assert state.outcomes[TARGET].status == ("disconnected" if left else "untouched")
    assert state.disconnected == ([TARGET] if left else [])


@pytest.mark.parametrize(("write", "left"), [("disconnect orders-", []), ("disconnect orders!", [])])
def test_on_the_way_back_an_app_stays_away_that_the_run_surely_never_took(
    write: str, left: list[str]
) -> None:
    writes, now = ("disconnect billing", write, "reconnect billing"), standing("disconnected", "connected")
    assert moves(remaining.plan_to_resume(after(REBUILD, *writes), now)) == left
    assert moves(remaining.plan_to_reconnect(after(REBUILD, *writes[:2]), now, "resume")) == left


@pytest.mark.parametrize("writes", [(), ("reconnect orders!",)])
def test_a_rollback_leaves_an_app_connected_that_the_run_surely_never_connected(
    writes: tuple[str, ...],
) -> None:
    assert moves(remaining.plan_to_roll_back(after(CONNECT, *writes), standing("connected"))) == []


@pytest.mark.parametrize(
    ("orders", "left"),
    [
        ("connected", ["disconnect orders"]),
        ("unclear", ["disconnect orders"]),
        ("disconnected", []),
        ("elsewhere", []),
        ("gone", []),
    ],
)
def test_rollback_disconnects_an_app_that_had_no_network_before(orders: Where, left: list[str]) -> None:
    undone = remaining.plan_to_roll_back(after(CONNECT, "reconnect orders?"), standing(orders))
    assert moves(undone) == left
    assert ("wait-link-gone" in names(undone)) is bool(left)
    assert all(one.target == TARGET for one in undone.steps if one.do == "wait-link-gone")


def test_a_rollback_that_left_the_link_missing_has_still_rolled_back() -> None:
    (look,) = [
        one
        for one in remaining.plan_to_roll_back(after(REBUILD), standing("connected", "connected")).steps
        if one.do == "verify"
    ]
    assert look.on_failure == "continue"


@pytest.mark.parametrize(
    ("writes", "orders", "billing", "never"),
    [
        (("disconnect billing",), "connected", "connected", True),
        (("disconnect billing", "reconnect billing"), "connected", "connected", True),
        (("disconnect billing", "disconnect orders!", "reconnect billing"), "connected", "connected", True),
        ((*BOTH_OUT, "reconnect orders", "reconnect billing"), "connected", "connected", False),
        (("disconnect billing",), "connected", "disconnected", False),
        (("disconnect billing?",), "connected", "connected", False),
    ],
)
def test_the_link_was_never_rebuilt_where_all_are_connected_and_some_never_went(
    writes: tuple[str, ...], orders: Where, billing: Where, never: bool
) -> None:
    assert remaining.never_rebuilt(after(REBUILD, *writes), standing(orders, billing)) is never


def test_the_time_without_network_began_with_the_run_that_was_cut_off() -> None:
    record = after(REBUILD, *BOTH_OUT, "reconnect orders")
    now = AT + timedelta(seconds=100)
    state = remaining.run_state(record, standing("connected", "disconnected"), 500.0, now, "resume")
    orders, billing = state.outcomes[TARGET], state.outcomes[NEIGHBOUR]
    assert (orders.status, orders.outage) == ("reconnected", 1.0)
    assert (billing.status, billing.disconnected_at, billing.outage) == ("disconnected", 401.0, None)
    assert state.disconnected == [NEIGHBOUR]


def test_an_app_that_nobody_can_place_may_be_without_its_network() -> None:
    state = remaining.run_state(
        after(REBUILD, *BOTH_OUT), standing("unclear", "disconnected"), 0.0, AT, "resume"
    )
    assert state.outcomes[TARGET].status == "unknown"
    assert state.disconnected == [TARGET, NEIGHBOUR]


def test_a_connect_that_was_refused_is_sent_again_for_an_app_that_had_no_network_before() -> None:
    record = after(CONNECT, "reconnect orders!")
    assert moves(remaining.plan_to_resume(record, standing("disconnected"))) == ["reconnect orders"]
    assert moves(remaining.plan_to_resume(record, standing("connected"))) == []
    assert moves(remaining.plan_to_roll_back(record, standing("disconnected"))) == []


def test_what_a_rollback_is_to_disconnect_is_not_missing_its_network() -> None:
    record = after(CONNECT, "reconnect orders")
    back = remaining.run_state(record, standing("disconnected"), 0.0, AT, "rollback")
    assert back.not_to_connect == {TARGET}
    assert back.disconnected == []


def test_of_the_steps_that_are_not_left_those_that_went_wrong_are_not_needed_any_more() -> None:
    record = after(REBUILD, *BOTH_OUT)
    taken, awaited = (
        next(one for one in REBUILD.steps if one.do == do) for do in ("disconnect", "wait-link-gone")
    )
    ended = (
        Ended(AT, StepResult(taken.n, taken.do, taken.target, "succeeded", 1.0)),
        Ended(AT, StepResult(awaited.n, awaited.do, awaited.target, "failed", 1.0, detail="in vain")),
    )
    record = Record(record.begin, (*record.lines, *ended))
    now = standing("connected", "connected")
    left = remaining.plan_to_resume(record, now)
    told = {one.n: one for one in remaining.finished_before(record, now, left)}
    assert (told[taken.n].status, told[awaited.n].status) == ("succeeded", "skipped")
    assert {one.n for one in left.steps} | set(told) == {one.n for one in REBUILD.steps}


@pytest.mark.parametrize(
    ("write", "orders", "status"),
    [
        ("disconnect orders", "connected", "succeeded"),
        ("disconnect orders?", "disconnected", "succeeded"),
        ("disconnect orders?", "connected", "skipped"),
        ("disconnect orders!", "connected", "skipped"),
        ("disconnect orders-", "connected", "skipped"),
        ("disconnect orders-", "disconnected", "skipped"),
    ],
)
def test_a_connected_app_was_away_only_if_azure_said_so(write: str, orders: Where, status: str) -> None:
    record, now = after(REBUILD, "disconnect billing", write), standing(orders, "connected")
    results = remaining.finished_before(record, now, replace(REBUILD, steps=()))
    [told] = [one.status for one in results if (one.do, one.target) == ("disconnect", TARGET)]
    assert told == status


def test_where_a_disconnect_was_only_announced_and_all_are_connected_nothing_is_left_to_resume() -> None:
    record, now = (
        after(REBUILD, "disconnect billing", "disconnect orders?"),
        standing("connected", "connected"),
    )
    assert remaining.never_rebuilt(record, now)
    state = remaining.run_state(record, now, 0.0, AT, "resume")
    state.results = remaining.finished_before(record, now, replace(REBUILD, steps=REBUILD.steps[-1:]))
    state.failed = REBUILD.steps[-1]
    assert (state.touched, state.open) == (True, False)


WRITES = [
    f"{step.do} {name}{end}"
    for step in REBUILD.steps
    for name in NAMES
    for end in ("", "?", "!", "-")
    if step.request and step.target == NAMES[name]
]


def some(writes: Iterable[str]) -> st.SearchStrategy[list[str]]:
    return st.lists(st.sampled_from(sorted(writes)), unique=True, max_size=4)


@given(writes=some(WRITES), orders=st.sampled_from(WHERE), billing=st.sampled_from(WHERE), may=st.booleans())
def test_whoever_was_taken_and_is_away_comes_back_and_whoever_is_taken_too(
    writes: list[str], orders: Where, billing: Where, may: bool
) -> None:
    record, now = after(REBUILD, *writes), standing(orders, billing)
    steps = [one for one in remaining.plan_to_resume(record, now, may_disconnect=may).steps if one.request]
    back = [one.target for one in steps if one.do == "reconnect"]
    for name, id_ in NAMES.items():
        begun = any(one.partition(" ")[2].rstrip("?") == name for one in writes)
        if begun and now.may_be_off(id_):
            assert id_ in back
        if now.apps[id_] in ("elsewhere", "gone"):
            assert id_ not in [one.target for one in steps]
    for position, step in enumerate(steps):
        if step.do == "disconnect":
            assert may
            assert now.apps[step.target] == "connected"
            assert step.target in [one.target for one in steps[position:] if one.do == "reconnect"]


@given(writes=some(WRITES), orders=st.sampled_from(WHERE), billing=st.sampled_from(WHERE))
def test_a_rollback_takes_nothing_away_from_apps_that_had_their_network(
    writes: list[str], orders: Where, billing: Where
) -> None:
    now = standing(orders, billing)
    undone = remaining.plan_to_roll_back(after(REBUILD, *writes), now)
    assert {one.do for one in undone.steps if one.request} <= {"reconnect"}
    begun = {NAMES[name] for name in NAMES if any(one.rstrip("?").endswith(f" {name}") for one in writes)}
    assert {one.target for one in undone.steps if one.request} == {
        one for one in begun if now.may_be_off(one)
    }
    assert undone.subnet == SUBNET


def test_where_the_app_that_was_to_come_first_is_gone_another_one_comes_before_the_wait() -> None:
    record = after(REBUILD, "disconnect billing", "disconnect orders")
    left = remaining.plan_to_resume(record, standing("gone", "disconnected"))
    order = [step.do for step in left.steps]
    assert order.index("reconnect") < order.index("wait-link-ready")
    assert left.target == NEIGHBOUR


@pytest.mark.parametrize(
    ("writes", "orders", "billing", "back"),
    [
        (("disconnect billing",), "connected", "disconnected", ["billing"]),
        (("disconnect orders",), "disconnected", "connected", ["orders"]),
        (BOTH_OUT, "disconnected", "unclear", ["billing", "orders"]),
        (BOTH_OUT, "disconnected", "gone", ["orders"]),
        (("disconnect billing",), "disconnected", "disconnected", ["billing"]),
        (BOTH_OUT, "connected", "connected", []),
        ((), "disconnected", "disconnected", []),
    ],
)
def test_a_rollback_of_leaving_is_about_the_apps_that_it_connects_again(
    writes: tuple[str, ...], orders: Where, billing: Where, back: list[str]
) -> None:
    undone = remaining.plan_to_roll_back(after(LEAVE, *writes), standing(orders, billing))
    assert moves(undone) == [f"reconnect {one}" for one in back]
    assert [one.id.rpartition("/")[2] for one in undone.apps] == back
    assert undone.brings_back
    if back:
        assert undone.target == undone.apps[0].id
        assert [one.target for one in undone.steps if one.do in ("confirm", "verify", "check-routing")] == [
            undone.target
        ] * 3
        assert [one.n for one in undone.steps[-2:]] == [len(LEAVE.steps) + len(back) + n for n in (1, 2)]


def test_where_nobody_is_to_come_back_no_link_is_to_be_rebuilt() -> None:
    record = after(LEAVE, "disconnect billing", "disconnect orders?")
    assert not remaining.never_rebuilt(record, standing("connected", "connected"))
