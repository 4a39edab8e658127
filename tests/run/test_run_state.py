"""What a run came to: its status, whether anything is left, and what the operator is told. Pure."""

from __future__ import annotations

import pytest
from msgspec.structs import replace

from remediate.errors import StoreError
from remediate.model import Plan, Routing, RunStatus, Step, StepResult, TargetStatus
from remediate.run.state import RunState, by_hand, failure_text, only_anew, result, untouched
from remediate.steps import AppOutcome
from tests.checks.worlds import NEIGHBOUR, OTHER_PLAN, SUBNET, TARGET
from tests.run.test_checked import LEAVE
from tests.run.test_remaining import REBUILD

PURGE = replace(
    LEAVE,
    apps=(),
    target=SUBNET,
    purpose="purge",
    links=(OTHER_PLAN,),
    steps=tuple(replace(one, do="purge") if one.n == 3 else one for one in LEAVE.steps),
)
LETTERS: dict[str, TargetStatus] = {
    "u": "untouched",
    "?": "unknown",
    "d": "disconnected",
    "r": "reconnected",
    "p": "purged",
}


def at(plan: Plan, do: str, target: str | None = None) -> Step:
    """The first step of that kind, for one target where it is given."""
    return next(one for one in plan.steps if one.do == do and target in (None, one.target))


def state(apps: str, plan: Plan = REBUILD, *, failed: str = "", skipped: str = "") -> RunState:
    """A run with what became of each of its apps, whose steps succeeded but for those that are named.

    The first that failed is the one that turned the run back.
    """
    found = untouched(plan)
    for one, letter in zip(plan.changes, apps, strict=True):
        found.outcomes[one].status = LETTERS[letter]
    for step in plan.steps:
        ended = (
            "failed"
            if step.do in failed.split()
            else "skipped"
            if step.do in skipped.split()
            else "succeeded"
        )
        found.results.append(StepResult(step.n, step.do, step.target, ended, detail="as it was"))  # type: ignore[arg-type]
    if failed:
        found.failed = at(plan, failed.split()[0])
    return found


@pytest.mark.parametrize(
    ("found", "status", "interrupted"),
    [
        (state("rr"), "succeeded", "succeeded"),
        (state("dr"), "failed", "failed"),
        (state("r?"), "failed", "failed"),
        # What was left out counts only where nothing makes up for it.
        (state("rr", skipped="wait-link-ready check-routing"), "succeeded", "succeeded"),
        (state("rr", skipped="verify"), "succeeded", "interrupted"),
        (state("uu", skipped="disconnect"), "succeeded", "interrupted"),
        (state("rr", skipped="reconnect"), "succeeded", "interrupted"),
        # A failure that leads back rolled the run back; one that does not stays a failure.
        (state("rr", failed="wait-link-gone"), "rolled-back", "rolled-back"),
        (state("ru", failed="wait-link-gone"), "rolled-back", "rolled-back"),
        (state("uu", failed="wait-link-gone"), "failed", "failed"),
        (state("rr", failed="wait-link-gone check-routing"), "failed", "failed"),
        (state("rr", failed="wait-link-ready"), "failed", "failed"),
        (state("rr", failed="disconnect"), "failed", "failed"),
        (state("rd", failed="wait-link-gone"), "failed", "failed"),
        (state("rr", failed="verify"), "failed", "interrupted"),
        (state("rd", failed="verify"), "failed", "failed"),
        # For good: an app that is disconnected is as it should be.
        (state("dd", LEAVE), "succeeded", "succeeded"),
        (state("d?", LEAVE, skipped="disconnect"), "succeeded", "interrupted"),
        (state("du", LEAVE, failed="verify"), "failed", "interrupted"),
        (state("uu", LEAVE, failed="disconnect"), "failed", "failed"),
        (state("p", PURGE), "succeeded", "succeeded"),
        (state("u", PURGE, failed="purge"), "failed", "interrupted"),
    ],
)
def test_the_status_of_a_run(found: RunState, status: RunStatus, interrupted: RunStatus) -> None:
    assert found.status(interrupted=False) == status
    assert found.status(interrupted=True) == interrupted


def test_who_says_no_interrupts_the_run_unless_an_app_is_away() -> None:
    found = state("rr")
    found.declined = at(REBUILD, "confirm")
    assert found.status(interrupted=False) == "interrupted"
    found.outcomes[TARGET].status = "disconnected"
    assert found.status(interrupted=False) == "failed"


