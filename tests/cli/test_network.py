"""Networks that do not work, made to happen: what is told, within which time, and that nothing is changed."""

from __future__ import annotations

import socket
import ssl
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, closing
from pathlib import Path

import pytest
import trustme

from remediate.azure import cloud, credential
from remediate.jobs import context
from remediate.show import reading
from tests.conftest import Azure, Ran
from tests.terminal import Terminal

Remediate = Callable[..., Ran]
PAGE = "<!DOCTYPE html><html><head><title>Sign in to Contoso &amp; Guests</title></head></html>"
LIMIT = 1.2
"""Seconds in these tests that stand for `NO_ANSWER`."""
LONGEST = 30.0
"""Seconds within which there is an answer or an error; the sweep tries it with the real limit."""


@pytest.fixture
def short(monkeypatch: pytest.MonkeyPatch) -> None:
    """What does not answer is given up sooner."""
    for module in (cloud, credential, context):
        monkeypatch.setattr(module, "NO_ANSWER", LIMIT)


@pytest.fixture
def through_proxies(monkeypatch: pytest.MonkeyPatch) -> Callable[[int], str]:
    """Have every request go through a proxy on this port, and return its address."""

    def set_(port: int) -> str:
        for name in ("NO_PROXY", "no_proxy", "https_proxy", "ALL_PROXY", "all_proxy"):
            monkeypatch.delenv(name, raising=False)
        address = f"http://127.0.0.1:{port}"
        monkeypatch.setenv("HTTPS_PROXY", address)
        return address

    return set_


@pytest.fixture
def listening() -> Iterator[Callable[[bytes | None], int]]:
    """Listen on a port: each connection is accepted, and gets these bytes, or with None never an answer."""
    with ExitStack() as stack:

        def serve(answer: bytes | None) -> int:
            server = stack.enter_context(closing(socket.create_server(("127.0.0.1", 0))))
            threading.Thread(target=_accept, args=(server, answer), daemon=True).start()
            port: int = server.getsockname()[1]
            return port

        yield serve


def _accept(server: socket.socket, answer: bytes | None) -> None:
    kept = []
    while True:
        try:
            connection, _ = server.accept()
        except OSError:
            return
        kept.append(connection)
        if answer is not None:
            connection.recv(65536)
            connection.sendall(answer)
            connection.close()


def dead_port() -> int:
    """A port on which nobody listens."""
    with closing(socket.create_server(("127.0.0.1", 0))) as server:
        port: int = server.getsockname()[1]
        return port


def fails(remediate: Remediate, *arguments: str, code: str = "unreachable") -> tuple[str, str]:
    """Message and hint of a command that cannot work here; it ends in time, with one line and a hint."""
    began = time.monotonic()
    ran = remediate("verify", "orders-func", *arguments, "-o", "json")
    assert time.monotonic() - began < LONGEST
    assert (ran.code, ran.document["code"]) == (1, code), ran.err
    assert len([line for line in ran.err.splitlines() if line.startswith("✗ ")]) == 1
    return ran.document["message"], ran.document["hint"]


def test_a_host_that_refuses_is_named(remediate: Remediate) -> None:
    address = f"localhost:{dead_port()}"
    message, hint = fails(remediate, "--arm-endpoint", f"https://{address}")
    assert message.endswith(f"{address} refuses connections")
    assert "firewall" in hint


def test_a_name_that_cannot_be_resolved_is_named(remediate: Remediate) -> None:
    message, hint = fails(remediate, "--arm-endpoint", "https://arm.invalid")
    assert message.endswith("the name arm.invalid cannot be resolved")
    assert "DNS" in hint


def test_a_dead_proxy_is_named_with_its_variable(
    remediate: Remediate, through_proxies: Callable[[int], str]
) -> None:
    address = through_proxies(dead_port())
    message, hint = fails(remediate, "--arm-endpoint", "https://arm.invalid")
    assert message.endswith(f"the proxy {address} (from HTTPS_PROXY) refuses connections")
    assert "unset" in hint
    assert "NO_PROXY=arm.invalid" in hint


def test_a_dead_proxy_is_named_where_nobody_is_signed_in_yet(
    remediate: Remediate, through_proxies: Callable[[int], str], monkeypatch: pytest.MonkeyPatch
) -> None:
    address = through_proxies(dead_port())
    for name in ("AZURE_TENANT_ID", "AZURE_CLIENT_ID", "AZURE_CLIENT_SECRET"):
        monkeypatch.setenv(name, "11111111-1111-1111-1111-111111111111")
    monkeypatch.setattr(credential, "NO_ANSWER", 0.2)
    message, _ = fails(remediate, "--cloud", "AzureChinaCloud")
    assert message == f"cannot sign in: the proxy {address} (from HTTPS_PROXY) refuses connections"


@pytest.mark.usefixtures("short")
def test_a_proxy_that_hangs_is_named(
    remediate: Remediate, through_proxies: Callable[[int], str], listening: Callable[[bytes | None], int]
) -> None:
    address = through_proxies(listening(None))
    message, _ = fails(remediate, "--arm-endpoint", "https://arm.invalid")
    assert message.endswith(f"the proxy {address} (from HTTPS_PROXY) did not answer in time for arm.invalid")


def test_a_proxy_that_lets_nothing_through_is_named(
    remediate: Remediate, through_proxies: Callable[[int], str], listening: Callable[[bytes | None], int]
) -> None:
    refusal = b"HTTP/1.1 407 Proxy Authentication Required\r\nContent-Length: 0\r\n\r\n"
    address = through_proxies(listening(refusal))
    message, hint = fails(remediate, "--arm-endpoint", "https://arm.invalid")
    assert message.endswith(
        f"the proxy {address} (from HTTPS_PROXY) did not let a request to arm.invalid through"
    )
    assert "name and password in HTTPS_PROXY" in hint


