"""The findings of a probe: what each takes, and what it says."""

from __future__ import annotations

import pytest

from remediate.checks import judge
from remediate.model import Finding, Probe, Question, Worker, World

from .worlds import NOT_CONNECTED, TARGET, case

FINE = Worker("aaa", True, "10.1.0.4", True, "Connected to db:1433")
BARE = Worker("bbb", False, None, True, "Connected to db:1433")
LOST = Worker("ccc", True, "10.1.0.5", False, "Connection timed out.")
MUTE = Worker("ddd", None, None, True, "Connected to db:1433")
SILENT = Worker("eee", status="502: no Kudu")


def probe(*workers: Worker, app: str = TARGET, message: str | None = None) -> Probe:
    return Probe(app, "db", 1433, "tcpping", workers, message)


def checked(*workers: Worker) -> Probe:
    return Probe(TARGET, "db", 1433, "tcpPingCheck", workers)


def said(asked: Probe, connected: bool = True) -> tuple[Finding, ...]:
    """What a look at a healthy app says, or at one that is not on the subnet, and its workers."""
    seen = case() if connected else case(**NOT_CONNECTED, asked=True, links=())
    judged = judge(*seen.reading(probes=(asked,)))
    return tuple(one for one in judged if one.code in ("worker-without-ip", "probe-failed"))


def found(asked: Probe, connected: bool = True) -> dict[str, str]:
    return {one.code: one.severity for one in said(asked, connected)}


def only(asked: Probe) -> Finding:
    (finding,) = said(asked)
    return finding


@pytest.mark.parametrize(
    ("asked", "findings"),
    [
        (probe(FINE), {}),
        (probe(FINE, BARE), {"worker-without-ip": "error"}),
        (probe(FINE, LOST), {"probe-failed": "error"}),
        (probe(LOST, BARE), {"worker-without-ip": "error", "probe-failed": "error"}),
        (probe(FINE, MUTE), {"worker-without-ip": "unknown"}),
        (probe(FINE, SILENT), {"probe-failed": "unknown"}),
        (probe(SILENT, LOST), {"probe-failed": "error"}),
        (probe(message="502: no Kudu"), {"probe-failed": "unknown"}),
        (checked(Worker(None, reached=True, status="Success")), {}),
        (checked(Worker(None, reached=False, status="Timeout")), {"probe-failed": "error"}),
        (checked(Worker(None, status="403: no")), {"probe-failed": "unknown"}),
    ],
)
def test_what_workers_say_becomes_a_finding_and_silence_an_unknown(
    asked: Probe, findings: dict[str, str]
) -> None:
    assert found(asked) == findings


def test_an_app_that_is_not_connected_needs_no_address() -> None:
    assert found(probe(BARE), connected=False) == {}
    (missed,) = said(probe(LOST), connected=False)
    assert missed.detail.startswith("The app is connected to no network at present.")


def test_a_missing_address_names_the_instance_and_the_rule_of_five_and_ten_minutes() -> None:
    finding = only(probe(FINE, BARE))
    assert finding.title == "No private address on 1 of 2 instances of orders"
    assert [(one.field, one.value) for one in finding.evidence] == [("bbb.WEBSITE_PRIVATE_IP", None)]
    assert "within the last 5 minutes, wait 10" in finding.action
    assert "`remediate verify orders --probe db:1433`" in finding.action
    assert "`remediate reconnect orders`" in finding.action


def test_a_miss_says_what_was_tried_and_quotes_the_answer() -> None:
    finding = only(probe(FINE, LOST))
    assert finding.title == "db:1433 is not reached from 1 of 2 instances of orders"
    assert [(one.view, one.field, one.value) for one in finding.evidence] == [
        ("tcpping", "ccc.Output", "Connection timed out.")
    ]
    once = only(checked(Worker(None, reached=False, status="Timeout", detail="after 10 s")))
    assert once.title == "db:1433 is not reached from orders"
    assert [(one.field, one.value) for one in once.evidence] == [
        ("connectionStatus", "Timeout"),
        ("connectionStatusDetails", "after 10 s"),
    ]


def test_silence_says_why_and_claims_nothing() -> None:
    finding = only(probe(message="403 Forbidden: no"))
    assert finding.title == "Could not find out whether orders reaches db:1433"
    assert finding.evidence[0].value == "403 Forbidden: no"
    assert "not known" in finding.detail


def test_a_slot_is_named_by_its_id_in_the_commands() -> None:
    slot = f"{TARGET}/slots/staging"
    assert f"`remediate verify {slot} --probe db:1433`" in only(probe(LOST, app=slot)).action


def test_each_of_several_ports_has_its_own_finding() -> None:
    other = Probe(TARGET, "cache", 6380, "tcpping", (LOST,))
    judged = judge(World(probes=(probe(LOST), other, probe(FINE))), Question("probe", TARGET))
    assert [one.code for one in judged] == ["probe-failed", "probe-failed"]
    assert [one.title.split()[0] for one in judged] == ["db:1433", "cache:6380"]


def test_a_step_that_probes_says_nothing_but_what_the_workers_say() -> None:
    judged = judge(World(probes=(probe(BARE),)), Question("probe", TARGET))
    assert [one.code for one in judged] == ["worker-without-ip"]
