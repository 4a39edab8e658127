"""Starting and stopping: files, addresses, and what is left behind, which is nothing."""

from __future__ import annotations

import concurrent.futures
import os
import socket
import stat
import time
from collections.abc import Callable
from pathlib import Path

import pytest
import requests

from remediate.sandbox.scenarios import UnknownScenario
from remediate.sandbox.server import Sandbox
from tests.sandbox.clients import APP_ID, Clients, eventually

VARIABLES = {
    "REMEDIATE_ARM_ENDPOINT",
    "REQUESTS_CA_BUNDLE",
    "AZURE_TENANT_ID",
    "AZURE_CLIENT_ID",
    "AZURE_CLIENT_SECRET",
    "AZURE_AUTHORITY_HOST",
    "AZURE_SUBSCRIPTION_ID",
}


def test_the_environment_has_exactly_the_seven_variables() -> None:
    with Sandbox("healthy") as sandbox:
        assert set(sandbox.environment) == VARIABLES
        assert sandbox.environment["AZURE_TENANT_ID"] == "adfs"
        assert sandbox.environment["AZURE_AUTHORITY_HOST"] == sandbox.environment["REMEDIATE_ARM_ENDPOINT"]
        assert sandbox.environment["REMEDIATE_ARM_ENDPOINT"].startswith("https://localhost:")


@pytest.mark.skipif(os.name == "nt", reason="Windows has no such modes")
def test_the_bundle_is_private_and_goes_with_the_sandbox() -> None:
    with Sandbox("healthy") as sandbox:
        bundle = Path(sandbox.environment["REQUESTS_CA_BUNDLE"])
        assert stat.S_IMODE(bundle.stat().st_mode) == 0o600
        assert stat.S_IMODE(bundle.parent.stat().st_mode) == 0o700
    assert not bundle.parent.exists()


def test_two_sandboxes_have_two_secrets_and_do_not_trust_each_other() -> None:
    with Sandbox("healthy") as one, Sandbox("healthy") as other:
        assert one.environment["AZURE_CLIENT_SECRET"] != other.environment["AZURE_CLIENT_SECRET"]
        address = f"{one.environment['REMEDIATE_ARM_ENDPOINT']}/metadata/endpoints"
        with pytest.raises(requests.exceptions.SSLError):
            requests.get(address, verify=other.environment["REQUESTS_CA_BUNDLE"], timeout=10)


@pytest.mark.parametrize("host", ["localhost", "127.0.0.1"])
def test_it_can_be_reached_by_name_and_by_address(host: str) -> None:
    with Sandbox("healthy") as sandbox:
        port = sandbox.environment["REMEDIATE_ARM_ENDPOINT"].rpartition(":")[2]
        address = f"https://{host}:{port}/metadata/endpoints"
        assert requests.get(address, verify=sandbox.environment["REQUESTS_CA_BUNDLE"], timeout=10).ok


def test_it_stops_at_once_even_with_a_connection_open() -> None:
    with Sandbox("healthy") as sandbox, requests.Session() as session:
        session.verify, session.trust_env = sandbox.environment["REQUESTS_CA_BUNDLE"], False
        address = f"{sandbox.environment['REMEDIATE_ARM_ENDPOINT']}/metadata/endpoints"
        session.get(address, timeout=10)
        before = time.monotonic()
        sandbox.close()
        assert time.monotonic() - before < 1
        port = int(sandbox.environment["REMEDIATE_ARM_ENDPOINT"].rpartition(":")[2])
        with pytest.raises(ConnectionRefusedError):
            socket.create_connection(("127.0.0.1", port), timeout=10)


def test_it_stops_quietly_while_a_request_is_under_way(
    clients: Callable[..., Clients], capfd: pytest.CaptureFixture[str]
) -> None:
    azure = clients("slow", speed=1)
    token = azure.token
    ended: list[BaseException] = []

    def ask() -> None:
        headers = {"Authorization": f"Bearer {token}"}
        try:
            azure.http.delete(f"{azure.endpoint}{APP_ID}?api-version=2025-05-01", headers=headers, timeout=30)
        except requests.exceptions.ConnectionError as error:
            ended.append(error)

    with concurrent.futures.ThreadPoolExecutor() as pool:
        request = pool.submit(ask)
        assert eventually(lambda: any(entry["method"] == "DELETE" for entry in azure.log))
        azure.sandbox.close()
        request.result(timeout=10)
    assert len(ended) == 1
    assert capfd.readouterr().err == ""


def test_an_answer_on_an_open_connection_does_not_wait_for_nagle(clients: Callable[..., Clients]) -> None:
    azure = clients()
    took = []
    for _ in range(5):
        before = time.monotonic()
        azure.ask("GET", APP_ID)
        took.append(time.monotonic() - before)
    assert min(took) < 0.03


def test_closing_twice_is_once() -> None:
    with Sandbox("healthy") as sandbox:
        sandbox.close()


def test_a_port_can_be_asked_for_and_a_taken_one_is_an_error() -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        with pytest.raises(OSError), Sandbox("healthy", port=port):
            raise AssertionError("it listens on a port that is taken")
    with Sandbox("healthy", port=port) as sandbox:
        assert sandbox.environment["REMEDIATE_ARM_ENDPOINT"].endswith(f":{port}")


def test_an_unknown_scenario_is_refused_before_anything_listens() -> None:
    with pytest.raises(UnknownScenario, match="healthy"):
        Sandbox("helthy")
