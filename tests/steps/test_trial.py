"""What a trial sends, keeps and looks at, given what Azure answers and shows."""

from __future__ import annotations

from typing import Any

import pytest
from msgspec.structs import replace

from remediate.errors import StateChanged, StoreError
from remediate.model import CurrentState, Finding, Where
from remediate.model.failure import Kind, NotSent, OutcomeUnknown
from remediate.steps import Resumption, StepFailed, kind_of
from remediate.steps.trial import SHOWS
from tests.checks.worlds import ELSEWHERE, NEIGHBOUR, TARGET, case, link
from tests.run.test_remaining import REBUILD, TRIED
from tests.steps.executions import HEALTHY, Execution, at, carry_out, failure

FIRST, LAST = at(TRIED, "trial", TARGET), at(TRIED, "trial", NEIGHBOUR)
MISSING = Finding("link-missing", "error", "The link is missing", "")
REFUSALS: tuple[Kind, ...] = (
    "denied", "policy", "refused", "absent", "locked", "plan-limit", "occupied", "delegation", "in-use",
    "moved",
)  # fmt: skip


def test_every_app_is_tried_before_the_first_is_disconnected_the_target_first() -> None:
    names = [step.do for step in TRIED.steps]
    assert names.index("confirm") < names.index("trial") < names.index("disconnect")
    assert names.count("trial") == names.count("reconnect") == 2
    assert FIRST.n < LAST.n < at(TRIED, "disconnect").n
    for app in (TARGET, NEIGHBOUR):
        tried, back = at(TRIED, "trial", app), at(TRIED, "reconnect", app)
        assert (tried.request, tried.fallback) == (back.request, back.fallback)


@pytest.mark.parametrize("kind", REFUSALS)
def test_the_way_that_azure_accepts_is_the_one_that_connects(kind: Kind) -> None:
    there = Execution(TRIED)
    carry_out(FIRST, there)
    assert (there.sent, there.state.outcomes[TARGET].accepted) == ([FIRST.request], FIRST.request)
    there = Execution(TRIED, failure(kind))
    carry_out(FIRST, there)
    assert there.sent == [FIRST.request, FIRST.fallback]
    assert there.state.outcomes[TARGET].accepted == FIRST.fallback
    back = there.state.preferred(at(TRIED, "reconnect", TARGET))
    assert (back.request, back.fallback) == (FIRST.fallback, FIRST.request)
    neighbour = at(TRIED, "reconnect", NEIGHBOUR)
    assert there.state.preferred(neighbour) == neighbour


def test_the_same_answer_to_both_requests_is_said_once() -> None:
    there = Execution(TRIED, failure("denied"), failure("denied"))
    with pytest.raises(StepFailed, match=r"where it is: PATCH and PUT: 403: Azure said denied$"):
        carry_out(FIRST, there)


def test_where_azure_refuses_both_its_words_are_said_and_the_app_counts_as_untouched() -> None:
    there = Execution(TRIED, failure("denied"), failure("refused"))
    with pytest.raises(StepFailed, match=r"PATCH: 403: Azure said denied; PUT: 403: Azure said refused"):
        carry_out(FIRST, there)
    assert there.state.outcomes[TARGET].accepted is None
    assert not there.state.touched


@pytest.mark.parametrize(
    "error",
    [failure("exclusive-lock"), failure("timeout"), OutcomeUnknown("no answer"), NotSent(), StoreError("x")],
)
def test_what_azure_did_not_decide_is_no_reason_to_try_the_other_way(error: Exception) -> None:
    there = Execution(TRIED, error)
    with pytest.raises(type(error)):
        carry_out(FIRST, there)
    assert there.sent == [FIRST.request]


def test_that_the_app_is_connected_is_read_but_proves_nothing() -> None:
    there = Execution(TRIED)
    carry_out(FIRST, there)
    assert not there.done()
    there.reader.places[TARGET] = failure("denied")
    with pytest.raises(type(failure("denied"))):
        there.done()


