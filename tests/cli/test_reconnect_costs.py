"""What a plan says that it costs is what the run then does, also for an app that is connected nowhere."""

from __future__ import annotations

from collections.abc import Callable

from tests.conftest import Azure, Ran

CONNECT = ("reconnect", "orders-func", "--subnet", "vnet-prod/snet-data")
QUICK = ("--poll-interval", "0.02", "--timeout", "1")


def test_connecting_an_app_that_is_connected_nowhere_costs_one_restart_and_no_network(
    remediate: Callable[..., Ran], azure: Callable[..., Azure]
) -> None:
    simulated = azure("not-integrated")
    plan = remediate(*CONNECT, "--dry-run").out
    words = " ".join(plan.split())
    assert "Connect an app to a subnet" in plan
    assert "Rebuild" not in plan
    assert "orders-func 1 already, until it is connected" in words
    assert "estimates" not in plan
    ran = remediate(*CONNECT, "--yes", *QUICK, "-o", "json")
    assert [method for method, _ in simulated.sent] == ["PATCH"]  # one write restarts it once
    assert [one["outage_seconds"] for one in ran.document["targets"]] == [None]


def test_rebuilding_a_connection_costs_two_restarts_and_a_measured_time(
    remediate: Callable[..., Ran], azure: Callable[..., Azure]
) -> None:
    simulated = azure("healthy")
    words = " ".join(remediate("reconnect", "orders-func", "--dry-run").out.split())
    assert "orders-func 2 10 to 87 s" in words
    ran = remediate("reconnect", "orders-func", "--yes", *QUICK, "-o", "json")
    sent = [method for method, path in simulated.sent]
    assert sent == ["PATCH", "DELETE", "PATCH"]  # the trial, and two that restart it
    assert [one["outage_seconds"] is not None for one in ran.document["targets"]] == [True]
