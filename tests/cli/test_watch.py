"""`watch`: a broken link is noticed within one interval, and told to whoever should know."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from typing import Any

import pytest

from remediate.cli import webhook
from tests.conftest import APP, SUBNET, Azure, Ran

Remediate = Callable[..., Ran]
SLOW = 599
"""In the place of a status: no answer until the test is over."""


class Hook:
    """A webhook on loopback: what it was told, and how it answers."""

    def __init__(self, server: HTTPServer, told: list[tuple[dict[str, str], Any]]) -> None:
        self.url = f"http://127.0.0.1:{server.server_port}/secret-path"
        self.told = told


@pytest.fixture
def hook(request: pytest.FixtureRequest) -> Iterator[Hook]:
    told: list[tuple[dict[str, str], Any]] = []
    status, released = getattr(request, "param", 204), threading.Event()

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            if status == SLOW:
                released.wait(20)
            body = self.rfile.read(int(self.headers["Content-Length"]))
            told.append((dict(self.headers), json.loads(body)))
            self.send_response(status)
            if status == 302:
                self.send_header("Location", "/elsewhere")
            self.end_headers()

        def log_message(self, *_: Any) -> None:
            """Say nothing."""

    with HTTPServer(("127.0.0.1", 0), Handler) as server:
        threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True).start()
        yield Hook(server, told)
        released.set()
        server.shutdown()


@pytest.fixture
def healthy(azure: Callable[..., Azure]) -> Azure:
    return azure("healthy")


def lose_link(azure: Azure) -> None:
    azure.world.state.subnet(SUBNET).links.clear()


def lines(ran: Ran) -> list[Any]:
    return [json.loads(line) for line in ran.out.splitlines()]


def test_once_compares_with_the_command_before(remediate: Remediate, healthy: Azure, hook: Hook) -> None:
    once = ("watch", "orders-func", APP.upper(), "--once", "--notify", hook.url, "-o", "json")
    [first] = lines(remediate(*once))
    assert (first["event"], first["healthy"], first["schema"]) == ("first", True, "remediate.watch/1")
    same = remediate(*once)
    assert (same.code, lines(same)[0]["event"], hook.told) == (0, "same", [])
    lose_link(healthy)
    ran = remediate(*once)
    [changed] = lines(ran)
    assert (ran.code, changed["event"], changed["message"]) == (3, "changed", "the link is gone")
    assert changed["text"] == "orders-func is unhealthy (link-missing): the link is gone"
    [(headers, body)] = hook.told
    assert body == changed
    assert "Authorization" not in headers
    assert remediate("snapshot", "show", changed["snapshot"]).code == 0
    assert healthy.writes == []


@pytest.mark.parametrize("hook", [SLOW], indirect=True)
def test_a_webhook_that_does_not_answer_holds_nothing_up(
    remediate: Remediate, azure: Callable[..., Azure], hook: Hook, monkeypatch: pytest.MonkeyPatch
) -> None:
    azure("link-missing")
    monkeypatch.setattr(webhook, "LIMIT", 0.2)
    ran = remediate("watch", "orders-func", "--once", "--notify", hook.url)
    assert (ran.code, "did not answer within 0.2 s" in ran.err) == (3, True)


REFUSED = {"status": 403, "body": {"error": {"code": "AuthorizationFailed", "message": "no"}}}


def test_a_broken_link_is_noticed_within_one_interval_and_sigterm_ends_it(healthy: Azure, hook: Hook) -> None:
    command = [sys.executable, "-m", "remediate", "watch", "orders-func", "--every", "1s"]
    with subprocess.Popen([*command, "--notify", hook.url], stdout=subprocess.PIPE, text=True) as watching:
        assert watching.stdout is not None
        assert "looked at for the first time" in watching.stdout.readline()
        healthy.fault({"match": {"path": ".*/sites/orders-func$"}, "times": 0, "answer": REFUSED})
        assert "orders-func could not be looked at" in watching.stdout.readline()
        healthy.fault()
        assert "can be looked at again" in watching.stdout.readline()
        lose_link(healthy)
        assert "the link is gone" in watching.stdout.readline()
        watching.send_signal(signal.SIGTERM)
        assert watching.wait(20) == 0
    assert [body["event"] for _, body in hook.told] == ["failed", "back", "changed"]


def test_a_second_signal_waits_for_no_read(healthy: Azure) -> None:
    with watching() as watch:
        healthy.fault({"match": {"path": "/subnets/snet-apps$"}, "times": 0, "delay": 600_000})
        before = len(healthy.log)  # a read that came before the fault is answered, and its round ends
        while not any(
            "/subnets/snet-apps" in one["path"] and one["status"] is None for one in healthy.log[before:]
        ):
            pass
        for number in (signal.SIGTERM, signal.SIGINT):
            watch.send_signal(number)
        assert watch.wait(10) == 0


def test_a_second_signal_while_it_ends_does_not_change_the_exit_code(healthy: Azure) -> None:
    with watching() as watch:
        watch.send_signal(signal.SIGTERM)
        while watch.poll() is None:
            watch.send_signal(signal.SIGINT)
        assert watch.returncode == 0


@contextmanager
def watching() -> Iterator[subprocess.Popen[str]]:
    """A watch that has looked once."""
    command = [sys.executable, "-m", "remediate", "watch", "orders-func", "--every", "1s"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as watch:
        assert watch.stdout is not None
        assert "looked at for the first time" in watch.stdout.readline()
        try:
            yield watch
        finally:
            watch.kill()


@pytest.mark.parametrize("hook", [500, 302], indirect=True)
def test_a_webhook_that_fails_is_told_without_its_path(
    remediate: Remediate, azure: Callable[..., Azure], hook: Hook
) -> None:
    azure("link-missing")
    ran = remediate("watch", "orders-func", "--once", "--notify", hook.url)
    assert (ran.code, len(hook.told)) == (3, 1)
    assert "the webhook at 127.0.0.1 answered" in ran.err
    assert "secret-path" not in ran.out + ran.err


def test_nobody_listening_is_told_too(remediate: Remediate, azure: Callable[..., Azure]) -> None:
    azure("link-missing")
    ran = remediate("watch", "orders-func", "--once", "--notify", "http://127.0.0.1:9/x")
    assert (ran.code, "could not be told" in ran.err) == (3, True)


def test_one_app_that_cannot_be_looked_at_does_not_hide_the_others(
    remediate: Remediate, healthy: Azure
) -> None:
    gone = f"{SUBNET.partition('/providers/')[0]}/providers/Microsoft.Web/sites/gone"
    ran = remediate("watch", gone, "orders-func", "--once", "-o", "json")
    assert [one["event"] for one in lines(ran)] == ["failed", "first"]
    assert ran.code == 2


def test_a_gap_in_what_could_be_read_hides_no_change(remediate: Remediate, healthy: Azure) -> None:
    once = ("watch", "orders-func", "--once", "-o", "json")
    remediate(*once)
    healthy.fault({"match": {"method": "GET", "path": ".*/snet-apps$"}, "times": 0, "answer": REFUSED})
    [unknown] = lines(remediate(*once))
    assert (unknown["event"], unknown["healthy"], unknown["changes"]) == ("changed", None, [])
    healthy.fault()
    lose_link(healthy)
    [told] = lines(remediate(*once))
    assert [one["meaning"] for one in told["changes"]] == ["the link is gone"]


def test_a_store_that_fails_ends_no_watch(remediate: Remediate, healthy: Azure) -> None:
    state = Path(os.environ["REMEDIATE_STATE"])
    state.mkdir(mode=0o700)
    (state / "snapshots").write_text("a file")
    ran = remediate("watch", "orders-func", "--once", "-o", "json")
    assert (ran.code, lines(ran)[0]["snapshot"]) == (0, None)
    assert "this look is not kept" in ran.err


@pytest.mark.parametrize(
    "arguments",
    [
        ("--every", "0"),
        ("--every", "15 minutes"),
        ("--every", "8d"),
        ("--notify", "http://example.com/x"),
        ("--notify", "https://user:word@example.com/x"),
        ("--notify", "ftp://example.com"),
        ("--notify", "https://[::bad"),
        ("--notify", ""),
    ],
)
def test_wrong_settings_are_refused_before_anything_is_asked(
    remediate: Remediate, healthy: Azure, arguments: tuple[str, ...]
) -> None:
    ran = remediate("watch", "orders-func", "--once", *arguments)
    assert (ran.code, ran.out) == (2, "")
    assert healthy.log == []
