"""A printed command is about the same Azure, and the same state, as the command that prints it."""

from __future__ import annotations

import re
import shlex
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.conftest import APP, SUBNET, Azure, Ran

SUBSCRIPTION = SUBNET.split("/")[2]
QUICK = ("--poll-interval", "0.02", "--timeout", "0.5")


@pytest.mark.parametrize("form", ["table", "json"])
def test_a_private_sandbox_is_repeated(remediate: Callable[..., Ran], form: str) -> None:
    ran = remediate("verify", "orders-func", "--sandbox", "shared-link", "-o", form)
    (command,) = re.findall("`(remediate [^`]+)`", ran.out)
    assert command == "remediate reconnect orders-func --scope link --sandbox shared-link"
    assert remediate(*shlex.split(command)[1:], "--dry-run").code == 0


def test_the_subscription_of_an_app_is_named_where_its_name_would_not_be_found(
    remediate: Callable[..., Ran], tmp_path: Path
) -> None:
    far = "/subscriptions/00000000-0000-0000-0000-000000000002"
    app = f"{far}/resourceGroups/rg-web/providers/Microsoft.Web/sites/far-web"
    plan = app.replace("sites/far-web", "serverfarms/plan-far")
    world = tmp_path / "world.yaml"
    world.write_text(
        f"extends: link-missing\nplans: {{{plan}: {{sku: P1v3}}}}\n"
        f"apps:\n  orders-func: null\n  {app}: {{plan: {plan}, subnet: vnet-prod/snet-apps}}\n",
        encoding="utf-8",
    )
    ran = remediate("verify", app, "--sandbox", str(world), "-o", "json")
    (finding,) = (one for one in ran.document["findings"] if one["code"] == "link-missing")
    (command,) = re.findall("`(remediate [^`]+)`", finding["action"])
    assert f"--subscription {far.rpartition('/')[2]}" in command
    assert remediate(*shlex.split(command)[1:], "--dry-run").code == 0


@pytest.mark.parametrize("form", ["table", "json"])
def test_the_order_of_a_deletion_repeats_it_in_our_own_commands_alone(
    remediate: Callable[..., Ran], form: str
) -> None:
    ran = remediate("guard", APP, "--sandbox", "-o", form)
    assert f"remediate guard {APP} --disconnect --sandbox healthy" in ran.out
    assert "--sandbox" not in next(line for line in ran.out.splitlines() if "az functionapp" in line)


def test_the_state_and_the_subscription_are_repeated_so_that_the_run_is_found(
    remediate: Callable[..., Ran], azure: Callable[..., Azure], tmp_path: Path
) -> None:
    azure("stuck")
    there = ("--state", str(tmp_path / "a folder"), "--subscription", SUBSCRIPTION)
    ran = remediate("reconnect", "orders-func", "--yes", *QUICK, *there, "-o", "json")
    resume = shlex.split(ran.document["resume"])[1:]
    assert resume == ["resume", ran.document["run"], *there[2:], *there[:2]]
    assert remediate(*resume, "--dry-run").code == 0


def test_an_error_repeats_what_it_was_about(remediate: Callable[..., Ran], tmp_path: Path) -> None:
    ran = remediate("runs", "show", "NOSUCH", "--state", str(tmp_path))
    assert ran.err.splitlines()[-1].endswith(f"remediate runs list --state {tmp_path}")
    again = remediate("runs", "show", "NOSUCH")
    assert again.err.splitlines()[-1].endswith("remediate runs list")
