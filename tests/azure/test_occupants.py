"""What a subnet's own body tells of others in it, and what Azure's detector answers."""

from __future__ import annotations

import json
from typing import Any

import pytest

from remediate.azure import fields, parse
from remediate.azure.detector import detected, located
from remediate.model import Occupant

GROUP = "/subscriptions/s/resourceGroups/g/providers"
SUBNET = f"{GROUP}/Microsoft.Network/virtualNetworks/v/subnets/n"
NIC = f"{GROUP}/Microsoft.Network/networkInterfaces/nic"
SCALE_SET = f"{GROUP}/Microsoft.Compute/virtualMachineScaleSets/set"
ASE = f"{GROUP}/Microsoft.Web/hostingEnvironments/ase"
PROFILE = f"{GROUP}/Microsoft.Network/networkProfiles/p"
GATEWAY = f"{GROUP}/Microsoft.Network/applicationGateways/g"


def occupants(**properties: Any) -> tuple[Occupant, ...]:
    return parse.subnet({"id": SUBNET, "properties": properties}).occupants


@pytest.mark.parametrize(
    ("field", "entry", "id_", "kind"),
    [
        ("ipConfigurations", {"id": f"{NIC}/ipConfigurations/c"}, NIC, "Microsoft.Network/networkInterfaces"),
        (
            "ipConfigurations",
            {"id": f"{SCALE_SET}/virtualMachines/0/networkInterfaces/n/ipConfigurations/c"},
            SCALE_SET,
            "Microsoft.Compute/virtualMachineScaleSets",
        ),
        (
            "privateEndpoints",
            {"id": f"{GROUP}/Microsoft.Network/privateEndpoints/pe"},
            f"{GROUP}/Microsoft.Network/privateEndpoints/pe",
            "Microsoft.Network/privateEndpoints",
        ),
        (
            "resourceNavigationLinks",
            {
                "id": f"{SUBNET}/resourceNavigationLinks/ase",
                "properties": {"linkedResourceType": "Microsoft.Web/hostingEnvironments", "link": ASE},
            },
            ASE,
            "Microsoft.Web/hostingEnvironments",
        ),
        (
            "resourceNavigationLinks",
            {"id": f"{SUBNET}/resourceNavigationLinks/x", "properties": {}},
            f"{SUBNET}/resourceNavigationLinks/x",
            "Microsoft.Network/virtualNetworks/subnets/resourceNavigationLinks",
        ),
        (
            "applicationGatewayIPConfigurations",
            {"id": f"{GATEWAY}/gatewayIPConfigurations/c"},
            GATEWAY,
            "Microsoft.Network/applicationGateways",
        ),
        (
            "ipConfigurationProfiles",
            {"id": f"{PROFILE}/containerNetworkInterfaceConfigurations/e/ipConfigurationProfiles/c"},
            PROFILE,
            "Microsoft.Network/networkProfiles",
        ),
    ],
)
def test_an_entry_names_the_resource_that_is_there(field: str, entry: Any, id_: str, kind: str) -> None:
    assert occupants(**{field: [entry, entry]}) == (Occupant(id_, kind),)


@pytest.mark.parametrize(
    "entry", [None, 5, "text", {}, {"id": None}, {"id": "no id"}, {"id": "/subscriptions/s"}]
)
def test_an_entry_that_cannot_be_read_is_an_occupant_of_unknown_kind(entry: Any) -> None:
    assert occupants(ipConfigurations=[entry]) == (Occupant(f"{SUBNET}/ipConfigurations/0", ""),)
    assert len(occupants(privateEndpoints=[entry, {"id": NIC}])) == 2


def test_a_list_that_is_none_is_an_occupant_of_unknown_kind_and_one_left_out_is_nobody() -> None:
    assert occupants(ipConfigurations={"x": 1}) == (Occupant(f"{SUBNET}/ipConfigurations/0", ""),)
    assert occupants(ipConfigurations=None) == occupants(ipConfigurations=[]) == occupants() == ()


def answer(*apps: dict[str, str], table: str = "checkSubnetUsageByVnetId", column: str = "x") -> Any:
    found = {"tableName": table, "columns": [{"columnName": column}], "rows": [[json.dumps(apps)]]}
    return {"properties": {"dataset": [{"table": {"tableName": "other"}}, {"table": found}]}}


def named(site: str, slot: str = "Production", subscription: str = "s") -> dict[str, str]:
    names = {"site_name": site, "slot_name": slot}
    return names | {"subscription_name": subscription, "resource_group_name": "g"}


def test_the_detector_names_apps_and_slots() -> None:
    site = f"{GROUP}/Microsoft.Web/sites/web"
    assert detected(answer(named("web"), named("web", "blue"))) == (site, f"{site}/slots/blue")
    assert detected(answer()) == ()


@pytest.mark.parametrize(
    "body",
    [
        None,
        {},
        {"properties": {"dataset": []}},
        answer(named("web"), table="another"),
        answer(named("web"), column="error"),
        answer({"site_name": "web"}),
        answer(named("web/../x")),
        {
            "properties": {
                "dataset": [{"table": {"tableName": "checkSubnetUsageByVnetId", "rows": [["no json"]]}}]
            }
        },
    ],
)
def test_a_detector_without_an_answer_says_nothing(body: Any) -> None:
    with pytest.raises(fields.MalformedDocument):
        detected(body)


def test_the_name_of_a_subscription_stands_for_the_app_that_is_known() -> None:
    known = "/subscriptions/ID/resourceGroups/G/providers/Microsoft.Web/sites/Web"
    apps = detected(answer(named("web", subscription="My subscription"), named("far", subscription="Other")))
    assert located(apps, [known]) == [known, apps[1]]
