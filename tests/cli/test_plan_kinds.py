"""Every kind of plan and link: what verify says of it, and what a reconnect does or refuses."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from remediate.sandbox.scenarios import load
from remediate.sandbox.world import World
from tests.conftest import APP, PLAN, SUBNET, Azure, Ran
from tests.untried import untried

QUICK = ("--poll-interval", "0.02", "--timeout", "3")
RECONNECT = ("reconnect", "orders-func", "--yes", "-o", "json", *QUICK)
ASKED = ("--subnet", SUBNET)
NETWORK = "?api-version=2024-05-01"
FLEX = "Microsoft.App/environments"
DENIED = {"error": {"code": "RequestDisallowedByPolicy", "message": "Disallowed by policy 'keep-tags'."}}


def denying(method: str, path: str) -> dict[str, Any]:
    """A policy that denies these writes, always."""
    return {
        "match": {"method": method, "path": path},
        "times": 0,
        "answer": {"status": 403, "body": DENIED},
    }


def answering(path: str, body: Any) -> dict[str, Any]:
    """A read that says something else, always."""
    return {"match": {"method": "GET", "path": path}, "times": 0, "answer": {"status": 200, "body": body}}


@pytest.mark.parametrize(
    ("scenario", "arguments", "code", "codes"),
    [
        ("flex-consumption", (), 0, {"flex-consumption"}),
        ("multi-plan-subnet", (), 0, {"subnet-shared"}),
        ("managed-instance", (), 0, {"managed-instance"}),
        ("slot-differs", (), 0, {"slot-differs"}),
        ("iac-managed", (), 0, {"iac-managed"}),
        ("link-unused", (), 3, {"not-integrated"}),
        ("link-unused", ASKED, 3, {"not-integrated", "link-unused"}),
        ("link-foreign", ASKED, 3, {"not-integrated", "link-foreign", "delegation-other"}),
        ("stale-graph", (), 3, {"link-missing", "stale-graph"}),
        ("delegation-other", (), 3, {"delegation-other"}),
        ("subnet-other-region", ASKED, 3, {"not-integrated", "subnet-other-region"}),
        ("plan-limit", ASKED, 3, {"not-integrated", "plan-limit"}),
        ("subnet-tight", (), 3, {"subnet-tight"}),
    ],
)
def test_verify_says(
    remediate: Callable[..., Ran], scenario: str, arguments: tuple[str, ...], code: int, codes: set[str]
) -> None:
    ran = remediate("verify", "orders-func", *arguments, "--sandbox", scenario, "-o", "json")
    assert (ran.code, ran.codes, ran.document["healthy"]) == (code, codes, code == 0)


@pytest.mark.parametrize(
    ("scenario", "left"),
    [
        ("flex-consumption", ["flex-consumption"]),
        ("multi-plan-subnet", ["subnet-shared"]),
        ("stale-graph", []),
        ("slot-differs", ["slot-differs"]),
    ],
)
def test_the_app_alone_is_reconnected_without_a_wait_in_vain(
    remediate: Callable[..., Ran], azure: Callable[..., Azure], scenario: str, left: list[str]
) -> None:
    simulated = azure(scenario)
    ran = remediate(*RECONNECT)
    assert (ran.code, ran.document["status"]) == (0, "succeeded"), ran.err
    assert [method for method, _ in simulated.sent] == ["PATCH", "DELETE", "PATCH"]
    assert [one["code"] for one in ran.document["findings_after"]] == left
    assert all(step["seconds"] < 1.5 for step in ran.document["steps"] if step["do"].startswith("wait"))


def test_a_subnet_that_plans_share_and_that_is_too_small_for_it_keeps_its_apps_connected(
    remediate: Callable[..., Ran], azure: Callable[..., Azure]
) -> None:
    simulated = azure("multi-plan-subnet")
    subnet = simulated.ask("GET", f"{SUBNET}{NETWORK}").json()
    subnet["properties"]["addressPrefix"] = "10.10.1.0/27"
    simulated.fault(answering(f"{SUBNET}$", subnet))
    ran = remediate(*RECONNECT)
    assert (ran.code, simulated.writes) == (4, [])
    assert "too small for that" in ran.document["message"]


def test_a_link_of_a_managed_instance_that_holds_the_subnet_is_in_use(
    remediate: Callable[..., Ran], azure: Callable[..., Azure]
) -> None:
    simulated = azure("link-unused")
    other = PLAN.replace("plan-orders", "plan-other")
    plan = simulated.ask("GET", f"{other}?api-version=2025-05-01").json()
    plan["properties"]["network"] = {"virtualNetworkSubnetId": SUBNET}
    simulated.fault(answering(f"{other}$", plan))
    ran = remediate("verify", "orders-func", *ASKED, "-o", "json")
    assert ran.codes == {"not-integrated", "subnet-shared"}


def test_once_an_unused_link_is_purged_the_app_can_be_connected(
    remediate: Callable[..., Ran], azure: Callable[..., Azure]
) -> None:
    simulated = azure("link-unused")
    place = "/subscriptions/00000000-0000-0000-0000-000000000001/providers/Microsoft.Web/locations/westeurope"
    purge = f"{place}/purgeUnusedVirtualNetworkIntegration?api-version=2024-04-01"
    simulated.ask("POST", purge, json={"subnetResourceId": SUBNET}).raise_for_status()
    assert remediate(*RECONNECT, *ASKED).code == 0
    assert remediate("verify", "orders-func").code == 0


def test_a_lost_link_of_flex_comes_back_with_the_app(
    remediate: Callable[..., Ran], azure: Callable[..., Azure]
) -> None:
    simulated = azure("flex-consumption")
    simulated.ask("DELETE", f"{APP}/networkConfig/virtualNetwork?api-version=2025-05-01").raise_for_status()
    assert remediate(*RECONNECT, *ASKED).code == 0
    (link,) = simulated.ask("GET", f"{SUBNET}{NETWORK}").json()["properties"]["serviceAssociationLinks"]
    assert (link["name"], link["properties"]["link"]) == ("legionservicelink", SUBNET)


def undelegated(scenario: str) -> World:
    """The world of a scenario whose subnet has lost its delegation, as no write can take it away."""
    world = load(scenario, speed=1000)
    world.state.subnet(SUBNET).delegations.clear()
    return world


@pytest.mark.parametrize(
    ("scenario", "service"), [("healthy", "Microsoft.Web/serverFarms"), ("flex-consumption", FLEX)]
)
def test_a_lost_delegation_is_put_back_and_nothing_else_in_the_subnet_changes(
    remediate: Callable[..., Ran], azure: Callable[..., Azure], scenario: str, service: str
) -> None:
    simulated = azure(undelegated(scenario))
    rules = {"id": SUBNET.replace("virtualNetworks/vnet-prod/subnets/snet-apps", "networkSecurityGroups/n")}
    written = {
        "addressPrefixes": ["10.10.1.0/27"],
        "delegations": [],
        "networkSecurityGroup": rules,
        "serviceEndpoints": [{"service": "Microsoft.Storage"}],
        "privateEndpointNetworkPolicies": "Enabled",
    }
    simulated.ask("PUT", f"{SUBNET}{NETWORK}", json={"properties": written}).raise_for_status()
    _settled(simulated)
    before = _settled(simulated)
    ran = remediate(*RECONNECT)
    assert ran.code == 0, ran.document["message"]
    after = _settled(simulated)
    assert [one["properties"]["serviceName"] for one in after.pop("delegations")] == [service]
    assert before.pop("delegations") == []
    for one in (before, after):
        for link in one["serviceAssociationLinks"]:
            link.pop("etag")
    assert after == before
    assert [method for method, _ in simulated.sent] == ["PUT", "PUT", "PATCH", "DELETE", "PATCH"]


def _settled(simulated: Azure) -> dict[str, Any]:
    """The subnet's properties once no operation on it is under way."""
    while True:
        properties: dict[str, Any] = simulated.ask("GET", f"{SUBNET}{NETWORK}").json()["properties"]
        if properties["provisioningState"] == "Succeeded":
            return properties


