"""What would be refused half way is refused before anything is taken away: exit 4, and no write was sent."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from remediate.sandbox.governance import DenyAssignment
from remediate.sandbox.login import OBJECT_ID
from tests.conftest import APP, SUBNET, Azure, Ran

QUICK = ("--poll-interval", "0.02", "--timeout", "3")
RECONNECT = ("reconnect", "orders-func", "--yes", "-o", "json", *QUICK)
GROUP = APP.partition("/providers/")[0]
ACCESS = r"/sites/orders-func/providers/Microsoft\.Authorization/"


def answering(path: str, body: Any, status: int = 200) -> dict[str, Any]:
    return {
        "match": {"method": "GET", "path": path},
        "times": 0,
        "answer": {"status": status, "body": body},
    }


@pytest.mark.parametrize(
    ("scenario", "code", "codes"),
    [
        ("locked", 0, set()),
        ("no-join", 0, set()),
        ("subnet-full", 3, {"subnet-full"}),
        ("plan-unsupported", 3, {"plan-unsupported"}),
        ("provider-unregistered", 0, set()),
        ("network-ipv6", 0, {"network-ipv6"}),
        ("deny-assignment", 0, set()),
        ("gateway-in-plan", 0, set()),
        ("policy-deny", 0, set()),
        ("no-read", 0, set()),
    ],
)
def test_verify_in(remediate: Callable[..., Ran], scenario: str, code: int, codes: set[str]) -> None:
    ran = remediate("verify", "orders-func", "--sandbox", scenario, "-o", "json")
    assert (ran.code, ran.codes, ran.document["healthy"]) == (code, codes, code == 0)


@pytest.mark.parametrize(
    ("scenario", "code", "mended_by"),
    [
        ("locked", "locked", "az lock delete --ids"),
        ("no-join", "no-permission", "az role assignment create"),
        ("subnet-full", "subnet-full", "az appservice plan update"),
        ("plan-unsupported", "plan-unsupported", "portal"),
        ("provider-unregistered", "provider-unregistered", "az provider register"),
        ("no-read", "no-read-permission", "--allow-unknown no-read-permission"),
        ("network-ipv6", "network-ipv6", "--allow-unknown network-ipv6"),
        ("deny-assignment", "deny-assignment", "az rest --method get --url"),
    ],
)
def test_reconnect_is_refused_in(
    remediate: Callable[..., Ran], azure: Callable[..., Azure], scenario: str, code: str, mended_by: str
) -> None:
    simulated = azure(scenario)
    ran = remediate(*RECONNECT)
    assert (ran.code, ran.document["status"]) == (4, "refused")
    assert [one["code"] for one in ran.document["findings_before"]] == [code]
    assert mended_by in ran.document["message"]
    assert simulated.writes == []
    assert remediate(*RECONNECT, "--dry-run").code == 4


@pytest.mark.parametrize("scenario", ["subnet-full", "plan-unsupported", "locked"])
def test_an_app_that_is_to_be_connected_to_a_subnet_is_refused_or_not_by_what_that_takes(
    remediate: Callable[..., Ran], azure: Callable[..., Azure], scenario: str
) -> None:
    simulated = azure(scenario)
    ran = remediate(*RECONNECT, "--subnet", SUBNET)
    assert ran.code == 4
    assert simulated.writes == []


def test_where_a_policy_wants_a_subnet_the_disconnect_still_goes_through(
    remediate: Callable[..., Ran], azure: Callable[..., Azure]
) -> None:
    simulated = azure("policy-deny")
    assert remediate(*RECONNECT).code == 0
    assert [method for method, _ in simulated.sent] == ["PATCH", "DELETE", "PATCH"]
    body = {"properties": {"virtualNetworkSubnetId": None}}
    denied = simulated.ask("PATCH", f"{APP}?api-version=2025-05-01", json=body)
    assert (denied.status_code, denied.json()["error"]["code"]) == (403, "RequestDisallowedByPolicy")


def test_what_is_unknown_can_be_allowed_by_its_name(
    remediate: Callable[..., Ran], azure: Callable[..., Azure]
) -> None:
    azure("no-read")
    assert remediate(*RECONNECT, "--allow-unknown", "locked").code == 4
    ran = remediate(*RECONNECT, "--allow-unknown", "locked", "--allow-unknown", "no-read-permission")
    assert (ran.code, ran.document["status"]) == (0, "succeeded")
    assert [one["code"] for one in ran.document["findings_before"]] == ["no-read-permission"]


def test_a_network_with_ipv6_is_rebuilt_only_where_the_operator_allows_it(
    remediate: Callable[..., Ran], azure: Callable[..., Azure]
) -> None:
    simulated = azure("shared-link")
    (network,) = simulated.world.state.vnets.values()
    network.prefixes.append("fd00:db8::/48")
    rebuild = (*RECONNECT, "--scope", "link")
    refused = remediate(*rebuild)
    assert (refused.code, simulated.writes) == (4, [])
    assert {one["code"] for one in refused.document["findings_before"]} == {"link-missing", "network-ipv6"}
    ran = remediate(*rebuild, "--allow-unknown", "network-ipv6")
    assert (ran.code, ran.document["status"], len(ran.document["targets"])) == (0, "succeeded", 4)


def test_an_app_on_flex_needs_microsoft_app_in_its_own_subscription_and_the_network_s(
    remediate: Callable[..., Ran], azure: Callable[..., Azure]
) -> None:
    simulated = azure("flex-consumption")
    simulated.world.state.governance.unregistered.append("Microsoft.App")
    ran = remediate(*RECONNECT)
    assert (ran.code, simulated.writes) == (4, [])
    assert "provider-unregistered" in {one["code"] for one in ran.document["findings_before"]}
    assert "az provider register --namespace Microsoft.App" in ran.document["message"]


@pytest.fixture
def denying(azure: Callable[..., Azure]) -> Callable[..., Azure]:
    """A scenario with a deny assignment at a scope."""

    def serve(scenario: str, scope: str, *actions: str, **other: Any) -> Azure:
        simulated = azure(scenario)
        one = DenyAssignment("stack", scope, list(actions), **other)
        simulated.world.state.governance.deny_assignments.append(one)
        return simulated

    return serve


@pytest.mark.parametrize(
    ("scope", "actions"),
    [
        (GROUP, ("*",)),
        (APP, ("*/delete",)),
        (APP, ("microsoft.web/SITES/write",)),
        (SUBNET, ("Microsoft.Network/virtualNetworks/subnets/join/action",)),
        (SUBNET.rpartition("/subnets/")[0], ("*/action",)),
    ],
)
def test_a_deny_assignment_on_the_way_refuses_a_reconnect(
    remediate: Callable[..., Ran], denying: Callable[..., Azure], scope: str, actions: tuple[str, ...]
) -> None:
    simulated = denying("healthy", scope, *actions)
    ran = remediate(*RECONNECT, "--allow-unknown", "deny-assignment")
    assert (ran.code, [one["code"] for one in ran.document["findings_before"]]) == (4, ["deny-assignment"])
    assert simulated.writes == []


@pytest.mark.parametrize(
    ("scope", "actions", "other"),
    [
        (APP, ("*",), {"not_actions": ["Microsoft.Web/*"]}),
        (f"{GROUP}/providers/Microsoft.Web/sites/mail-web", ("*",), {}),
        (GROUP, ("*",), {"exclude_principals": [OBJECT_ID]}),
    ],
)
def test_a_deny_assignment_that_leaves_out_the_action_the_app_or_the_caller_refuses_nothing(
    remediate: Callable[..., Ran],
    denying: Callable[..., Azure],
    scope: str,
    actions: tuple[str, ...],
    other: dict[str, Any],
) -> None:
    denying("healthy", scope, *actions, **other)
    ran = remediate(*RECONNECT, "--dry-run")
    assert (ran.code, ran.document["findings_before"]) == (0, [])


def test_deny_assignments_that_cannot_be_read_are_unknown_and_can_be_allowed(
    remediate: Callable[..., Ran], azure: Callable[..., Azure]
) -> None:
    simulated = azure("healthy")
    denied = {"error": {"code": "AuthorizationFailed", "message": "no"}}
    simulated.fault(answering("/denyAssignments$", denied, 403))
    ran = remediate(*RECONNECT)
    assert (ran.code, simulated.writes) == (4, [])
    assert "Could not read deny assignments" in ran.document["message"]
    assert remediate(*RECONNECT, "--allow-unknown", "no-read-permission").code == 0


def test_a_deny_assignment_keeps_apps_from_being_disconnected_for_good(
    remediate: Callable[..., Ran], denying: Callable[..., Azure]
) -> None:
    simulated = denying("healthy", APP, "Microsoft.Web/sites/networkConfig/delete")
    ran = remediate("guard", SUBNET, "--disconnect", "--yes", "-o", "json", *QUICK)
    assert (ran.code, simulated.writes) == (4, [])
    assert [one["code"] for run in ran.document["runs"] for one in run["findings_before"]] == [
        "deny-assignment"
    ]


@pytest.mark.parametrize(
    ("scope", "action", "allowed", "code"),
    [
        (GROUP.rpartition("/resourceGroups/")[0], "Microsoft.Web/locations/*", True, 4),
        (SUBNET, "Microsoft.Network/virtualNetworks/subnets/write", False, 4),
        (SUBNET, "Microsoft.Network/virtualNetworks/subnets/write", True, 0),
    ],
)
def test_a_deny_assignment_refuses_a_purge(
    remediate: Callable[..., Ran],
    denying: Callable[..., Azure],
    scope: str,
    action: str,
    allowed: bool,
    code: int,
) -> None:
    simulated = denying("link-orphaned", scope, action)
    options = ("--allow-unknown", "deny-assignment") if allowed else ()
    ran = remediate("purge", SUBNET, "--yes", "-o", "json", *options, *QUICK)
    assert (ran.code, bool(simulated.writes)) == (code, code == 0)
    assert "deny-assignment" in {one["code"] for one in ran.document["findings_before"]}


def test_a_gateway_in_the_plan_is_shown_before_the_answer_and_refuses_nothing(
    remediate: Callable[..., Ran], azure: Callable[..., Azure]
) -> None:
    azure("gateway-in-plan")
    shown = remediate("reconnect", "orders-func", "--dry-run", *QUICK)
    assert shown.code == 0
    assert "Before you decide" in shown.out
    assert "504 (GatewayTimeout)" in shown.out
    ran = remediate("reconnect", "orders-func", "--yes", *QUICK)
    assert ran.code == 0
    assert ran.err.index("Before you decide") < ran.err.index("504 (GatewayTimeout)")
    document = remediate(*RECONNECT).document
    assert [(one["code"], one["severity"]) for one in document["findings_before"]] == [
        ("gateway-in-plan", "warning")
    ]


def test_what_was_allowed_to_be_unknown_is_shown_before_the_answer(
    remediate: Callable[..., Ran], azure: Callable[..., Azure]
) -> None:
    azure("network-ipv6")
    allowed = ("--allow-unknown", "network-ipv6")
    shown = remediate("reconnect", "orders-func", "--dry-run", *allowed, *QUICK)
    assert shown.code == 0
    assert shown.out.index("Before you decide") < shown.out.index("network-ipv6")


def test_connections_of_the_plan_that_cannot_be_read_are_unknown(
    remediate: Callable[..., Ran], azure: Callable[..., Azure]
) -> None:
    simulated = azure("gateway-in-plan")
    simulated.fault(answering("/plan-orders/virtualNetworkConnections$", {"not": "a list"}))
    ran = remediate(*RECONNECT)
    assert (ran.code, simulated.writes) == (4, [])
    assert "Could not read the connections of the plan" in ran.document["message"]


@pytest.mark.parametrize("scenario", ["locked", "no-join", "subnet-full", "provider-unregistered"])
def test_what_is_known_to_fail_cannot_be_allowed(
    remediate: Callable[..., Ran], azure: Callable[..., Azure], scenario: str
) -> None:
    simulated = azure(scenario)
    codes = ("locked", "no-permission", "subnet-full", "provider-unregistered")
    allowed = [word for code in codes for word in ("--allow-unknown", code)]
    assert remediate(*RECONNECT, *allowed).code == 4
    assert simulated.writes == []


def test_what_the_run_itself_has_to_read_cannot_be_allowed_to_be_unknown(
    remediate: Callable[..., Ran], azure: Callable[..., Azure]
) -> None:
    simulated = azure("healthy")
    denied = {"error": {"code": "AuthorizationFailed", "message": "no"}}
    simulated.fault(answering("/subnets/snet-apps$", denied, 403))
    ran = remediate(*RECONNECT, "--allow-unknown", "no-read-permission")
    assert (ran.code, ran.document["status"]) == (4, "refused")
    assert "Could not read subnet" in ran.document["message"]
    assert simulated.writes == []


def test_a_code_that_does_not_exist_cannot_be_allowed(remediate: Callable[..., Ran]) -> None:
    ran = remediate("reconnect", "orders-func", "--sandbox", "healthy", "--allow-unknown", "lockd")
    assert (ran.code, ran.out) == (2, "")
    assert "lockd" in ran.err


def test_every_app_of_the_link_is_looked_at_and_with_scope_app_only_the_one(
    remediate: Callable[..., Ran], azure: Callable[..., Azure]
) -> None:
    simulated = azure("shared-link")
    mail = APP.replace("orders-func", "mail-web")
    lock = {"id": f"{mail}/providers/Microsoft.Authorization/locks/keep", "properties": {"level": "ReadOnly"}}
    simulated.fault(answering("/locks$", {"value": [lock]}))
    ran = remediate(*RECONNECT, "--scope", "link")
    assert ran.code == 4
    assert [one["code"] for one in ran.document["findings_before"]] == ["link-missing", "locked"]
    alone = remediate(*RECONNECT, "--scope", "app")
    assert [one["code"] for one in alone.document["findings_before"]] == ["link-missing"]
    assert simulated.writes == []


def test_a_lock_on_the_second_page_of_the_list_locks_too(
    remediate: Callable[..., Ran], azure: Callable[..., Azure]
) -> None:
    simulated = azure("healthy")
    lock = {"id": f"{APP}/providers/Microsoft.Authorization/locks/keep", "properties": {"level": "ReadOnly"}}
    origin = simulated.environment["REMEDIATE_ARM_ENDPOINT"]
    more = f"{origin}{APP}/more?api-version=2016-09-01"
    simulated.fault(
        answering(f"{ACCESS}locks$", {"value": [], "nextLink": more}),
        answering("/sites/orders-func/more$", {"value": [lock]}),
    )
    ran = remediate(*RECONNECT)
    assert (ran.code, [one["code"] for one in ran.document["findings_before"]]) == (4, ["locked"])


@pytest.mark.parametrize(
    ("path", "body"),
    [
        (f"{ACCESS}locks$", {"value": [], "nextLink": "https://elsewhere.invalid/locks"}),
        (f"{ACCESS}locks$", {"value": [{"id": 1}]}),
        (f"{ACCESS}locks$", []),
        (f"{ACCESS}permissions$", {"value": None}),
        ("/providers/Microsoft.Web$", {}),
    ],
)
def test_an_answer_that_makes_no_sense_is_unknown(
    remediate: Callable[..., Ran], azure: Callable[..., Azure], path: str, body: Any
) -> None:
    simulated = azure("healthy")
    simulated.fault(answering(path, body))
    ran = remediate(*RECONNECT)
    assert (ran.code, [one["code"] for one in ran.document["findings_before"]]) == (4, ["no-read-permission"])
    assert simulated.writes == []


def test_a_lock_that_is_set_after_the_plan_was_made_is_seen_before_the_first_write(
    remediate: Callable[..., Ran], azure: Callable[..., Azure]
) -> None:
    simulated = azure("healthy")
    lock = {"id": f"{APP}/providers/Microsoft.Authorization/locks/keep", "properties": {"level": "ReadOnly"}}
    rule = answering(f"{ACCESS}locks$", {"value": [lock]})
    rule["match"]["nth"] = 2
    simulated.fault(rule)
    ran = remediate(*RECONNECT)
    assert (ran.code, ran.document["code"]) == (6, "moved")
    assert simulated.writes == []


@pytest.mark.parametrize(
    ("scenario", "mend"),
    [
        (
            "locked",
            (
                "DELETE",
                f"{GROUP}/providers/Microsoft.Authorization/locks/do-not-delete?api-version=2016-09-01",
            ),
        ),
        (
            "provider-unregistered",
            (
                "POST",
                f"{GROUP.partition('/resourceGroups')[0]}/providers/Microsoft.Web/register?api-version=2021-04-01",
            ),
        ),
    ],
)
def test_what_the_refusal_tells_to_do_mends_it(
    remediate: Callable[..., Ran], azure: Callable[..., Azure], scenario: str, mend: tuple[str, str]
) -> None:
    simulated = azure(scenario)
    assert remediate(*RECONNECT).code == 4
    assert simulated.ask(*mend).status_code == 200
    assert remediate(*RECONNECT).code == 0


def test_a_look_makes_none_of_the_reads_of_a_preflight(
    remediate: Callable[..., Ran], azure: Callable[..., Azure]
) -> None:
    simulated = azure("healthy")
    assert remediate("verify", "orders-func", "-o", "json").code == 0
    assert not [entry for entry in simulated.log if "Microsoft.Authorization" in entry["path"]]


def test_no_read_of_a_preflight_falls_into_the_time_without_network(
    remediate: Callable[..., Ran], azure: Callable[..., Azure]
) -> None:
    simulated = azure("shared-link")
    assert remediate(*RECONNECT, "--scope", "link").code == 0
    log = simulated.log
    first = next(n for n, entry in enumerate(log) if entry["method"] == "DELETE")
    asked = [entry["path"].partition("?")[0] for entry in log[first:]]
    of_a_preflight = ("/locks", "/permissions", "/denyAssignments", "/plan-orders/virtualNetworkConnections")
    assert not [path for path in asked if path.endswith(of_a_preflight)]


@pytest.mark.parametrize(
    ("scenario", "arguments", "reads"),
    [
        ("healthy", (), 9),
        ("shared-link", ("--scope", "link"), 18),
        ("not-integrated", (), 4),
        ("flex-consumption", (), 10),
    ],
)
def test_a_preflight_asks_once_at_each_scope_and_once_for_each_provider(
    remediate: Callable[..., Ran],
    azure: Callable[..., Azure],
    scenario: str,
    arguments: tuple[str, ...],
    reads: int,
) -> None:
    simulated = azure(scenario)
    remediate("reconnect", "orders-func", *arguments, "--dry-run", "-o", "json")
    paths = [entry["path"].partition("?")[0] for entry in simulated.log]
    asked = [
        path
        for path in paths
        if "Microsoft.Authorization" in path or path.endswith(("/Microsoft.Web", "/Microsoft.App"))
    ]
    assert len(asked) == len(set(asked)) == reads
