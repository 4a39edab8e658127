"""The wizard while a run is unfinished: which apps are without network, and how they get it back."""

from __future__ import annotations

import os
from collections.abc import Callable

import pytest

from tests.cli.operator import ENTER, Wizard
from tests.conftest import Azure, Ran
from tests.faults.operators import Cut, typed
from tests.terminal import Terminal

RUN = ("reconnect", "orders-func", "--scope", "link", "--yes", "-o", "json")
QUICK = ("--poll-interval", "0.02", "--timeout", "1")
posix = pytest.mark.skipif(os.name != "posix", reason="a pseudo-terminal, and processes as POSIX has them")


@pytest.fixture
def killed(azure: Callable[..., Azure]) -> Azure:
    """`shared-link`, and a run that was killed after it had disconnected the slot and mail-web."""
    simulated = azure("shared-link")
    cut = Cut("killed", "write", 2, "after")
    assert typed(simulated, *RUN, *QUICK, cut=cut).code is None
    return simulated


@posix
def test_the_first_thing_said_is_who_is_without_network_and_it_is_finished_there(killed: Azure) -> None:
    wizard = Wizard()
    wizard.sees("What now?")
    assert "is WITHOUT NETWORK NOW since" in wizard.screen
    assert wizard.screen.count("is WITHOUT NETWORK NOW") == 2
    assert wizard.screen.count("✓") == 2
    wizard.sees("» Finish it now")
    wizard.press(ENTER)
    wizard.sees("2 apps will be disconnected from vnet-prod/snet-apps, then 4 apps connected again")
    wizard.sees("Type orders-func to go on")
    wizard.press("orders-func" + ENTER)
    assert wizard.exit_code() == 0
    assert "4 apps are connected" in wizard.screen


@posix
def test_what_cannot_be_read_is_unknown(killed: Azure) -> None:
    denied = {"status": 403, "body": {"error": {"code": "AuthorizationFailed", "message": "no"}}}
    killed.fault({"match": {"method": "GET", "path": ".*/sites/mail-web"}, "times": 99, "answer": denied})
    wizard = Wizard()
    wizard.sees("? mail-web could not be read: whether it has network is unknown")
    wizard.leave()
    assert wizard.exit_code() == 130


@posix
def test_everything_is_put_back_as_it_was(killed: Azure) -> None:
    wizard = Wizard()
    wizard.choose("What now?", "Put everything back as it was")
    assert wizard.exit_code() == 0
    assert "rolled back" in wizard.screen
    assert [method for method, _ in killed.sent][-2:] == ["PATCH", "PATCH"]


@posix
def test_an_app_of_the_run_leads_back_to_it(killed: Azure) -> None:
    wizard = Wizard()
    wizard.choose("What now?", "Something else")
    wizard.choose("What is happening?", "An app lost its network")
    wizard.search("Which app?", "billing")
    wizard.sees("» Finish it now")
    wizard.leave()
    assert wizard.exit_code() == 130


@posix
def test_verify_says_that_the_run_took_the_network_and_leads_to_resume(
    remediate: Callable[..., Ran], killed: Azure
) -> None:
    away = next(app for app in ("mail-web", "billing-web") if _is_away(remediate, app))
    ran = remediate("verify", away, "-o", "json")
    first = ran.document["findings"][0]
    assert (ran.code, first["code"]) == (3, "operation-in-progress")
    assert "`remediate resume " in first["action"]
    assert not any("remediate reconnect" in one["action"] for one in ran.document["findings"])


def _is_away(remediate: Callable[..., Ran], app: str) -> bool:
    return "not-integrated" in remediate("verify", app, "-o", "json").codes


@posix
def test_a_run_that_somebody_is_finishing_now_is_only_named(killed: Azure) -> None:
    first = Terminal("resume", *QUICK)
    first.wait_for("Type orders-func to go on")
    wizard = Wizard()
    wizard.sees("» An app lost its network")
    assert "holds the lock on this link" in " ".join(wizard.screen.split())
    wizard.leave()
    assert wizard.exit_code() == 130
    first.type("\x1b")
    assert first.exit_code() == 5


@posix
def test_once_an_app_came_back_finishing_only_connects_and_asks_for_no_name(
    azure: Callable[..., Azure],
) -> None:
    simulated = azure("shared-link")
    cut = Cut("killed", "write", 6, "after")
    assert typed(simulated, *RUN, *QUICK, cut=cut).code is None
    wizard = Wizard()
    wizard.choose("What now?", "Finish it now")
    assert wizard.exit_code() == 0
    assert "Type orders-func" not in wizard.text
    assert [method for method, _ in simulated.sent][-2:] == ["PATCH"] * 2
