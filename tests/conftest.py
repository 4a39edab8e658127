"""What the tests of the whole product stand on: the real command line, and a simulated Azure over TLS."""

from __future__ import annotations

import gc
import json
import signal
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
import requests
from hypothesis import HealthCheck, settings

from remediate.azure.clock import SystemClock
from remediate.cli.app import run
from remediate.sandbox.server import Sandbox
from remediate.sandbox.world import World
from tests.azurite import server as azurites
from tests.azurite.proxy import Proxy
from tests.clocks import sleep_shortly
from tests.kusto import parser as kusto

GROUP = "/subscriptions/00000000-0000-0000-0000-000000000001/resourceGroups/rg-sandbox/providers"
APP = f"{GROUP}/Microsoft.Web/sites/orders-func"
SUBNET = f"{GROUP}/Microsoft.Network/virtualNetworks/vnet-prod/subnets/snet-apps"
PLAN = f"{GROUP}/Microsoft.Web/serverfarms/plan-orders"
ENVIRONMENT = ("AZURE_", "REMEDIATE_", "REQUESTS_CA_BUNDLE", "NO_COLOR")


# A property that fails, fails in every run and not in one of a hundred; and no busy machine makes one fail.
settings.register_profile(
    "same", derandomize=True, deadline=None, suppress_health_check=[HealthCheck.too_slow]
)
settings.load_profile("same")


if signal.getsignal(getattr(signal, "SIGHUP", signal.SIGTERM)) is signal.SIG_IGN:
    # Under nohup a command keeps ignoring hangups, and every command of the tests would inherit that.
    signal.signal(signal.SIGHUP, signal.SIG_DFL)


@dataclass(frozen=True)
class Ran:
    """How a command ended, and what it printed."""

    code: int
    out: str
    err: str

    @property
    def document(self) -> Any:
        """Stdout as the one JSON document that it is."""
        return json.loads(self.out)

    @property
    def codes(self) -> set[str]:
        """The finding codes of a verify document."""
        return {finding["code"] for finding in self.document["findings"]}


class Azure:
    """A simulated Azure that stays up, seen from outside through its test addresses."""

    def __init__(self, sandbox: Sandbox) -> None:
        self._endpoint = sandbox.environment["REMEDIATE_ARM_ENDPOINT"]
        self._bundle = sandbox.environment["REQUESTS_CA_BUNDLE"]
        self.environment = sandbox.environment
        self.world = sandbox.world
        self._bearer: str | None = None

    @property
    def log(self) -> list[dict[str, Any]]:
        """Every request so far."""
        entries: list[dict[str, Any]] = self._call("GET", "requests").json()
        return entries

    @property
    def writes(self) -> list[dict[str, Any]]:
        """Every request so far that changes something."""
        return [entry for entry in self.log if entry["mutating"]]

    @property
    def sent(self) -> list[tuple[str, str]]:
        """Method and last names of every write so far."""
        return [(entry["method"], entry["path"].partition("?")[0]) for entry in self.writes]

    def fault(self, *rules: dict[str, Any]) -> None:
        """Replace the fault rules."""
        self._call("PUT", "faults", json=list(rules)).raise_for_status()

    def reset(self) -> None:
        """Back to how the scenario begins, with an empty log."""
        self._call("POST", "reset").raise_for_status()

    def ask(self, method: str, path: str, **arguments: Any) -> requests.Response:
        """A request of the test's own, signed in."""
        token = self._bearer = self._bearer or self._token()
        url = f"{self._endpoint}{path}"
        headers = {"Authorization": f"Bearer {token}"}
        return requests.request(method, url, headers=headers, verify=self._bundle, timeout=30, **arguments)

    def _token(self) -> str:
        form = {
            "grant_type": "client_credentials",
            "client_id": self.environment["AZURE_CLIENT_ID"],
            "client_secret": self.environment["AZURE_CLIENT_SECRET"],
            "resource": self._endpoint,
        }
        url = f"{self._endpoint}/adfs/oauth2/token"
        answer = requests.post(url, data=form, verify=self._bundle, timeout=30).json()
        return str(answer["access_token"])

    def _call(self, method: str, name: str, **arguments: Any) -> requests.Response:
        url = f"{self._endpoint}/_sandbox/{name}"
        return requests.request(method, url, verify=self._bundle, timeout=30, **arguments)


