"""The token goes to Azure Resource Manager and to the authority, and nowhere else."""

from __future__ import annotations

import os
import ssl
import threading
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest
import requests
import trustme

from tests.conftest import SUBNET, Azure, Ran

QUICK = ("-o", "json", "--poll-interval", "0.02", "--timeout", "1")
RECONNECT = ("reconnect", "orders-func", "--yes", *QUICK)
SITE = "/sites/orders-func$"
CONFIG = "/sites/orders-func/networkConfig/virtualNetwork$"


class Thief:
    """A server that would take whatever a client brings, and whose certificate the client trusts."""

    def __init__(self, authority: trustme.CA) -> None:
        self.heard: list[tuple[str, str, dict[str, str]]] = []
        thief = self

        class Handler(BaseHTTPRequestHandler):
            def answer(self) -> None:
                thief.heard.append((self.command, self.path, dict(self.headers)))
                self.send_response(200)
                self.send_header("Content-Length", "2")
                self.end_headers()
                self.wfile.write(b"{}")

            do_GET = do_POST = do_PUT = do_PATCH = do_DELETE = answer  # noqa: N815

            def log_message(self, format: str, *arguments: Any) -> None:
                """The list is the log."""

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        authority.issue_cert("localhost", "127.0.0.1").configure_cert(context)
        self._server.socket = context.wrap_socket(self._server.socket, server_side=True)
        self.address = f"https://localhost:{self._server.server_address[1]}"
        threading.Thread(target=self._server.serve_forever, args=(0.02,), daemon=True).start()

    def close(self) -> None:
        self._server.shutdown()
        self._server.server_close()


@pytest.fixture
def healthy(azure: Callable[..., Azure]) -> Azure:
    return azure("healthy")


@pytest.fixture
def thief(healthy: Azure, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Thief]:
    authority = trustme.CA()
    trusted = Path(healthy.environment["REQUESTS_CA_BUNDLE"]).read_bytes() + authority.cert_pem.bytes()
    bundle = tmp_path / "both.pem"
    bundle.write_bytes(trusted)
    monkeypatch.setenv("REQUESTS_CA_BUNDLE", str(bundle))
    server = Thief(authority)
    yield server
    server.close()


def rule(method: str, path: str, status: int, body: Any = None, **headers: str) -> dict[str, Any]:
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    answer = {"status": status, "headers": named, "body": body}
    return {"match": {"method": method, "path": path}, "times": 0, "answer": answer}


def problems(ran: Ran) -> list[str]:
    return [line for line in ran.err.splitlines() if line.startswith("✗ ")]


def test_the_thief_would_be_heard_if_anything_went_there(thief: Thief) -> None:
    requests.get(f"{thief.address}/hello", verify=os.environ["REQUESTS_CA_BUNDLE"], timeout=5)
    assert [(method, path) for method, path, _ in thief.heard] == [("GET", "/hello")]


@pytest.mark.parametrize(
    ("path", "status"),
    [
        *((SITE, status) for status in (301, 302, 303, 307, 308)),
        ("/virtualNetworkConnections$", 302),
        ("/subnets/snet-apps$", 307),
    ],
)
def test_a_redirected_read_is_not_followed(
    remediate: Callable[..., Ran], healthy: Azure, thief: Thief, path: str, status: int
) -> None:
    healthy.fault(rule("GET", path, status, {"value": []}, Location=f"{thief.address}/take"))
    ran = remediate("verify", "orders-func", "-o", "json")
    assert thief.heard == []
    assert (ran.code, ran.document["healthy"]) == (3, None)
    if path == SITE:
        assert "a redirect was not followed" in ran.document["findings"][0]["evidence"][0]["value"]


@pytest.mark.parametrize("path", ["/locks$", "/permissions$"])
def test_a_redirected_preflight_read_is_unknown_and_no_empty_list(
    remediate: Callable[..., Ran], healthy: Azure, thief: Thief, path: str
) -> None:
    healthy.fault(rule("GET", path, 302, {"value": []}, Location=f"{thief.address}/take"))
    ran = remediate(*RECONNECT)
    assert (ran.code, ran.document["status"]) == (4, "refused")
    assert "no-read-permission" in {one["code"] for one in ran.document["findings_before"]}
    assert healthy.writes == []
    assert thief.heard == []