def test_an_operation_that_azure_is_still_at_is_waited_for() -> None:
    there = Execution(TRIED)
    busy = replace(there.reader.apps[TARGET], operation="op")
    there.reader.apps[TARGET] = [busy, there.reader.apps[TARGET]]
    carry_out(FIRST, there)
    assert [what for what, _ in there.waits] == ["Azure to finish the trial"]
    there.reader.apps[TARGET] = busy
    with pytest.raises(StepFailed, match="timed out"):
        carry_out(FIRST, there)


def test_only_after_the_last_app_everything_is_read_again() -> None:
    there = Execution(TRIED)
    carry_out(FIRST, there)
    assert there.events == []
    carry_out(LAST, there)
    assert there.events == ["token", "replanned"]
    assert not there.state.repaired


def test_a_link_that_came_back_ends_the_run() -> None:
    there = Execution(TRIED)
    there.before = (MISSING,)
    carry_out(LAST, there)
    assert there.state.repaired
    assert (there.seen.world, there.waiter.pauses, there.events) == (HEALTHY, [], ["token"])


def test_a_link_has_a_moment_to_show() -> None:
    missing = case(links=()).world
    there = Execution(TRIED)
    there.before, there.reader.worlds = (MISSING,), [missing, HEALTHY]
    carry_out(LAST, there)
    assert (there.state.repaired, there.waiter.pauses) == (True, [SHOWS])
    there = Execution(TRIED)
    there.before, there.reader.worlds = (MISSING,), missing
    carry_out(LAST, there)
    assert (there.state.repaired, there.seen.world, there.events[-1]) == (False, None, "replanned")


def test_a_link_that_came_back_unfinished_ends_no_run() -> None:
    there = Execution(TRIED)
    there.before, there.reader.worlds = (MISSING,), case(links=(link(state="Updating"),)).world
    carry_out(LAST, there)
    assert (there.state.repaired, there.events[-1]) == (False, "replanned")


@pytest.mark.parametrize("code", ["delegation-missing", "subnet-tight"])
def test_what_no_write_of_an_app_cures_ends_no_run(code: str) -> None:
    there = Execution(TRIED)
    there.before = (replace(MISSING, code=code),)
    carry_out(LAST, there)
    assert not there.state.repaired


@pytest.mark.parametrize(
    "changes", [{"subnet": ELSEWHERE}, {"apps": TRIED.apps[:1]}, {"steps": ()}, {"refusals": (MISSING,)}]
)
def test_anything_else_that_changed_ends_the_run_with_what_it_is(changes: dict[str, Any]) -> None:
    there = Execution(TRIED)
    there.now = replace(TRIED, **changes)
    why = "the trial: The link is missing; no" if "refusals" in changes else "the trial; no"
    with pytest.raises(StateChanged, match=f"{why} app was disconnected"):
        carry_out(LAST, there)


def test_a_delegation_that_the_run_wrote_itself_is_no_such_change() -> None:
    delegate = replace(at(TRIED, "confirm"), do="delegate", n=3)
    later = tuple(replace(step, n=step.n + 1) for step in TRIED.steps[2:])
    there = Execution(replace(TRIED, steps=(*TRIED.steps[:2], delegate, *later)))
    there.now = TRIED
    carry_out(replace(LAST, n=LAST.n + 1), there)
    assert there.events == ["token", "replanned"]


@pytest.mark.parametrize(
    ("orders", "billing", "returning", "left"),
    [
        ("connected", "connected", False, True),
        ("connected", "connected", True, False),
        ("connected", "disconnected", False, False),
        ("unclear", "connected", False, False),
        ("gone", "connected", False, False),
        ("connected", "unclear", False, True),
    ],
)
def test_a_run_that_is_taken_up_tries_a_connected_app_again_while_none_is_away(
    orders: Where, billing: Where, returning: bool, left: bool
) -> None:
    now = CurrentState({TARGET: orders, NEIGHBOUR: billing}, delegated=True)
    nobody = frozenset[str]()
    resumption = Resumption(now, False, returning, nobody, nobody, nobody)
    assert kind_of("trial").is_left(FIRST, resumption) is left
    assert list(kind_of("trial").undo(FIRST, resumption)) == []


def test_a_plan_without_a_trial_prefers_nothing() -> None:
    there = Execution(REBUILD)
    back = at(REBUILD, "reconnect", TARGET)
    assert there.state.preferred(back) is back
