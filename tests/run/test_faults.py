"""Whatever Azure answers, a run ends with every app on its subnet, or says which is not."""

from __future__ import annotations

import re
from collections.abc import Callable
from itertools import pairwise
from typing import Any

import pytest

from tests.conftest import APP, SUBNET, Azure, Ran
from tests.sampled import in_sweep
from tests.untried import untried

QUICK = ("--yes", "-o", "json", "--poll-interval", "0.02", "--timeout", "5")
RUN = ("reconnect", "orders-func", *untried(), *QUICK)
SITE = "/sites/orders-func$"
CONFIG = "/sites/orders-func/networkConfig/virtualNetwork$"


def rule(method: str, path: str, *, nth: int = 1, times: int = 1, **what: Any) -> dict[str, Any]:
    return {"match": {"method": method, "path": path, "nth": nth}, "times": times, **what}


def answer(status: int, code: str = "", message: str = "", **headers: str) -> dict[str, Any]:
    return {"status": status, "headers": headers, "body": {"error": {"code": code, "message": message}}}


DENIED = answer(403, "LinkedAuthorizationFailed", "no permission to join")
LOST = answer(504, "GatewayTimeout", "The gateway did not receive a response")


def connected(azure: Azure) -> bool:
    body = azure.ask("GET", f"{APP}?api-version=2025-05-01").json()
    return bool(body["properties"]["virtualNetworkSubnetId"] == SUBNET)


@pytest.fixture
def healthy(azure: Callable[..., Azure]) -> Azure:
    return azure("healthy")


def test_where_the_patch_is_refused_the_put_of_network_config_connects(
    remediate: Callable[..., Ran], healthy: Azure
) -> None:
    healthy.fault(rule("PATCH", SITE, answer=DENIED))
    assert remediate(*RUN).code == 0
    assert [method for method, _ in healthy.sent] == ["DELETE", "PATCH", "PUT"]
    assert healthy.writes[-1]["body"] == {"properties": {"subnetResourceId": SUBNET, "swiftSupported": True}}
    assert connected(healthy)


def test_where_nothing_connects_the_app_again_that_is_said_with_the_command_to_do_it_by_hand(
    remediate: Callable[..., Ran], healthy: Azure
) -> None:
    healthy.fault(
        rule("PATCH", SITE, times=0, answer=DENIED),
        rule("PUT", CONFIG, times=0, answer=DENIED),
    )
    ran = remediate(*RUN)
    assert (ran.code, ran.document["status"]) == (5, "failed")
    assert ran.document["targets"][0]["status"] == "disconnected"
    assert "az rest --method patch" in ran.document["message"]
    assert SUBNET in ran.document["message"]


def test_a_disconnect_that_azure_refuses_changes_nothing_and_exits_1(
    remediate: Callable[..., Ran], healthy: Azure
) -> None:
    healthy.fault(rule("DELETE", CONFIG, times=0, answer=DENIED))
    ran = remediate(*RUN)
    assert (ran.code, ran.document["status"]) == (1, "failed")
    assert ran.document["targets"][0]["status"] == "untouched"
    assert [method for method, _ in healthy.sent] == ["DELETE"]
    assert connected(healthy)


MISHAPS: list[dict[str, Any]] = [
    {"answer": LOST, "effect": "kept"},
    {"answer": LOST, "effect": "none"},
    {"answer": answer(500, "InternalServerError"), "effect": "kept"},
    {"answer": answer(503, "ServiceUnavailable"), "effect": "none"},
    {"answer": answer(409, "Conflict", "another operation is in progress"), "effect": "none"},
    {"answer": answer(429, "RetryableError", "another operation"), "effect": "none"},
    {"answer": answer(429, "TooManyRequests", **{"Retry-After": "1"}), "effect": "none"},
    {"reset": "before"},
    {"reset": "after"},
    {"garbage": True},
]
WRITES = (("DELETE", CONFIG), ("PATCH", SITE))


@pytest.mark.parametrize(
    ("write", "fault"),
    [
        *((WRITES[at % 2], fault) for at, fault in enumerate(MISHAPS)),
        *in_sweep(*((WRITES[1 - at % 2], fault) for at, fault in enumerate(MISHAPS))),
    ],
)
def test_a_write_whose_answer_is_lost_or_bad_is_not_repeated_blindly(
    remediate: Callable[..., Ran], healthy: Azure, write: tuple[str, str], fault: dict[str, Any]
) -> None:
    healthy.fault(rule(*write, **fault))
    ran = remediate(*RUN)
    assert (ran.code, ran.document["status"]) == (0, "succeeded"), ran.document["message"]
    assert connected(healthy)
    log = [entry for entry in healthy.log if "/sites/orders-func" in entry["path"]]
    for first, second in pairwise(log):
        assert not (first["mutating"] and second["mutating"] and first["method"] == second["method"])


