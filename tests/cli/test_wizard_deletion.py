"""The wizard before a deletion, and for a subnet that cannot be deleted or used."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from tests.cli.operator import ENTER, Wizard
from tests.conftest import Azure


def about_to_delete(wizard: Wizard, kind: str, words: str) -> None:
    """Say that something is to be deleted, its kind and its name."""
    wizard.choose("What is happening?", "I am going to delete something")
    wizard.choose("What do you want to delete?", kind)
    wizard.search("Which one?", words)


def test_before_a_deletion_everybody_who_holds_it_is_named_and_disconnected(
    azure: Callable[..., Azure],
) -> None:
    simulated = azure("shared-link")
    wizard = Wizard()
    about_to_delete(wizard, "App Service plan", "plan-orders")
    wizard.sees("plan-orders is held by orders-func, billing-web, mail-web and orders-func/staging")
    wizard.choose("What now?", "Disconnect all 4, one at a time; nothing is deleted")
    wizard.sees("Type plan-orders to go on")
    for name in ("orders-func/staging", "billing-web", "mail-web"):
        assert f"{name} restarts once, without network from then on" in wizard.screen
    assert simulated.writes == []
    wizard.press("plan-orders" + ENTER)
    wizard.sees("✓ plan-orders can be deleted: nothing holds it.")
    wizard.sees("» Leave")
    wizard.press(ENTER)
    assert wizard.exit_code() == 0
    assert "4 apps are disconnected" in wizard.text
    assert [method for method, _ in simulated.sent] == ["DELETE"] * 4


def test_before_a_deletion_one_may_leave_it_as_it_is(azure: Callable[..., Azure]) -> None:
    simulated = azure("healthy")
    wizard = Wizard()
    about_to_delete(wizard, "Subnet", "snet-apps")
    wizard.sees("vnet-prod/snet-apps is held by orders-func")
    wizard.leave()
    assert wizard.exit_code() == 130
    assert simulated.writes == []


def test_before_a_deletion_what_is_safe_is_told_at_once_with_the_commands_in_the_details() -> None:
    wizard = Wizard("--sandbox", "not-integrated", "--sandbox-speed", "300")
    about_to_delete(wizard, "Resource group", "rg-sandbox")
    wizard.sees("✓ rg-sandbox can be deleted: nothing holds it.")
    wizard.choose("What now?", "Details")
    wizard.wait_for("az group delete")
    wizard.sees("» Leave")
    wizard.press(ENTER)
    assert wizard.exit_code() == 0


def test_what_refuses_the_disconnect_is_said_and_nothing_is_sent(azure: Callable[..., Azure]) -> None:
    simulated = azure("locked")
    wizard = Wizard()
    about_to_delete(wizard, "App Service plan", "plan-orders")
    wizard.choose("What now?", "Disconnect it; nothing is deleted")
    wizard.sees("refused: nothing was changed")
    wizard.sees("» Disconnect it")
    wizard.leave()
    assert wizard.exit_code() == 4
    assert simulated.writes == []


def test_a_subnet_that_is_blocked_by_a_link_that_nobody_uses_is_freed(azure: Callable[..., Azure]) -> None:
    simulated = azure("link-unused")
    wizard = Wizard()
    wizard.choose("What is happening?", "A subnet cannot be deleted or used")
    wizard.sees("linked to plan-other")
    wizard.search("Which subnet?", "snet-apps")
    wizard.sees("vnet-prod/snet-apps cannot be deleted or used yet.")
    wizard.choose("What now?", "Clear the link of vnet-prod/snet-apps")
    wizard.sees("No app is changed.")
    wizard.choose("What now?", "Clear it now")
    wizard.sees("✓ vnet-prod/snet-apps can be deleted and used: nothing holds it.")
    wizard.choose("What now?", "Leave")
    assert wizard.exit_code() == 0
    assert [method for method, _ in simulated.sent] == ["POST"]


def test_a_subnet_that_another_plan_blocks_is_freed_and_the_app_connected_again(
    azure: Callable[..., Azure],
) -> None:
    simulated = azure("link-other-plan")
    wizard = Wizard()
    wizard.choose("What is happening?", "An app lost its network")
    wizard.search("Which app?", "orders-func")
    wizard.choose("What now?", "Free vnet-prod/snet-apps: disconnect every app on it")
    wizard.choose("What now?", "Disconnect it; nothing is deleted")
    wizard.sees("Type snet-apps to go on")
    wizard.press("snet-apps" + ENTER)
    wizard.choose("What now?", "Clear the link of vnet-prod/snet-apps")
    wizard.choose("What now?", "Clear it now")
    wizard.choose("What now?", "Connect orders-func to it again")
    wizard.choose("What now?", "Connect it to vnet-prod/snet-apps now")
    assert wizard.exit_code() == 0
    assert [method for method, _ in simulated.sent] == ["DELETE", "POST", "PATCH"]


TWO_SUBNETS = """
extends: healthy
plans:
  plan-two: {sku: P1v3, workers: 1}
networks:
  vnet-prod:
    subnets:
      snet-data: {prefix: 10.10.2.0/27, delegation: Microsoft.Web/serverFarms, link: plan-two}
apps:
  two-web: {kind: app, plan: plan-two, subnet: vnet-prod/snet-data}
"""


def test_back_at_the_second_subnet_does_not_hide_what_was_done_at_the_first(tmp_path: Path) -> None:
    world = tmp_path / "world.yaml"
    world.write_text(TWO_SUBNETS)
    wizard = Wizard("--sandbox", str(world), "--sandbox-speed", "300")
    about_to_delete(wizard, "Virtual network", "vnet-prod")
    wizard.choose("What now?", "Disconnect all 2")
    question = "Type vnet-prod to go on"
    wizard.sees(question)
    wizard.press("vnet-prod" + ENTER)
    wizard.read_until(lambda: wizard.flowing.count(question) == 2, "the second question")
    wizard.press("back" + ENTER)
    wizard.sees("» Disconnect it; nothing is deleted")
    wizard.leave()
    assert wizard.exit_code() == 5
    assert "✗ vnet-prod is held by two-web, which is connected." in wizard.text
    assert wizard.lines[-1] != "Nothing was changed."
