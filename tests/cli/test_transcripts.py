"""What an operator reads in every scenario, compared as a whole with the reviewed files in `transcripts/`.

`make expected` rewrites the files after a change of words; the difference is reviewed with the change.
"""

from __future__ import annotations

import os
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import yaml

from remediate.sandbox.scenarios import summaries
from tests.conftest import APP, GROUP, PLAN, SUBNET, Azure, Ran

FOLDER = Path(__file__).with_name("transcripts")
QUICK = ("--poll-interval", "0.02", "--timeout", "3")
LOOKS = (
    ("verify", "orders-func"),
    ("reconnect", "orders-func", "--dry-run"),
    ("guard", PLAN),
    ("guard", SUBNET),
    ("purge", SUBNET, "--dry-run"),
)
"""Commands that write nothing, each tried in every scenario."""
RUNS = {
    "reconnect": ("link-missing", [("reconnect", "orders-func")]),
    "reconnect-link": ("shared-link", [("reconnect", "orders-func", "--scope", "link")]),
    "reconnect-connects": ("not-integrated", [("reconnect", "orders-func", "--subnet", SUBNET)]),
    "reconnect-delegates": ("delegation-missing", [("reconnect", "orders-func")]),
    "reconnect-denied": ("policy-denies", [("reconnect", "orders-func")]),
    "reconnect-stuck": (
        "stuck",
        [("reconnect", "orders-func"), ("runs", "show", "RUN"), ("rollback", "RUN")],
    ),
    "guard-app": (
        "shared-link",
        [("guard", APP, "--disconnect"), ("rollback", "RUN"), ("runs", "show", "RUN")],
    ),
    "guard-subnet": ("multi-plan-subnet", [("guard", SUBNET, "--disconnect")]),
    "purge": ("link-orphaned", [("purge", SUBNET), ("runs", "show", "RUN"), ("resume", "RUN")]),
    "purge-refused": ("healthy", [("purge", SUBNET)]),
}
"""Commands that change something, one after the other in one world; RUN is the first one's run."""
VARYING = {"at", "run", "resume", "started", "seconds", "outage_seconds", "requests", "pid", "host", "who"}
"""Fields of a document that differ from run to run."""
TEXT = (
    (re.compile(re.escape(GROUP)), "…"),
    (re.compile(re.escape(GROUP.removesuffix("/providers"))), "…"),
    (re.compile(r"\d{4}-\d\d-\d\dT[\d:.]+Z"), "TIME"),
    (re.compile(r"\d{8}T\d{6}Z-[0-9a-f]{4}"), "RUN"),
    (re.compile(r"localhost:\d+"), "localhost:PORT"),
    (re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}"), "UUID"),
    (re.compile(r"\b\d+ requests"), "N requests"),
    (re.compile(r"\b[\d.]+ s\b"), "N s"),
)
"""Parts of a text that differ from run to run, or are long and always the same."""


@pytest.mark.parametrize("scenario", [one.name for one in summaries()])
def test_what_is_said_without_a_change_in(
    remediate: Callable[..., Ran], azure: Callable[..., Azure], scenario: str
) -> None:
    azure(scenario)
    compare(f"{scenario}.txt", "\n".join(transcript(remediate(*one, *QUICK), one) for one in LOOKS))


@pytest.mark.parametrize("name", RUNS)
def test_what_is_recorded_of(remediate: Callable[..., Ran], azure: Callable[..., Azure], name: str) -> None:
    scenario, commands = RUNS[name]
    azure(scenario)
    told, run = [], ""
    for command in commands:
        given = [one if one != "RUN" else run for one in command]
        ran = remediate(*given, "--yes", "-o", "json", *QUICK)
        document = ran.document
        run = run or document.get("run") or document["runs"][0]["run"]
        told.append(
            {"command": plain(" ".join(command)), "exit code": ran.code, "document": lasting(document)}
        )
    compare(f"run-{name}.yaml", yaml.safe_dump_all(told, allow_unicode=True, sort_keys=False, width=100))


def test_no_transcript_is_left_over() -> None:
    wanted = {f"{one.name}.txt" for one in summaries()} | {f"run-{name}.yaml" for name in RUNS}
    assert {path.name for path in FOLDER.iterdir()} == wanted


def lasting(value: Any) -> Any:
    """A document without what differs from run to run."""
    if isinstance(value, dict):
        return {name: lasting(one) for name, one in value.items() if name not in VARYING}
    if isinstance(value, list):
        return [lasting(one) for one in value]
    return plain(value) if isinstance(value, str) else value


def transcript(ran: Ran, command: tuple[str, ...]) -> str:
    """A command, what it printed on stdout or, failing, on stderr, and its exit code."""
    return plain(f"$ remediate {' '.join(command)}\n{ran.out or ran.err}exit code {ran.code}\n")


def plain(text: str) -> str:
    for pattern, instead in TEXT:
        text = pattern.sub(instead, text)
    return text


def compare(name: str, told: str) -> None:
    path = FOLDER / name
    if os.environ.get("REWRITE_TRANSCRIPTS"):
        path.write_text(told, "utf-8")
    assert told == path.read_text("utf-8")
