"""A subscription that is not there is told at once, with those that are."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from tests.cli.operator import ENTER, Wizard, lost
from tests.conftest import APP, Azure, Ran

Remediate = Callable[..., Ran]
HERE = "00000000-0000-0000-0000-000000000001"
WRONG = "99999999-9999-9999-9999-999999999999"
NOT_THERE = {"status": 404, "body": {"error": {"code": "SubscriptionNotFound", "message": "not found"}}}
DENIED = {"status": 403, "body": {"error": {"code": "AuthorizationFailed", "message": "no"}}}


def many(folder: Path, number: int) -> str:
    """A world with so many more subscriptions, the last of them invisible."""
    ids = [f"0000000{one:x}-0000-0000-0000-0000000000aa" for one in range(1, number + 1)]
    lines = [
        f"  {one}: {{name: team-{n:02}, visible: {str(n < number).lower()}}}" for n, one in enumerate(ids, 1)
    ]
    file = folder / "world.yaml"
    file.write_text("\n".join(["extends: healthy", "subscriptions:", *lines, ""]))
    return str(file)


@pytest.mark.parametrize("given", [WRONG, "no-such-name", "x" * 100])
@pytest.mark.parametrize("command", [("verify", "orders-func"), ("guard", APP)])
def test_a_wrong_subscription_is_told_with_those_that_are_there(
    remediate: Remediate, azure: Callable[..., Azure], given: str, command: tuple[str, ...]
) -> None:
    azure("healthy")
    ran = remediate(*command, "--subscription", given, "-o", "json")
    assert (ran.code, ran.document["code"]) == (2, "not-found")
    assert ran.document["message"] == (
        f"the subscription {given[:80]!r} is not found or not visible to this account"
    )
    assert HERE in ran.document["hint"]


def test_at_most_ten_are_listed(remediate: Remediate, azure: Callable[..., Azure], tmp_path: Path) -> None:
    azure(many(tmp_path, 13))
    hint = remediate("verify", "x", "--subscription", WRONG, "-o", "json").document["hint"]
    assert hint.count("team-") + hint.count(HERE) == 10
    assert hint.endswith("; and 3 more")
    assert "team-0d" not in hint


def test_an_invisible_one_is_not_told_from_one_that_is_not_there(
    remediate: Remediate, azure: Callable[..., Azure], tmp_path: Path
) -> None:
    azure(many(tmp_path, 2))
    hidden = "00000002-0000-0000-0000-0000000000aa"
    ran = remediate("verify", "orders-func", "--subscription", hidden)
    assert ran.code == 2
    assert "not found or not visible" in ran.err


def test_a_subscription_may_be_named(
    remediate: Remediate, azure: Callable[..., Azure], tmp_path: Path
) -> None:
    azure(many(tmp_path, 2))
    ran = remediate("verify", "orders-func", "--subscription", "TEAM-01")
    assert "subscription team-01 (00000001-0000-0000-0000-0000000000aa)" in ran.err
    assert "no app that the account can see in the subscription" in ran.err


def test_a_wrong_one_of_the_environment_matters_only_where_it_is_searched(
    remediate: Remediate, azure: Callable[..., Azure], monkeypatch: pytest.MonkeyPatch
) -> None:
    azure("healthy")
    monkeypatch.setenv("AZURE_SUBSCRIPTION_ID", WRONG)
    by_id = remediate("verify", APP)
    assert by_id.code == 0
    assert f"subscription {WRONG} (not found or not visible)" in by_id.err
    assert remediate("verify", "orders-func", "-o", "json").document["code"] == "not-found"


@pytest.mark.parametrize("how", ["unset", "environment", "option"])
def test_the_wizard_asks_from_a_list(
    azure: Callable[..., Azure], tmp_path: Path, monkeypatch: pytest.MonkeyPatch, how: str
) -> None:
    azure(many(tmp_path, 3))
    monkeypatch.delenv("AZURE_SUBSCRIPTION_ID")
    if how == "environment":
        monkeypatch.setenv("AZURE_SUBSCRIPTION_ID", WRONG)
    wizard = Wizard(*(("--subscription", WRONG) if how == "option" else ()))
    wizard.sees("Which subscription?")
    assert ("not found or not visible" in wizard.flowing) == (how != "unset")
    wizard.press("Sandbox" + ENTER)
    lost(wizard)
    wizard.sees("looks healthy")
    wizard.leave()
    wizard.exit_code()


def test_one_that_the_list_shows_is_there_whatever_its_own_read_says(
    remediate: Remediate, azure: Callable[..., Azure]
) -> None:
    azure("healthy").fault({"match": {"path": f"/subscriptions/{HERE}$"}, "times": 0, "answer": NOT_THERE})
    ran = remediate("verify", "orders-func", "--subscription", HERE)
    assert ran.code == 0
    assert f"subscription Sandbox ({HERE})" in ran.err


def test_a_list_that_is_not_read_is_not_called_empty(
    remediate: Remediate, azure: Callable[..., Azure]
) -> None:
    azure("healthy").fault({"match": {"path": "/subscriptions$"}, "times": 0, "answer": DENIED})
    ran = remediate("verify", "orders-func", "--subscription", WRONG, "-o", "json")
    assert (ran.code, ran.document["code"]) == (2, "not-found")
    assert ran.document["hint"] == "which subscriptions there are could not be read; try again in a minute"