def test_a_write_that_a_policy_denies_is_told_though_another_way_worked(
    remediate: Callable[..., Ran], azure: Callable[..., Azure]
) -> None:
    simulated = azure("healthy")
    simulated.fault(denying("PATCH", "/sites/orders-func$"))
    ran = remediate(*RECONNECT)
    assert (ran.code, ran.document["status"]) == (0, "succeeded")
    (finding,) = ran.document["findings_after"]
    assert (finding["code"], finding["severity"]) == ("policy-denies", "warning")
    assert "keep-tags" in finding["evidence"][0]["value"]
    assert [method for method, _ in simulated.sent] == ["PATCH", "PUT", "DELETE", "PUT"]


def test_a_disconnect_that_a_policy_denies_changes_nothing_and_is_told(
    remediate: Callable[..., Ran], azure: Callable[..., Azure]
) -> None:
    simulated = azure("link-missing")
    simulated.fault(denying("DELETE", "/networkConfig/"))
    ran = remediate(*RECONNECT)
    assert (ran.code, ran.document["status"], ran.document["changed"]) == (1, "failed", False)
    assert [one["code"] for one in ran.document["findings_after"]] == ["policy-denies"]
    simulated.reset()
    simulated.fault(denying("DELETE", "/networkConfig/"))
    page = remediate("reconnect", "orders-func", "--yes", *QUICK).out
    assert "Azure Policy denies DELETE of orders-func" in " ".join(page.split())
    assert "not found" not in page


def test_where_a_policy_denies_every_way_back_the_app_is_said_to_be_without_its_network(
    remediate: Callable[..., Ran], azure: Callable[..., Azure]
) -> None:
    simulated = azure("healthy")
    simulated.fault(denying("PATCH|PUT", "/sites/orders-func"))
    ran = remediate(*RECONNECT, *untried())
    assert (ran.code, ran.document["targets"][0]["status"]) == (5, "disconnected")
    severities = {one["code"]: one["severity"] for one in ran.document["findings_after"]}
    assert severities["policy-denies"] == "error"
    assert ran.document["resume"]


def test_what_an_app_with_its_content_behind_the_network_is_to_expect_is_said_before_the_disconnect(
    remediate: Callable[..., Ran],
) -> None:
    command = ("reconnect", "orders-func", "--dry-run", "--sandbox")
    (target,) = remediate(*command, "routing", "-o", "json").document["targets"]
    assert "content share through this network (contentShareTraffic)" in target["expect"]
    page = " ".join(remediate(*command, "routing").out.split())
    assert target["expect"] in page
    assert remediate(*command, "healthy", "-o", "json").document["targets"][0]["expect"] is None


def test_the_page_of_a_flex_app_hangs_it_on_the_link_that_names_the_subnet(
    remediate: Callable[..., Ran],
) -> None:
    page = remediate("verify", "orders-func", "--sandbox", "flex-consumption").out
    assert "link legionservicelink · Microsoft.App/environments" in page
    assert "legionservicelink names the subnet" in page
    assert "no link" not in page


def test_the_plan_that_holds_the_subnet_says_so_in_its_view(remediate: Callable[..., Ran]) -> None:
    views = remediate("verify", "orders-func", "--sandbox", "managed-instance", "-o", "json").document[
        "views"
    ]
    assert (views["plan"]["subnet"], views["site"]["subnet"]) == (SUBNET, None)
    assert views["link"]["plan"] == PLAN