def test_what_somebody_else_changed_keeps_the_run_from_having_succeeded() -> None:
    found = state("rr")
    found.changed_by_others = "orders is on another subnet"
    assert found.status(interrupted=False) == "failed"
    assert not found.open
    found.outcomes[TARGET].status = "unknown"
    assert found.open


@pytest.mark.parametrize(
    ("found", "open_"),
    [
        (state("rr"), False),
        (state("uu"), False),
        (state("uu", failed="disconnect"), False),
        (state("dr"), True),
        (state("u?"), True),
        (state("rr", failed="verify"), True),
        (state("rr", failed="check-routing"), True),
        (state("rr", failed="wait-link-ready"), True),
        # Only a new run rebuilds a link whose apps were not all disconnected, or were put back.
        (state("rr", failed="verify", skipped="disconnect"), False),
        (state("ru", failed="disconnect"), False),
        (state("rr", failed="wait-link-gone"), False),
        (state("rr", failed="wait-link-gone check-routing"), True),
        (state("rd", failed="wait-link-gone"), True),
    ],
)
def test_a_run_is_open_where_resume_can_do_something(found: RunState, open_: bool) -> None:
    assert found.open is open_


def test_a_step_that_failed_and_did_not_stop_the_run_is_left_too() -> None:
    found = state("rr")
    found.results[-1] = replace(found.results[-1], status="failed")
    assert found.open
    found.results[-1] = replace(found.results[-1], status="skipped")
    assert not found.open
    found.failed = at(REBUILD, "verify")
    assert found.open


@pytest.mark.parametrize("plan", [LEAVE, PURGE], ids=["leave", "purge"])
@pytest.mark.parametrize("ended", ["failed", "interrupted", "succeeded", "rolled-back", None])
@pytest.mark.parametrize("letter", ["d", "u", "?"])
def test_what_leaves_for_good_goes_on_from_anywhere(plan: Plan, ended: RunStatus | None, letter: str) -> None:
    found = state(letter * len(plan.changes), plan)
    found.ended = ended
    assert found.disconnected == []
    assert found.open is (letter != "u" and ended in ("failed", "interrupted"))


def test_a_delegation_alone_is_a_change() -> None:
    found = state("uu", failed="verify")
    assert (found.changed, found.touched, found.open) == (False, False, False)
    found.delegated = True
    assert (found.changed, found.touched, found.open) == (True, False, True)
    assert (state("ru").changed, state("ru").touched) == (True, True)


@pytest.mark.parametrize(
    ("before", "seen", "remains", "after"),
    [
        ("u", "u", False, "u"),
        ("u", "d", False, "d"),
        ("?", "d", False, "d"),
        ("?", "u", False, "?"),
        ("d", "u", False, "?"),
        ("d", "u", True, "u"),
        ("?", "u", True, "u"),
        ("?", "p", True, "p"),
        ("u", "u", True, "u"),
    ],
)
def test_what_is_still_there_may_yet_go_unless_nothing_was_sent_or_time_was_up(
    before: str, seen: str, remains: bool, after: str
) -> None:
    found = state(before + "d", LEAVE)
    found.link_remains = remains
    found.update_from({LEAVE.apps[0].id: LETTERS[seen]})
    assert [one.status for one in found.outcomes.values()] == [LETTERS[after], "disconnected"]


def test_a_later_result_takes_the_place_of_the_earlier_one_of_its_step() -> None:
    found = state("rr")
    later = replace(found.results[4], status="failed")
    before = list(found.results)
    found.replace(later)
    assert found.results == [*before[:4], later, *before[5:]]


def test_only_apps_that_are_to_come_back_are_missing_their_network() -> None:
    assert untouched(REBUILD).not_to_connect == frozenset()
    assert untouched(LEAVE).not_to_connect == {TARGET, NEIGHBOUR}
    assert untouched(PURGE).not_to_connect == {SUBNET}
    assert untouched(PURGE).purpose == "purge"
    assert state("d?").disconnected == [TARGET, NEIGHBOUR]
    assert state("ru").disconnected == []


def message(found: RunState, plan: Plan, status: RunStatus) -> list[str]:
    found.ended = status
    return (found.message(plan, status) or "").splitlines()


def test_where_all_went_well_nothing_is_told() -> None:
    assert state("rr").message(REBUILD, "succeeded") is None


