"""What could not be read counts neither as done nor as undone: the app comes back, or that is said."""

from __future__ import annotations

import io
import os
import signal
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from remediate.azure import waiting
from remediate.azure.transport import ClockedTransport
from remediate.azure.waiting import LOCK, Waiter
from remediate.model.failure import RequestFailed
from remediate.sandbox.server import Sandbox
from tests.clocks import ManualClock
from tests.conftest import APP, SUBNET, Azure, Ran
from tests.faults.invariants import APPS, check_no_blind_repetition, sites
from tests.faults.worlds import App, Described, build
from tests.run.test_two_operators import Operator, wait_for_write
from tests.untried import untried

QUICK = ("--yes", "-o", "json", "--poll-interval", "0.02", "--timeout", "1")
RUN = ("reconnect", "orders-func", *QUICK, *untried("rebuild-link"))
SITE = "/sites/orders-func$"
CONFIG = "/sites/orders-func/networkConfig/virtualNetwork$"


def rule(method: str, path: str, *, times: int = 1, **what: Any) -> dict[str, Any]:
    return {"match": {"method": method, "path": path}, "times": times, **what}


def answer(status: int, code: str) -> dict[str, Any]:
    return {"status": status, "body": {"error": {"code": code, "message": "as the test says"}}}


DENIED = answer(403, "AuthorizationFailed")
LOST = answer(504, "GatewayTimeout")
UNREADABLE = (rule("GET", SITE, times=0, answer=DENIED), rule("GET", CONFIG, times=0, answer=DENIED))


@pytest.fixture
def healthy(azure: Callable[..., Azure]) -> Azure:
    return azure("healthy")


@pytest.fixture
def at_once_after(monkeypatch: pytest.MonkeyPatch) -> Callable[[str, Callable[[], object]], None]:
    """Have something happen as soon as the first write of a method was answered."""

    def arrange(method: str, happen: Callable[[], object]) -> None:
        send, due = ClockedTransport.send, [happen]

        def sent(transport: ClockedTransport, request: Any, **options: Any) -> Any:
            answered = send(transport, request, **options)
            if request.method == method and due:
                due.pop()()
            return answered

        monkeypatch.setattr(ClockedTransport, "send", sent)

    return arrange


def connected(azure: Azure) -> bool:
    return bool(sites(azure, (APP,))[APP]["virtualNetworkSubnetId"] == SUBNET)


def test_a_disconnect_whose_effect_nobody_may_read_is_not_taken_for_no_disconnect(
    remediate: Callable[..., Ran], healthy: Azure, at_once_after: Callable[..., None]
) -> None:
    healthy.fault(rule("DELETE", CONFIG, answer=LOST, effect="kept"))
    at_once_after("DELETE", lambda: healthy.fault(*UNREADABLE))
    ran = remediate(*RUN)
    healthy.fault()
    assert (ran.code, ran.document["status"]) == (5, "failed")
    assert ran.document["targets"][0]["status"] == "unknown"
    assert ran.document["resume"] == f"remediate resume {ran.document['run']}"
    assert connected(healthy)


def test_a_disconnect_in_doubt_that_is_refused_when_repeated_is_still_in_doubt(
    remediate: Callable[..., Ran], healthy: Azure, at_once_after: Callable[..., None]
) -> None:
    stale = [rule("GET", path, times=4, stale=True) for path in (SITE, CONFIG)]
    healthy.fault(rule("DELETE", CONFIG, answer=LOST, effect="kept"))
    refused = rule("DELETE", CONFIG, times=0, answer=DENIED)
    at_once_after("DELETE", lambda: healthy.fault(refused, *stale))
    remediate(*RUN, "--poll-interval", "0.6")
    healthy.fault()
    assert connected(healthy)


def test_a_connect_whose_effect_nobody_may_read_is_not_repeated_blindly_or_another_way(
    remediate: Callable[..., Ran], healthy: Azure, at_once_after: Callable[..., None]
) -> None:
    healthy.fault(rule("PATCH", SITE, answer=LOST, effect="kept"))
    at_once_after("PATCH", lambda: healthy.fault(*UNREADABLE))
    ran = remediate(*RUN)
    healthy.fault()
    assert (ran.code, ran.document["targets"][0]["status"]) == (5, "unknown")
    assert "PUT" not in {method for method, _ in healthy.sent}
    check_no_blind_repetition(healthy.log)
    assert connected(healthy)
    assert remediate("resume", ran.document["run"], *QUICK).code == 0


class LostTerminal(io.StringIO):
    """A terminal that was closed: every line that is written to it fails."""

    lost = False

    def write(self, text: str, /) -> int:
        if self.lost:
            raise OSError(5, "Input/output error")
        return super().write(text)


