"""Resource Manager promises no order of a listing, so another order is no change since the plan."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from tests.conftest import PLAN, SUBNET, Azure, Ran

QUICK = ("--yes", "-o", "json", "--poll-interval", "0.02", "--timeout", "3")
LISTINGS = ("/serverfarms/plan-orders/sites$", "/orders-func/slots$", "/ResourceGraph/resources$")


def turned_around(since: int) -> list[dict[str, Any]]:
    """Every listing in the opposite order, from its second read on, say."""
    return [{"match": {"path": path, "nth": since}, "times": 0, "reversed": True} for path in LISTINGS]


@pytest.mark.parametrize(
    "command",
    [
        ("reconnect", "orders-func", "--scope", "link"),
        ("guard", PLAN, "--disconnect"),
        ("guard", SUBNET, "--disconnect"),
    ],
)
def test_another_order_on_the_second_look_is_no_change(
    remediate: Callable[..., Ran], azure: Callable[..., Azure], command: tuple[str, ...]
) -> None:
    served = azure("shared-link")
    served.fault(*turned_around(since=2))
    ran = remediate(*command, *QUICK)
    assert (ran.code, ran.err.count("no longer as it was")) == (0, 0)
    assert len(served.writes) >= 4


@pytest.mark.parametrize(
    "command", [("reconnect", "orders-func", "--scope", "link"), ("guard", PLAN, "--disconnect")]
)
def test_the_plan_does_not_depend_on_the_order_of_the_listings(
    remediate: Callable[..., Ran], azure: Callable[..., Azure], command: tuple[str, ...]
) -> None:
    served = azure("shared-link")

    def steps() -> list[tuple[str, str]]:
        document = remediate(*command, "--dry-run", "-o", "json").document
        run = document["runs"][0] if "runs" in document else document
        return [(one["do"], one["target"]) for one in run["steps"]]

    before = steps()
    served.fault(*turned_around(since=1))
    assert steps() == before
