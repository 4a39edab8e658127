"""Locks, permissions and policies of the simulated Azure: what they let through, and how they say no."""

from __future__ import annotations

import pytest

from remediate.sandbox.governance import Governance, Lock
from remediate.sandbox.rules.access import check_join, check_policy, check_read, check_write
from remediate.sandbox.rules.connect import connect
from remediate.sandbox.state import State

from .worlds import GROUP, Small, refused, site_id, subnet_id, vnet_id

CONFIG = f"{site_id()}/networkConfig/virtualNetwork"
JOIN = "join/action"
LOCK = "Microsoft.Authorization/locks/keep"


def locked(scope: str, level: str) -> Governance:
    return Governance(locks=[Lock(scope, level, "keep")])


def may(*actions: str, but: tuple[str, ...] = ()) -> Governance:
    return Governance(permissions=[{"actions": list(actions), "notActions": list(but)}])


@pytest.mark.parametrize(
    ("governance", "method", "path"),
    [
        (locked(GROUP, "CanNotDelete"), "DELETE", CONFIG),
        (locked(GROUP.upper(), "ReadOnly"), "PATCH", site_id()),
        (locked(site_id(), "ReadOnly"), "DELETE", site_id(slot="staging")),
        (locked(vnet_id(), "ReadOnly"), "PUT", subnet_id()),
    ],
)
def test_a_lock_stops(governance: Governance, method: str, path: str) -> None:
    no = refused(lambda: check_write(governance, method, path))
    assert (no.status, no.body["error"]["code"]) == (409, "ScopeLocked")


@pytest.mark.parametrize(
    ("governance", "method", "path"),
    [
        (locked(GROUP, "CanNotDelete"), "PATCH", site_id()),
        (locked(GROUP, "ReadOnly"), "GET", site_id()),
        (locked(site_id("other"), "ReadOnly"), "DELETE", CONFIG),
        (locked(GROUP, "ReadOnly"), "DELETE", f"{GROUP}/providers/Microsoft.Authorization/locks/keep"),
        (may("Microsoft.Authorization/locks/*"), "DELETE", f"{GROUP}/providers/{LOCK}"),
        (may("Microsoft.Web/*"), "DELETE", CONFIG),
        (may("microsoft.web/sites/networkconfig/DELETE"), "DELETE", CONFIG),
    ],
)
def test_what_is_let_through(governance: Governance, method: str, path: str) -> None:
    check_write(governance, method, path)


def test_without_the_permission_a_write_is_refused_with_the_action_that_it_needs() -> None:
    no = refused(lambda: check_write(may("*", but=("*/delete",)), "DELETE", CONFIG))
    assert (no.status, no.body["error"]["code"]) == (403, "AuthorizationFailed")
    assert "Microsoft.Web/sites/networkConfig/delete" in no.body["error"]["message"]


SUBSCRIPTION = GROUP.partition("/resourceGroups/")[0]
READS = [
    (f"{GROUP}/providers/Microsoft.Authorization/permissions", "Microsoft.Authorization/permissions/read"),
    (f"{SUBSCRIPTION}/providers/Microsoft.Authorization/locks", "Microsoft.Authorization/locks/read"),
    (f"{SUBSCRIPTION}/providers/Microsoft.Web", "Microsoft.Resources/subscriptions/providers/read"),
    (
        f"{SUBSCRIPTION}/providers/Microsoft.Network/locations/westeurope/operations/1",
        "Microsoft.Network/locations/operations/read",
    ),
]


@pytest.mark.parametrize(("path", "action"), READS)
def test_a_read_needs_its_action(path: str, action: str) -> None:
    no = refused(lambda: check_read(may("*", but=(action,)), path))
    assert (no.status, no.body["error"]["code"]) == (403, "AuthorizationFailed")
    assert action in no.body["error"]["message"]
    check_read(may(action), path)


@pytest.mark.parametrize(("method", "action"), [("PUT", "write"), ("DELETE", "delete")])
def test_a_contributor_manages_no_locks(method: str, action: str) -> None:
    contributor = may("*", but=("Microsoft.Authorization/*/Write", "Microsoft.Authorization/*/Delete"))
    no = refused(lambda: check_write(contributor, method, f"{GROUP}/providers/{LOCK}"))
    assert (no.status, no.body["error"]["code"]) == (403, "AuthorizationFailed")
    assert f"Microsoft.Authorization/locks/{action}" in no.body["error"]["message"]


@pytest.mark.parametrize(
    ("governance", "status", "code"),
    [
        (may("Microsoft.Web/*"), 403, "LinkedAuthorizationFailed"),
        (locked(vnet_id(), "ReadOnly"), 409, "ScopeLocked"),
    ],
)
def test_a_connect_asks_at_the_subnet_too(governance: Governance, status: int, code: str) -> None:
    no = refused(lambda: check_join(State(governance=governance), site_id(), subnet_id(), JOIN))
    assert (no.status, no.body["error"]["code"]) == (status, code)


def test_a_delete_lock_on_the_network_lets_a_connect_through() -> None:
    check_join(State(governance=locked(vnet_id(), "CanNotDelete")), site_id(), subnet_id(), JOIN)


def test_the_policy_denies_a_site_without_a_subnet_only() -> None:
    governance = Governance(subnet_required=True)
    no = refused(lambda: check_policy(governance, None))
    assert (no.status, no.body["error"]["code"]) == (403, "RequestDisallowedByPolicy")
    check_policy(governance, subnet_id())
    check_policy(Governance(), None)


def test_a_subnet_with_too_few_addresses_for_the_instances_of_its_plans_refuses() -> None:
    small = Small("10.0.1.0/28")
    plan = small.world.state.plan(small.site().plan)
    plan.workers = 12
    no = refused(lambda: connect(small.world, small.site(), subnet_id()))
    assert (no.status, "does not have enough addresses" in no.body["Message"]) == (409, True)
    plan.workers = 11
    connect(small.world, small.site(), subnet_id())


def test_a_network_whose_subscription_does_not_know_app_service_refuses() -> None:
    small = Small()
    small.world.state.governance.unregistered.append("Microsoft.Web")
    no = refused(lambda: connect(small.world, small.site(), subnet_id()))
    assert (no.status, no.body["error"]["code"]) == (409, "MissingSubscriptionRegistration")
