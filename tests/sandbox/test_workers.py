"""What the simulated workers say: an address when it is there, a port as far as the network carries."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from remediate.sandbox.log import is_mutating
from remediate.sandbox.world import Durations
from tests.sandbox.clients import APP_ID, Clients, eventually
from tests.sandbox.worlds import Small

Serve = Callable[..., Clients]
KUDU = f"{APP_ID}/extensions/api/command"
ECHO = "echo %WEBSITE_PRIVATE_IP%"
BARE = "%WEBSITE_PRIVATE_IP%\r\n"


def kudu(azure: Clients, command: str) -> Any:
    return azure.ask("POST", KUDU, api="2015-08-01", json={"command": command, "dir": None})


def ping(azure: Clients, host: str, port: int) -> str:
    return str(kudu(azure, f"tcpping -n 1 -w 10 {host}:{port}").json()["Output"])


def test_a_port_is_reached_from_inside_the_network_only(clients: Serve) -> None:
    azure = clients()
    assert ping(azure, "sql.internal", 1433).startswith("Connected to sql.internal:1433")
    azure.patch(None)
    assert ping(azure, "sql.internal", 1433).startswith("Connection timed out.")
    assert ping(azure, "example.com", 443).startswith("Connected to example.com:443")


def test_a_firewall_lets_nobody_through_to_one_port(clients: Serve) -> None:
    azure = clients("probe-failed")
    assert ping(azure, "sql.internal", 1433).startswith("Connection timed out.")
    assert ping(azure, "sql.internal", 1434).startswith("Connected to")


def test_a_lost_address_comes_with_a_connect_and_not_before(clients: Serve) -> None:
    azure = clients("worker-without-ip")
    assert kudu(azure, ECHO).json()["Output"] == BARE
    assert ping(azure, "sql.internal", 1433).startswith("Connection timed out.")
    subnet = azure.site()["properties"]["virtualNetworkSubnetId"]
    azure.patch(None)
    azure.patch(subnet)
    assert eventually(lambda: kudu(azure, ECHO).json()["Output"] == "10.10.1.4\r\n")


def test_an_address_takes_its_time_after_a_connect() -> None:
    small = Small(durations=Durations(address=90))
    small.later(10)
    assert small.connected().addressed_from == 100.0


def test_linux_has_no_console(clients: Serve) -> None:
    assert kudu(clients("linux"), ECHO).status_code == 400


@pytest.mark.parametrize("command", ["dir", "del x", "tcpping", "tcpping db", "powershell tcpping a:1"])
def test_no_other_command_is_understood(clients: Serve, command: str) -> None:
    azure = clients()
    assert kudu(azure, command).status_code == 400


@pytest.mark.parametrize(
    ("command", "mutating"),
    [
        (ECHO, False),
        ("tcpping -n 1 -w 10 db:1433", False),
        ("del D:\\home\\x", True),
        (f"{ECHO} > x", True),
        ("tcpping db:1 & del x", True),
        (None, True),
    ],
)
def test_a_command_counts_as_a_write_unless_it_only_looks(command: str | None, mutating: bool) -> None:
    assert is_mutating("POST", KUDU, {"command": command}) is mutating
    assert is_mutating("POST", KUDU)
