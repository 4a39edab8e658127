"""Which lines fit the plan of a journal: each kind of line, at each boundary. Pure."""

from __future__ import annotations

import re

import pytest
from msgspec.structs import replace

from remediate import playbook
from remediate.model import Plan, Request, Step, StepResult
from remediate.plan.disconnect import disconnect_layout
from remediate.plan.planner import planned_steps
from remediate.run.journal import Begin, Ended, Intent, InvalidJournal, Line, Outcome, Record, checked
from remediate.steps import connection
from tests.checks.worlds import NEIGHBOUR, PLAN, STRANGER, SUBNET, TARGET
from tests.plan.test_plan import UNDELEGATED, planned
from tests.run.test_record import OUT, answer, record, write
from tests.run.test_remaining import AT, CONNECT, REBUILD


def leave() -> Plan:
    """Both apps are disconnected for good, as a plan of `guard --disconnect` has it."""
    steps = planned_steps(
        playbook.find("before-delete"), disconnect_layout(SUBNET, REBUILD.apps, PLAN, held=False)
    )
    return replace(
        REBUILD, playbook="before-delete", target=PLAN, steps=steps, purpose="disconnect", links=(PLAN,)
    )


LEAVE, DELEGATE = leave(), planned(UNDELEGATED)


def wrong(plan: Plan, *lines: Line) -> str | None:
    """What is said of the first line that does not fit: its number, and why."""
    begin = Begin(AT, "r", "0", "me", "here", 1, "me", "https://arm", plan, ())
    try:
        checked(Record(begin, (begin, *lines)))
    except InvalidJournal as error:
        assert error.run == "r"
        found = re.fullmatch(
            r"line (\d+) of the journal of run r fits no plan: (.*); nothing is sent", str(error)
        )
        assert found is not None
        return f"{found[1]} {found[2]}"
    return None


REPEATED = "it is no answer to write"


@pytest.mark.parametrize(
    ("lines", "told"),
    [
        ((write(1), answer(1), write(2), answer(2)), None),
        ((write(1), write(2), answer(2)), None),
        ((write(1), answer(1), write(5), answer(5)), None),
        ((write(1), write(1)), "3 write 1 was there before"),
        ((write(2), write(1)), "3 write 1 was there before"),
        ((write(0),), "2 write 0 was there before"),
        ((write(1), answer(1), answer(1)), f"4 {REPEATED} 1"),
        ((write(1), write(2), answer(1)), f"4 {REPEATED} 1"),
        ((write(1), write(2), answer(2), answer(1)), f"5 {REPEATED} 1"),
        ((write(1), answer(1, app=NEIGHBOUR)), f"3 {REPEATED} 1"),
        # The write of a connect that could not be kept has an answer all the same, with a number of its own.
        ((write(1), answer(2)), None),
        ((write(1), answer(2, app=NEIGHBOUR)), None),
        ((answer(1), write(2)), None),
        ((write(1), answer(3), write(3)), "4 write 3 was there before"),
        ((write(1), answer(3), write(4)), None),
        ((write(1), answer(3), answer(2)), f"4 {REPEATED} 2"),
        # An earlier version wrote no numbers, and never again behind one that did.
        ((write(None), answer(None), write(None), answer(None)), None),
        ((write(None), answer(None), write(1), answer(1)), None),
        ((write(1), write(None)), "3 a write without a number follows one with a number"),
        ((write(1), answer(None)), "3 an answer without a number follows a write with a number"),
        ((write(1), answer(1, 99)), "3 no answer has the status 99"),
        ((write(1), answer(1, 100)), None),
        ((write(1), answer(1, 599)), None),
        ((write(1), answer(1, 600)), "3 no answer has the status 600"),
        ((write(1), answer(1, None)), None),
    ],
)
def test_writes_are_counted_and_each_is_answered_once(lines: tuple[Line, ...], told: str | None) -> None:
    assert wrong(REBUILD, *lines) == told


