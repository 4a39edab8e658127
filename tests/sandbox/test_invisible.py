"""A subscription that the caller does not see: everything in it is not found, and in no list."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from remediate.sandbox.scenarios import GROUP
from tests.conftest import APP, Azure

FAR = "/subscriptions/00000000-0000-0000-0000-000000000002/resourceGroups/rg-far/providers"
FAR_PLAN = f"{FAR}/Microsoft.Web/serverfarms/plan-far"
FAR_NETWORK = f"{FAR}/Microsoft.Network/virtualNetworks/vnet-far"
PRIVATE = f"{GROUP}/providers/Microsoft.Network/privateEndpoints/pe"
CARD = f"{GROUP}/providers/Microsoft.Network/networkInterfaces/nic"
ENVIRONMENT = f"{GROUP}/providers/Microsoft.Web/hostingEnvironments/ase"
GATEWAY = f"{GROUP}/providers/Microsoft.Network/applicationGateways/agw"


INVISIBLE = f"""
subscriptions: {{00000000-0000-0000-0000-000000000002: {{name: Far, visible: false}}}}
networks: {{{FAR_NETWORK}: {{prefixes: [10.9.0.0/16], subnets: {{snet: {{prefix: 10.9.1.0/27}}}}}}}}
"""


@pytest.mark.parametrize(
    "path",
    [
        FAR.partition("/resourceGroups")[0],
        FAR.partition("/providers")[0],
        FAR_NETWORK,
        f"{FAR_NETWORK}/subnets/snet",
        f"{FAR_NETWORK}/providers/Microsoft.Authorization/locks",
        f"{FAR_NETWORK}/providers/Microsoft.Authorization/permissions",
    ],
)
def test_everything_in_an_invisible_subscription_is_not_found(
    azure: Callable[..., Azure], tmp_path: Path, path: str
) -> None:
    file = tmp_path / "world.yaml"
    file.write_text(INVISIBLE, encoding="utf-8")
    served = azure(str(file))
    answer = served.ask("GET", f"{path}?api-version=2024-05-01")
    assert (answer.status_code, answer.json()["error"]["code"]) == (404, "SubscriptionNotFound")


def test_an_invisible_subscription_is_in_no_list(azure: Callable[..., Azure], tmp_path: Path) -> None:
    file = tmp_path / "world.yaml"
    file.write_text(INVISIBLE, encoding="utf-8")
    served = azure(str(file))
    listed = served.ask("GET", "/subscriptions?api-version=2022-12-01").json()["value"]
    assert [one["displayName"] for one in listed] == ["Sandbox"]
    for table in ("resources", "resourcecontainers"):
        asked = {"query": f"{table} | where id contains '0000000002'"}
        path = "/providers/Microsoft.ResourceGraph/resources?api-version=2022-10-01"
        assert served.ask("POST", path, json=asked).json()["data"] == []


def test_nothing_can_be_connected_to_a_subnet_in_it(azure: Callable[..., Azure], tmp_path: Path) -> None:
    file = tmp_path / "world.yaml"
    file.write_text(INVISIBLE, encoding="utf-8")
    served = azure(str(file))
    body = {"properties": {"virtualNetworkSubnetId": f"{FAR_NETWORK}/subnets/snet"}}
    answer = served.ask("PATCH", f"{APP}?api-version=2025-05-01", json=body)
    assert (answer.status_code, answer.json()["error"]["code"]) == (403, "LinkedAuthorizationFailed")
