"""HOST:PORT as it is typed, and what several workers make together."""

from __future__ import annotations

import string

import pytest
from hypothesis import given
from hypothesis import strategies as st

from remediate.azure.kudu import changes_nothing, tcpping
from remediate.model import Endpoint, InvalidEndpoint, Probe, Worker, endpoint

KUDU = "/subscriptions/S/resourceGroups/G/providers/Microsoft.Web/sites/A/extensions/api/command"


@pytest.mark.parametrize(
    ("text", "host", "port"),
    [
        ("sql.contoso.com:1433", "sql.contoso.com", 1433),
        ("db:1", "db", 1),
        ("10.0.0.4:65535", "10.0.0.4", 65535),
        ("xn--bcher-kva.example:443", "xn--bcher-kva.example", 443),
        ("_service.db_1:5432", "_service.db_1", 5432),
    ],
)
def test_a_host_and_a_port(text: str, host: str, port: int) -> None:
    assert endpoint(text) == Endpoint(host, port)
    assert str(endpoint(text)) == text


@pytest.mark.parametrize(
    "text",
    [
        "", ":", "db", "db:", ":1433", "db:0", "db:65536", "db:01", "db:-1", "db:1e3", "db:1 4",
        "db:\u0661",
        "https://db:443", "db/x:443", "[::1]:443", "::1:443", "10.0.0.256:80", "10.0.0:80", "1:80", "a..b:80",
        "-w:80", "db-:80", ".db:80", "db.:80", "bücher.example:443", f"{'a' * 64}:80", f"{'a.' * 127}ab:80",
        "db&del:80", "db|x:80", "db%PATH%:80", "db x:80", "db\n:80", "db:80\n", "$(x):80", "`x`:80", "db^:80",
    ],
)  # fmt: skip
def test_what_is_no_host_and_port_is_said_in_one_line(text: str) -> None:
    with pytest.raises(InvalidEndpoint) as raised:
        endpoint(text)
    assert "\n" not in str(raised.value)


@given(st.text(max_size=300) | st.text(string.printable, max_size=40).map(lambda text: f"{text}:443"))
def test_whatever_is_typed_gives_a_command_that_only_looks_or_no_endpoint(text: str) -> None:
    try:
        found = endpoint(text)
    except InvalidEndpoint as error:
        assert len(str(error).splitlines()) == 1
        return
    command = tcpping(found)
    assert changes_nothing(KUDU, {"command": command, "dir": None})
    assert not set(command) & set("&|<>^%\"'`$();!\r\n")
    assert endpoint(str(found)) == found


def probe(*workers: Worker, by: str = "tcpping") -> Probe:
    return Probe("/app", "db", 1433, by, workers)  # type: ignore[arg-type]


FINE = Worker("a", True, "10.0.0.4", True)
BARE = Worker("b", False, None, True)
LOST = Worker("c", True, "10.0.0.5", False)
SILENT = Worker("d")


@pytest.mark.parametrize(
    ("workers", "addressed", "reached"),
    [
        ((FINE,), True, True),
        ((FINE, BARE), False, True),
        ((FINE, LOST), True, False),
        ((FINE, SILENT), None, None),
        ((BARE, SILENT), False, None),
        ((LOST, SILENT), None, False),
        ((), None, None),
    ],
)
def test_one_no_is_a_no_and_one_silence_leaves_it_unknown(
    workers: tuple[Worker, ...], addressed: bool | None, reached: bool | None
) -> None:
    asked = probe(*workers)
    assert (asked.addressed, asked.reached) == (addressed, reached)
    assert asked.good is (addressed is True and reached is True)


def test_where_no_address_is_told_the_port_alone_decides() -> None:
    assert probe(Worker(None, reached=True), by="tcpPingCheck").good
    assert not probe(Worker(None), by="tcpPingCheck").good
