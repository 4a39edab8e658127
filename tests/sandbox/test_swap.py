"""Swapping slots, over HTTPS: the integration stays with the slot, unless it is not to be preserved."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
import requests

from remediate.sandbox.governance import Lock
from remediate.sandbox.resources import Site
from remediate.sandbox.scenarios import load
from remediate.sandbox.world import Durations, World
from tests.sandbox.clients import APP_ID, BASE, SUBNET_ID, Clients, eventually

Serve = Callable[..., Clients]
PLAN_ID = f"{BASE}/Microsoft.Web/serverfarms/plan-orders"
SLOT_ID = f"{APP_ID}/slots/staging"
OTHER_SUBNET = SUBNET_ID.replace("snet-apps", "snet-data")


def two(slot: str | None = None, app: str | None = SUBNET_ID) -> World:
    """An app and its slot staging, each on a subnet or on none."""
    world = load("healthy", speed=1000)
    world.state.site(APP_ID).subnet = app
    staging = Site(SLOT_ID, "functionapp", "westeurope", PLAN_ID, subnet=slot, config={"alwaysOn": False})
    world.state.add(staging)
    return world


def swap(azure: Clients, source: str = APP_ID, target: str = "staging", **body: Any) -> requests.Response:
    return azure.ask("POST", f"{source}/slotsswap", json={"targetSlot": target, **body})


def ended(azure: Clients, answer: requests.Response) -> int:
    """The status with which the swap ended that an answer began."""
    assert answer.status_code == 202, answer.text
    path = answer.headers["Location"].removeprefix(azure.endpoint).partition("?")[0]
    status = [202]

    def done() -> bool:
        status.append(azure.ask("GET", path).status_code)
        return status[-1] != 202

    assert eventually(done)
    return status[-1]


def subnets(azure: Clients) -> tuple[str | None, str | None]:
    app, slot = azure.site()["properties"], azure.site("staging")["properties"]
    return app["virtualNetworkSubnetId"], slot["virtualNetworkSubnetId"]


def always_on(azure: Clients) -> tuple[bool, bool]:
    app, slot = azure.site()["properties"], azure.site("staging")["properties"]
    return app["siteConfig"]["alwaysOn"], slot["siteConfig"]["alwaysOn"]


@pytest.mark.parametrize("preserve", [{}, {"preserveVnet": True}])
@pytest.mark.parametrize(
    ("source", "target"),
    [(APP_ID, "staging"), (SLOT_ID, "production"), (SLOT_ID, "Production"), (APP_ID, "STAGING")],
)
def test_a_swap_exchanges_the_configuration_and_not_the_network(
    clients: Serve, source: str, target: str, preserve: dict[str, bool]
) -> None:
    azure = clients(two())
    assert always_on(azure) == (True, False)
    assert ended(azure, swap(azure, source, target, **preserve)) == 200
    assert always_on(azure) == (False, True)
    assert subnets(azure) == (SUBNET_ID, None)
    assert len(azure.links()) == 1


@pytest.mark.parametrize(
    ("source", "target", "left"),
    [(APP_ID, "staging", (SUBNET_ID, None)), (SLOT_ID, "production", (None, OTHER_SUBNET))],
)
def test_what_is_not_preserved_the_target_loses(
    clients: Serve, source: str, target: str, left: tuple[str | None, str | None]
) -> None:
    azure = clients(two(slot=OTHER_SUBNET))
    assert ended(azure, swap(azure, source, target, preserveVnet=False)) == 200
    assert subnets(azure) == left


def test_the_link_goes_with_an_integration_that_is_not_preserved(clients: Serve) -> None:
    azure = clients(two())
    ended(azure, swap(azure, SLOT_ID, "production", preserveVnet=False))
    assert (subnets(azure), azure.links()) == ((None, None), [])


OVERRIDE = "WEBSITE_OVERRIDE_PRESERVE_DEFAULT_STICKY_SLOT_SETTINGS"


@pytest.mark.parametrize(("in_slot", "app"), [({OVERRIDE: "0"}, None), ({}, SUBNET_ID)])
def test_a_setting_in_both_slots_swaps_the_integration(
    clients: Serve, in_slot: dict[str, str], app: str | None
) -> None:
    azure = clients(two())
    for path, settings in ((APP_ID, {OVERRIDE: "0"}), (SLOT_ID, in_slot)):
        assert (
            azure.ask("PUT", f"{path}/config/appsettings", json={"properties": settings}).status_code == 200
        )
    assert ended(azure, swap(azure)) == 200
    assert azure.site()["properties"]["virtualNetworkSubnetId"] == app
    assert len(azure.links()) == 1


def test_settings_are_swapped_but_for_those_that_stay_with_the_slot(clients: Serve) -> None:
    azure = clients(two())
    azure.ask("PUT", f"{APP_ID}/config/slotConfigNames", json={"properties": {"appSettingNames": ["stays"]}})
    for path, settings in ((APP_ID, {"stays": "app", "goes": "app"}), (SLOT_ID, {"goes": "slot"})):
        azure.ask("PUT", f"{path}/config/appsettings", json={"properties": settings})
    assert ended(azure, swap(azure)) == 200
    told = azure.ask("POST", f"{APP_ID}/config/appsettings/list").json()["properties"]
    assert told == {"stays": "app", "goes": "slot"}


def test_the_result_of_a_swap_is_the_slot_and_both_tell_of_it(clients: Serve) -> None:
    azure = clients(two())
    assert azure.site()["properties"]["slotSwapStatus"] is None
    begun = swap(azure, SLOT_ID, "production")
    assert ended(azure, begun) == 200
    path = begun.headers["Location"].removeprefix(azure.endpoint).partition("?")[0]
    result = azure.ask("GET", path).json()
    told = result["properties"]["slotSwapStatus"]
    assert (result["id"], told["sourceSlotName"], told["destinationSlotName"]) == (
        SLOT_ID,
        "staging",
        "Production",
    )
    assert azure.site()["properties"]["slotSwapStatus"] == told


def test_both_slots_are_locked_until_the_swap_is_done(clients: Serve) -> None:
    world = two(slot=SUBNET_ID)
    world.clock.speed, world.durations = 1, Durations(connect=3600)
    azure = clients(world)
    assert swap(azure).status_code == 202
    for path in (APP_ID, SLOT_ID):
        answer = azure.ask("DELETE", f"{path}/networkConfig/virtualNetwork")
        assert (answer.status_code, answer.json()["Code"]) == (429, "429")
    assert swap(azure).status_code == 429


@pytest.mark.parametrize(
    ("target", "status"), [("nobody", 404), ("production", 400), ("", 400)], ids=["no slot", "itself", "none"]
)
def test_a_swap_needs_another_slot(clients: Serve, target: str, status: int) -> None:
    azure = clients(two())
    assert swap(azure, target=target).status_code == status
    assert azure.ask("DELETE", f"{APP_ID}/networkConfig/virtualNetwork").status_code == 200


@pytest.mark.parametrize(
    ("source", "target", "action"),
    [
        (APP_ID, "staging", "Microsoft.Web/sites/slotsswap/action"),
        (SLOT_ID, "production", "Microsoft.Web/sites/slots/slotsswap/action"),
    ],
)
def test_a_swap_needs_its_permission(clients: Serve, source: str, target: str, action: str) -> None:
    world = two()
    world.state.governance.permissions = [{"actions": ["*"], "notActions": [action]}]
    answer = swap(clients(world), source, target)
    assert (answer.status_code, answer.json()["error"]["code"]) == (403, "AuthorizationFailed")
    assert f"'{action}'" in answer.json()["error"]["message"]


def test_a_read_only_lock_stops_a_swap(clients: Serve) -> None:
    world = two()
    world.state.governance.locks.append(Lock(APP_ID, "ReadOnly", "keep"))
    assert swap(clients(world)).json()["error"]["code"] == "ScopeLocked"


def test_a_swap_of_an_app_that_is_not_there_is_404(clients: Serve) -> None:
    assert swap(clients(two()), f"{APP_ID}-2").status_code == 404
