"""A token that is not accepted any more: before anything is changed, and while an app is without network."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from tests.conftest import APP, SUBNET, Azure, Ran
from tests.terminal import Terminal

Remediate = Callable[..., Ran]
RECONNECT = ("reconnect", "orders-func", "--scope", "app")
QUICK = ("--poll-interval", "0.05", "--timeout", "5")


def expired(path: str, times: int = 0, method: str = ".*", nth: int = 1) -> dict[str, Any]:
    """A rule: what it matches is answered as Azure answers an expired token."""
    message = "The access token expiry UTC time '1/1/2026 3:00:00 AM' is earlier than current UTC time."
    body = {"error": {"code": "ExpiredAuthenticationToken", "message": message}}
    match = {"path": path, "method": method, "nth": nth}
    return {"match": match, "times": times, "answer": {"status": 401, "body": body}}


@pytest.mark.parametrize(
    ("command", "path", "code"),
    [
        (("verify", APP), "/sites/orders-func$", 1),
        (("verify", APP), "/subnets/snet-apps$", 1),
        (("verify", APP), "/serverfarms/plan-orders$", 1),
        (("reconnect", APP, "--yes"), "/sites/orders-func$", 4),
        (("reconnect", APP, "--yes"), "/providers/Microsoft.Authorization/locks$", 1),
        (("guard", SUBNET), "/subnets/snet-apps$", 1),
        (("purge", SUBNET, "--yes"), "/subnets/snet-apps$", 1),
    ],
)
def test_the_message_is_about_the_token_and_not_about_a_role(
    remediate: Remediate, azure: Callable[..., Azure], command: tuple[str, ...], path: str, code: int
) -> None:
    simulated = azure("healthy")
    simulated.fault(expired(path))
    ran = remediate(*command, "-o", "json")
    assert (ran.code, ran.document["code"]) == (code, "unauthenticated")
    assert "the token is not accepted, sign in again (`az login`)" in ran.document["message"]
    assert "Reader" not in ran.out + ran.err
    assert simulated.writes == []


def test_a_token_that_expires_while_an_app_is_away_is_replaced(
    remediate: Remediate, azure: Callable[..., Azure]
) -> None:
    simulated = azure("healthy")
    simulated.fault(expired("/sites/orders-func$", times=1, method="PATCH", nth=2))
    ran = remediate(*RECONNECT, "--yes", *QUICK, "-o", "json")
    assert (ran.code, ran.document["status"]) == (0, "succeeded")
    assert [method for method, path in simulated.sent if path.endswith("orders-func")].count("PATCH") == 3


def test_without_a_terminal_it_says_what_is_open(remediate: Remediate, azure: Callable[..., Azure]) -> None:
    simulated = azure("healthy")
    simulated.fault(expired("/sites/orders-func$", method="PATCH", nth=2))
    ran = remediate(*RECONNECT, "--yes", *QUICK, "-o", "json")
    assert ran.code == 5
    assert ran.document["resume"].startswith("remediate resume ")
    assert "the token is not accepted, sign in again (`az login`)" in ran.document["message"]
    assert "orders-func may be without its network" in ran.document["message"]
    simulated.fault()
    assert remediate("resume", "--yes", *QUICK).code == 0


def test_in_a_terminal_it_waits_for_a_fresh_sign_in(azure: Callable[..., Azure]) -> None:
    simulated = azure("healthy")
    simulated.fault(expired("/sites/orders-func$", method="PATCH", nth=2))
    terminal = Terminal(*RECONNECT, *QUICK)
    terminal.wait_for("Type orders-func to go on")
    terminal.type("orders-func\r")
    terminal.wait_for("Without network until somebody signs in again: orders-func")
    terminal.wait_for("Sign in again in another terminal: az login. Enter tries again")
    simulated.fault()
    terminal.type("\r")
    assert terminal.exit_code() == 0
    assert "Reader" not in terminal.text


def test_who_leaves_the_question_is_told_how_to_resume(azure: Callable[..., Azure]) -> None:
    azure("healthy").fault(expired("/sites/orders-func$", method="PATCH", nth=2))
    terminal = Terminal(*RECONNECT, *QUICK)
    terminal.wait_for("Type orders-func to go on")
    terminal.type("orders-func\r")
    terminal.wait_for("Enter tries again")
    terminal.type("\x03")
    assert terminal.exit_code() == 5
    assert "remediate resume" in terminal.flowing


def reads_before_the_disconnect(azure: Azure, remediate: Remediate, end: str) -> int:
    """How often a run reads what ends so before it disconnects the app."""
    assert remediate(*RECONNECT, "--yes", *QUICK).code == 0
    log = azure.log
    azure.reset()
    before = log[: next(at for at, one in enumerate(log) if one["method"] == "DELETE")]
    return sum(one["method"] == "GET" and one["path"].partition("?")[0].endswith(end) for one in before)


@pytest.mark.parametrize(("times", "code"), [(1, 0), (0, 5)])
def test_a_read_whose_token_expires_while_an_app_is_away_is_no_answer_to_wait_for(
    remediate: Remediate, azure: Callable[..., Azure], times: int, code: int
) -> None:
    simulated = azure("healthy")
    ends = ("/subnets/snet-apps", "/virtualNetworks/vnet-prod")
    counted = {end: reads_before_the_disconnect(simulated, remediate, end) for end in ends}
    simulated.fault(*(expired(f"{end}$", times, "GET", counted[end] + 1) for end in ends))
    ran = remediate(*RECONNECT, "--yes", *QUICK, "-o", "json")
    assert ran.code == code, ran.err
    assert [method for method, _ in simulated.sent] == ["PATCH", "DELETE", "PATCH"]
    if code:
        failed = [one["detail"] for one in ran.document["steps"] if one["status"] == "failed"]
        assert "the token is not accepted, sign in again (`az login`)" in failed[0]
