"""What the workers said, as a table: one row an instance, and no more certainty than there is."""

from __future__ import annotations

import pytest

from remediate.model import Finding, Probe, Worker
from remediate.show.probes import print_probes
from remediate.show.run import print_run
from tests.show.samples import ORDERS, Page, outcome, page

INSTANCE = "4b32634c2f5331400e742dcfeb7cdf4952824cf31a1cd129b3cff9121d95538d"


def asked(*workers: Worker, by: str = "tcpping", message: str | None = None) -> Probe:
    return Probe(ORDERS, "sql.internal", 1433, by, workers, message)  # type: ignore[arg-type]


def shown(*given: Probe, width: int = 80) -> Page:
    it = page(width)
    print_probes(it.console, given)
    return it


@pytest.mark.parametrize(
    ("worker", "row"),
    [
        (Worker(INSTANCE, True, "10.0.0.4", True, "Connected to"), "4b32634c  10.0.0.4         ✓ reached"),
        (Worker(INSTANCE, False, None, False, "Timed out."), "✗ none           ✗ not reached  Timed out."),
        (Worker(INSTANCE, None, None, None, "502: no Kudu"), "? no answer      ? no answer  502: no Kudu"),
        (Worker(None, reached=False, status="Timeout", detail="10 s"), "✗ not reached  Timeout: 10 s"),
    ],
)
def test_a_row_says_what_was_seen_with_a_sign_and_a_word(worker: Worker, row: str) -> None:
    assert row in shown(asked(worker)).text


def test_a_test_that_names_no_instance_tells_no_address() -> None:
    text = shown(asked(Worker(None, reached=True, status="Success"), by="tcpPingCheck")).text
    assert "any       not reported     ✓ reached" in text


def test_nobody_who_could_be_asked_is_one_line() -> None:
    assert "? they could not be asked: 403: no" in shown(asked(message="403: no")).text
    assert shown().text == ""


def test_what_comes_from_azure_can_do_nothing_to_the_terminal() -> None:
    evil = Worker("\x1b[2J", True, "\x1b]8;;x", False, "\x1b[31m", "a\nb")
    assert "\x1b" not in shown(asked(evil), asked(message="\x1b[2J")).text


def test_no_line_is_wider_than_the_terminal() -> None:
    said = Worker(INSTANCE, True, "10.0.0.4", False, "Connection attempt failed: " + "word " * 40)
    assert all(len(line) <= 80 for line in shown(asked(said)).lines)


def test_a_finding_of_the_workers_is_not_called_gone_where_nobody_asked_them() -> None:
    failed = Finding("probe-failed", "error", "Not reached", "")
    done = outcome(findings_before=(failed,), probes_before=(asked(Worker(INSTANCE)),))
    it = page()
    print_run(it.console, done)
    assert "probe-failed  ✗ error  ? not looked for" in it.text
    it = page()
    print_run(
        it.console,
        outcome(findings_before=(failed,), probes_after=(asked(Worker(INSTANCE, True, "1", True)),)),
    )
    assert "probe-failed  ✗ error  ✓ not found" in it.text
