"""What an unmodified `az` prints can be imported as it is."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.conformance.az import Az, find
from tests.conftest import APP, PLAN, SUBNET, Azure, Ran

EXECUTABLE = find()
pytestmark = [pytest.mark.conformance, pytest.mark.skipif(EXECUTABLE is None, reason="no az here")]

VNET = SUBNET.partition("/subnets/")[0]
GROUP = VNET.partition("/resourceGroups/")[2].partition("/")[0]
PRINTED = {
    "subnet": ("network", "vnet", "subnet", "show", "--ids", SUBNET),
    "network": ("network", "vnet", "show", "--ids", VNET),
    "app": ("functionapp", "show", "--ids", APP),
    "plan": ("appservice", "plan", "show", "--ids", PLAN),
    "subnets": ("network", "vnet", "subnet", "list", "-g", GROUP, "--vnet-name", VNET.rpartition("/")[2]),
    "networks": ("network", "vnet", "list", "-g", GROUP),
    "resource": ("resource", "show", "--ids", VNET),
    "links": ("network", "vnet", "subnet", "show", "--ids", SUBNET, "--query", "serviceAssociationLinks"),
    "connections": ("functionapp", "vnet-integration", "list", "-g", GROUP, "-n", APP.rpartition("/")[2]),
    "raw subnet": ("rest", "--url", f"{SUBNET}?api-version=2024-05-01"),
}


def test_what_az_prints_is_the_same_as_live_and_shows_a_lost_link(
    remediate: Callable[..., Ran], azure: Callable[..., Azure], tmp_path: Path
) -> None:
    simulated = azure("healthy")
    assert EXECUTABLE is not None
    az = Az(EXECUTABLE, tmp_path / "az", simulated.environment)
    az.sign_in()
    for name, command in PRINTED.items():
        (tmp_path / name).write_text(json.dumps(az(*command)))
        ran = remediate("snapshot", "diff", str(tmp_path / name), "live", "--target", APP, "-o", "json")
        assert (ran.code, ran.document["changes"]) == (0, []), name
    simulated.world.state.subnet(SUBNET).links.clear()
    for name in ("subnet", "network", "subnets", "networks", "resource", "links", "raw subnet"):
        ran = remediate("snapshot", "diff", str(tmp_path / name), "live", "--target", APP, "-o", "json")
        assert [one["meaning"] for one in ran.document["changes"]] == ["the link was removed"], name


@pytest.mark.parametrize("output", ["yaml", "yamlc", "jsonc"])
def test_other_outputs_of_az_are_taken_too(
    remediate: Callable[..., Ran], azure: Callable[..., Azure], tmp_path: Path, output: str
) -> None:
    simulated = azure("healthy")
    assert EXECUTABLE is not None
    az = Az(EXECUTABLE, tmp_path / "az", simulated.environment)
    az.sign_in()
    for name in ("subnet", "networks", "links"):
        (tmp_path / name).write_text(az.printed(*PRINTED[name], "-o", output))
        ran = remediate("snapshot", "diff", str(tmp_path / name), "live", "--target", APP, "-o", "json")
        assert (ran.code, ran.document["changes"]) == (0, []), name
        assert "subnet.serviceAssociationLinks" not in {one["path"] for one in ran.document["left_out"]}


@pytest.mark.parametrize("output", ["table", "tsv"])
def test_outputs_of_az_without_the_links_are_named(
    remediate: Callable[..., Ran], azure: Callable[..., Azure], tmp_path: Path, output: str
) -> None:
    simulated = azure("healthy")
    assert EXECUTABLE is not None
    az = Az(EXECUTABLE, tmp_path / "az", simulated.environment)
    az.sign_in()
    (tmp_path / "saved").write_text(az.printed(*PRINTED["subnet"], "-o", output))
    ran = remediate("snapshot", "diff", str(tmp_path / "saved"), "live", "--target", APP, "-o", "json")
    assert ran.code == 2
    assert "which holds no links" in ran.document["message"]
