"""Every command of `az` that the product prints, before az's own parser; tests/advice tells what each does.

The commands are those of the reviewed pages: the transcripts of every scenario, the expected findings, and
README.md and docs/.
"""

from __future__ import annotations

import json
import re
import shlex
import subprocess
from pathlib import Path

import pytest

from tests.advice.commands import commands
from tests.conformance.az import find
from tests.conftest import GROUP

EXECUTABLE = find()
MISSING = "no az here: `make conformance` installs one, and REMEDIATE_AZ may name another"
pytestmark = [pytest.mark.conformance, pytest.mark.skipif(EXECUTABLE is None, reason=MISSING)]

TESTS = Path(__file__).resolve().parents[1]
PAGES = (*TESTS.glob("cli/transcripts/*"), *TESTS.glob("checks/expected/*"))
DOCUMENTS = (TESTS.parent / "README.md", *TESTS.parent.glob("docs/**/*.md"))
LINE = re.compile(r"^ *(az [a-z](?:.*\\\n)*.*)$", re.MULTILINE)
WITHIN = re.compile(r"`(az [a-z][^`\n]* --?[a-z][^`\n]*)`")
"""Commands of a document: on a line of their own, and within a sentence with an option."""
SHORT = {"…": GROUP, "/rg-shop": GROUP.removesuffix("/providers"), "/vnet-shop": f"{GROUP}/vnet"}
"""How the pages shorten ids."""
PARSER = Path(__file__).with_name("parse_az.py")
LIMIT = 300
"""Seconds; `az` takes a while to load its commands."""


def printed() -> list[list[str]]:
    """Every command once, as arguments."""
    found: dict[str, None] = {}
    for page in PAGES:
        for line in page.read_text("utf-8").splitlines():
            found |= dict.fromkeys(commands(line.strip().removeprefix("$ ")))
    for document in DOCUMENTS:
        text = document.read_text("utf-8")
        found |= dict.fromkeys([*LINE.findall(text), *WITHIN.findall(text)])
    return [_arguments(one) for one in found if one.startswith("az ")]


def _arguments(command: str) -> list[str]:
    for short, whole in SHORT.items():
        command = command.replace(short, whole)
    return shlex.split(command.replace("\\\n", " "), comments=True)[1:]


def refused(lines: list[list[str]]) -> list[list[str]]:
    """The command lines that az's own parser refuses."""
    assert EXECUTABLE is not None
    python = EXECUTABLE.with_name("python" + EXECUTABLE.suffix.replace(".bat", ".exe"))
    ran = subprocess.run(
        [str(python), str(PARSER)],
        input=json.dumps(lines),
        capture_output=True,
        text=True,
        timeout=LIMIT,
        check=True,
    )
    answer: list[list[str]] = json.loads(ran.stdout.splitlines()[-1])
    return answer


def test_az_understands_every_command_that_is_printed() -> None:
    lines = printed()
    assert len(lines) > 20
    assert refused(lines) == []


def test_a_command_that_az_does_not_know_would_be_noticed() -> None:
    wrong = [["group", "remove", "--name", "x"], ["group", "delete", "--nam", "x", "--no-such-option"]]
    assert refused([*wrong, ["group", "delete", "--name", "x"]]) == wrong
