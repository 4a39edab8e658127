"""`runs list`: when, what, and which apps are without network now, as Azure says."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime

import pytest

from remediate.show.words import age
from tests.conftest import Azure, Ran
from tests.faults.operators import Cut, typed

RUN = ("reconnect", "orders-func", "--scope", "link", "--yes", "-o", "json")
QUICK = ("--poll-interval", "0.02", "--timeout", "1")
TO_DISCONNECT = 4
"""The writes that come before the first disconnect of `shared-link`: a trial of each app."""
DENIED = {"status": 403, "body": {"error": {"code": "AuthorizationFailed", "message": "no"}}}
LIST = ("runs", "list", "--poll-interval", "0.02")


def names(several: list[str]) -> list[str]:
    return sorted(one.rpartition("/")[2] for one in several)


@pytest.fixture
def killed(azure: Callable[..., Azure]) -> Azure:
    """`shared-link`, and a run that was killed after it had disconnected the slot and mail-web."""
    simulated = azure("shared-link")
    cut = Cut("killed", "write", TO_DISCONNECT + 2, "after")
    assert typed(simulated, *RUN, *QUICK, cut=cut).code is None
    return simulated


def test_an_unfinished_run_names_the_apps_without_network(
    remediate: Callable[..., Ran], killed: Azure
) -> None:
    [line] = remediate(*LIST, "-o", "json").document["runs"]
    assert (line["command"], line["scope"]) == ("reconnect", "link")
    assert line["target"].endswith("/orders-func")
    assert names(line["without_network"]) == ["mail-web", "staging"]
    assert line["unread"] == []
    page = remediate(*LIST).out
    assert f"{line['run']}  unfinished" in page
    assert "reconnect 4 apps on vnet-prod/snet-apps · all 4 apps on this link" in page
    assert "✗ mail-web is WITHOUT NETWORK NOW" in page
    assert "✗ orders-func/staging is WITHOUT NETWORK NOW" in page
    assert f"→ remediate resume {line['run']}" in page
    assert datetime.now(UTC).astimezone().strftime("%Y-%m-%d") in page
    assert "now)" in page or "min ago)" in page


def test_azure_is_asked_and_not_the_journal(remediate: Callable[..., Ran], killed: Azure) -> None:
    killed.reset()  # somebody connected them again
    [line] = remediate(*LIST, "-o", "json").document["runs"]
    assert (line["status"], line["without_network"], line["unread"]) == ("unfinished", [], [])
    assert "WITHOUT NETWORK" not in remediate(*LIST).out


def test_an_app_that_cannot_be_read_is_unknown(remediate: Callable[..., Ran], killed: Azure) -> None:
    killed.fault({"match": {"method": "GET", "path": ".*/sites/mail-web"}, "times": 0, "answer": DENIED})
    [line] = remediate(*LIST, "-o", "json").document["runs"]
    assert (names(line["without_network"]), names(line["unread"])) == (["staging"], ["mail-web"])
    assert "? whether mail-web has network now is unknown" in remediate(*LIST).out


def test_without_a_sign_in_all_of_them_are_unknown(
    remediate: Callable[..., Ran], killed: Azure, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("AZURE_CLIENT_SECRET", "wrong")
    ran = remediate(*LIST, "-o", "json")
    [line] = ran.document["runs"]
    assert (ran.code, line["without_network"], len(line["unread"])) == (0, [], 4)
    assert "! Which apps are without network now could not be read: " in ran.err


def test_a_run_on_another_azure_is_unknown(
    remediate: Callable[..., Ran], azure: Callable[..., Azure]
) -> None:
    simulated = azure("shared-link")
    cut = Cut("killed", "write", TO_DISCONNECT + 2, "after")
    assert typed(simulated, *RUN, *QUICK, cut=cut).code is None
    azure("healthy")
    [line] = remediate(*LIST, "-o", "json").document["runs"]
    assert (line["without_network"], len(line["unread"])) == ([], 4)


def test_for_finished_runs_nothing_is_read(
    remediate: Callable[..., Ran], azure: Callable[..., Azure]
) -> None:
    simulated = azure("link-missing")
    assert remediate("reconnect", "orders-func", "--yes", *QUICK).code == 0
    before = len(simulated.log)
    ran = remediate(*LIST)
    assert len(simulated.log) == before
    assert "  succeeded\n" in ran.out
    assert ran.err == ""


def test_an_app_that_was_to_leave_for_good_is_not_called_down(
    remediate: Callable[..., Ran], azure: Callable[..., Azure]
) -> None:
    simulated = azure("shared-link")
    simulated.fault({"match": {"method": "DELETE", "nth": 2}, "times": 0, "answer": DENIED})
    ran = remediate("guard", "plan-orders", "--disconnect", "--yes", *QUICK)
    [line] = remediate(*LIST, "-o", "json").document["runs"]
    assert (ran.code, line["command"]) == (5, "guard --disconnect")
    assert (line["without_network"], line["unread"]) == ([], [])


@pytest.mark.parametrize(
    ("seconds", "words"),
    [
        (-5, "just now"),
        (59, "just now"),
        (60, "1 min ago"),
        (3599, "59 min ago"),
        (3600, "1 h ago"),
        (47 * 3600, "47 h ago"),
        (48 * 3600, "2 days ago"),
        (400 * 86400, "400 days ago"),
    ],
)
def test_how_long_ago_is_told_in_its_largest_unit(seconds: float, words: str) -> None:
    assert age(seconds) == words
