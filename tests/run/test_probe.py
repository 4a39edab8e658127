"""Probing in a run: before and after the change, never in the gap, and honest about what it saw."""

from __future__ import annotations

import signal
from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from remediate.model import App, Endpoint, Plan, Probe, Step, Worker
from remediate.steps import Observations, StepFailed, kind_of
from tests.checks.worlds import ASKED, SUBNET, TARGET, app, case
from tests.conftest import APP, Azure, Ran
from tests.faults.operators import Cut, typed
from tests.run.test_faults import answer, connected, rule
from tests.sampled import in_sweep
from tests.terminal import Terminal
from tests.untried import untried, without_trial

SQL = "sql.internal:1433"
QUICK = ("--poll-interval", "0.02", "--timeout", "0.3")
RUN = ("reconnect", "orders-func", *untried(), "--yes", "-o", "json", "--probe", SQL, *QUICK)
KUDU = "/extensions/api/command$"
ENTER = "\r"


def asks_workers(entry: dict[str, Any]) -> bool:
    path = entry["path"].partition("?")[0]
    return path.endswith(("/instances", "/extensions/api/command", "/tcpPingCheck"))


def shape(azure: Azure) -> str:
    """The log as a word: p for questions to the workers, W for each write; repetitions count once."""
    letters = ["p" if asks_workers(one) else "W" for one in azure.log if asks_workers(one) or one["mutating"]]
    return "".join(
        now for now, before in zip(letters, ["", *letters], strict=False) if (now, before) != ("p", "p")
    )


def step_of(ran: Ran, do: str) -> dict[str, Any]:
    found: dict[str, Any] = next(one for one in ran.document["steps"] if one["do"] == do)
    return found


@pytest.mark.parametrize("scenario", ["healthy", "linux"])
def test_workers_are_asked_before_and_after_and_never_in_the_gap(
    remediate: Callable[..., Ran], azure: Callable[..., Azure], scenario: str
) -> None:
    simulated = azure(scenario)
    ran = remediate(*RUN)
    assert (ran.code, ran.document["status"]) == (0, "succeeded"), ran.document["message"]
    assert shape(simulated) == "pWWp"
    assert step_of(ran, "probe")["status"] == "succeeded"
    for when in ("probes_before", "probes_after"):
        assert [worker["reached"] for probe in ran.document[when] for worker in probe["workers"]] != []
    assert ran.document["findings_after"] == []


def test_with_scope_link_everybody_is_back_before_anybody_is_asked(
    remediate: Callable[..., Ran], azure: Callable[..., Azure]
) -> None:
    simulated = azure("shared-link")
    ran = remediate(*RUN, "--scope", "link", "--timeout", "5")
    assert ran.code == 0, ran.document["message"]
    assert shape(simulated) == f"p{'W' * 8}p"


def test_workers_without_an_address_get_one_and_are_given_time_for_it(
    remediate: Callable[..., Ran], azure: Callable[..., Azure]
) -> None:
    azure("worker-without-ip")
    ran = remediate(*RUN, "--timeout", "10")
    assert (ran.code, ran.document["findings_after"]) == (0, []), ran.document["message"]
    assert {one["code"] for one in ran.document["findings_before"]} == {"worker-without-ip", "probe-failed"}
    assert all(worker["address"] for worker in ran.document["probes_after"][0]["workers"])


def test_a_port_that_stays_closed_is_not_finished_and_no_case_for_support(
    remediate: Callable[..., Ran], azure: Callable[..., Azure]
) -> None:
    simulated = azure("probe-failed")
    ran = remediate(*RUN)
    assert (ran.code, ran.document["status"]) == (5, "failed")
    assert ran.document["targets"][0]["status"] == "reconnected"
    assert [one["code"] for one in ran.document["findings_after"]] == ["probe-failed"]
    assert "is not reached from 2 of 2 instances" in ran.document["message"]
    assert ran.document["support"] is None
    assert ran.document["resume"].startswith("remediate resume ")
    assert connected(simulated)


UNASKED = [
    answer(502, "BadGateway"),
    *in_sweep(answer(403, "AuthorizationFailed", "no"), {"status": 200, "body": "?"}),
]


@pytest.mark.parametrize("what", UNASKED)
def test_who_cannot_be_asked_afterwards_leaves_it_open_and_resume_asks_again(
    remediate: Callable[..., Ran], azure: Callable[..., Azure], what: dict[str, Any]
) -> None:
    simulated = azure("healthy")
    simulated.fault(rule("POST", KUDU, nth=5, times=0, answer=what))
    ran = remediate(*RUN)
    assert (ran.code, ran.document["status"]) == (5, "failed")
    assert {(one["code"], one["severity"]) for one in ran.document["findings_after"]} == {
        ("probe-failed", "unknown")
    }
    assert connected(simulated)
    simulated.fault()
    sent = len(simulated.writes)
    resumed = remediate("resume", "--yes", "-o", "json", *QUICK)
    assert (resumed.code, resumed.document["status"]) == (0, "succeeded"), resumed.document["message"]
    assert resumed.document["probes_after"][0]["workers"][0]["reached"]
    assert len(simulated.writes) == sent


