"""The two questions that go out by POST: only they count as reads, and nothing else is read into answers."""

from __future__ import annotations

from typing import Any

import pytest

from remediate.azure import fields, parse
from remediate.azure.kudu import address_said, changes_nothing, ping_check_said, tcpping_said
from remediate.model import Worker

SITE = "/subscriptions/S/resourceGroups/G/providers/Microsoft.Web/sites/A"
KUDU = f"{SITE}/extensions/api/command"
CHECK = {"properties": {"Host": "db", "Port": 1433}}


def said(command: Any) -> dict[str, Any]:
    return {"command": command, "dir": None}


@pytest.mark.parametrize(
    ("path", "body"),
    [
        (KUDU, said("echo %WEBSITE_PRIVATE_IP%")),
        (KUDU.replace("/sites/A", "/sites/A/slots/staging"), said("tcpping -n 1 -w 10 db.contoso.com:1433")),
        (KUDU.upper(), said("tcpping -n 1 -w 10 10.0.0.4:443")),
        (f"{SITE}/tcpPingCheck", CHECK),
        (f"{SITE}/slots/staging/tcpPingCheck", CHECK),
    ],
)
def test_the_questions_change_nothing(path: str, body: Any) -> None:
    assert changes_nothing(path, body)


@pytest.mark.parametrize(
    ("path", "body"),
    [
        (KUDU, said("del /q D:\\home\\site")),
        (KUDU, said("echo %WEBSITE_PRIVATE_IP% > D:\\home\\x")),
        (KUDU, said("echo %WEBSITE_PRIVATE_IP%\n")),
        (KUDU, said("echo %WEBSITE_AUTH_ENCRYPTION_KEY%")),
        (KUDU, said("tcpping -n 1 -w 10 db:1433 & del x")),
        (KUDU, said("tcpping -n 1 -w 10 %TEMP%:1433")),
        (KUDU, said("tcpping -n 1 -w 10 -x:1433")),
        (KUDU, said(["echo %WEBSITE_PRIVATE_IP%"])),
        (KUDU, None),
        (KUDU, "echo %WEBSITE_PRIVATE_IP%"),
        (KUDU.replace("command", "zipdeploy"), said("echo %WEBSITE_PRIVATE_IP%")),
        (f"{KUDU}/x", said("echo %WEBSITE_PRIVATE_IP%")),
        (f"{SITE}/restart", CHECK),
        (f"{SITE}/x/tcpPingCheck", CHECK),
        ("/subscriptions/S/providers/Other/tcpPingCheck", CHECK),
        (f"/elsewhere{SITE}/tcpPingCheck", CHECK),
    ],
)
def test_whatever_else_is_posted_is_a_write(path: str, body: Any) -> None:
    assert not changes_nothing(path, body)


@pytest.mark.parametrize(
    ("output", "told"),
    [
        ("10.10.1.4", (True, "10.10.1.4")),
        ("%WEBSITE_PRIVATE_IP%", (False, None)),
        ("", (None, None)),
        ("ECHO is on.", (None, None)),
        ("10.10.1.4 10.10.1.5", (None, None)),
    ],
)
def test_an_address_is_an_address_the_bare_variable_is_none_and_all_else_is_unknown(
    output: str, told: tuple[bool | None, str | None]
) -> None:
    assert address_said(output) == told


@pytest.mark.parametrize(
    ("output", "reached", "line"),
    [
        ("Connected to db:1, time taken: 1ms\r\nComplete: 1/1", True, "Connected to db:1, time taken: 1ms"),
        ("Connection timed out.\r\nComplete: 0/1", False, "Connection timed out."),
        ("Connection attempt failed: No such host is known", False, "No such host is known"),
        ("Connection attempt failed: An attempt was made to access a socket", False, "access a socket"),
        ("'tcpping' is not recognized as an internal or external command", None, "is not recognized"),
        ("Complete: 1/1 successful attempts", None, "nothing that is known"),
        ("", None, "nothing that is known"),
        ("x" * 5000, None, "nothing that is known"),
    ],
)
def test_tcpping_is_read_line_by_line(output: str, reached: bool | None, line: str) -> None:
    told, words = tcpping_said(output)
    assert told is reached
    assert line in words
    assert len(words) <= 300


@pytest.mark.parametrize(
    ("answer", "reached"),
    [
        ({"properties": {"connectionStatus": "Success", "connectionStatusDetails": "4 of 4"}}, True),
        ({"properties": {"connectionStatus": "Timeout"}}, False),
        ({"properties": {"connectionStatus": "UnknownError", "connectionStatusDetails": 7}}, False),
        ({"properties": {"connectionStatus": ""}}, None),
        ({"properties": {"connectionStatus": True}}, None),
        ({"properties": None}, None),
        ([], None),
        (None, None),
    ],
)
def test_a_ping_check_without_a_status_is_unknown(answer: Any, reached: bool | None) -> None:
    worker = ping_check_said(answer)
    assert (worker.reached, worker.instance, worker.addressed) == (reached, None, None)
    assert worker.status


def test_the_words_of_a_ping_check_are_kept() -> None:
    answer = {"properties": {"connectionStatus": "Timeout", "connectionStatusDetails": "after 10 s"}}
    assert ping_check_said(answer) == Worker(None, reached=False, status="Timeout", detail="after 10 s")


@pytest.mark.parametrize(
    "body", [None, {}, [{}], [{"name": ""}], [{"name": 7}], ["a"], [{"name": "a"}, None]]
)
def test_instances_without_names_are_not_taken(body: Any) -> None:
    with pytest.raises(fields.MalformedDocument):
        parse.instances(body)
