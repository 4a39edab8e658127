"""A world, captured and served again, is the same to every command."""

from __future__ import annotations

import re
import shlex
from collections.abc import Callable
from dataclasses import asdict
from pathlib import Path
from typing import Any

import pytest
import yaml

from remediate.sandbox.scenarios import load, summaries
from remediate.sandbox.world import World
from tests.capture.comparing import COMMANDS, WITH_SUBNET, captured, seen
from tests.conftest import APP, SUBNET, Ran
from tests.sampled import in_sweep
from tests.worlds.described import OWN, read

QUICK = ("shared-link", "no-read", "stale-graph", "subnet-missing", "gateway-in-plan")
SCENARIOS = [one.name for one in summaries()]
FAR = "/subscriptions/00000000-0000-0000-0000-000000000002"
HUB = f"{FAR}/resourceGroups/rg-net/providers/Microsoft.Network/virtualNetworks/hub"
RICH = f"""
subscriptions: {{00000000-0000-0000-0000-000000000002: {{}}}}
networks:
  {HUB}:
    location: westeurope
    prefixes: [10.20.0.0/16, "ace:cab:deca::/48"]
    dns-servers: [10.20.0.4]
    tags: {{managed-by: bicep}}
    subnets:
      snet-far:
        prefixes: [10.20.1.0/27]
        delegation: [Microsoft.Web/serverFarms, Microsoft.Other/things]
        link: {{plan: plan-orders, state: Updating, allow-delete: true}}
        occupants:
          - {SUBNET.partition("/virtualNetworks")[0]}/networkInterfaces/nic/ipConfigurations/ipconfig1
          - {SUBNET.partition("/virtualNetworks")[0]}/privateEndpoints/pe
          - {APP.partition("/sites")[0]}/hostingEnvironments/ase
      snet-beside: {{prefix: 10.20.2.0/27, link: plan-nobody-read}}
plans:
  plan-orders: {{workers: 3, windows-containers: true, elastic-workers: 4}}
  plan-blue: {{sku: S1}}
apps:
  orders-func:
    subnet: {HUB}/subnets/snet-far
    network-config: lost
    routing: [allTraffic, imagePullTraffic]
    state: Stopped
    operation: 2f9a6c1e-6d0b-4c55-9d6e-0d1f6f1b7a10
    slots:
      blue: {{routing: [allTraffic]}}
locks:
  - {{name: keep, level: ReadOnly, resource: Microsoft.Web/serverfarms/plan-orders}}
  - {{name: all, level: CanNotDelete}}
permissions:
  - {{actions: ["*/read"]}}
  - {{actions: [Microsoft.Web/*], not-actions: [x], scope: Microsoft.Web/sites/orders-func}}
deny-assignments:
  - {{name: "by /a stack", actions: [a/*], not-actions: ["*/read"], exclude-principals: [me]}}
"""


def assert_same(remediate: Callable[..., Ran], source: str, folder: Path, quick: bool = False) -> None:
    file = captured(remediate, source, folder / "without.yaml")
    commands = COMMANDS[:1] + COMMANDS[-1:] if quick else COMMANDS[:3] + COMMANDS[-1:]
    assert seen(remediate, str(file), commands) == seen(remediate, source, commands)
    if not quick:
        file = captured(remediate, source, folder / "with.yaml", "--subnet", SUBNET)
        commands = COMMANDS + WITH_SUBNET
        assert seen(remediate, str(file), commands) == seen(remediate, source, commands)


@pytest.mark.parametrize("scenario", [*QUICK, *in_sweep(*(one for one in SCENARIOS if one not in QUICK))])
def test_a_captured_scenario_is_the_same_to_verify_and_reconnect(
    remediate: Callable[..., Ran], tmp_path: Path, scenario: str
) -> None:
    assert_same(remediate, scenario, tmp_path, quick=True)


@pytest.mark.parametrize("scenario", ["link-other-plan", *in_sweep(*SCENARIOS)])
def test_a_captured_scenario_is_the_same_to_every_command(
    remediate: Callable[..., Ran], tmp_path: Path, scenario: str
) -> None:
    assert_same(remediate, scenario, tmp_path)


NOT_CAPTURED = {
    "detector-names-an-unseen-app",
    "flex-app-beside-an-unseen-one",
    "not-visible-plan",
    "subnet-with-an-unseen-app",
}
"""Worlds of which a file cannot hold all: the detector names an app there that nothing else shows."""
CAPTURED = sorted(path for path in OWN.glob("*.yaml") if path.stem not in NOT_CAPTURED)


@pytest.mark.parametrize("path", in_sweep(*CAPTURED), ids=lambda path: path.stem)
def test_a_captured_world_of_people_is_the_same_to_every_command(
    remediate: Callable[..., Ran], tmp_path: Path, path: Path
) -> None:
    described = read(path)
    world = described.get("world", {"extends": described.get("scenario")})
    faults = {"faults": described["faults"]} if "faults" in described else {}
    file = tmp_path / "world.yaml"
    file.write_text(yaml.safe_dump(world | faults), encoding="utf-8")
    assert_same(remediate, str(file), tmp_path)