def test_a_terminal_that_is_lost_in_the_middle_brings_no_app_down(
    remediate: Callable[..., Ran],
    healthy: Azure,
    at_once_after: Callable[..., None],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    terminal = LostTerminal()
    monkeypatch.setattr(sys, "stderr", terminal)
    at_once_after("DELETE", lambda: setattr(terminal, "lost", True))
    ran = remediate(*RUN)
    assert (ran.code, ran.document["status"]) == (0, "succeeded")
    assert terminal.lost
    assert connected(healthy)


@pytest.fixture
def stays_locked(monkeypatch: pytest.MonkeyPatch) -> list[Path]:
    """The file that says who holds a lock cannot be removed."""
    unlink, tried = Path.unlink, list[Path]()

    def refuse(path: Path, missing_ok: bool = False) -> None:
        if path.parent.name == "locks" and path.suffix == ".json":
            tried.append(path)
            raise OSError(30, "Read-only file system")
        unlink(path, missing_ok)

    monkeypatch.setattr(Path, "unlink", refuse)
    return tried


def test_the_result_is_told_where_the_name_of_the_holder_cannot_be_removed(
    remediate: Callable[..., Ran], healthy: Azure, stays_locked: list[Path]
) -> None:
    ran = remediate(*RUN)
    assert (ran.code, ran.document["status"]) == (0, "succeeded")
    assert stays_locked
    assert remediate(*RUN).code == 0
    assert connected(healthy)


@pytest.mark.skipif(os.name != "posix", reason="the signals of POSIX")
def test_a_connection_that_is_hung_up_in_the_middle_is_like_ctrl_c(
    healthy: Azure, operator: Callable[..., Operator]
) -> None:
    healthy.fault(rule("DELETE", CONFIG, delay=500))
    first = operator(*RUN)
    wait_for_write(healthy, "DELETE", answered=False)
    first.signal(signal.SIGHUP)
    ended = first.end()
    assert "disconnected apps are connected again first" in ended.err
    assert ended.document["targets"][0]["status"] == "reconnected"
    assert connected(healthy)


@pytest.fixture
def shared(monkeypatch: pytest.MonkeyPatch) -> Iterator[Azure]:
    """Three connected apps on one subnet with a link."""
    apps = tuple(App(one, SUBNET, (True,) * 6) for one in APPS[:3])
    with Sandbox(build(Described(apps, ("own", "missing"), delegated=True, pace="quick"))) as sandbox:
        for name, value in sandbox.environment.items():
            monkeypatch.setenv(name, value)
        yield Azure(sandbox)


def test_a_disconnect_without_effect_is_seen_where_others_hold_the_link_and_sent_again(
    remediate: Callable[..., Ran], shared: Azure, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(waiting, "EFFECT", 0.2)
    shared.fault(rule("DELETE", CONFIG, answer={"status": 200}, effect="none"))
    ran = remediate(*RUN, "--scope", "app", "--timeout", "5")
    assert (ran.code, ran.document["status"]) == (0, "succeeded")
    assert [method for method, _ in shared.sent] == ["DELETE", "DELETE", "PATCH"]
    check_no_blind_repetition(shared.log)


def test_what_was_found_after_the_run_is_what_was_found_after_the_last_attempt(
    remediate: Callable[..., Ran], healthy: Azure
) -> None:
    healthy.fault(
        rule("PATCH|PUT", "/sites/orders-func(/networkConfig/virtualNetwork)?$", times=2, answer=DENIED)
    )
    ran = remediate(*RUN)
    assert connected(healthy)
    assert ran.document["targets"][0]["status"] == "reconnected"
    assert ran.document["findings_after"] == []


@pytest.mark.parametrize("nth", [1, 2], ids=["while-polled", "when-read-back"])
def test_a_subnet_that_was_delegated_and_cannot_be_read_then_counts_as_changed(
    remediate: Callable[..., Ran], azure: Callable[..., Azure], at_once_after: Callable[..., None], nth: int
) -> None:
    there = azure("delegation-missing")
    unreadable = rule("GET", "/subnets/snet-apps$", times=0, answer=DENIED)
    unreadable["match"]["nth"] = nth
    at_once_after("PUT", lambda: there.fault(unreadable))
    ran = remediate(*RUN)
    assert [entry["method"] for entry in there.writes] == ["PUT"]
    assert (ran.code, ran.document["status"]) == (5, "failed")
    assert "nothing was changed" not in ran.document["message"]


def test_a_retry_after_of_a_day_is_not_waited_for_while_an_app_is_without_its_network() -> None:
    clock = ManualClock()
    told = RequestFailed("throttled", "Too many requests", retry_after=86400)

    def send() -> None:
        raise told

    with pytest.raises(RequestFailed, match="Too many requests"):
        Waiter(clock).write(send, lambda: False)
    assert clock.slept
    assert clock.seconds <= LOCK
