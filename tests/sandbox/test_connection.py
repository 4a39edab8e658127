"""HTTP/1.1 as it goes over the wire, for clients that speak it in other ways than the SDKs."""

from __future__ import annotations

import contextlib
import socket
import ssl
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import pytest

from tests.sandbox.clients import APP_ID, Clients

Serve = Callable[..., Clients]
METADATA = "GET /metadata/endpoints HTTP/1.1\r\nHost: localhost\r\n"


@contextmanager
def connected(azure: Clients) -> Iterator[socket.socket]:
    """A plain TLS connection to the sandbox."""
    context = ssl.create_default_context(cafile=azure.bundle)
    port = int(azure.endpoint.rpartition(":")[2])
    with (
        socket.create_connection(("127.0.0.1", port), timeout=10) as plain,
        context.wrap_socket(plain, server_hostname="localhost") as wire,
    ):
        yield wire


def everything(wire: socket.socket) -> bytes:
    """What comes until the other side ends the connection."""
    received = b""
    while part := wire.recv(65536):
        received += part
    return received


def test_several_requests_at_once_are_answered_in_order(clients: Serve) -> None:
    azure = clients()
    with connected(azure) as wire:
        missing = METADATA.replace("/metadata/endpoints", "/metadata/none")
        wire.sendall(f"{METADATA}\r\n{missing}\r\n{METADATA}Connection: close\r\n\r\n".encode())
        answers = everything(wire).split(b"HTTP/1.1 ")[1:]
    assert [answer[:3] for answer in answers] == [b"200", b"404", b"200"]
    asked = [entry["path"].rpartition("/")[2] for entry in azure.log]
    assert asked == ["endpoints", "none", "endpoints"]


def test_a_body_may_come_in_pieces_and_after_100_continue(clients: Serve) -> None:
    azure = clients()
    head = (
        f"PATCH {APP_ID}?api-version=2025-05-01 HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n"
        f"Authorization: Bearer {azure.token}\r\nTransfer-Encoding: chunked\r\nExpect: 100-continue\r\n\r\n"
    )
    with connected(azure) as wire:
        wire.sendall(head.encode())
        assert wire.recv(100).startswith(b"HTTP/1.1 100 ")
        for part in ('{"properties": {"virtual', 'NetworkSubnetId": null}}', ""):
            wire.sendall(f"{len(part):x}\r\n{part}\r\n".encode())
        assert everything(wire).startswith(b"HTTP/1.1 200 ")
    assert azure.log[-1]["body"] == {"properties": {"virtualNetworkSubnetId": None}}


def test_head_has_the_length_and_no_body(clients: Serve) -> None:
    azure = clients()
    whole = azure.ask("GET", APP_ID)
    with connected(azure) as wire:
        head = f"HEAD {APP_ID}?api-version=2025-05-01 HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n"
        wire.sendall(f"{head}Authorization: Bearer {azure.token}\r\n\r\n".encode())
        answer = everything(wire)
    assert f"content-length: {len(whole.content)}".encode() in answer.lower()
    assert answer.endswith(b"\r\n\r\n")


@pytest.mark.parametrize(
    "sent",
    [b"no http\r\n\r\n", b"GET / HTTP/1.1\r\n", b"PUT / HTTP/1.1\r\nHost: x\r\nContent-Length: 9\r\n\r\nx"],
)
def test_what_is_no_whole_request_is_not_answered_and_harms_nobody(
    clients: Serve, capfd: pytest.CaptureFixture[str], sent: bytes
) -> None:
    azure = clients()
    with connected(azure) as wire:
        wire.sendall(sent)
    assert azure.http.get(f"{azure.endpoint}/metadata/endpoints", timeout=10).ok
    assert [entry["path"] for entry in azure.log] == ["/metadata/endpoints"]
    assert capfd.readouterr().err == ""


def test_what_is_no_http_ends_the_connection(clients: Serve) -> None:
    with connected(clients()) as wire:
        wire.sendall(b"no http\r\n\r\n")
        with contextlib.suppress(OSError):
            assert everything(wire) == b""


def test_a_fault_of_ours_is_500_and_the_connection_lives_on(
    clients: Serve, monkeypatch: pytest.MonkeyPatch
) -> None:
    azure = clients()
    monkeypatch.setattr(azure.sandbox.world, "settle", lambda: 1 / 0)
    answer = azure.http.get(f"{azure.endpoint}/metadata/endpoints", timeout=10)
    assert (answer.status_code, answer.json()["error"]["code"]) == (500, "InternalServerError")
    monkeypatch.undo()
    assert azure.http.get(f"{azure.endpoint}/metadata/endpoints", timeout=10).ok