def test_only_a_step_that_sends_something_is_answered() -> None:
    for plan in (REBUILD, CONNECT, DELEGATE):
        for n in range(len(plan.steps) + 2):
            sends = any(one.n == n and one.request for one in plan.steps)
            told = wrong(plan, Outcome(AT, n, 200, "", ""))
            assert told == (None if sends else f"2 step {n} sends nothing")


def announced(step: Step, **changes: object) -> Intent:
    assert step.request is not None
    return replace(Intent(AT, step.n, step.do, step.target, step.request, 1), **changes)


@pytest.mark.parametrize("plan", [REBUILD, CONNECT, LEAVE], ids=["rebuild", "connect", "leave"])
def test_a_write_is_one_of_the_plan_by_number_kind_target_and_request(plan: Plan) -> None:
    for step in (one for one in plan.steps if one.request):
        assert step.request is not None
        assert wrong(plan, announced(step)) is None
        if step.fallback:
            assert wrong(plan, announced(step, request=step.fallback)) is None
        no_write = f"2 the plan has no write {step.do} of "
        for changes in ({"n": 0}, {"n": step.n + 99}, {"target": STRANGER}):
            assert (wrong(plan, announced(step, **changes)) or "").startswith(no_write)
        other = replace(step.request, body={"properties": {"virtualNetworkSubnetId": STRANGER}})
        assert (
            wrong(plan, announced(step, request=other))
            == f"2 {step.do} is not the request that the plan builds"
        )
        assert (wrong(plan, announced(step, do="purge")) or "").startswith("2 the plan has no write purge of")


@pytest.mark.parametrize("app", [TARGET, NEIGHBOUR])
def test_the_way_back_from_leaving_connects_each_app_once_behind_the_plans_own_steps(app: str) -> None:
    last = len(LEAVE.steps)
    for n in range(last + 4):
        for request in connection(app, SUBNET):
            told = wrong(LEAVE, Intent(AT, n, "reconnect", app, request, 1))
            assert (told is None) is (n in (last + 1, last + 2)), n
    elsewhere = connection(app, f"{SUBNET}-2")[0]
    assert wrong(LEAVE, Intent(AT, last + 1, "reconnect", app, elsewhere, 1)) is not None
    assert wrong(REBUILD, Intent(AT, len(REBUILD.steps) + 1, "reconnect", app, connection(app, SUBNET)[0], 1))


def test_the_way_back_from_connecting_disconnects_by_the_same_number() -> None:
    (step,) = [one for one in CONNECT.steps if one.request]
    request = OUT[TARGET].request
    assert request is not None
    assert wrong(CONNECT, Intent(AT, step.n, "disconnect", TARGET, request, 1)) is None
    assert wrong(CONNECT, Intent(AT, step.n + 1, "disconnect", TARGET, request, 1)) is not None


(DELEGATING,) = [one for one in DELEGATE.steps if one.do == "delegate"]
assert DELEGATING.request is not None
READ_LATER: Request = replace(
    DELEGATING.request, body={"name": "as it was read later"}, headers={"If-Match": "x"}
)
NO_DELEGATION = [
    replace(READ_LATER, method="PATCH"),
    replace(READ_LATER, path=READ_LATER.path.replace("snet-web", "snet-evil")),
    replace(READ_LATER, headers={}),
    replace(READ_LATER, headers={"If-Match": "x", "If-None-Match": "y"}),
]


def test_a_delegation_holds_what_was_read_at_its_time_and_is_a_conditional_write_of_the_subnet() -> None:
    assert wrong(DELEGATE, announced(DELEGATING, request=READ_LATER)) is None
    for request in NO_DELEGATION:
        assert wrong(DELEGATE, announced(DELEGATING, request=request)) == "2 it does not delegate the subnet"
    for changes in ({"n": DELEGATING.n + 1}, {"target": f"{SUBNET}-2"}):
        told = wrong(DELEGATE, announced(DELEGATING, request=READ_LATER, **changes))
        assert (told or "").startswith("2 the plan has no write delegate")
    assert (wrong(REBUILD, announced(DELEGATING)) or "").startswith("2 the plan has no write delegate")