@pytest.mark.usefixtures("short")
@pytest.mark.parametrize("path", ["^/metadata/", "/oauth2/", "^/subscriptions/[^/]+$"])
def test_an_azure_that_hangs_is_told(remediate: Remediate, azure: Callable[..., Azure], path: str) -> None:
    simulated = azure("healthy")
    simulated.fault({"match": {"path": path}, "times": 0, "delay": 1_000_000})
    message, _ = fails(remediate)
    assert "localhost" in message
    assert message.endswith("did not answer in time")
    assert simulated.writes == []


@pytest.mark.usefixtures("short")
def test_who_does_not_answer_is_named_while_it_is_waited_for(
    remediate: Remediate, azure: Callable[..., Azure], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(reading, "NAMED_AFTER", 0.4)
    simulated = azure("healthy")
    simulated.fault({"match": {"path": "^/subscriptions/[^/]+$"}, "times": 0, "delay": 1_000_000})
    ran = remediate("verify", "orders-func", "-o", "json")
    host = simulated.environment["REMEDIATE_ARM_ENDPOINT"].removeprefix("https://")
    assert f"Still waiting for {host} (" in ran.err
    assert ran.document["code"] == "unreachable"


def test_reading_shows_a_spinner_in_a_terminal(azure: Callable[..., Azure]) -> None:
    azure("healthy").fault({"match": {"path": "^/subscriptions/[^/]+$"}, "delay": 1_000})
    terminal = Terminal("verify", "orders-func")
    terminal.wait_for("Reading Azure")
    assert terminal.exit_code() == 0
    assert "Reading Azure" not in terminal.text


@pytest.mark.usefixtures("short")
def test_an_azure_that_falls_silent_while_it_is_read_is_given_up_once(
    remediate: Remediate, azure: Callable[..., Azure]
) -> None:
    simulated = azure("healthy")
    simulated.fault({"match": {"path": "/sites/|/serverfarms/"}, "times": 0, "delay": 1_000_000})
    began = time.monotonic()
    ran = remediate("verify", "orders-func", "-o", "json")
    assert time.monotonic() - began < LONGEST
    assert ran.code in (1, 3)
    assert "did not answer in time" in ran.out
    assert simulated.writes == []


@pytest.mark.parametrize(
    ("path", "told"),
    [
        ("^/metadata/", "does not answer as Azure Resource Manager: 200: "),
        ("/oauth2/|openid", "cannot sign in: "),
        ("^/subscriptions/[^/]+$", "200: "),
    ],
)
def test_a_web_page_in_the_place_of_azure_is_told_with_its_title(
    remediate: Remediate, azure: Callable[..., Azure], path: str, told: str
) -> None:
    simulated = azure("healthy")
    headers = {"Content-Type": "text/html; charset=utf-8"}
    answer = {"status": 200, "headers": headers, "body": PAGE}
    simulated.fault({"match": {"path": path}, "times": 0, "answer": answer})
    message, hint = fails(remediate, code="unreadable")
    page = "answered with a web page with the title 'Sign in to Contoso & Guests' instead of JSON"
    assert told in message
    assert message.endswith(page)
    assert "captive portal" in hint


@pytest.fixture
def intercepting(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[tuple[str, Path]]:
    """A host with a certificate of an authority that is not in the bundle, and the bundle."""
    context_ = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    authority = trustme.CA(organization_name="Contoso Inspection", organization_unit_name="Proxy CA")
    authority.issue_cert("localhost").configure_cert(context_)
    bundle = tmp_path / "known.pem"
    trustme.CA().cert_pem.write_to_path(bundle)
    monkeypatch.setenv("REQUESTS_CA_BUNDLE", str(bundle))
    with closing(socket.create_server(("127.0.0.1", 0))) as server:
        threading.Thread(target=_shake_hands, args=(server, context_), daemon=True).start()
        yield f"localhost:{server.getsockname()[1]}", bundle


def _shake_hands(server: socket.socket, context_: ssl.SSLContext) -> None:
    while True:
        try:
            connection, _ = server.accept()
            with context_.wrap_socket(connection, server_side=True) as wrapped:
                wrapped.recv(1024)
        except ssl.SSLError:
            continue
        except OSError:
            return


def test_an_intercepted_connection_names_who_issued_the_certificate(
    remediate: Remediate, intercepting: tuple[str, Path]
) -> None:
    address, bundle = intercepting
    message, hint = fails(remediate, "--arm-endpoint", f"https://{address}")
    assert (
        f"the certificate of {address}, issued by 'Contoso Inspection, Proxy CA', is not trusted" in message
    )
    assert f"in REQUESTS_CA_BUNDLE (now: {bundle})" in hint


@pytest.mark.sweep
@pytest.mark.parametrize("where", ["proxy", "host"])
def test_what_hangs_is_given_up_in_half_a_minute(
    remediate: Remediate,
    through_proxies: Callable[[int], str],
    listening: Callable[[bytes | None], int],
    azure: Callable[..., Azure],
    where: str,
) -> None:
    if where == "proxy":
        through_proxies(listening(None))
        fails(remediate, "--arm-endpoint", "https://arm.invalid")
        return
    azure("healthy").fault({"match": {"path": "^/subscriptions/[^/]+$"}, "times": 0, "delay": 1_000_000})
    fails(remediate)
