"""Before the first write Azure is read again: what cannot be read then is said, and is no change of Azure."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from remediate.azure.waiting import Waiter
from remediate.errors import StateUnknown
from remediate.model.failure import RequestFailed
from remediate.run.plan_check import check_plan
from tests.clocks import ManualClock
from tests.conftest import APP, PLAN, SUBNET, Azure, Ran
from tests.run.test_faults import CONFIG, SITE, answer, rule

QUICK = ("--yes", "-o", "json", "--poll-interval", "0.02", "--timeout", "2")
COMMANDS = {
    "reconnect": ("link-missing", ("reconnect", APP, *QUICK)),
    "purge": ("link-orphaned", ("purge", SUBNET, *QUICK)),
    "guard": ("healthy", ("guard", PLAN, "--disconnect", *QUICK)),
}
HIDDEN = answer(404, "SubscriptionNotFound", "The subscription could not be found.")
DENIED = answer(403, "AuthorizationFailed", "no")
BROKEN = answer(500, "InternalServerError")
WAYS = [("not visible", HIDDEN), ("denied", DENIED), ("broken", BROKEN)]


def again(path: str, how: dict[str, Any], times: int = 0) -> dict[str, Any]:
    """A rule: the first read of a path is answered, and the next ones are not."""
    return rule("GET", path, nth=2, times=times, answer=how)


@pytest.mark.parametrize("how", [how for _, how in WAYS], ids=[name for name, _ in WAYS])
@pytest.mark.parametrize("command", COMMANDS)
def test_what_cannot_be_read_again_is_said_and_nothing_is_changed(
    remediate: Callable[..., Ran], azure: Callable[..., Azure], command: str, how: dict[str, Any]
) -> None:
    scenario, words = COMMANDS[command]
    simulated = azure(scenario)
    simulated.fault(again("/subnets/snet-apps$", how))
    ran = remediate(*words)
    assert (ran.code, ran.document["code"]) == (4, "not-read")
    assert "subnet" in ran.document["message"]
    assert how["body"]["error"]["code"] in ran.document["message"]
    assert "no longer as it was" not in ran.err
    assert simulated.writes == []


@pytest.mark.parametrize(
    ("command", "path"),
    [
        ("reconnect", SITE),
        ("reconnect", CONFIG),
        ("reconnect", "/plan-orders/sites$"),
        ("reconnect", "/sites/orders-func/providers/Microsoft.Authorization/locks$"),
        ("purge", "/plan-gone$"),
        ("guard", SITE),
        ("guard", CONFIG),
        ("guard", "/plan-orders$"),
        ("guard", "/plan-orders/sites$"),
    ],
)
def test_whatever_it_is_that_cannot_be_read_again(
    remediate: Callable[..., Ran], azure: Callable[..., Azure], command: str, path: str
) -> None:
    scenario, words = COMMANDS[command]
    simulated = azure(scenario)
    simulated.fault(again(path, HIDDEN))
    ran = remediate(*words)
    assert (ran.code, ran.document["code"]) == (4, "not-read"), ran.out
    assert simulated.writes == []


@pytest.mark.parametrize("command", COMMANDS)
def test_a_read_that_fails_for_a_while_is_made_again(
    remediate: Callable[..., Ran], azure: Callable[..., Azure], command: str
) -> None:
    scenario, words = COMMANDS[command]
    simulated = azure(scenario)
    page = {"status": 200, "body": "<html>one moment</html>"}
    simulated.fault(again("/subnets/snet-apps$", page, times=2))
    assert remediate(*words).code == 0


@pytest.mark.parametrize(
    ("command", "path"), [("reconnect", SITE), ("purge", "/subnets/snet-apps$"), ("guard", "/plan-orders$")]
)
def test_what_is_gone_by_then_is_a_change(
    remediate: Callable[..., Ran], azure: Callable[..., Azure], command: str, path: str
) -> None:
    scenario, words = COMMANDS[command]
    simulated = azure(scenario)
    simulated.fault(again(path, answer(404, "ResourceNotFound", "gone")))
    ran = remediate(*words)
    assert (ran.code, ran.document["code"]) == (6, "moved")
    assert "there is no" in ran.document["message"]
    assert simulated.writes == []


@pytest.fixture
def cut_off(
    remediate: Callable[..., Ran], azure: Callable[..., Azure], monkeypatch: pytest.MonkeyPatch
) -> Azure:
    """A run that could not connect its app again, and was left so."""
    simulated = azure("healthy")
    # The first PATCH is the trial, which Azure takes.
    denied = [rule("PATCH", SITE, nth=2, times=0, answer=DENIED), rule("PUT", CONFIG, times=0, answer=DENIED)]
    simulated.fault(*denied)
    assert remediate("reconnect", APP, *QUICK).code == 5
    simulated.fault()
    return simulated


def apps_away(azure: Azure) -> int:
    return sum(one.subnet is None for one in azure.world.state.sites.values())


@pytest.mark.parametrize("path", [SITE, CONFIG])
def test_an_app_that_resume_cannot_read_again_is_said_and_the_run_stays_open(
    remediate: Callable[..., Ran], cut_off: Azure, path: str
) -> None:
    before = len(cut_off.writes)
    cut_off.fault(rule("GET", path, nth=3, times=0, answer=HIDDEN))
    ran = remediate("resume", *QUICK)
    assert "no longer as it was" not in ran.err
    assert "somebody else" not in ran.err
    assert ran.code in (0, 5), ran.out
    cut_off.fault()
    assert remediate("resume", *QUICK).code in (0, 2)
    assert apps_away(cut_off) == 0
    assert before < len(cut_off.writes)


@pytest.mark.parametrize(("resume", "code"), [(None, 4), ("remediate resume RUN", 5)])
def test_after_an_earlier_change_the_run_is_not_finished(resume: str | None, code: int) -> None:
    def replan() -> Any:
        raise RequestFailed("denied", "no")

    plan: Any = object()
    with pytest.raises(StateUnknown) as raised:
        check_plan(plan, replan, Waiter(ManualClock()), resume)
    assert raised.value.exit == code
    assert resume is None or raised.value.hint == resume


def test_the_operator_need_not_wait_for_a_read_that_fails() -> None:
    def replan() -> Any:
        raise RequestFailed("broken", "500")

    plan: Any = object()
    check_plan(plan, replan, Waiter(ManualClock(), interrupted=lambda: True), None)
