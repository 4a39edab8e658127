"""A slot of a neighbour app on the subnet counts like any other app: it holds the link and is taken too."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from remediate.sandbox.server import Sandbox
from tests.conftest import PLAN, SUBNET, Azure, Ran
from tests.faults.invariants import APPS, link, sites
from tests.faults.worlds import App, Described, Linked, build

QUICK = ("--yes", "-o", "json", "--poll-interval", "0.02", "--timeout", "1")
ORDERS, BILLING = APPS[0], APPS[2]
CANARY = f"{BILLING}/slots/canary"
FLAGS = (True, False, True, False, True, False)


@pytest.fixture
def place(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> Iterator[Azure]:
    """A neighbour app on no subnet with a slot that is on ours; `request.param` says what else."""
    with Sandbox(build(request.param)) as sandbox:
        for name, value in sandbox.environment.items():
            monkeypatch.setenv(name, value)
        yield Azure(sandbox)


def world(linked: Linked, *, orders: str | None = SUBNET) -> Described:
    apps = (App(ORDERS, orders, FLAGS), App(BILLING, None, FLAGS), App(CANARY, SUBNET, FLAGS))
    return Described(apps, (linked, "missing"), delegated=True, pace="quick")


with_link = pytest.mark.parametrize("place", [world("own")], indirect=True)
without_link = pytest.mark.parametrize("place", [world("missing")], indirect=True)
slot_alone = pytest.mark.parametrize("place", [world("own", orders=None)], indirect=True)


def on(azure: Azure) -> dict[str, bool]:
    """Which of the three are on the subnet."""
    now = sites(azure, (ORDERS, BILLING, CANARY))
    return {app: one["virtualNetworkSubnetId"] == SUBNET for app, one in now.items()}


BOTH = {ORDERS: True, BILLING: False, CANARY: True}


@without_link
def test_the_link_is_rebuilt_by_taking_the_slot_too(remediate: Any, place: Azure) -> None:
    before = sites(place, (ORDERS, CANARY))
    ran: Ran = remediate("reconnect", "orders-func", "--scope", "link", *QUICK)
    assert (ran.code, ran.document["status"]) == (0, "succeeded"), ran.out
    assert [one["id"] for one in ran.document["targets"]] == [ORDERS, CANARY]
    assert [(method, path.partition("/networkConfig")[0]) for method, path in place.sent] == [
        ("PATCH", ORDERS),
        ("PATCH", CANARY),
        ("DELETE", CANARY),
        ("DELETE", ORDERS),
        ("PATCH", ORDERS),
        ("PATCH", CANARY),
    ]
    assert on(place) == BOTH
    assert link(place) == PLAN
    after = sites(place, (ORDERS, CANARY))
    for app in before:
        assert after[app]["outboundVnetRouting"] == before[app]["outboundVnetRouting"]


@without_link
def test_while_the_slot_stays_an_app_alone_brings_no_link_back(remediate: Any, place: Azure) -> None:
    ran: Ran = remediate("reconnect", "orders-func", "--scope", "app", *QUICK)
    assert (ran.code, ran.document["status"]) == (4, "refused")
    assert "canary" in ran.out
    assert place.writes == []


@without_link
def test_the_scope_that_nobody_named_is_the_app_where_a_slot_would_pay_for_the_link(
    remediate: Any, place: Azure
) -> None:
    ran: Ran = remediate("reconnect", "orders-func", *QUICK)
    assert (ran.code, ran.document["scope"]) == (4, "app")
    assert place.writes == []


@with_link
def test_one_app_alone_does_not_wait_for_a_link_that_the_slot_holds(remediate: Any, place: Azure) -> None:
    ran: Ran = remediate("reconnect", "orders-func", "--scope", "app", *QUICK)
    assert (ran.code, ran.document["status"]) == (0, "succeeded"), ran.out
    (waited,) = [one for one in ran.document["steps"] if one["do"] == "wait-link-gone"]
    assert (waited["target"], waited["status"]) == (ORDERS, "succeeded")
    assert CANARY not in {path.partition("/networkConfig")[0] for _, path in place.sent}


@slot_alone
def test_a_link_that_the_slot_uses_is_not_purged(remediate: Any, place: Azure) -> None:
    ran: Ran = remediate("purge", SUBNET, *QUICK)
    assert (ran.code, ran.document["status"]) == (4, "refused")
    assert "The link of snet-apps is in use" in ran.document["message"]
    assert place.writes == []
    assert link(place) == PLAN


@slot_alone
def test_a_link_that_the_slot_uses_is_not_purged_either_where_resource_graph_knows_nothing(
    remediate: Any, place: Azure
) -> None:
    match = {"method": "POST", "path": "/Microsoft.ResourceGraph/"}
    nothing = {"totalRecords": 0, "count": 0, "data": [], "resultTruncated": "false"}
    place.fault({"match": match, "times": 0, "answer": {"status": 200, "body": nothing}})
    ran: Ran = remediate("purge", SUBNET, *QUICK)
    assert (ran.code, ran.document["status"]) == (4, "refused")
    assert "The link of snet-apps is in use" in ran.document["message"]
    assert place.writes == []


@slot_alone
@pytest.mark.parametrize("target", [PLAN, SUBNET, BILLING, CANARY])
def test_whatever_is_deleted_with_the_slot_leaves_its_link_behind(
    remediate: Any, place: Azure, target: str
) -> None:
    ran: Ran = remediate("guard", target, "-o", "json")
    assert (ran.code, ran.document["safe"]) == (3, False)
    assert [one["id"] for one in ran.document["holders"]] == [CANARY]


@with_link
def test_to_delete_the_neighbour_its_slot_leaves_and_nobody_else(remediate: Any, place: Azure) -> None:
    ran: Ran = remediate("guard", BILLING, "--disconnect", *QUICK)
    assert (ran.code, ran.document["safe"]) == (0, True), ran.out
    assert place.sent == [("DELETE", f"{CANARY}/networkConfig/virtualNetwork")]
    assert on(place) == {ORDERS: True, BILLING: False, CANARY: False}
    assert link(place) == PLAN


@with_link
def test_the_slots_of_a_neighbour_that_cannot_be_read_are_not_taken_for_none(
    remediate: Any, place: Azure
) -> None:
    body = {"error": {"code": "AuthorizationFailed", "message": "no"}}
    match = {"method": "GET", "path": "/sites/billing-web/slots$"}
    place.fault({"match": match, "times": 0, "answer": {"status": 403, "body": body}})
    ran: Ran = remediate("reconnect", "orders-func", *QUICK)
    asked = [one for one in place.log if one["path"].partition("?")[0].endswith("/billing-web/slots")]
    assert asked
    assert (ran.code, ran.document["status"]) == (4, "refused")
    assert place.writes == []