def test_a_run_that_was_killed_in_the_gap_brings_the_app_back_before_it_asks_the_workers(
    remediate: Callable[..., Ran], azure: Callable[..., Azure]
) -> None:
    simulated = azure("healthy")
    assert typed(simulated, *RUN, cut=Cut("killed", "write", 1, "after")).code is None
    resumed = remediate("resume", "--yes", "-o", "json", *QUICK)
    assert resumed.code == 0, resumed.document["message"]
    assert shape(simulated) == "pWWp"
    assert resumed.document["probes_after"][0]["host"] == "sql.internal"


def test_an_app_that_somebody_deleted_meanwhile_is_not_asked(
    remediate: Callable[..., Ran], azure: Callable[..., Azure]
) -> None:
    simulated = azure("shared-link")
    whole = (*RUN[:-2], "--timeout", "5", "--scope", "link")
    assert typed(simulated, *whole, cut=Cut("killed", "write", 4, "after")).code is None
    simulated.ask("DELETE", f"{APP}?api-version=2025-05-01").raise_for_status()
    resumed = remediate("resume", "--yes", "-o", "json", "--poll-interval", "0.02", "--timeout", "5")
    assert resumed.document["probes_after"] == []
    assert "unexpected" not in (resumed.document["message"] or "")
    assert {one["status"] for one in resumed.document["targets"]} == {"reconnected"}


def test_what_fails_before_refuses_nothing(
    remediate: Callable[..., Ran], azure: Callable[..., Azure]
) -> None:
    simulated = azure("healthy")
    simulated.fault(rule("POST", KUDU, times=4, answer=answer(403, "AuthorizationFailed", "no")))
    ran = remediate(*RUN)
    assert (ran.code, ran.document["status"]) == (0, "succeeded")
    assert [one["severity"] for one in ran.document["findings_before"]] == ["unknown"]


def test_a_dry_run_asks_the_workers_and_writes_nothing(
    remediate: Callable[..., Ran], azure: Callable[..., Azure]
) -> None:
    simulated = azure("worker-without-ip")
    ran = remediate(*RUN, "--dry-run")
    assert (ran.code, ran.document["status"]) == (0, "planned")
    assert ran.document["requests"]["writes"] == 0
    assert shape(simulated) == "p"
    assert step_of(ran, "probe")["request"] is None
    assert {one["code"] for one in ran.document["findings_before"]} == {"worker-without-ip", "probe-failed"}


def test_a_refusal_asks_no_worker(remediate: Callable[..., Ran], azure: Callable[..., Azure]) -> None:
    simulated = azure("locked")
    assert remediate(*RUN).code == 4
    assert shape(simulated) == ""


def test_an_app_that_does_not_come_back_is_connected_before_it_is_asked(
    remediate: Callable[..., Ran], azure: Callable[..., Azure]
) -> None:
    simulated = azure("healthy")
    denied = answer(403, "LinkedAuthorizationFailed", "no")
    simulated.fault(
        rule("PATCH", "/sites/orders-func$", answer=denied),
        rule("PUT", "/networkConfig/virtualNetwork$", answer=denied),
    )
    ran = remediate(*RUN)
    assert connected(simulated)
    assert shape(simulated) == "pWWWWp", ran.document["message"]
    assert step_of(ran, "probe")["status"] == "succeeded"


@pytest.fixture
def mine(tmp_path: Path) -> Callable[..., str]:
    """A copy of a shipped playbook with two steps more, as an operator would make one."""

    def written(probe: str = "", after: str = "") -> str:
        file = tmp_path / "night-shift.yaml"
        text = (
            without_trial("reconnect-app")
            .replace("id: reconnect-app", "id: night-shift")
            .replace(
                "  - do: disconnect\n",
                "  - do: pause\n    tell: The database is drained\n\n  - do: disconnect\n",
            )
        )
        file.write_text(
            f"{text}\n  - do: probe\n    tell: Trying the database\n{probe}{after}", encoding="utf-8"
        )
        return str(file)

    return written


OWN = "    host: sql.internal\n    port: 1433\n"
LAST_PAUSE = "\n  - do: pause\n    tell: Looking at the dashboard\n"


def test_a_playbook_with_pause_and_probe_runs_under_yes(
    remediate: Callable[..., Ran], azure: Callable[..., Azure], mine: Callable[..., str]
) -> None:
    simulated = azure("healthy")
    ran = remediate(
        "reconnect", "orders-func", "--playbook", mine(OWN, LAST_PAUSE), "--yes", "-o", "json", *QUICK
    )
    assert (ran.code, ran.document["playbook"]) == (0, "night-shift"), ran.document["message"]
    assert [one["status"] for one in ran.document["steps"] if one["do"] in ("pause", "probe")] == [
        "succeeded"
    ] * 3
    assert shape(simulated) == "pWWp"


