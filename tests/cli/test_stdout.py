"""What stdout carries: a part of the result, and text that can be pasted from a terminal or cut off."""

from __future__ import annotations

import json
import os
import termios
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.conftest import APP, Ran
from tests.forked import Command

VERIFY = ("verify", "orders-func", "--sandbox", "link-missing")


@pytest.mark.parametrize(
    ("query", "output", "printed"),
    [
        ("healthy", (), "false\n"),
        ("healthy", ("-o", "table"), "false\n"),
        ("target", (), f'"{APP}"\n'),
        ("findings[].code", (), '[\n  "link-missing"\n]\n'),
        ("findings[].code", ("-o", "yaml"), "- link-missing\n"),
        ("nothing", (), "null\n"),
    ],
)
def test_a_query_prints_json_unless_yaml_is_asked_for(
    remediate: Callable[..., Ran], query: str, output: tuple[str, ...], printed: str
) -> None:
    ran = remediate(*VERIFY, "--query", query, *output)
    assert (ran.code, ran.out) == (3, printed)


def test_json_in_a_narrow_terminal_can_be_pasted() -> None:
    ours, theirs = os.openpty()
    termios.tcsetwinsize(theirs, (24, 40))
    with Path(os.devnull).open("r+b") as nowhere:
        files = (nowhere.fileno(), theirs, nowhere.fileno())
        command = Command(*VERIFY, "-o", "json", files=files, environment={**os.environ, "TERM": "xterm"})
    os.close(theirs)
    text = b""
    while not text.rstrip().endswith(b"\n}"):
        text += os.read(ours, 65536)
    assert command.end() == 3
    assert b"\x1b" not in text
    assert json.loads(text)["schema"] == "remediate.verify/1"
    os.close(ours)


@pytest.mark.parametrize(("arguments", "code"), [(VERIFY, 3), ((*VERIFY, "-o", "json"), 3), (("--help",), 0)])
def test_who_reads_no_further_is_left_in_peace(tmp_path: Path, arguments: tuple[str, ...], code: int) -> None:
    reader, writer = os.pipe()
    os.close(reader)
    errors = tmp_path / "stderr"
    with Path(os.devnull).open("rb") as nowhere, errors.open("wb") as stderr:
        command = Command(*arguments, files=(nowhere.fileno(), writer, stderr.fileno()))
    os.close(writer)
    assert command.end() == code
    assert "Traceback" not in errors.read_text()
    assert "Broken pipe" not in errors.read_text()