@pytest.mark.parametrize("write", [("DELETE", CONFIG), ("PATCH", SITE)])
@pytest.mark.parametrize("status", [302, 307])
def test_a_redirected_write_is_not_followed_and_the_app_ends_connected(
    remediate: Callable[..., Ran], healthy: Azure, thief: Thief, write: tuple[str, str], status: int
) -> None:
    healthy.fault({**rule(*write, status, None, Location=f"{thief.address}/take"), "times": 1})
    ran = remediate(*RECONNECT)
    assert (ran.code, ran.document["status"]) == (0, "succeeded")
    assert thief.heard == []


@pytest.mark.parametrize(
    ("path", "elsewhere"),
    [
        ("/plan-orders/sites$", "{thief}/next"),
        ("/plan-orders/sites$", "{plain}/next"),
        ("/plan-orders/sites$", "{user}/next"),
        ("/plan-orders/sites$", "//localhost:1/next"),
        ("/plan-orders/sites$", "{arm}.example/next"),
        ("/plan-orders/sites$", "{arm}@{bare}/n"),
        ("/sites/orders-func/slots$", "{thief}/next"),
        ("/locks$", "{thief}/next"),
    ],
)
def test_a_next_link_that_leads_elsewhere_is_unknown(
    remediate: Callable[..., Ran], healthy: Azure, thief: Thief, path: str, elsewhere: str
) -> None:
    arm = healthy.environment["REMEDIATE_ARM_ENDPOINT"]
    link = elsewhere.format(
        thief=thief.address,
        bare=thief.address.removeprefix("https://"),
        plain=arm.replace("https:", "http:"),
        user=arm.replace("https://", "https://me@"),
        arm=arm,
    )
    healthy.fault(rule("GET", path, 200, {"value": [], "nextLink": link}))
    ran = remediate(*RECONNECT)
    assert (ran.code, ran.document["status"]) == (4, "refused")
    assert healthy.writes == []
    assert thief.heard == []


@pytest.mark.parametrize("header", ["Location", "Azure-AsyncOperation"])
def test_an_operation_that_is_to_be_polled_elsewhere_is_not(
    remediate: Callable[..., Ran], azure: Callable[..., Azure], thief: Thief, header: str
) -> None:
    bundle = os.environ["REQUESTS_CA_BUNDLE"]
    simulated = azure("delegation-missing")
    trusted = Path(simulated.environment["REQUESTS_CA_BUNDLE"])
    trusted.write_bytes(trusted.read_bytes() + Path(bundle).read_bytes())
    accepted = rule("PUT", "/subnets/snet-apps$", 202, {"id": SUBNET}, **{header: f"{thief.address}/poll"})
    simulated.fault({**accepted, "effect": "kept"})
    ran = remediate(*RECONNECT)
    assert thief.heard == []
    assert (ran.code, ran.document["status"]) == (0, "succeeded")


def test_a_challenge_that_names_another_authority_is_not_answered_there(
    remediate: Callable[..., Ran], healthy: Azure, thief: Thief
) -> None:
    challenge = f'Bearer authorization_uri="{thief.address}/adfs", error="insufficient_claims", claims="e30="'
    healthy.fault(rule("GET", SITE, 401, None, WWW_Authenticate=challenge))
    ran = remediate("verify", "orders-func")
    assert ran.code == 1
    assert "the token is not accepted" in problems(ran)[0]
    assert thief.heard == []


def test_metadata_that_names_another_authority_than_the_operator_did_is_refused(
    remediate: Callable[..., Ran], healthy: Azure, thief: Thief
) -> None:
    named = {"loginEndpoint": f"{thief.address}/adfs", "audiences": [thief.address]}
    healthy.fault(rule("GET", "/metadata/endpoints", 200, {"name": "Sandbox", "authentication": named}))
    ran = remediate("verify", "orders-func")
    assert ran.code == 2
    assert "AZURE_AUTHORITY_HOST" in problems(ran)[0]
    assert thief.heard == []