def test_it_is_walked_through_in_a_terminal(azure: Callable[..., Azure], mine: Callable[..., str]) -> None:
    simulated = azure("healthy")
    terminal = Terminal("reconnect", "orders-func", "--playbook", mine(OWN), *QUICK)
    terminal.wait_for("Type orders-func to go on")
    assert "What the workers of orders-func say" in terminal.text
    terminal.type("orders-func" + ENTER)
    terminal.wait_for("The database is drained. Go on? (y/N, Esc to leave)")
    assert simulated.writes == []
    terminal.type("y")
    assert terminal.exit_code() == 0
    assert "✓ Trying the database" in terminal.text
    assert "What the workers of orders-func say, after" in terminal.text


def test_a_signal_ends_the_wait_for_the_workers_and_not_the_network(azure: Callable[..., Azure]) -> None:
    simulated = azure("healthy")
    simulated.fault(rule("POST", KUDU, times=0, answer=answer(502, "BadGateway")))
    terminal = Terminal("reconnect", "orders-func", "--yes", "--probe", SQL, "--poll-interval", "0.05")
    terminal.wait_for_running(f"Trying to reach {SQL} from the workers")
    terminal.signal(signal.SIGINT)
    assert terminal.exit_code() == 5
    assert "! interrupted: 1 of 1 app reconnected; verify finds could not read everything" in terminal.flowing
    assert connected(simulated)


def test_a_no_at_the_pause_leaves_everything_as_it_is(
    azure: Callable[..., Azure], mine: Callable[..., str]
) -> None:
    simulated = azure("healthy")
    terminal = Terminal("reconnect", "orders-func", "--playbook", mine(OWN), *QUICK)
    terminal.wait_for("Type orders-func to go on")
    terminal.type("orders-func" + ENTER)
    terminal.wait_for("Go on? (y/N, Esc to leave)")
    terminal.type("n")
    assert terminal.exit_code() == 130
    assert simulated.writes == []


def test_the_option_tells_a_step_that_the_file_does_not_tell(
    remediate: Callable[..., Ran], azure: Callable[..., Azure], mine: Callable[..., str]
) -> None:
    simulated = azure("healthy")
    command = ("reconnect", "orders-func", "--playbook", mine(), "--yes", "-o", "json", *QUICK)
    ran = remediate(*command)
    assert (ran.code, simulated.writes) == (2, [])
    assert "pass --probe HOST:PORT" in ran.document["message"]
    told = remediate(*command, "--probe", SQL)
    assert told.code == 0, told.document["message"]
    assert [one["do"] for one in told.document["steps"]].count("probe") == 1
    assert told.document["probes_after"][0]["host"] == "sql.internal"


def test_two_hosts_are_both_tried(
    remediate: Callable[..., Ran], azure: Callable[..., Azure], mine: Callable[..., str]
) -> None:
    azure("probe-failed")
    cache = "    host: cache.internal\n    port: 6380\n    on-failure: continue\n"
    ran = remediate(
        "reconnect", "orders-func", "--playbook", mine(cache), "--yes", "-o", "json", "--probe", SQL, *QUICK
    )
    assert [one["host"] for one in ran.document["probes_after"]] == ["cache.internal", "sql.internal"]
    assert ran.code == 5
    assert [one["title"] for one in ran.document["findings_after"]] == [
        "sql.internal:1433 is not reached from 2 of 2 instances of orders-func"
    ]


def test_the_page_of_a_run_shows_what_the_workers_said(
    remediate: Callable[..., Ran], azure: Callable[..., Azure]
) -> None:
    azure("probe-failed")
    page = remediate("reconnect", "orders-func", "--yes", "--probe", SQL, *QUICK).out
    assert "not finished: 1 of 1 app reconnected" in page
    assert "What the workers of orders-func say, before" in page
    assert "✗ not reached  Connection timed out." in page
    assert "remediate resume" in page
    assert APP not in page.partition("What to do next")[2]


def test_a_worker_without_an_address_is_told_also_where_the_last_look_finds_the_app_disconnected() -> None:
    def bare(asked: App, endpoint: Endpoint) -> Probe:
        worker = Worker("aaa", False, None, True, "Connected to db:1433")
        return Probe(asked.id, endpoint.host, endpoint.port, "tcpping", (worker,))

    plan = Plan("mine", "app", TARGET, SUBNET, (app(),), ())
    seen = Observations()
    execution: Any = SimpleNamespace(plan=plan, reader=SimpleNamespace(probe=bare), seen=seen)
    step = Step(1, "probe", TARGET, "Asking the workers", probe=Endpoint("db", 1433))
    with pytest.raises(StepFailed):
        kind_of("probe").carry_out(step, execution)
    seen.world = case(**ASKED).world
    assert "worker-without-ip" in [one.code for one in seen.findings(plan)]
