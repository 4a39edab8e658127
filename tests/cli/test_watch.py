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

from remediate.jobs import notifications, webhook
from tests.conftest import APP, SUBNET, Azure, Ran

Remediate = Callable[..., Ran]
SLOW = 599
"""In the place of a status: no answer until the test is over."""


class Hook:
    """A webhook on loopback: what it was told, and how it answers."""

    def __init__(self, server: HTTPServer, told: list[tuple[dict[str, str], Any]], status: int) -> None:
        self.url = f"http://127.0.0.1:{server.server_port}/secret-path"
        self.told = told
        self.status = status

    @property
    def events(self) -> list[str]:
        """The events that were posted so far, taken or not."""
        return [body["event"] for _, body in self.told]


@pytest.fixture
def hook(request: pytest.FixtureRequest) -> Iterator[Hook]:
    told: list[tuple[dict[str, str], Any]] = []
    released = threading.Event()

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            if made.status == SLOW:
                released.wait(20)
            body = self.rfile.read(int(self.headers["Content-Length"]))
            told.append((dict(self.headers), json.loads(body)))
            self.send_response(made.status)
            if made.status == 302:
                self.send_header("Location", "/elsewhere")
            self.end_headers()

        def log_message(self, *_: Any) -> None:
            """Say nothing."""

    with HTTPServer(("127.0.0.1", 0), Handler) as server:
        made = Hook(server, told, getattr(request, "param", 204))
        threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True).start()
        yield made
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
    assert (ran.code, changed["event"], changed["message"]) == (3, "changed", "the link was removed")
    assert changed["text"] == "orders-func is unhealthy (link-missing): the link was removed"
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
        assert "assessed for the first time" in watching.stdout.readline()
        healthy.fault({"match": {"path": ".*/sites/orders-func$"}, "times": 0, "answer": REFUSED})
        assert "orders-func could not be assessed" in watching.stdout.readline()
        healthy.fault()
        assert "can be assessed again" in watching.stdout.readline()
        lose_link(healthy)
        assert "the link was removed" in watching.stdout.readline()
        watching.send_signal(signal.SIGTERM)
        assert watching.wait(20) == 0
    assert hook.events == ["failed", "back", "changed"]


def test_a_failure_is_posted_once_and_so_is_the_recovery(
    remediate: Remediate, healthy: Azure, hook: Hook
) -> None:
    once = ("watch", "orders-func", "--once", "--notify", hook.url, "-o", "json")
    unreadable = {"match": {"path": ".*/sites/orders-func$"}, "times": 0, "answer": REFUSED}
    told = []
    for rules in ([], [unreadable], [unreadable], [], [], [unreadable], []):
        healthy.fault(*rules)
        told += [lines(remediate(*once))[0]["event"]]
    assert told == ["first", "failed", "failed", "back", "same", "failed", "back"]
    assert hook.events == ["failed", "back", "failed", "back"]


def test_a_recovery_is_posted_also_where_no_look_had_worked_before(
    remediate: Remediate, healthy: Azure, hook: Hook
) -> None:
    once = ("watch", "orders-func", "--once", "--notify", hook.url)
    healthy.fault({"match": {"path": ".*/sites/orders-func$"}, "times": 0, "answer": REFUSED})
    remediate(*once)
    healthy.fault()
    assert [remediate(*once).code for _ in range(2)] == [0, 0]
    assert hook.events == ["failed", "back"]
    assert hook.told[1][1]["message"] == "can be assessed again"


@pytest.mark.parametrize("hook", [500], indirect=True)
def test_a_change_is_posted_until_it_is_taken_and_then_not_again(
    remediate: Remediate, healthy: Azure, hook: Hook
) -> None:
    once = ("watch", "orders-func", "--once", "--notify", hook.url)
    remediate(*once)
    lose_link(healthy)
    for _ in range(2):
        assert "the webhook at 127.0.0.1 answered 500" in remediate(*once).err
    healthy.reset()
    hook.status = 204
    for _ in range(2):
        assert "webhook" not in remediate(*once).err
    meant = [(body["event"], body["message"]) for _, body in hook.told]
    assert meant == [("changed", "the link was removed")] * 3 + [("changed", "the link was added")]


def test_what_another_command_saw_first_is_posted_all_the_same(
    remediate: Remediate, healthy: Azure, hook: Hook
) -> None:
    once = ("watch", "orders-func", "--once")
    notified = (*once, "--notify", hook.url)
    remediate(*notified)
    lose_link(healthy)
    assert "the link was removed" in remediate(*once).out
    remediate(*notified)
    remediate(*notified)
    assert hook.events == ["changed"]


def test_each_receiver_is_told_and_no_address_of_one_is_kept(
    remediate: Remediate, healthy: Azure, hook: Hook
) -> None:
    once = ("watch", "orders-func", "--once", "--notify")
    for path in ("?one", "?two"):
        remediate(*once, hook.url + path)
    lose_link(healthy)
    for path in ("?one", "?two", "?one", "?two"):
        remediate(*once, hook.url + path)
    assert hook.events == ["changed", "changed"]
    kept = [one.read_text() + str(one) for one in Path(os.environ["REMEDIATE_STATE"]).rglob("*.json")]
    assert kept
    assert not [one for one in kept if "secret-path" in one]


@pytest.mark.parametrize("hook", [503], indirect=True)
def test_a_receiver_that_takes_nothing_for_long_gets_the_newest_events(
    remediate: Remediate, healthy: Azure, hook: Hook, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(notifications, "MOST_PENDING", 2)
    once = ("watch", "orders-func", "--once", "--notify", hook.url)
    for _ in range(2):
        remediate(*once)
        lose_link(healthy)
        remediate(*once)
        healthy.reset()
    hook.told.clear()
    hook.status = 200
    remediate(*once)
    assert [body["message"] for _, body in hook.told] == [
        "the link was removed",
        "the link was added",
    ]


def test_where_nobody_answers_the_other_apps_wait_for_the_next_round(
    remediate: Remediate, azure: Callable[..., Azure]
) -> None:
    azure("shared-link")
    apps = ("orders-func", "billing-web", "mail-web")
    ran = remediate("watch", *apps, "--once", "--notify", "http://127.0.0.1:9/x")
    assert (ran.code, ran.err.count("could not be reached")) == (3, 1)


def test_a_receipt_that_is_damaged_ends_no_watch(remediate: Remediate, healthy: Azure, hook: Hook) -> None:
    once = ("watch", "orders-func", "--once", "--notify", hook.url)
    lose_link(healthy)
    remediate(*once)
    [receipt] = Path(os.environ["REMEDIATE_STATE"]).glob("watch/*/webhook-*.json")
    receipt.write_text("{")
    ran = remediate(*once)
    assert (ran.code, "this counts as the first look" in ran.err) == (3, True)


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
        assert "assessed for the first time" in watch.stdout.readline()
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
    assert (ran.code, "could not be reached" in ran.err) == (3, True)


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
    assert [one["meaning"] for one in told["changes"]] == ["the link was removed"]


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
