"""`--probe HOST:PORT`: the workers are asked, and what they say is told as it is."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from tests.conftest import APP, Azure, Ran

SQL = "sql.internal:1433"
KUDU = "/extensions/api/command$"
LOOK = ("verify", "orders-func", "--probe", SQL, "-o", "json")


def posted(azure: Azure) -> list[str]:
    """What went out by POST to the app, without its query."""
    paths = (entry["path"].partition("?")[0] for entry in azure.log if entry["method"] == "POST")
    return [path.removeprefix(APP) for path in paths if path.startswith(APP)]


def every(path: str, **what: Any) -> dict[str, Any]:
    return {"match": {"method": "POST", "path": path}, "times": 0, **what}


def answer(status: int, body: Any) -> dict[str, Any]:
    return {"answer": {"status": status, "body": body}}


def test_without_probe_no_worker_is_asked(remediate: Callable[..., Ran], azure: Callable[..., Azure]) -> None:
    simulated = azure("healthy")
    ran = remediate("verify", "orders-func", "-o", "json")
    assert (ran.code, ran.document["probes"]) == (0, [])
    assert posted(simulated) == []
    assert not any("/instances" in entry["path"] for entry in simulated.log)


def test_every_windows_instance_tells_its_address_and_tries_the_port(
    remediate: Callable[..., Ran], azure: Callable[..., Azure]
) -> None:
    simulated = azure("healthy")
    ran = remediate(*LOOK)
    (probe,) = ran.document["probes"]
    assert (ran.code, probe["by"], probe["host"], probe["port"]) == (0, "tcpping", "sql.internal", 1433)
    assert [worker["address"] for worker in probe["workers"]] == ["10.10.1.4", "10.10.1.5"]
    assert all(
        worker["reached"] and worker["status"].startswith("Connected to") for worker in probe["workers"]
    )
    assert posted(simulated) == ["/extensions/api/command"] * 4
    assert simulated.writes == []
    mine = [entry for entry in simulated.log if not entry["path"].startswith(("/metadata", "/adfs"))]
    assert ran.document["requests"] == len(mine)


def test_linux_is_asked_once_and_tells_no_address(
    remediate: Callable[..., Ran], azure: Callable[..., Azure]
) -> None:
    simulated = azure("linux")
    ran = remediate(*LOOK)
    assert (ran.code, posted(simulated), simulated.writes) == (0, ["/tcpPingCheck"], [])
    (worker,) = ran.document["probes"][0]["workers"]
    assert (worker["instance"], worker["addressed"], worker["reached"]) == (None, None, True)
    assert "not reported" in remediate(*LOOK[:-2]).out


@pytest.mark.parametrize("kind", ["functionapp,linux", "app,linux,container", "app,container,windows"])
def test_kudus_console_is_for_plain_windows_alone(
    remediate: Callable[..., Ran], azure: Callable[..., Azure], kind: str
) -> None:
    simulated = azure("healthy")
    site = simulated.ask("GET", f"{APP}?api-version=2025-05-01").json() | {"kind": kind}
    simulated.fault(
        {"match": {"method": "GET", "path": "/sites/orders-func$"}, "times": 0, **answer(200, site)}
    )
    assert remediate(*LOOK).code == 0
    assert posted(simulated) == ["/tcpPingCheck"]


def test_a_slot_is_asked_by_itself(remediate: Callable[..., Ran], azure: Callable[..., Azure]) -> None:
    simulated = azure("shared-link")
    ran = remediate("verify", f"{APP}/slots/staging", "--probe", SQL, "-o", "json")
    assert ran.document["probes"][0]["app"].endswith("/slots/staging")
    assert set(posted(simulated)) == {"/slots/staging/extensions/api/command"}


@pytest.mark.parametrize(
    ("scenario", "code"), [("worker-without-ip", "worker-without-ip"), ("probe-failed", "probe-failed")]
)
def test_what_arm_calls_healthy_the_workers_may_not(
    remediate: Callable[..., Ran], azure: Callable[..., Azure], scenario: str, code: str
) -> None:
    azure(scenario)
    assert remediate("verify", "orders-func").code == 0
    ran = remediate(*LOOK)
    assert (ran.code, ran.document["healthy"]) == (3, False)
    assert code in ran.codes
    page = remediate(*LOOK[:-2]).out
    assert ("✗ none" if code == "worker-without-ip" else "10.10.1.4") in page
    assert "✗ not reached  Connection timed out." in page


@pytest.mark.parametrize("host", ["sql.internal", "10.10.3.4"])
def test_an_app_without_a_network_reaches_no_private_host_and_is_not_asked_for_an_address(
    remediate: Callable[..., Ran], azure: Callable[..., Azure], host: str
) -> None:
    azure("not-integrated")
    ran = remediate("verify", "orders-func", "--probe", f"{host}:1433", "-o", "json")
    assert (ran.code, ran.codes) == (3, {"not-integrated", "probe-failed"})


UNANSWERED = [
    every(KUDU, **answer(502, "<html>Bad Gateway</html>")),
    every(KUDU, **answer(403, {"error": {"code": "AuthorizationFailed", "message": "no"}})),
    every(KUDU, **answer(401, {"error": {"code": "InvalidAuthenticationToken", "message": "no"}})),
    every(KUDU, **answer(200, ["garbage"])),
    every(KUDU, **answer(200, {"Output": "\x1b[2Jwhat?", "ExitCode": 0})),
    every(KUDU, **answer(302, None)),
    every(KUDU, garbage=True),
    every(KUDU, reset="before"),
    {"match": {"method": "GET", "path": "/instances$"}, "times": 0, **answer(403, None)},
    {"match": {"method": "GET", "path": "/instances$"}, **answer(200, {"value": []})},
    {"match": {"method": "GET", "path": "/instances$"}, **answer(200, {"value": [{"name": None}]})},
]


@pytest.mark.parametrize("fault", UNANSWERED)
def test_who_could_not_be_asked_is_unknown_and_neither_a_success_nor_an_error(
    remediate: Callable[..., Ran], azure: Callable[..., Azure], fault: dict[str, Any]
) -> None:
    simulated = azure("healthy")
    simulated.fault(fault)
    ran = remediate(*LOOK)
    assert (ran.code, ran.document["healthy"]) == (3, None), ran.document["findings"]
    assert {(one["code"], one["severity"]) for one in ran.document["findings"]} == {
        ("probe-failed", "unknown")
    }
    assert "\x1b" not in remediate(*LOOK[:-2]).out


@pytest.mark.parametrize("body", [{"properties": {}}, {"properties": {"connectionStatus": None}}, "x", None])
def test_a_ping_check_that_says_nothing_is_unknown_too(
    remediate: Callable[..., Ran], azure: Callable[..., Azure], body: Any
) -> None:
    simulated = azure("linux")
    simulated.fault(every("/tcpPingCheck$", **answer(200, body)))
    ran = remediate(*LOOK)
    assert (ran.code, ran.document["healthy"], ran.codes) == (3, None, {"probe-failed"})


def test_one_instance_alone_may_be_without_an_address(
    remediate: Callable[..., Ran], azure: Callable[..., Azure]
) -> None:
    simulated = azure("healthy")
    bare = {"Output": "%WEBSITE_PRIVATE_IP%\r\n", "Error": "", "ExitCode": 0}
    listed = simulated.ask("GET", f"{APP}/instances?api-version=2025-05-01").json()["value"]
    simulated.fault({"match": {"method": "GET", "path": "/instances$"}, **answer(200, {"value": listed[:1]})})
    assert remediate(*LOOK).code == 0
    simulated.fault({"match": {"method": "POST", "path": KUDU}, **answer(200, bare)})
    ran = remediate(*LOOK)
    assert "worker-without-ip" in ran.codes
    assert any("1 of 2 instances" in one["title"] for one in ran.document["findings"])


@pytest.mark.parametrize(
    "wrong", ["sql", "sql:0", "https://sql:443", "[::1]:443", "sql:1433 & del", "", "a\nb:1"]
)
@pytest.mark.parametrize("verb", ["verify", "reconnect"])
def test_what_is_no_host_and_port_is_wrong_use_and_nothing_is_sent(
    remediate: Callable[..., Ran], azure: Callable[..., Azure], verb: str, wrong: str
) -> None:
    simulated = azure("healthy")
    ran = remediate(verb, "orders-func", "--probe", wrong, "--yes", "-o", "json")
    assert (ran.code, ran.document["code"]) == (2, "usage")
    assert "--probe" in ran.document["message"]
    assert simulated.log == []