@pytest.fixture(autouse=True)
def clean_environment(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """No test sees the credentials, settings or state of whoever runs it."""
    import os

    for name in list(os.environ):
        if name.startswith(ENVIRONMENT):
            monkeypatch.delenv(name)
    monkeypatch.setenv("AZURE_CONFIG_DIR", str(tmp_path / "azure"))
    monkeypatch.setenv("REMEDIATE_STATE", str(tmp_path / "state"))
    monkeypatch.setenv("NO_PROXY", "localhost,127.0.0.1")


@pytest.fixture(autouse=True)
def short_breaths(monkeypatch: pytest.MonkeyPatch) -> None:
    """A served sandbox is a thousand times faster than Azure; so are the pauses between two tries.

    How long they are with the real Azure is proved on a clock of its own (tests/azure/test_waiting.py).
    """
    monkeypatch.setattr(SystemClock, "sleep", sleep_shortly)


@pytest.fixture
def remediate(capsys: pytest.CaptureFixture[str]) -> Callable[..., Ran]:
    """The command `remediate`, run in this process, without a terminal."""

    def call(*arguments: str) -> Ran:
        capsys.readouterr()
        code = run(arguments)
        printed = capsys.readouterr()
        return Ran(code, printed.out, printed.err)

    return call


@pytest.fixture
def azure(monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[..., Azure]]:
    """Start a simulated Azure and point this process at it, as `remediate sandbox env` says."""
    with ExitStack() as stack:

        def serve(scenario: str | World, speed: float = 1000) -> Azure:
            sandbox = stack.enter_context(Sandbox(scenario, speed=speed))
            for name, value in sandbox.environment.items():
                monkeypatch.setenv(name, value)
            return Azure(sandbox)

        yield serve


@pytest.fixture(scope="session")
def azurite() -> Iterator[azurites.Azurite]:
    """A real Azurite, for all the tests of one process."""
    if not azurites.is_installed():
        pytest.skip(azurites.MISSING)
    server = azurites.Azurite()
    yield server
    server.close()


@pytest.fixture
def container(azurite: azurites.Azurite, monkeypatch: pytest.MonkeyPatch) -> azurites.Container:
    """An empty container, and state is kept there."""
    container = azurite.container()
    monkeypatch.setenv("AZURE_STORAGE_CONNECTION_STRING", azurites.connection_string(azurite.port))
    monkeypatch.setenv("REMEDIATE_STATE", container.url)
    return container


@pytest.fixture
def proxy(
    azurite: azurites.Azurite, container: azurites.Container, monkeypatch: pytest.MonkeyPatch
) -> Iterator[Proxy]:
    """The same container, and what goes there comes by here."""
    proxy = Proxy(azurite.port)
    monkeypatch.setenv("AZURE_STORAGE_CONNECTION_STRING", azurites.connection_string(proxy.port))
    yield proxy
    proxy.close()


def pytest_collection_finish() -> None:
    """Spare every later garbage collection what was imported for the tests."""
    gc.collect()
    gc.freeze()


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Say how many points the sweeps tried, each looking at every promise, and what was left out."""
    reports = terminalreporter.getreports("passed") + terminalreporter.getreports("failed")
    points = [value for report in reports for name, value in report.user_properties if name == "points"]
    if points:
        terminalreporter.write_line(f"points tried by the sweeps: {sum(points)}")
    skipped = [str(report.longrepr) for report in terminalreporter.getreports("skipped")]
    for what, missing in (("shared state was", azurites.MISSING), ("queries were", kusto.MISSING)):
        if any(missing in reason for reason in skipped):
            terminalreporter.write_line(f"{what} not tested: {missing}")
