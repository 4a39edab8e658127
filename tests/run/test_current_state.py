"""Where the apps of a run are now, what of that somebody else did, and what support is told."""

from __future__ import annotations

from typing import Any

import pytest
from msgspec.structs import replace

from remediate.azure.waiting import Waiter
from remediate.model import App, CurrentState, Delegation, Finding, Link, Plan, Where
from remediate.model.failure import RequestFailed
from remediate.run.current_state import Verb, read_current_state, unexplained
from remediate.run.journal import Begin, Intent, Line, Outcome, Record
from remediate.run.support import support_request
from tests.checks.worlds import ELSEWHERE, NEIGHBOUR, OTHER_PLAN, PLAN, SUBNET, TARGET, link
from tests.clocks import ManualClock
from tests.run.test_checked import DELEGATE, LEAVE
from tests.run.test_record import answer, write
from tests.run.test_remaining import AT, REBUILD
from tests.run.test_run_state import PURGE, at, state
from tests.steps.executions import Reading, failure, subnet

ORDERS: App = REBUILD.apps[0]


def seen(plan: Plan = REBUILD, **azure: Any) -> CurrentState:
    """What is read, where Azure has it otherwise than at first: `orders`, `place` and `subnet`."""
    there = Reading()
    there.apps[TARGET] = azure.get("orders", there.apps[TARGET])
    there.places[TARGET] = azure.get("place", SUBNET)
    there.subnets = azure.get("subnet", subnet())
    reader: Any = there
    return read_current_state(reader, plan, Waiter(ManualClock()))


@pytest.mark.parametrize(
    ("azure", "where", "found"),
    [
        ({}, "connected", None),
        ({"place": SUBNET.upper()}, "connected", None),
        ({"place": None}, "disconnected", None),
        ({"place": ELSEWHERE}, "elsewhere", ELSEWHERE),
        ({"place": failure("absent", 404)}, "gone", None),
        ({"place": failure("denied")}, "unclear", None),
        ({"orders": failure("absent", 404)}, "gone", None),
        ({"orders": failure("denied")}, "unclear", None),
        ({"orders": replace(ORDERS, operation="scaling")}, "unclear", None),
        ({"orders": [replace(ORDERS, operation="scaling"), ORDERS]}, "connected", None),
        (
            {"orders": [failure("broken", 503), ORDERS], "place": [failure("broken", 503), None]},
            "disconnected",
            None,
        ),
        ({"place": failure("broken", 503)}, "unclear", None),
        ({"orders": replace(ORDERS, plan=OTHER_PLAN)}, "other-plan", OTHER_PLAN),
        ({"orders": replace(ORDERS, plan=OTHER_PLAN), "place": None}, "other-plan", OTHER_PLAN),
        ({"orders": replace(ORDERS, plan=PLAN.upper())}, "connected", None),
        ({"orders": replace(ORDERS, plan=None)}, "connected", None),
    ],
)
def test_where_an_app_is(azure: dict[str, Any], where: Where, found: str | None) -> None:
    now = seen(**azure)
    assert now.apps == {TARGET: where, NEIGHBOUR: "connected"}
    assert now.found == ({TARGET: found} if found else {})


def test_the_plan_that_an_app_had_is_not_compared_where_it_was_not_read() -> None:
    unread = replace(REBUILD, apps=(replace(ORDERS, plan=None), REBUILD.apps[1]))
    assert seen(unread, orders=replace(ORDERS, plan=OTHER_PLAN)).apps[TARGET] == "connected"


@pytest.mark.parametrize(
    ("plan", "azure", "delegated"),
    [
        (REBUILD, subnet(), True),
        (REBUILD, failure("denied"), True),
        (DELEGATE, subnet(), False),
        (DELEGATE, replace(subnet(), delegations=(Delegation("web", DELEGATE.service),)), True),
        (DELEGATE, replace(subnet(), delegations=(Delegation("web", "Microsoft.Other/things"),)), False),
        (DELEGATE, failure("absent", 404), False),
    ],
)
def test_a_subnet_is_asked_for_its_delegation_only_where_the_plan_delegates(
    plan: Plan, azure: Any, delegated: bool
) -> None:
    assert seen(plan, subnet=azure).delegated is delegated


def test_a_subnet_that_cannot_be_read_is_needed_only_where_the_plan_delegates() -> None:
    assert not seen(subnet=failure("denied")).subnet_gone
    assert seen(subnet=failure("absent", 404)).subnet_gone
    assert seen(DELEGATE, subnet=failure("absent", 404)).subnet_gone
    assert not seen().subnet_gone
    with pytest.raises(RequestFailed):
        seen(DELEGATE, subnet=failure("denied"))


@pytest.mark.parametrize(
    ("plan", "links", "others"),
    [
        (REBUILD, (), ()),
        (REBUILD, (link(PLAN.upper()),), ()),
        (REBUILD, (link(OTHER_PLAN),), (OTHER_PLAN,)),
        (REBUILD, (link(PLAN), link(OTHER_PLAN)), (OTHER_PLAN,)),
        (replace(REBUILD, links=(PLAN, OTHER_PLAN)), (link(OTHER_PLAN),), ()),
        (REBUILD, (link(OTHER_PLAN, type_="Microsoft.Other/things"),), ()),
        (REBUILD, (link(None),), ()),
        (LEAVE, (link(OTHER_PLAN),), ()),
    ],
)
def test_a_link_of_others_counts_where_apps_are_to_come_back(
    plan: Plan, links: tuple[Link, ...], others: tuple[str, ...]
) -> None:
    assert seen(plan, subnet=subnet(*links)).other_links == others


