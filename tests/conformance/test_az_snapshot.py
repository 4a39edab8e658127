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
PRINTED = {
    "subnet": ("network", "vnet", "subnet", "show", "--ids", SUBNET),
    "network": ("network", "vnet", "show", "--ids", VNET),
    "app": ("functionapp", "show", "--ids", APP),
    "plan": ("appservice", "plan", "show", "--ids", PLAN),
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
    for name in ("subnet", "network", "raw subnet"):
        ran = remediate("snapshot", "diff", str(tmp_path / name), "live", "--target", APP, "-o", "json")
        assert [one["meaning"] for one in ran.document["changes"]] == ["the link was removed"], name