def ended(do: str, target: str, request: Request | None = None) -> Ended:
    return Ended(AT, StepResult(3, do, target, "succeeded", 1.0, request))


@pytest.mark.parametrize(
    ("plan", "line", "told"),
    [
        (REBUILD, ended("disconnect", TARGET), None),
        (REBUILD, ended("disconnect", NEIGHBOUR), None),
        (REBUILD, ended("wait-link-gone", SUBNET), None),
        (LEAVE, ended("confirm", PLAN), None),
        (REBUILD, ended("confirm", PLAN), "2 the plan has no step 'confirm' of"),
        (REBUILD, ended("disconnect", STRANGER), "2 the plan has no step 'disconnect' of"),
        (REBUILD, ended("teleport", TARGET), "2 the plan has no step 'teleport' of"),
        (REBUILD, ended("disconnect", TARGET, OUT[TARGET].request), None),
        (REBUILD, ended("reconnect", TARGET, connection(TARGET, SUBNET)[1]), None),
        (
            REBUILD,
            ended("reconnect", TARGET, connection(TARGET, STRANGER)[0]),
            "2 reconnect is not the request",
        ),
        (DELEGATE, ended("delegate", SUBNET, READ_LATER), None),
        (DELEGATE, ended("verify", SUBNET, READ_LATER), "2 verify is not the request"),
        *(
            (DELEGATE, ended("delegate", SUBNET, one), "2 delegate is not the request")
            for one in NO_DELEGATION
        ),
    ],
)
def test_a_step_that_ended_is_one_that_the_plan_can_have(plan: Plan, line: Ended, told: str | None) -> None:
    found = wrong(plan, line)
    assert found is None if told is None else (found or "").startswith(told), found


def test_of_a_name_that_is_not_the_plans_the_beginning_is_told() -> None:
    long, request = "x" * 999, OUT[TARGET].request
    assert request is not None
    told = wrong(REBUILD, Intent(AT, 3, "disconnect", long, request, 1))
    assert told == f"2 the plan has no write disconnect of '{'x' * 200}' as step 3"
    assert wrong(REBUILD, ended(long, long)) == f"2 the plan has no step '{'x' * 80}' of '{'x' * 200}'"


@pytest.mark.parametrize(
    ("line", "told"),
    [
        (Outcome(AT, 4, None, "", "", "no", 1, sent=False), None),
        (Outcome(AT, 4, 200, "", "", "no", 1, sent=False), "3 it answers a write that was not sent"),
        (Outcome(AT, 4, None, "a", "", "no", 1, sent=False), "3 it answers a write that was not sent"),
        (Outcome(AT, 4, None, "", "b", "no", 1, sent=False), "3 it answers a write that was not sent"),
        (Outcome(AT, 4, 200, "a", "b", "no", 1), None),
    ],
)
def test_nothing_answers_what_was_not_sent(line: Outcome, told: str | None) -> None:
    assert line.n == OUT[TARGET].n
    assert wrong(REBUILD, write(1), line) == told


def test_what_is_checked_keeps_its_lines_and_takes_the_requests_that_are_built_anew() -> None:
    kept = record(write(1), answer(1))
    assert checked(kept).lines == kept.lines
    begin = Begin(AT, "r", "0", "me", "here", 1, "me", "https://arm", DELEGATE, ())
    found = checked(Record(begin, (begin,))).begin.plan
    assert [one.request for one in found.steps if one.do == "delegate"] == [None]
    assert (wrong(replace(REBUILD, steps=REBUILD.steps[1:])) or "").startswith("1 ")