def test_behind_an_effect_that_was_kept_the_write_goes_out_once(
    remediate: Callable[..., Ran], healthy: Azure
) -> None:
    healthy.fault(rule("DELETE", CONFIG, answer=LOST, effect="kept"))
    assert remediate(*RUN).code == 0
    assert [method for method, _ in healthy.sent] == ["DELETE", "PATCH"]


def test_a_stale_read_after_the_reconnect_is_looked_through(
    remediate: Callable[..., Ran], healthy: Azure
) -> None:
    healthy.fault(rule("GET", CONFIG, nth=4, times=2, stale=True))
    assert remediate(*RUN).code == 0


def test_a_200_that_lies_is_found_out(remediate: Callable[..., Ran], healthy: Azure) -> None:
    healthy.fault(
        rule("PATCH", SITE, times=0, answer={"status": 200, "body": {"id": APP}}, effect="none"),
    )
    ran = remediate(*RUN)
    assert (ran.code, ran.document["status"]) == (5, "failed")
    assert not connected(healthy)
    assert ran.document["targets"][0]["status"] != "reconnected"


def test_a_plan_is_bound_to_what_it_saw(remediate: Callable[..., Ran], healthy: Azure) -> None:
    site = healthy.ask("GET", f"{APP}?api-version=2025-05-01").json()
    site["properties"]["outboundVnetRouting"]["contentShareTraffic"] = True
    healthy.fault(rule("GET", SITE, nth=2, answer={"status": 200, "body": site}))
    ran = remediate(*RUN)
    assert (ran.code, ran.document["code"]) == (6, "moved")
    assert healthy.writes == []


def test_routing_that_changed_under_the_run_is_an_error_with_the_command_that_sets_it_back(
    remediate: Callable[..., Ran], healthy: Azure
) -> None:
    site = healthy.ask("GET", f"{APP}?api-version=2025-05-01").json()
    site["properties"]["outboundVnetRouting"]["contentShareTraffic"] = True
    healthy.fault(rule("GET", SITE, nth=3, times=0, answer={"status": 200, "body": site}))
    ran = remediate(*RUN)
    assert (ran.code, ran.document["status"]) == (5, "failed")
    assert "properties.outboundVnetRouting.contentShareTraffic=false" in ran.document["message"]


@pytest.mark.parametrize("path", [CONFIG, "/subnets/snet-apps$", "/plan-orders$", "/plan-orders/sites$"])
def test_what_could_not_be_read_is_unknown_and_nothing_is_taken_away(
    remediate: Callable[..., Ran], healthy: Azure, path: str
) -> None:
    healthy.fault(rule("GET", path, times=0, answer=answer(403, "AuthorizationFailed", "no")))
    looked = remediate("verify", "orders-func", "-o", "json")
    assert (looked.code, looked.document["healthy"]) == (3, None)
    assert looked.codes == {"no-read-permission"}
    ran = remediate(*RUN)
    assert (ran.code, ran.document["status"]) == (4, "refused")
    assert healthy.writes == []


def test_resource_graph_that_cannot_be_read_refuses_until_that_is_allowed(
    remediate: Callable[..., Ran], healthy: Azure
) -> None:
    """It alone finds who else is on the subnet; the run itself does without it."""
    healthy.fault(
        rule("POST", "/Microsoft.ResourceGraph/", times=0, answer=answer(403, "AuthorizationFailed"))
    )
    ran = remediate(*RUN)
    (refusal,) = ran.document["findings_before"]
    assert (ran.code, refusal["code"], healthy.writes) == (4, "no-read-permission", [])
    (command,) = re.findall("`remediate ([^`]*)`", refusal["action"])
    assert remediate(*command.split(), "--yes", "--poll-interval", "0.02").code == 0


def test_an_app_that_is_gone_is_said_in_one_line(remediate: Callable[..., Ran], healthy: Azure) -> None:
    ran = remediate("verify", f"{APP}-gone", "-o", "json")
    assert (ran.code, ran.document["code"]) == (2, "not-found")
    assert "Traceback" not in ran.err
