"""A run that disconnects for good: what it leaves when it is cut off, how it goes on, and the way back."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from tests.conftest import PLAN, SUBNET, Azure, Ran
from tests.faults.invariants import link, sites
from tests.faults.operators import Cut, Typed, typed
from tests.run.test_faults import answer, rule

QUICK = ("--yes", "-o", "json", "--poll-interval", "0.02", "--timeout", "1")
LEAVE = ("guard", PLAN, "--disconnect", *QUICK)
OUT = None


@pytest.fixture
def shared(azure: Callable[..., Azure]) -> Azure:
    return azure("shared-link")


def places(azure: Azure) -> list[str | None]:
    """Where each of the four is: slot, then apps in the order in which they leave."""
    return [one["virtualNetworkSubnetId"] for one in sites(azure).values()]


def run_of(ran: Typed | Ran) -> dict[str, Any]:
    """The one run of a guard document."""
    (run,) = ran.document["runs"]
    found: dict[str, Any] = run
    return found


@pytest.mark.parametrize("how", ["ctrl-c", "killed"])
def test_cut_off_it_leaves_what_is_done_and_is_resumed(shared: Azure, how: Any) -> None:
    ran = typed(shared, *LEAVE, cut=Cut(how, "write", 2, "after"))
    assert places(shared).count(OUT) == 2
    if how == "ctrl-c":
        run = run_of(ran)
        assert (ran.code, run["status"], run["purpose"]) == (5, "interrupted", "disconnect")
        assert sorted(one["status"] for one in run["targets"]) == ["disconnected"] * 2 + ["untouched"] * 2
        assert "is still connected" in run["message"]
        assert run["resume"] == f"remediate resume {run['run']}"
    resumed = typed(shared, "resume", *QUICK)
    assert (resumed.code, resumed.document["status"]) == (0, "succeeded"), resumed.out
    assert {one["status"] for one in resumed.document["targets"]} == {"disconnected"}
    assert places(shared) == [OUT] * 4
    assert len(shared.writes) == 4


def test_an_app_that_azure_does_not_let_go_stops_it_and_nobody_is_brought_back(
    remediate: Callable[..., Ran], shared: Azure
) -> None:
    shared.fault(rule("DELETE", "/billing-web/", times=0, answer=answer(403, "AuthorizationFailed", "no")))
    ran = remediate(*LEAVE)
    run = run_of(ran)
    assert (ran.code, run["status"], run["changed"]) == (5, "failed", True)
    assert "billing-web is still connected" in run["message"]
    assert {entry["method"] for entry in shared.writes} == {"DELETE"}
    shared.fault()
    assert remediate("resume", *QUICK).code == 0
    assert places(shared) == [OUT] * 4


def test_a_disconnect_that_does_not_show_is_no_success(remediate: Callable[..., Ran], shared: Azure) -> None:
    shared.fault(rule("DELETE", "/mail-web/", times=0, answer={"status": 200, "body": None}, effect="none"))
    ran = remediate(*LEAVE)
    run = run_of(ran)
    assert (ran.code, run["status"]) == (5, "failed")
    status = {one["id"].rpartition("/")[2]: one["status"] for one in run["targets"]}
    assert status == {
        "staging": "disconnected",
        "orders-func": "disconnected",
        "billing-web": "disconnected",
        "mail-web": "unknown",
    }


@pytest.mark.parametrize("cut", [None, Cut("killed", "write", 3, "before")])
def test_rolled_back_every_app_that_it_took_is_connected_again_with_its_flags(
    shared: Azure, cut: Cut | None
) -> None:
    before = sites(shared)
    typed(shared, *LEAVE, cut=cut)
    out = places(shared).count(OUT)
    assert out == (2 if cut else 4)
    run = typed(shared, "runs", "list", "-o", "json").document["runs"][0]["run"]
    back = typed(shared, "rollback", run, *QUICK)
    assert (back.code, back.document["status"]) == (0, "rolled-back"), back.out
    assert len(back.document["targets"]) == out
    assert all(one["routing_after"] == one["routing_before"] for one in back.document["targets"])
    assert [method for method, _ in shared.sent].count("PATCH") == out
    for app, now in sites(shared).items():
        assert now["virtualNetworkSubnetId"] == SUBNET, app
        assert now["outboundVnetRouting"] == before[app]["outboundVnetRouting"], app
    assert link(shared) == (None if cut else PLAN)
