"""The wizard for an app that lost its network, walked through in a terminal of 80x24."""

from __future__ import annotations

from collections.abc import Callable

from tests.cli.operator import BANNED, ENTER, Wizard, lost
from tests.conftest import Azure


def test_a_lost_link_of_several_apps_is_rebuilt_for_all_of_them() -> None:
    wizard = Wizard("--sandbox", "shared-link", "--sandbox-speed", "300")
    lost(wizard, "mail")
    wizard.choose("What now?", "Repair it: rebuild the link (all 4 apps on this link)")
    wizard.sees("Type mail-web to go on")
    for name in ("orders-func/staging", "billing-web", "mail-web"):
        assert f"{name} restarts" in wizard.screen
    wizard.press("mail-web" + ENTER)
    assert wizard.exit_code() == 0
    assert "4 apps are connected and healthy" in wizard.screen
    assert BANNED.search(wizard.text) is None


def test_a_link_that_nobody_uses_is_cleared_and_the_app_connected_there(
    azure: Callable[..., Azure],
) -> None:
    simulated = azure("link-orphaned")
    wizard = Wizard()
    lost(wizard)
    wizard.choose("What now?", "Choose a subnet, and connect it there")
    wizard.sees("its link names plan-gone")
    wizard.search("Which subnet?", "snet-apps")
    wizard.choose("What now?", "Clear the link that nobody uses")
    wizard.choose("What now?", "Clear it now")
    wizard.choose("What now?", "Connect it to vnet-prod/snet-apps now")
    assert wizard.exit_code() == 0
    assert [method for method, _ in simulated.sent] == ["POST", "PATCH"]
    assert "orders-func is connected and healthy" in wizard.screen
    assert BANNED.search(wizard.text) is None


def test_an_app_without_a_subnet_is_connected_to_one_from_a_list(azure: Callable[..., Azure]) -> None:
    simulated = azure("not-integrated")
    wizard = Wizard()
    lost(wizard)
    wizard.choose("What now?", "Choose a subnet, and connect it there")
    wizard.sees("27 of 27 free delegated")
    wizard.search("Which subnet?", "data")
    wizard.choose("What now?", "Connect it to vnet-prod/snet-data now")
    assert wizard.exit_code() == 0
    [(method, path)] = simulated.sent
    assert (method, path.rpartition("/")[2]) == ("PATCH", "orders-func")
    assert "orders-func is connected and healthy" in wizard.screen


def test_of_a_healthy_app_the_first_choice_is_to_leave(azure: Callable[..., Azure]) -> None:
    simulated = azure("healthy")
    wizard = Wizard()
    lost(wizard)
    wizard.sees("looks healthy; there is nothing to repair")
    wizard.sees("» Leave")
    wizard.press(ENTER)
    assert wizard.exit_code() == 0
    assert simulated.writes == []


def test_a_healthy_app_is_looked_at_closer_and_a_port_it_does_not_reach_is_said(
    azure: Callable[..., Azure],
) -> None:
    azure("probe-failed")
    wizard = Wizard()
    lost(wizard)
    wizard.choose("What now?", "Look closer")
    wizard.sees("Which HOST:PORT is it to reach?")
    wizard.press("nonsense" + ENTER)
    wizard.sees("'nonsense' is not HOST:PORT")
    wizard.press("sql.internal:1433" + ENTER)
    wizard.sees("not reached")
    wizard.sees("sql.internal:1433")
    wizard.leave()
    assert wizard.exit_code() == 130


def test_a_healthy_app_is_rebuilt_anyway_for_itself_or_for_all(azure: Callable[..., Azure]) -> None:
    simulated = azure("healthy")
    wizard = Wizard()
    lost(wizard)
    wizard.choose("What now?", "Rebuild it anyway")
    wizard.sees("Type orders-func to go on")
    wizard.press("orders-func" + ENTER)
    assert wizard.exit_code() == 0
    assert [method for method, _ in simulated.sent] == ["PATCH", "DELETE", "PATCH"]


def test_what_cannot_be_repaired_here_is_said_with_what_can_be_done(azure: Callable[..., Azure]) -> None:
    simulated = azure("gateway-required")
    wizard = Wizard()
    lost(wizard)
    wizard.sees("While this is so, a reconnect is refused.")
    wizard.sees("In the portal, open the app's Networking page")
    wizard.choose("What now?", "Leave")
    assert wizard.exit_code() == 130
    assert "Nothing was changed." in wizard.screen
    assert "✗ cancelled" not in wizard.text
    assert simulated.writes == []


def test_advice_has_no_command_to_copy_and_the_details_have_it(azure: Callable[..., Azure]) -> None:
    azure("subnet-full")
    wizard = Wizard()
    lost(wizard)
    wizard.sees("Scale the plan in to 11 instances or fewer. Or use a larger subnet")
    assert "az appservice plan update" not in wizard.text
    wizard.choose("What now?", "Details")
    wizard.wait_for("az appservice plan update --ids")
    wizard.leave()
    assert wizard.exit_code() == 130


def test_what_refuses_the_rebuild_of_a_healthy_app_is_said(azure: Callable[..., Azure]) -> None:
    simulated = azure("no-join")
    wizard = Wizard()
    lost(wizard)
    wizard.choose("What now?", "Rebuild it anyway")
    wizard.sees("lacks a permission that this takes. It lacks Microsoft.Network/virtualNetworks/subnets/join")
    wizard.leave()
    assert wizard.exit_code() == 130
    assert simulated.writes == []


def test_an_app_whose_subnet_is_gone_is_connected_to_another(azure: Callable[..., Azure]) -> None:
    simulated = azure("subnet-missing")
    wizard = Wizard()
    lost(wizard)
    wizard.choose("What now?", "Choose a subnet, and connect it there")
    wizard.search("Which subnet?", "snet-data")
    wizard.choose("What now?", "Connect it to vnet-prod/snet-data now")
    assert wizard.exit_code() == 0
    assert [method for method, _ in simulated.sent] == ["PATCH"]


def test_the_outcome_of_a_failed_run_is_on_the_last_screen_and_support_behind_a_choice() -> None:
    wizard = Wizard("--sandbox", "stuck", "--sandbox-speed", "3000")
    lost(wizard)
    wizard.choose("What now?", "Rebuild it anyway")
    wizard.sees("Type orders-func to go on")
    wizard.press("orders-func" + ENTER)
    wizard.sees("» Finish it now")
    assert "not finished: 1 of 1 app reconnected" in wizard.screen
    assert "Regional VNet integration:" not in wizard.text
    wizard.choose("What now?", "Show a support request to paste")
    assert wizard.exit_code() == 5
    assert "Regional VNet integration:" in wizard.text
