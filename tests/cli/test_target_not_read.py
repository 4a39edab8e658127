"""A target that cannot be read itself: a finding that nothing is known, and no change."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from tests.conftest import APP, PLAN, SUBNET, Azure, Ran

NETWORK = SUBNET.partition("/subnets/")[0]
DENIED = {"status": 403, "body": {"error": {"code": "AuthorizationFailed", "message": "no"}}}


@pytest.mark.parametrize(
    ("command", "target", "path"),
    [
        ("verify", APP, "/sites/orders-func$"),
        ("guard", APP, "/sites/orders-func$"),
        ("guard", PLAN, "/serverfarms/plan-orders$"),
        ("guard", NETWORK, "/virtualNetworks/vnet-prod$"),
        ("guard", SUBNET, "/subnets/snet-apps$"),
    ],
)
def test_a_target_that_cannot_be_read_is_unknown(
    remediate: Callable[..., Ran], azure: Callable[..., Azure], command: str, target: str, path: str
) -> None:
    azure("not-integrated").fault({"match": {"method": "GET", "path": path}, "times": 0, "answer": DENIED})
    ran = remediate(command, target, "-o", "json")
    assert (ran.code, ran.codes) == (3, {"no-read-permission"})
    assert ran.document["healthy" if command == "verify" else "safe"] is None


def test_the_page_of_an_app_that_cannot_be_read(
    remediate: Callable[..., Ran], azure: Callable[..., Azure]
) -> None:
    azure("healthy").fault(
        {"match": {"method": "GET", "path": "/sites/orders-func$"}, "times": 0, "answer": DENIED}
    )
    ran = remediate("verify", APP)
    assert ran.code == 3
    assert "Could not read orders-func" in ran.out
    assert "403 AuthorizationFailed: no" in ran.out
    assert "healthy" not in ran.out


def test_a_reconnect_of_an_app_that_cannot_be_read_is_refused(
    remediate: Callable[..., Ran], azure: Callable[..., Azure]
) -> None:
    simulated = azure("healthy")
    simulated.fault({"match": {"method": "GET", "path": "/sites/orders-func$"}, "times": 0, "answer": DENIED})
    ran = remediate("reconnect", APP, "--yes", "-o", "json")
    assert (ran.code, ran.document["exit"], ran.document["code"]) == (4, 4, "denied")
    assert simulated.writes == []
