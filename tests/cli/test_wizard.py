"""The wizard's questions: how they are answered, left and gone back from, and what they lead to."""

from __future__ import annotations

import signal
from collections.abc import Callable

import pytest

from tests.cli.operator import BANNED, CTRL_C, DOWN, ENTER, ESCAPE, LEFT, Wizard, lost
from tests.conftest import Azure
from tests.run.test_two_operators import wait_for_write


def test_a_lost_link_comes_back_on_little_more_than_one_screen() -> None:
    wizard = Wizard("--sandbox", "link-missing", "--sandbox-speed", "300", afresh=True)
    lost(wizard)
    wizard.sees("What now?")
    for words in ("service association link of snet-apps is missing", "Repair it: rebuild the link", "Leave"):
        assert words in " ".join(wizard.screen.split())
    wizard.press(ENTER)
    wizard.sees("Type orders-func to go on")
    assert "restarts 2 or 3 times, without network for 10 to 87 s" in wizard.screen
    wizard.press("orders-func" + ENTER)
    assert wizard.exit_code() == 0
    assert "✓ succeeded: orders-func is connected and healthy" in wizard.screen
    lines = wizard.text.rstrip().splitlines()
    assert len(lines) <= 45
    assert len(wizard.text.split()) <= 350
    assert all(len(line) <= 80 for line in lines)
    assert BANNED.search(wizard.text) is None


def test_the_details_hold_everything_and_lead_back_to_the_question(azure: Callable[..., Azure]) -> None:
    simulated = azure("link-missing")
    wizard = Wizard()
    lost(wizard)
    wizard.choose("What now?", "Details")
    wizard.wait_for("DELETE /subscriptions/")
    for words in ("What Azure says", "How it is connected", "What will happen", "These writes would be sent"):
        assert words in wizard.text
    wizard.sees("» Repair it: rebuild the link")
    assert "service association link of snet-apps is missing" in wizard.screen
    wizard.leave()
    assert wizard.exit_code() == 130
    assert simulated.writes == []


QUESTIONS = ("What is happening?", "Which app?", "What now?", "Type orders-func to go on")
ANSWERS = (ENTER, "orders-func" + ENTER, ENTER)


@pytest.mark.parametrize("left", range(len(QUESTIONS)))
def test_every_question_can_be_left_with_nothing_changed(azure: Callable[..., Azure], left: int) -> None:
    simulated = azure("link-missing")
    wizard = Wizard()
    for question, answer in zip(QUESTIONS[:left], ANSWERS, strict=False):
        wizard.sees(question)
        wizard.press(answer)
    wizard.sees(QUESTIONS[left])
    wizard.leave(CTRL_C if left % 2 else ESCAPE)
    assert wizard.exit_code() == 130
    assert wizard.screen.splitlines()[-1] == "Nothing was changed."
    assert simulated.writes == []


def test_back_goes_one_question_back(azure: Callable[..., Azure]) -> None:
    azure("link-missing")
    wizard = Wizard()
    lost(wizard)
    wizard.sees("What now?")
    wizard.leave(LEFT)
    wizard.sees("(1 app)")
    wizard.leave(LEFT)
    wizard.sees("» An app lost its network")
    wizard.leave()
    assert wizard.exit_code() == 130


def test_back_at_the_typed_confirmation_leads_to_the_choice_before_it(
    azure: Callable[..., Azure],
) -> None:
    simulated = azure("link-missing")
    wizard = Wizard()
    lost(wizard)
    wizard.choose("What now?", "Repair it: rebuild the link")
    wizard.sees("Type orders-func to go on")
    wizard.press("back" + ENTER)
    wizard.sees("» Repair it: rebuild the link")
    wizard.leave()
    assert wizard.exit_code() == 130
    assert simulated.writes == []


def test_something_else_leads_to_the_first_question(azure: Callable[..., Azure]) -> None:
    azure("link-missing")
    wizard = Wizard()
    lost(wizard)
    wizard.choose("What now?", "Something else")
    wizard.sees("» An app lost its network")
    wizard.leave(CTRL_C)
    assert wizard.exit_code() == 130


def test_what_azure_did_not_answer_can_be_tried_again(azure: Callable[..., Azure]) -> None:
    simulated = azure("healthy")
    denied = {"status": 403, "body": {"error": {"code": "AuthorizationFailed", "message": "no"}}}
    path = ".*/sites/orders-func$"
    simulated.fault({"match": {"method": "GET", "path": path}, "times": 1, "answer": denied})
    wizard = Wizard()
    lost(wizard)
    wizard.choose("What now?", "Try again")
    wizard.search("Which app?", "orders-func")
    wizard.sees("looks healthy")
    wizard.choose("What now?", "Leave")
    assert wizard.exit_code() == 0