def test_metadata_that_is_redirected_is_refused(
    remediate: Callable[..., Ran], healthy: Azure, thief: Thief
) -> None:
    healthy.fault(rule("GET", "/metadata/endpoints", 302, None, Location=f"{thief.address}/metadata"))
    ran = remediate("verify", "orders-func")
    assert ran.code == 1
    assert "a redirect was not followed" in problems(ran)[0]
    assert thief.heard == []


@pytest.mark.parametrize("status", [200, 307])
def test_the_secret_goes_to_no_token_endpoint_outside_the_authority(
    remediate: Callable[..., Ran], healthy: Azure, thief: Thief, status: int
) -> None:
    arm = healthy.environment["REMEDIATE_ARM_ENDPOINT"]
    endpoints = {
        "issuer": f"{arm}/adfs",
        "authorization_endpoint": f"{thief.address}/adfs/oauth2/authorize",
        "token_endpoint": f"{thief.address}/adfs/oauth2/token",
    }
    elsewhere = f"{thief.address}/adfs/oauth2/token"
    healthy.fault(
        rule("GET", "openid-configuration$", 200, endpoints)
        if status == 200
        else rule("POST", "/oauth2/token$", status, None, Location=elsewhere)
    )
    ran = remediate("verify", "orders-func", "-o", "json")
    assert (ran.code, ran.document["code"]) == (1, "not-signed-in")
    assert len(problems(ran)) == 1
    assert thief.heard == []


def test_a_list_that_leads_back_to_itself_ends(remediate: Callable[..., Ran], healthy: Azure) -> None:
    arm = healthy.environment["REMEDIATE_ARM_ENDPOINT"]
    plan = "/subscriptions/00000000-0000-0000-0000-000000000001/resourceGroups/rg-sandbox/providers"
    again = f"{arm}{plan}/Microsoft.Web/serverfarms/plan-orders/sites?api-version=2025-05-01"
    healthy.fault(rule("GET", "/plan-orders/sites$", 200, {"value": [], "nextLink": again}))
    ran = remediate("verify", "orders-func", "-o", "json")
    assert (ran.code, ran.document["healthy"]) == (3, None)


def test_an_arm_whose_certificate_is_not_trusted_is_an_error(
    remediate: Callable[..., Ran], healthy: Azure, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    other = tmp_path / "other.pem"
    trustme.CA().cert_pem.write_to_path(str(other))
    monkeypatch.setenv("REQUESTS_CA_BUNDLE", str(other))
    ran = remediate("verify", "orders-func")
    assert (ran.code, ran.out) == (1, "")
    assert len(problems(ran)) == 1
    assert "certificate" in problems(ran)[0].casefold()
    assert healthy.log == []


def test_no_variable_switches_the_check_off(
    remediate: Callable[..., Ran], healthy: Azure, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("REQUESTS_CA_BUNDLE")
    monkeypatch.setenv("PYTHONHTTPSVERIFY", "0")
    for name in ("AZURE_CLI_DISABLE_CONNECTION_VERIFICATION", "REMEDIATE_INSECURE", "CURL_INSECURE"):
        monkeypatch.setenv(name, "1")
    assert remediate("verify", "orders-func").code == 1
    assert healthy.log == []


def test_no_option_switches_the_check_off() -> None:
    from remediate.cli.app import main

    names = {
        option
        for command in [main, *map(main.declared, main.commands)]
        for parameter in command.params
        for option in parameter.opts
    }
    assert "--arm-endpoint" in names
    assert not [
        one for one in names if any(word in one for word in ("insecure", "verif", "tls", "ssl", "cert"))
    ]


@pytest.mark.parametrize(
    "endpoint",
    [
        "http://localhost:1",
        "localhost",
        "https://",
        "https://[",
        "https://me:secret@localhost",
        "https://localhost:99999",
        "https://local\nhost",
        "https://local host",
        "https://löcalhost",
        "ftp://localhost",
    ],
)
def test_an_arm_endpoint_is_an_https_address_of_a_host_and_nothing_else(
    remediate: Callable[..., Ran], endpoint: str
) -> None:
    ran = remediate("verify", "orders-func", "--arm-endpoint", endpoint)
    assert ran.code == 2
    assert len(problems(ran)) == 1
