"""How a run ends, seen from outside: its status, the writes that go out, and what a rollback takes."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tests.conftest import SUBNET, Azure, Ran
from tests.faults.invariants import APPS, sites
from tests.faults.operators import Cut, Typed, typed
from tests.run.test_faults import DENIED, answer, rule
from tests.sampled import in_sweep
from tests.untried import untried

QUICK = ("--yes", "-o", "json", "--poll-interval", "0.02", "--timeout", "1")
ONE = ("reconnect", "orders-func", *untried(), *QUICK)
ALL = ("reconnect", "orders-func", *untried("rebuild-link"), *QUICK)
JOIN = ("reconnect", "orders-func", "--subnet", SUBNET, *QUICK)
LEAVE = ("guard", SUBNET, "--disconnect", *QUICK)
PURGE = ("purge", SUBNET, *QUICK)
ORDERS, STAGING, BILLING, MAIL = APPS
SITE = "/sites/orders-func$"
CONFIG = "/networkConfig/virtualNetwork"
WEB_API = "api-version=2025-05-01"


def result(ran: Typed | Ran) -> dict[str, Any]:
    """The run, also where it is the only one in the document of a guard."""
    document: dict[str, Any] = ran.document
    return document if "targets" in document else document["runs"][0]


def summary(ran: Typed | Ran) -> tuple[int | None, str, str]:
    """Exit code, status, and the first letter of what became of each target."""
    run = result(ran)
    return ran.code, run["status"], "".join(one["status"][0] for one in run["targets"])


def writes(azure: Azure, since: int = 0) -> list[tuple[str, str]]:
    """Method and app of every write."""
    return [(method, path.partition(CONFIG)[0]) for method, path in azure.sent[since:]]


# u: untouched or unknown, d: disconnected, r: reconnected, p: purged
@pytest.mark.parametrize(
    ("scenario", "command", "cut", "ended", "sent"),
    [
        ("shared-link", ALL, ("write", 3), (5, "interrupted", "urrr"), 6),
        ("healthy", ONE, ("line", 3), (130, "interrupted", "u"), 0),
        ("healthy", ONE, ("write", 1), (0, "succeeded", "r"), 2),
        ("delegation-missing", ONE, ("write", 1), (5, "interrupted", "u"), 1),
        ("shared-link", LEAVE, ("write", 2), (5, "interrupted", "dduu"), 2),
        ("shared-link", LEAVE, ("line", 4), (130, "interrupted", "uuuu"), 0),
        ("shared-link", ALL, ("line", 4), (130, "interrupted", "uuuu"), 0),
        ("delegation-missing", ONE, ("line", 4), (130, "interrupted", "u"), 0),
        ("link-orphaned", PURGE, ("line", 4), (130, "interrupted", "u"), 0),
        ("link-orphaned", PURGE, ("write", 1), (0, "succeeded", "p"), 1),
        *in_sweep(
            ("shared-link", ALL, ("write", 4), (0, "succeeded", "rrrr"), 8),
            ("shared-link", ALL, ("write", 5), (0, "succeeded", "rrrr"), 8),
            ("not-integrated", JOIN, ("write", 1), (0, "succeeded", "r"), 1),
            ("shared-link", LEAVE, ("line", 3), (130, "interrupted", "uuuu"), 0),
            ("shared-link", LEAVE, ("write", 4), (0, "succeeded", "dddd"), 4),
            ("link-orphaned", PURGE, ("line", 3), (130, "interrupted", "u"), 0),
        ),
    ],
)
def test_ctrl_c_ends_as_interrupted_only_where_something_was_left_out(
    azure: Callable[..., Azure],
    scenario: str,
    command: tuple[str, ...],
    cut: tuple[Any, int],
    ended: tuple[int, str, str],
    sent: int,
) -> None:
    there = azure(scenario)
    ran = typed(there, *command, cut=Cut("ctrl-c", *cut, "after"))
    assert summary(ran) == ended, ran.out
    run = result(ran)
    assert len(there.sent) == sent
    assert run["changed"] is bool(sent)
    assert bool(run["resume"]) is (command == LEAVE and ended[:2] == (5, "interrupted"))
    missing = [one["do"] for one in run["steps"] if one["status"] == "skipped"]
    if ended[0] == 0:
        assert set(missing) <= {"wait-link-gone", "wait-link-ready"}
    else:
        assert set(missing) & {"confirm", "disconnect", "reconnect", "purge"}


NO_EFFECT = {"answer": {"status": 200}, "effect": "none", "times": 0}


def test_a_disconnect_that_is_not_sent_again_does_not_end_its_wait_well(
    azure: Callable[..., Azure], monkeypatch: pytest.MonkeyPatch
) -> None:
    """The first disconnect was answered and nothing happened; Ctrl-C comes as the second is announced."""
    there = azure("healthy")
    there.fault(rule("DELETE", CONFIG, **NO_EFFECT))
    monkeypatch.setattr(there, "fault", lambda *_: None)  # `typed` takes the rules away
    ran = typed(there, *ONE, cut=Cut("ctrl-c", "line", 7, "after"))
    steps = {one["do"]: one["status"] for one in result(ran)["steps"]}
    assert [method for method, _ in there.sent].count("DELETE") == 1
    assert steps["wait-link-gone"] == "failed", ran.out
    assert "was not sent again" in result(ran)["message"]


@pytest.mark.parametrize(
    ("scenario", "command", "fault", "nth", "with_ctrl_c", "without"),
    [
        (
            "link-orphaned",
            PURGE,
            rule("POST", "/purge", **NO_EFFECT),
            1,
            (5, "interrupted", "u"),
            (3, "failed", "u"),
        ),
        (
            "link-orphaned",
            PURGE,
            rule("POST", "/purge", times=0, answer=DENIED),
            1,
            (130, "interrupted", "u"),
            (1, "failed", "u"),
        ),
        (
            "shared-link",
            LEAVE,
            rule("DELETE", "/mail-web/", **NO_EFFECT),
            4,
            (5, "interrupted", "ddud"),
            (5, "failed", "ddud"),
        ),
        (
            "shared-link",
            LEAVE,
            rule("DELETE", "/mail-web/", times=0, answer=DENIED),
            3,
            (5, "failed", "dduu"),
            (5, "failed", "dduu"),
        ),
        (
            "healthy",
            ONE,
            rule("PATCH|PUT", "/orders-func", times=0, answer=DENIED),
            1,
            (5, "failed", "d"),
            (5, "failed", "d"),
        ),
    ],
    ids=["purge without effect", "purge refused", "no effect", "disconnect refused", "connect refused"],
)
def test_a_failure_is_called_interrupted_only_where_ctrl_c_cut_its_time_short(
    azure: Callable[..., Azure],
    monkeypatch: pytest.MonkeyPatch,
    scenario: str,
    command: tuple[str, ...],
    fault: dict[str, Any],
    nth: int,
    with_ctrl_c: tuple[int, str, str],
    without: tuple[int, str, str],
) -> None:
    there = azure(scenario)
    for cut, ended in ((Cut("ctrl-c", "write", nth, "after"), with_ctrl_c), (None, without)):
        there.reset()
        monkeypatch.setenv("REMEDIATE_STATE", f"{os.environ['REMEDIATE_STATE']}{bool(cut)}")
        there.fault(fault)
        with monkeypatch.context() as patch:
            patch.setattr(there, "fault", lambda *_: None)  # `typed` takes the rules away
            ran = typed(there, *command, cut=cut)
        assert summary(ran) == ended, ran.out
        assert bool(result(ran)["resume"]) is (ended[0] == 5)
        assert ("Two other ways are known" in result(ran)["message"]) is (ended[0] == 3)


@pytest.mark.parametrize(
    ("refused", "code", "status", "targets"),
    [
        ("staging", 1, "failed", "uuuu"),
        ("billing-web", 5, "failed", "uurr"),
    ],
)
def test_where_one_app_cannot_leave_only_those_that_left_come_back(
    remediate: Callable[..., Ran],
    azure: Callable[..., Azure],
    refused: str,
    code: int,
    status: str,
    targets: str,
) -> None:
    shared = azure("shared-link")
    shared.fault(rule("DELETE", f"/{refused}{CONFIG}$", times=0, answer=DENIED))
    ran = remediate(*ALL)
    assert summary(ran) == (code, status, targets)
    assert ran.document["resume"] is None
    assert ran.document["changed"] is ("r" in targets)
    assert ("Start a new run" in ran.document["message"]) is ("r" in targets)
    order = [STAGING, MAIL, BILLING, ORDERS]
    left = order[: targets.count("r")]
    refusal = order[len(left)]
    assert writes(shared) == [
        *(("DELETE", app) for app in (*left, refusal)),
        *(("PATCH", app) for app in reversed(left)),
    ]


def test_an_app_that_comes_back_at_the_second_attempt_is_rolled_back_and_nothing_is_left(
    remediate: Callable[..., Ran], azure: Callable[..., Azure]
) -> None:
    shared = azure("shared-link")
    shared.fault(rule("PATCH|PUT", f"{MAIL}({CONFIG})?$", times=2, answer=DENIED))
    ran = remediate(*ALL)
    assert summary(ran) == (5, "rolled-back", "rrrr")
    assert ran.document["resume"] is None
    mine = [method for method, path in writes(shared) if path == MAIL]
    assert mine == ["DELETE", "PATCH", "PUT", "PATCH"]
    assert [method for method, path in writes(shared) if path == BILLING] == ["DELETE", "PATCH"]


def test_a_link_that_does_not_go_brings_everybody_back(
    remediate: Callable[..., Ran], azure: Callable[..., Azure]
) -> None:
    shared = azure("shared-link")
    shared.fault(rule("DELETE", "/mail-web/", **NO_EFFECT))
    ran = remediate(*ALL)
    assert summary(ran) == (5, "rolled-back", "rrrr")
    steps = {one["do"]: one["status"] for one in ran.document["steps"]}
    assert (steps["wait-link-gone"], steps["wait-link-ready"]) == ("failed", "skipped")
    assert all(one["virtualNetworkSubnetId"] == SUBNET for one in sites(shared).values())


@pytest.mark.parametrize(
    ("field", "value", "told"),
    [
        ("dnsConfiguration", {"dnsServers": ["10.0.0.4"]}, 'dnsConfiguration was {}, is {"dnsServers":'),
        ("outboundVnetRouting", {"allTraffic": True}, "outboundVnetRouting.allTraffic was false, is true"),
    ],
)
def test_what_changed_under_the_run_is_told_with_what_it_was(
    remediate: Callable[..., Ran], azure: Callable[..., Azure], field: str, value: Any, told: str
) -> None:
    healthy = azure("healthy")
    site = healthy.ask("GET", f"{ORDERS}?{WEB_API}").json()
    properties = site["properties"]
    properties[field] = {**(properties.get(field) or {}), **value}
    healthy.fault(rule("GET", SITE, nth=3, times=0, answer={"status": 200, "body": site}))
    ran = remediate(*ONE)
    assert summary(ran) == (5, "failed", "r")
    (line,) = [one["detail"] for one in ran.document["steps"] if one["do"] == "check-routing"]
    assert told in line
    assert "set it back with: `az resource update" in line


REFUSALS = {
    "not permitted": answer(403, "AuthorizationFailed", "no"),
    "policy": answer(403, "RequestDisallowedByPolicy", "no"),
    "bad request": answer(400, "BadRequest", "no"),
    "not found": answer(404, "NotFound", "no"),
}
TRANSIENT = {
    "operation in progress": answer(409, "Conflict", "another operation is in progress"),
    "retry": answer(429, "RetryableError", "later"),
    "quota": answer(429, "TooManyRequests", "later"),
    "unavailable": answer(503, "ServiceUnavailable", "no"),
    "gateway": answer(504, "GatewayTimeout", "no"),
}


@pytest.mark.parametrize("refusal", ["not permitted", "bad request", *in_sweep("policy", "not found")])
def test_the_put_goes_out_once_behind_a_patch_that_was_refused(
    remediate: Callable[..., Ran], azure: Callable[..., Azure], refusal: str
) -> None:
    healthy = azure("healthy")
    healthy.fault(rule("PATCH", SITE, answer=REFUSALS[refusal]))
    ran = remediate(*ONE)
    assert summary(ran) == (0, "succeeded", "r")
    assert [method for method, _ in healthy.sent] == ["DELETE", "PATCH", "PUT"]


@pytest.mark.parametrize(
    "transient", ["operation in progress", "quota", "gateway", *in_sweep("retry", "unavailable")]
)
def test_the_put_does_not_go_out_where_the_same_patch_may_go_through_later(
    remediate: Callable[..., Ran], azure: Callable[..., Azure], transient: str
) -> None:
    healthy = azure("healthy")
    healthy.fault(rule("PATCH", SITE, times=2, answer=TRANSIENT[transient]))
    ran = remediate(*ONE)
    assert summary(ran) == (0, "succeeded", "r")
    assert [method for method, _ in healthy.sent] == ["DELETE", "PATCH", "PATCH", "PATCH"]


def test_the_put_does_not_go_out_where_a_lock_would_refuse_it_too(
    remediate: Callable[..., Ran], azure: Callable[..., Azure]
) -> None:
    healthy = azure("healthy")
    healthy.fault(rule("PATCH", SITE, answer=answer(409, "ScopeLocked", "locked")))
    ran = remediate(*ONE)
    assert {method for method, _ in healthy.sent} == {"DELETE", "PATCH"}
    assert ran.document["targets"][0]["status"] == "reconnected"


def test_where_the_put_is_refused_too_its_answer_is_told(
    remediate: Callable[..., Ran], azure: Callable[..., Azure]
) -> None:
    healthy = azure("healthy")
    healthy.fault(
        rule("PATCH", SITE, times=0, answer=answer(403, "AuthorizationFailed", "no PATCH")),
        rule("PUT", f"{CONFIG}$", times=0, answer=answer(403, "AuthorizationFailed", "no PUT")),
    )
    ran = remediate(*ONE)
    assert summary(ran) == (5, "failed", "d")
    (told,) = [one["detail"] for one in ran.document["steps"] if one["do"] == "reconnect"]
    assert "no PUT" in told


def run_id() -> str:
    (only,) = Path(os.environ["REMEDIATE_STATE"], "runs").iterdir()
    return only.name


def by_hand(azure: Azure, app: str, *, connect: bool) -> None:
    """A colleague connects an app, or takes it off its subnet."""
    if connect:
        body = {"properties": {"virtualNetworkSubnetId": SUBNET}}
        azure.ask("PATCH", f"{app}?{WEB_API}", json=body).raise_for_status()
    else:
        azure.ask("DELETE", f"{app}{CONFIG}?{WEB_API}").raise_for_status()


@pytest.mark.parametrize(
    ("scenario", "command", "cut", "colleague", "taken", "connected"),
    [
        ("shared-link", ALL, 6, None, (), (MAIL, STAGING)),
        ("shared-link", LEAVE, 2, (MAIL, False), (), (BILLING, STAGING)),
        ("not-integrated", JOIN, None, None, (ORDERS,), ()),
        ("not-integrated", JOIN, None, (ORDERS, False), (), ()),
        ("link-orphaned", PURGE, None, None, (), ()),
        *in_sweep(
            ("shared-link", ALL, None, None, (), ()),
            ("shared-link", LEAVE, None, None, (), (ORDERS, MAIL, BILLING, STAGING)),
            ("shared-link", LEAVE, None, (ORDERS, True), (), (MAIL, BILLING, STAGING)),
        ),
    ],
)
def test_a_rollback_takes_only_what_the_run_connected_and_connects_only_what_the_run_took(
    azure: Callable[..., Azure],
    scenario: str,
    command: tuple[str, ...],
    cut: int | None,
    colleague: tuple[str, bool] | None,
    taken: tuple[str, ...],
    connected: tuple[str, ...],
) -> None:
    there = azure(scenario)
    typed(there, *command, cut=Cut("killed", "write", cut, "after") if cut else None)
    if colleague:
        by_hand(there, colleague[0], connect=colleague[1])
    since = len(there.sent)
    back = typed(there, "rollback", run_id(), *QUICK)
    assert back.code == 0, back.out
    assert writes(there, since) == [
        *(("DELETE", app) for app in taken),
        *(("PATCH", app) for app in connected),
    ]


def test_a_rollback_of_a_run_whose_connect_never_went_out_takes_nothing(azure: Callable[..., Azure]) -> None:
    there = azure("not-integrated")
    typed(there, *JOIN, cut=Cut("killed", "write", 1, "before"))
    back = typed(there, "rollback", run_id(), *QUICK)
    assert summary(back) == (0, "rolled-back", "u")
    assert there.sent == []


def test_a_rollback_connects_by_the_put_where_the_patch_is_refused(
    remediate: Callable[..., Ran], azure: Callable[..., Azure]
) -> None:
    there = azure("shared-link")
    typed(there, *LEAVE, cut=Cut("killed", "write", 1, "after"))
    there.fault(rule("PATCH", "/sites/", times=0, answer=DENIED))
    since = len(there.sent)
    back = remediate("rollback", run_id(), *QUICK)
    assert summary(back) == (0, "rolled-back", "r")
    assert writes(there, since) == [("PATCH", STAGING), ("PUT", STAGING)]