def record(plan: Plan, *lines: Line) -> Record:
    begin = Begin(AT, "r", "0", "me", "here", 1, "me", "https://arm", plan, ())
    return Record(begin, (begin, *lines))


@pytest.mark.parametrize(
    ("plan", "verb", "now", "told"),
    [
        (REBUILD, "resume", {}, []),
        (REBUILD, "resume", {"orders": "elsewhere"}, [f"orders is on another subnet: {ELSEWHERE}"]),
        (REBUILD, "resume", {"orders": "other-plan"}, [f"orders is on another plan: {ELSEWHERE}"]),
        (REBUILD, "rollback", {"orders": "gone"}, ["orders is deleted"]),
        (REBUILD, "resume", {"orders": "unclear"}, []),
        (REBUILD, "resume", {"subnet_gone": True}, ["the subnet snet-web is deleted"]),
        (
            REBUILD,
            "resume",
            {"other_links": (OTHER_PLAN,)},
            ["the link of snet-web names the plan plan-other"],
        ),
        (LEAVE, "resume", {"orders": "gone", "subnet_gone": True}, []),
        (LEAVE, "resume", {"orders": "elsewhere"}, [f"orders is on another subnet: {ELSEWHERE}"]),
        (LEAVE, "rollback", {"orders": "gone"}, ["orders is deleted"]),
        (LEAVE, "rollback", {"subnet_gone": True}, ["the subnet snet-web is deleted"]),
        (PURGE, "resume", {"subnet_gone": True}, ["the subnet snet-web is deleted"]),
    ],
)
def test_what_the_run_does_not_explain_is_told(
    plan: Plan, verb: Verb, now: dict[str, Any], told: list[str]
) -> None:
    orders: Where = now.pop("orders", "connected") if "orders" in now else "connected"
    apps: dict[str, Where] = {TARGET: orders, NEIGHBOUR: "connected"}
    current = CurrentState(apps, True, found={TARGET: ELSEWHERE}, **now)
    assert list(unexplained(record(plan), current, verb)) == told


class Written:
    """A journal as this process wrote it."""

    run = "r"

    def __init__(self, *lines: Line) -> None:
        self.written = list(lines)

    @property
    def announced(self) -> bool:
        return any(isinstance(one, Intent) for one in self.written)


def support(
    found: Any, *lines: Line, status: Any = "failed", after: Any = (), plan: Plan = REBUILD
) -> str | None:
    journal: Any = Written(*lines)
    return support_request(journal, plan, found, status, after)


PROBE_FAILED = Finding("probe-failed", "error", "A worker does not reach db:1433", "")
MISSING = Finding("link-missing", "error", "The link is missing", "")
TRIED = (write(1), answer(1), write(2, NEIGHBOUR), Outcome(AT, 3, None, "", "", "no answer", 2))


def test_support_is_told_every_write_with_its_answer() -> None:
    text = support(state("rr", failed="verify"), *TRIED, after=(MISSING,)) or ""
    lines = text.splitlines()
    assert lines[0].startswith(
        "Regional VNet integration: the service association link of a subnet is not restored"
    )
    assert lines[1:6] == [
        f"Subnet: {SUBNET}",
        f"App Service plan: {PLAN}",
        f"App: {TARGET}",
        f"App: {NEIGHBOUR}",
        "Seen afterwards: The link is missing (link-missing)",
    ]
    assert lines[6] == "What was tried (remediate run r):"
    assert lines[7].startswith("2026-01-01T03:00:00Z DELETE ")
    assert lines[7].endswith(" answered 200, request unknown, correlation unknown")
    assert lines[8].endswith(" answered nothing, request unknown, correlation unknown")
    assert len(lines) == 9
    ids = (write(1), Outcome(AT, 4, 504, "a", "b", None, 1), Outcome(AT, 4, 200, "c", "d", None, 9))
    last = (support(state("rr", failed="verify"), *ids) or "").splitlines()[-1]
    assert last.endswith(" answered 504, request a, correlation b")


def test_support_is_asked_only_where_it_can_help() -> None:
    found = state("rr", failed="verify")
    assert support(found, *TRIED) is not None
    assert support(found) is None
    assert support(found, *TRIED, status="interrupted") is None
    assert support(found, *TRIED, status="rolled-back") is None
    found.journal_error = "the disk is full"
    assert support(found, *TRIED) is None
    found.journal_error, found.changed_by_others = None, "orders is deleted"
    assert support(found, *TRIED) is None


def test_a_port_that_is_not_reached_is_no_question_for_support() -> None:
    found = state("rr", failed="verify")
    found.failed = replace(at(REBUILD, "verify"), do="probe")
    assert support(found, *TRIED, after=(PROBE_FAILED,)) is None
    assert support(found, *TRIED) is None
    assert support(found, *TRIED, after=(PROBE_FAILED, MISSING)) is not None
    found.failed = at(REBUILD, "verify")
    assert support(found, *TRIED, after=(PROBE_FAILED,)) is not None
    found.failed = None
    assert support(found, *TRIED, after=(PROBE_FAILED,)) is not None