def test_after_ctrl_c_the_run_brings_the_app_back_and_nothing_more_is_asked(
    azure: Callable[..., Azure],
) -> None:
    simulated = azure("healthy", speed=30)
    simulated.fault({"match": {"method": "DELETE"}, "delay": 90})
    wizard = Wizard()
    lost(wizard)
    wizard.choose("What now?", "Rebuild it anyway")
    wizard.sees("Type orders-func to go on")
    wizard.press("orders-func" + ENTER)
    wait_for_write(simulated, "DELETE", answered=False)
    wizard.signal(signal.SIGINT)
    assert wizard.exit_code() in (0, 5)
    assert [method for method, _ in simulated.sent] == ["PATCH", "DELETE", "PATCH"]
    assert "orders-func · reconnected" in wizard.screen


def test_with_plain_lines_the_same_conversation_is_numbered(
    azure: Callable[..., Azure], monkeypatch: pytest.MonkeyPatch
) -> None:
    simulated = azure("link-missing")
    monkeypatch.setenv("REMEDIATE_PLAIN", "1")
    wizard = Wizard()
    for question, answer in (
        ("An app lost its network", "1"),
        ("Which app?", "1"),
        ("Repair it: rebuild the link", "1"),
        ("Type orders-func to go on", "orders-func"),
    ):
        wizard.wait_for(question)
        wizard.press(answer + ENTER)
    assert wizard.exit_code() == 0
    assert "✓ succeeded: orders-func is connected and healthy" in wizard.flowing
    assert BANNED.search(wizard.text) is None
    assert [method for method, _ in simulated.sent] == ["PATCH", "DELETE", "PATCH"]


def test_many_apps_are_listed_with_plan_and_subnet_and_one_is_looked_at(azure: Callable[..., Azure]) -> None:
    azure("shared-link")
    wizard = Wizard()
    wizard.choose("What is happening?", "Look at many apps")
    wizard.sees("4 apps: 4 on a subnet, 0 not integrated.")
    wizard.sees("billing-web plan-orders vnet-prod/snet-apps")
    wizard.search("Which app?", "billing")
    wizard.sees("4 apps use it: billing-web,")
    wizard.leave()
    assert wizard.exit_code() == 130


def test_practising_begins_again_on_a_private_sandbox(azure: Callable[..., Azure]) -> None:
    simulated = azure("healthy")
    wizard = Wizard()
    wizard.choose("What is happening?", "Practise on the sandbox")
    wizard.search("Which scenario?", "link-missing")
    wizard.sees("Sandbox link-missing: a simulated Azure")
    lost(wizard)
    wizard.sees("service association link of snet-apps is missing")
    wizard.leave()
    assert wizard.exit_code() == 130
    assert simulated.writes == []


def test_in_eighty_columns_no_line_of_a_list_is_cut() -> None:
    wizard = Wizard("--sandbox", "shared-link", "--sandbox-speed", "300")
    wizard.choose("What is happening?", "An app lost its network")
    wizard.sees("orders-func/staging")
    listed = [line for line in wizard.screen.splitlines() if "rg-sandbox" in line]
    assert len(listed) == 4
    assert all("vnet-prod/snet-apps" in line for line in listed)
    wizard.leave(CTRL_C)
    assert wizard.exit_code() == 130


def test_the_second_choice_is_reached_with_the_arrow(azure: Callable[..., Azure]) -> None:
    azure("healthy")
    wizard = Wizard()
    wizard.sees("What is happening?")
    wizard.press(DOWN + ENTER)
    wizard.sees("Which subnet?")
    wizard.leave(CTRL_C)
    assert wizard.exit_code() == 130


def test_without_a_sign_in_one_can_practise_or_try_again(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AZURE_TOKEN_CREDENTIALS", "EnvironmentCredential")
    wizard = Wizard("--subscription", "00000000-0000-0000-0000-000000000009")
    wizard.sees("» Try again: I have signed in")
    wizard.press(ENTER)
    wizard.read_until(lambda: wizard.text.count("not signed in") == 2, "the second failure")
    wizard.choose("What now?", "Practise on the sandbox")
    wizard.search("Which scenario?", "healthy")
    lost(wizard)
    wizard.sees("looks healthy")
    wizard.choose("What now?", "Leave")
    assert wizard.exit_code() == 0