def test_each_app_that_may_be_away_is_named_with_the_request_that_connects_it() -> None:
    back = {name: at(REBUILD, "reconnect", name) for name in (TARGET, NEIGHBOUR)}
    lines = {}
    for name, step in back.items():
        assert step.request is not None
        lines[name] = (
            f"{name.rpartition('/')[2]} may be without its network. By hand: `{by_hand(step.request)}`"
        )
    assert message(state("dd"), REBUILD, "failed") == [lines[TARGET], lines[NEIGHBOUR]]
    assert message(state("r?"), REBUILD, "failed") == [lines[NEIGHBOUR]]
    assert message(state("dd", LEAVE), LEAVE, "succeeded") == []


def test_why_a_run_stopped_comes_first_and_what_somebody_else_changed_before_it() -> None:
    found = state("rd", failed="verify")
    found.journal_error = "the disk is full"
    assert message(found, REBUILD, "failed")[:2] == ["stopped: the disk is full", "verify orders: as it was"]
    found.changed_by_others = "billing is deleted"
    assert message(found, REBUILD, "failed")[:2] == ["billing is deleted", "stopped: the disk is full"]
    well = state("rr")
    well.journal_error = "the disk is full"
    assert message(well, REBUILD, "succeeded") == []


@pytest.mark.parametrize(
    ("found", "plan", "status", "told"),
    [
        (state("rr", failed="disconnect"), REBUILD, "failed", True),
        (state("ru", failed="disconnect"), REBUILD, "interrupted", True),
        (state("ru", failed="disconnect"), REBUILD, "succeeded", False),
        (state("rr", failed="wait-link-gone"), REBUILD, "rolled-back", False),
        (state("uu", failed="disconnect"), REBUILD, "failed", False),
        (state("rr", failed="verify"), REBUILD, "failed", False),
        (state("dd", LEAVE, failed="verify"), LEAVE, "failed", False),
        (state("rd", failed="disconnect"), REBUILD, "failed", False),
    ],
)
def test_a_new_run_is_named_only_where_nothing_else_is_left(
    found: RunState, plan: Plan, status: RunStatus, told: bool
) -> None:
    anew = only_anew(plan)
    assert (anew in message(found, plan, status)) is told
    unclosed = found.unclosed(plan, status).splitlines()
    assert anew not in unclosed
    assert unclosed[-1].endswith("To complete it: `remediate resume`")
    assert unclosed[:-1] == [one for one in message(found, plan, status) if one != anew]
    found.changed_by_others = "billing is deleted"
    assert anew not in message(found, plan, status)


def test_other_ways_are_told_only_where_a_purge_failed_and_its_link_remained() -> None:
    for remains, failed, told in ((True, "purge", True), (False, "purge", False), (True, "verify", False)):
        found = state("u", PURGE, failed=failed)
        found.link_remains = remains
        assert any("Two other ways" in one for one in message(found, PURGE, "failed")) is told


def test_a_target_has_its_own_routing_and_outage() -> None:
    found = state("rd")
    found.outcomes[TARGET] = AppOutcome("reconnected", 1.0, 3.5)
    after = Routing(all_traffic=True)
    one, other = found.targets(REBUILD, {TARGET: after})
    assert (one.id, one.subnet, one.status, one.outage_seconds) == (TARGET, SUBNET, "reconnected", 2.5)
    assert (one.routing_after, other.routing_after) == (after, None)
    assert one.routing_before == REBUILD.apps[0].routing
    assert (other.id, other.status, other.outage_seconds) == (NEIGHBOUR, "disconnected", None)
    (subnet,) = state("p", PURGE).targets(PURGE, {})
    assert (subnet.id, subnet.status, subnet.routing_before) == (SUBNET, "purged", None)


@pytest.mark.parametrize(
    ("left", "back", "outage"), [(1.0, 3.5, 2.5), (0.0, 1.23456, 1.235), (None, 1.0, None), (1.0, None, None)]
)
def test_an_outage_needs_both_ends(left: float | None, back: float | None, outage: float | None) -> None:
    assert AppOutcome("reconnected", left, back).outage == outage


def test_a_result_is_that_of_its_step_to_the_millisecond() -> None:
    step = at(REBUILD, "reconnect")
    ended = result(step, "failed", 1.23456, "no")
    assert (ended.n, ended.do, ended.target, ended.request) == (step.n, step.do, step.target, step.request)
    assert (ended.status, ended.seconds, ended.detail) == ("failed", 1.235, "no")
    assert result(step, "skipped").seconds is None


def test_an_error_of_ours_is_told_as_it_is_and_any_other_as_unexpected() -> None:
    assert failure_text(StoreError("the disk is full")) == "the disk is full"
    assert failure_text(ValueError("x")) != "x"
    assert "ValueError" in failure_text(ValueError("x"))
