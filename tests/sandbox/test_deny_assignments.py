"""Deny assignments: what they forbid to whom, in ARM's words, and how they are listed."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from remediate.sandbox.governance import DenyAssignment
from remediate.sandbox.login import OBJECT_ID
from remediate.sandbox.scenarios import GROUP, load
from tests.sandbox.clients import APP_ID, SUBNET_ID, SUBSCRIPTION, Clients

Serve = Callable[..., Clients]
VNET_ID = SUBNET_ID.rpartition("/subnets/")[0]
CONFIG = f"{APP_ID}/networkConfig/virtualNetwork"
JOIN = "Microsoft.Network/virtualNetworks/subnets/join/action"
SOMEBODY = "99999999-9999-9999-9999-999999999999"


def denying(clients: Serve, **settings: Any) -> Clients:
    """A healthy world with one deny assignment, by default for every write in the group."""
    world = load("healthy", speed=1000)
    filled = {"name": "blueprint", "scope": GROUP, "actions": ["*"]} | settings
    world.state.governance.deny_assignments.append(DenyAssignment(**filled))
    return clients(world)


@pytest.mark.parametrize(
    "settings",
    [
        {},
        {"scope": f"/subscriptions/{SUBSCRIPTION}"},
        {"scope": APP_ID.upper()},
        {"actions": ["Microsoft.Web/*"]},
        {"actions": ["*/delete"]},
        {"actions": ["microsoft.web/SITES/networkConfig/delete"]},
        {"not_actions": ["*/read", "Microsoft.Web/sites/write"]},
        {"exclude_principals": [SOMEBODY]},
    ],
)
def test_a_disconnect_is_denied(clients: Serve, settings: dict[str, Any]) -> None:
    azure = denying(clients, **settings)
    answer = azure.ask("DELETE", CONFIG)
    error = answer.json()["error"]
    assert (answer.status_code, error["code"]) == (403, "DenyAssignmentAuthorizationFailed")
    for part in ("'Microsoft.Web/sites/networkConfig/delete'", f"'{CONFIG}'", "with name 'blueprint'"):
        assert part in error["message"]
    assert azure.site()["properties"]["virtualNetworkSubnetId"] == SUBNET_ID


@pytest.mark.parametrize(
    "settings",
    [
        {"scope": f"{APP_ID}-other"},
        {"scope": VNET_ID},
        {"actions": ["Microsoft.Network/*"]},
        {"actions": ["*/write"]},
        {"not_actions": ["Microsoft.Web/sites/networkConfig/*"]},
        {"exclude_principals": [SOMEBODY, OBJECT_ID.upper()]},
    ],
)
def test_a_disconnect_is_let_through(clients: Serve, settings: dict[str, Any]) -> None:
    assert denying(clients, **settings).ask("DELETE", CONFIG).status_code == 200


def test_a_denied_join_is_found_at_the_subnet(clients: Serve) -> None:
    azure = denying(clients, scope=VNET_ID, actions=[JOIN])
    answer = azure.patch(SUBNET_ID)
    error = answer.json()["error"]
    assert (answer.status_code, error["code"]) == (403, "LinkedAuthorizationFailed")
    assert f"blocked by deny assignments on the '1' linked scope(s) '{SUBNET_ID}'" in error["message"]
    body = {"properties": {"subnetResourceId": SUBNET_ID}}
    assert azure.ask("PUT", CONFIG, json=body).status_code == 200


def test_a_denied_write_of_the_subnet_is_what_a_put_of_network_config_meets(clients: Serve) -> None:
    azure = denying(clients, scope=VNET_ID, actions=["Microsoft.Network/virtualNetworks/subnets/write"])
    answer = azure.ask("PUT", CONFIG, json={"properties": {"subnetResourceId": SUBNET_ID}})
    assert (answer.status_code, answer.json()["error"]["code"]) == (403, "LinkedAuthorizationFailed")
    assert azure.patch(SUBNET_ID).status_code == 200


def listed(azure: Clients, scope: str, query: str = "") -> list[dict[str, Any]]:
    path = f"{scope}/providers/Microsoft.Authorization/denyAssignments{query}"
    values: list[dict[str, Any]] = azure.ask("GET", path, api="2022-04-01").json()["value"]
    return values


@pytest.mark.parametrize("scope", [APP_ID, GROUP, f"/subscriptions/{SUBSCRIPTION}"])
def test_it_is_listed_at_its_scope_above_and_below(clients: Serve, scope: str) -> None:
    azure = denying(clients, not_actions=["*/read"], exclude_principals=[SOMEBODY])
    [one] = listed(azure, scope)
    properties = one["properties"]
    assert (properties["denyAssignmentName"], properties["scope"]) == ("blueprint", GROUP)
    assert properties["permissions"] == [
        {"actions": ["*"], "notActions": ["*/read"], "dataActions": [], "notDataActions": []}
    ]
    assert [each["displayName"] for each in properties["principals"]] == ["All Principals"]
    assert [each["id"] for each in properties["excludePrincipals"]] == [SOMEBODY]
    assert one["id"].startswith(f"{GROUP}/providers/Microsoft.Authorization/denyAssignments/")


def test_at_scope_leaves_out_what_is_below(clients: Serve) -> None:
    azure = denying(clients)
    assert listed(azure, f"/subscriptions/{SUBSCRIPTION}", "?$filter=atScope()") == []
    assert len(listed(azure, APP_ID, "?$filter=atScope()")) == 1


def test_another_scope_lists_none(clients: Serve) -> None:
    assert listed(denying(clients, scope=VNET_ID), APP_ID) == []
