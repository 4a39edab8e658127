"""Records what commands print when something keeps them from working, for the page of screens."""

from __future__ import annotations

import io
import os
import re
import signal
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

import trustme
from rich.console import Console
from rich.text import Text

from docs.printed import nobodys_environment
from docs.recording import COLUMNS, SPEED, drawn, pictures_of
from remediate.sandbox.server import Sandbox
from tests.conftest import Azure
from tests.terminal import Terminal

LINES = 64
"""High enough for everything that a command prints."""
INTRO = """## What is printed when something is wrong

In a terminal of 80 columns, first on a light background and then on a dark one. `make screens` makes each of
these happen, and records it.
"""
_CHANGING = (
    (re.compile(r"(localhost|127\.0\.0\.1):(?!9\b)\d+"), r"\1:8443"),
    (re.compile(r"\d{8}T\d{6}Z-[0-9a-f]{4}"), "20260101T030000Z-ab12"),
    (re.compile(r"\d{4}-\d\d-\d\d \d\d:\d\d"), "2026-01-01 03:00"),
    (re.compile(r"\b\d+ ms\b"), "12 ms"),
    (re.compile(r"/tmp/\w+"), "/tmp/example"),
    (re.compile(r"Testing CA\s+#[\w-]+"), "Testing CA"),
    (re.compile(r"by \S+ on \S+"), "by ada on laptop"),
)
"""What differs from one recording to the next, and what stands in its place."""
WRONG = "99999999-9999-9999-9999-999999999999"
PAGE = {
    "match": {"path": "^/subscriptions"},
    "times": 0,
    "answer": {
        "status": 200,
        "headers": {"content-type": "text/html"},
        "body": "<html><head><title>Sign in to Contoso Guest</title></head></html>",
    },
}


class Message(NamedTuple):
    """A command and what it meets. `environment` is changed for it; `before` prepares its world."""

    name: str
    title: str
    command: tuple[str, ...]
    scenario: str = "healthy"
    environment: Callable[[Path], dict[str, str]] = lambda folder: {}
    before: Callable[[Azure], None] = lambda azure: None


def signed_out(folder: Path) -> dict[str, str]:
    """Nobody is signed in, there is no `az`, and only people's tools are asked."""
    names = ("AZURE_CLIENT_ID", "AZURE_CLIENT_SECRET", "AZURE_TENANT_ID", "REMEDIATE_ARM_ENDPOINT")
    return {**dict.fromkeys(names, ""), "PATH": str(folder), "AZURE_TOKEN_CREDENTIALS": "dev"}


def another_authority(folder: Path) -> dict[str, str]:
    """The certificate of Azure is not one of those that are trusted."""
    trusted = folder / "trusted.pem"
    trustme.CA(organization_name="Contoso Root").cert_pem.write_to_path(str(trusted))
    return {"REQUESTS_CA_BUNDLE": str(trusted)}


def behind_a_dead_proxy(folder: Path) -> dict[str, str]:
    """A proxy that is not there."""
    nobody = {"NO_PROXY": "", "no_proxy": ""}
    return {**nobody, "HTTPS_PROXY": "http://127.0.0.1:9", "REMEDIATE_ARM_ENDPOINT": "https://arm.invalid"}


def leave_an_app_disconnected(azure: Azure) -> None:
    """Start a repair, and end its process while an app is without its network."""
    terminal = Terminal("reconnect", "orders-func", "--scope", "link", "--yes", "--poll-interval", "0.05")
    terminal.wait_for("✓ Disconnecting")
    terminal.signal(signal.SIGKILL)
    terminal.exit_code()


VERIFY = ("verify", "orders-func")
MESSAGES = (
    Message("signed-out", "Nobody is signed in", VERIFY, environment=signed_out),
    Message(
        "wrong-secret", "A wrong secret", VERIFY, environment=lambda _: {"AZURE_CLIENT_SECRET": "guessed"}
    ),
    Message("subscription", "A subscription that is not there", (*VERIFY, "--subscription", WRONG)),
    Message("name", "A name that is nearly right", ("verify", "orders-fun")),
    Message("refused", "Nobody listens", (*VERIFY, "--arm-endpoint", "https://localhost:9")),
    Message("dns", "A host without an address", (*VERIFY, "--arm-endpoint", "https://arm.invalid")),
    Message("proxy", "A proxy that is not there", VERIFY, environment=behind_a_dead_proxy),
    Message("certificate", "A certificate of another issuer", VERIFY, environment=another_authority),
    Message("web-page", "A web page in the place of Azure", VERIFY, before=lambda azure: azure.fault(PAGE)),
    Message("doctor", "A permission that is missing", ("doctor", "orders-func"), "no-join"),
    Message(
        "runs", "A run that has not ended", ("runs", "list"), "shared-link", before=leave_an_app_disconnected
    ),
    Message("explain", "What an exit code means", ("explain", "5")),
    Message("help", "The help of a command", ("reconnect", "--help")),
)


def record(one: Message) -> tuple[Text, str]:
    """The screen at the end of a command, and what it printed."""
    world = Sandbox(one.scenario, speed=SPEED)
    with nobodys_environment(), tempfile.TemporaryDirectory() as folder, world as sandbox:
        del os.environ["COLUMNS"]  # the terminal says how wide it is
        os.environ.update(sandbox.environment)
        one.before(Azure(sandbox))
        os.environ.update(one.environment(Path(folder)))
        for name in [name for name, value in os.environ.items() if not value]:
            del os.environ[name]
        terminal = Terminal(*one.command, columns=COLUMNS, lines=LINES)
        terminal.exit_code()
        return _steady(drawn(terminal.cells)), _steady(Text(terminal.text.rstrip())).plain


def section(one: Message) -> str:
    """Write the pictures of a message, and return its part of the page."""
    screen, printed = record(one)
    pictures = pictures_of(one.name, one.title, [screen])
    typed = " ".join(["remediate", *one.command])
    return f"### {one.title}\n\n`{typed}`\n\n{pictures}\n\n```text\n{printed}\n```\n"


def _steady(text: Text) -> Text:
    """The text with what differs from one recording to the next replaced, its styles kept."""
    console = Console(file=io.StringIO())
    for pattern, instead in _CHANGING:
        for found in reversed(list(pattern.finditer(text.plain))):
            style = text.get_style_at_offset(console, found.start())
            text = Text.assemble(text[: found.start()], (found.expand(instead), style), text[found.end() :])
    return text
