"""A run that is taken up after somebody else changed its app, subnet or plan: exit 6 with what was found."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from tests.conftest import PLAN, SUBNET, Azure, Ran
from tests.faults.invariants import APPS
from tests.run.test_resume_and_rollback import QUICK, killed_after, on, run
from tests.sampled import in_sweep

ORDERS, STAGING, BILLING, MAIL = APPS
DATA = SUBNET.replace("snet-apps", "snet-data")
OTHER_PLAN = PLAN.replace("plan-orders", "plan-other")
APP_RUN = ("reconnect", "orders-func", "--scope", "app", *QUICK)
LEAVE = ("guard", PLAN, "--disconnect", *QUICK)

Change = Callable[[Azure], None]


def move(azure: Azure, app: str = ORDERS) -> None:
    body = {"properties": {"virtualNetworkSubnetId": DATA}}
    azure.ask("PATCH", f"{app}?api-version=2025-05-01", json=body).raise_for_status()


def delete(azure: Azure, app: str = ORDERS) -> None:
    azure.ask("DELETE", f"{app}?api-version=2025-05-01").raise_for_status()


def answered(azure: Azure, path: str, change: Callable[[dict[str, Any]], None], version: str) -> None:
    """From now on Azure says this of something, as if somebody had changed it."""
    body = azure.ask("GET", f"{path}?api-version={version}").json()
    change(body["properties"])
    azure.fault(
        {"match": {"method": "GET", "path": f"{path}$"}, "times": 0, "answer": {"status": 200, "body": body}}
    )


def change_plan(azure: Azure) -> None:
    answered(azure, ORDERS, lambda one: one.update(serverFarmId=OTHER_PLAN), "2025-05-01")


def change_link(azure: Azure) -> None:
    link = {
        "linkedResourceType": "Microsoft.Web/serverfarms",
        "link": OTHER_PLAN,
        "provisioningState": "Succeeded",
    }
    links = [{"name": "AppServiceLink", "properties": link}]
    answered(azure, SUBNET, lambda one: one.update(serviceAssociationLinks=links), "2024-05-01")


def delete_subnet(azure: Azure) -> None:
    body = {"error": {"code": "ResourceNotFound", "message": "Resource snet-apps not found."}}
    azure.fault(
        {
            "match": {"method": "GET", "path": f"{SUBNET}$"},
            "times": 0,
            "answer": {"status": 404, "body": body},
        }
    )


def delete_subnet_with_another_code(azure: Azure) -> None:
    """The subnet answers a 404 whose code proves nothing, and its network has it no more."""
    network = SUBNET.partition("/subnets/")[0]
    body = azure.ask("GET", f"{network}?api-version=2024-05-01").json()
    kept = [one for one in body["properties"]["subnets"] if one["name"] != "snet-apps"]
    body["properties"]["subnets"] = kept
    rules = [(SUBNET, 404, {"error": {"code": "NotFound", "message": "no"}}), (network, 200, body)]
    azure.fault(
        *(
            {
                "match": {"method": "GET", "path": f"{path}$"},
                "times": 0,
                "answer": {"status": status, "body": one},
            }
            for path, status, one in rules
        )
    )


@pytest.mark.parametrize("verb", ["resume", *in_sweep("rollback")])
@pytest.mark.parametrize(
    ("change", "told"),
    [
        (move, f"orders-func is on another subnet: {DATA}"),
        (delete, "orders-func is deleted"),
        (change_plan, f"orders-func is on another plan: {OTHER_PLAN}"),
        (delete_subnet, "the subnet snet-apps is deleted"),
        (delete_subnet_with_another_code, "the subnet snet-apps is deleted"),
    ],
    ids=["another subnet", "deleted", "another plan", "no subnet", "no subnet, another code"],
)
def test_what_neither_before_nor_after_explains_is_told_and_nothing_is_sent(
    remediate: Callable[..., Ran], azure: Callable[..., Azure], verb: str, change: Change, told: str
) -> None:
    healthy = azure("healthy")
    killed_after(healthy, 1, *APP_RUN)
    change(healthy)
    before = len(healthy.writes)
    previewed = remediate(verb, run(), "--dry-run")
    assert previewed.code == 6
    assert told in " ".join(previewed.err.split())
    ran = remediate(verb, run(), *QUICK)
    assert (ran.code, ran.document["code"]) == (6, "moved")
    assert told in ran.document["message"]
    assert healthy.writes[before:] == []


def test_a_run_whose_app_is_somewhere_else_for_good_is_over_and_keeps_no_new_one_out(
    remediate: Callable[..., Ran], azure: Callable[..., Azure]
) -> None:
    healthy = azure("healthy")
    killed_after(healthy, 1, *APP_RUN)
    move(healthy)
    assert remediate("resume", *QUICK).code == 6
    assert remediate("runs", "show", run(), "-o", "json").document["status"] == "failed"
    assert "has not ended" not in remediate("verify", "orders-func").err
    assert remediate(*APP_RUN).code == 0


def test_while_its_subnet_is_gone_an_app_may_be_away_and_the_run_stays_open(
    remediate: Callable[..., Ran], azure: Callable[..., Azure]
) -> None:
    healthy = azure("healthy")
    killed_after(healthy, 1, *APP_RUN)
    delete_subnet(healthy)
    ran = remediate("resume", *QUICK)
    assert ran.code == 6
    assert "orders-func may be without network" in ran.document["message"]
    healthy.fault()
    assert remediate("resume", *QUICK).code == 0
    assert on(healthy, ORDERS) == [True]


def test_a_subnet_whose_network_still_has_it_is_not_deleted_and_the_app_comes_back(
    remediate: Callable[..., Ran], azure: Callable[..., Azure]
) -> None:
    healthy = azure("healthy")
    killed_after(healthy, 1, *APP_RUN)
    body = {"error": {"code": "NotFound", "message": "no"}}
    match = {"method": "GET", "path": f"{SUBNET}$"}
    healthy.fault({"match": match, "times": 0, "answer": {"status": 404, "body": body}})
    ran = remediate("resume", *QUICK)
    assert "deleted" not in ran.out
    assert on(healthy, ORDERS) == [True]


@pytest.mark.parametrize("verb", ["resume", "rollback"])
def test_the_other_apps_of_the_run_come_back_first_and_nothing_more_is_taken(
    remediate: Callable[..., Ran], azure: Callable[..., Azure], verb: str
) -> None:
    shared = azure("shared-link")
    killed_after(shared, 2)
    away = [app for app, there in zip(APPS, on(shared), strict=True) if not there]
    move(shared)
    before = len(shared.writes)
    ran = remediate(verb, run(), *QUICK)
    assert (ran.code, ran.document["status"], ran.document["resume"]) == (6, "failed", None)
    assert f"orders-func is on another subnet: {DATA}" in ran.document["message"]
    sent = [(one["method"], one["path"].partition("?")[0]) for one in shared.writes[before:]]
    assert sorted(sent) == sorted(("PATCH", app) for app in away)
    assert on(shared, STAGING, BILLING, MAIL) == [True] * 3


def test_a_link_of_another_plan_lets_an_app_come_back_and_is_told(
    remediate: Callable[..., Ran], azure: Callable[..., Azure]
) -> None:
    healthy = azure("healthy")
    killed_after(healthy, 1, *APP_RUN)
    change_link(healthy)
    ran = remediate("resume", *QUICK)
    assert "the link of snet-apps names the plan plan-other" in ran.document["message"]
    assert ran.code in (5, 6)
    assert on(healthy, ORDERS) == [True]


def test_an_app_that_was_to_leave_and_is_deleted_is_what_the_run_was_for(
    remediate: Callable[..., Ran], azure: Callable[..., Azure]
) -> None:
    shared = azure("shared-link")
    killed_after(shared, 2, *LEAVE)
    (out, *_) = [app for app, there in zip(APPS, on(shared), strict=True) if not there and app != STAGING]
    delete(shared, out)
    ran = remediate("resume", *QUICK)
    assert (ran.code, ran.document["status"]) == (0, "succeeded"), ran.out


def test_an_app_that_was_to_leave_and_is_on_another_subnet_stops_the_rest(
    remediate: Callable[..., Ran], azure: Callable[..., Azure]
) -> None:
    shared = azure("shared-link")
    killed_after(shared, 1, *LEAVE)
    move(shared, MAIL)
    before = len(shared.writes)
    ran = remediate("resume", *QUICK)
    assert (ran.code, ran.document["code"]) == (6, "moved")
    assert "mail-web is on another subnet" in ran.document["message"]
    assert shared.writes[before:] == []


def test_a_purge_whose_subnet_is_gone_has_nothing_to_ask_for(
    remediate: Callable[..., Ran], azure: Callable[..., Azure]
) -> None:
    orphaned = azure("link-orphaned")
    killed_after(orphaned, 1, "purge", SUBNET, *QUICK)
    delete_subnet(orphaned)
    before = len(orphaned.writes)
    ran = remediate("resume", *QUICK)
    assert (ran.code, ran.document["code"]) == (6, "moved")
    assert orphaned.writes[before:] == []