@pytest.fixture
def rich(tmp_path: Path) -> Path:
    file = tmp_path / "rich.yaml"
    file.write_text(RICH, encoding="utf-8")
    return file


def test_everything_that_can_be_read_is_captured(
    remediate: Callable[..., Ran], tmp_path: Path, rich: Path
) -> None:
    before, after = load(str(rich)), load(str(captured(remediate, str(rich), tmp_path / "captured.yaml")))
    assert parts(after, FAR) == parts(before, FAR)


def parts(world: World, within: str) -> dict[str, Any]:
    """The parts of a world that a capture of its app holds."""
    state = world.state
    site = state.site(APP)
    fields = ("subnet", "plan", "kind", "network_config_lost", "routing", "state", "operation", "gateway")
    plan = asdict(state.plan(site.plan)) | {"created": None, "etag": None}
    network = next(one for id_, one in state.vnets.items() if id_.startswith(within))
    subnets = [
        (one.prefixes, one.listed, one.links, [each.service for each in one.delegations], one.occupants)
        for one in network.subnets
    ]
    return {
        "site": {name: getattr(site, name) for name in fields},
        "slots": [(one.id, one.routing, one.plan) for one in state.slots_of(APP)],
        "plan": plan,
        "network": (network.prefixes, network.dns_servers, network.location, network.tags, subnets),
        "locks": sorted((one.scope, one.level, one.name) for one in state.governance.locks),
        "denied": state.governance.deny_assignments,
    }


def test_what_the_account_may_do_is_captured_scope_by_scope(
    remediate: Callable[..., Ran], tmp_path: Path, rich: Path
) -> None:
    file = captured(remediate, str(rich), tmp_path / "captured.yaml")
    command = (COMMANDS[-1],)
    (said,) = seen(remediate, str(rich), command)
    assert "no-permission" in {code for code, *_ in said["findings"]}
    assert seen(remediate, str(file), command) == [said]


def test_a_plan_that_was_not_read_is_no_plan_that_is_gone(
    remediate: Callable[..., Ran], tmp_path: Path, rich: Path
) -> None:
    file = captured(remediate, str(rich), tmp_path / "captured.yaml")
    ran = remediate("guard", f"{HUB}/subnets/snet-beside", "--sandbox", str(file), "-o", "json")
    assert ran.code == 3
    assert "link-orphaned" not in ran.codes


# The command.


def test_without_a_file_the_world_is_printed(remediate: Callable[..., Ran], tmp_path: Path) -> None:
    ran = remediate("sandbox", "capture", "orders-func", "--sandbox", "link-missing")
    file = tmp_path / "printed.yaml"
    file.write_text(ran.out, encoding="utf-8")
    assert ran.code == 0
    assert ran.out.startswith("# orders-func, captured by remediate ")
    assert remediate("sandbox", "check", str(file)).code == 0


def test_the_document_holds_the_world_and_what_was_not_read(
    remediate: Callable[..., Ran], tmp_path: Path
) -> None:
    file = tmp_path / "x.yaml"
    ran = remediate(
        "sandbox", "capture", "orders-func", "--sandbox", "no-read", "--file", str(file), "-o", "json"
    )
    assert (ran.code, ran.document["file"]) == (0, str(file))
    assert ran.document["world"]["apps"]["orders-func"]["plan"] == "plan-orders"
    assert any("locks" in one for one in ran.document["unread"])
    assert "could not be read" in ran.err


def test_the_command_that_is_printed_names_a_file_whatever_it_is_called(
    remediate: Callable[..., Ran], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    ran = remediate("sandbox", "capture", "orders-func", "--sandbox", "--file", "orders")
    (command,) = re.findall("`remediate ([^`]+)`", ran.out)
    assert remediate(*shlex.split(command)).code == 0


def test_a_file_that_cannot_be_written_is_an_error(remediate: Callable[..., Ran], tmp_path: Path) -> None:
    ran = remediate(
        "sandbox", "capture", "orders-func", "--sandbox", "--file", str(tmp_path / "no" / "x.yaml")
    )
    assert ran.code == 2
    assert "cannot be written: No such file or directory" in ran.err


def test_an_app_that_is_not_there_is_an_error(remediate: Callable[..., Ran]) -> None:
    assert remediate("sandbox", "capture", APP.replace("orders", "order"), "--sandbox").code == 2


def test_it_sends_reads_only(remediate: Callable[..., Ran], azure: Callable[..., Any]) -> None:
    served = azure("shared-link")
    assert remediate("sandbox", "capture", "orders-func").code == 0
    assert served.writes == []
