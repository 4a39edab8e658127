"""The workflow of GitHub: where it runs what, and that what it names is there. It is not run here."""

from __future__ import annotations

import re
import shlex
from pathlib import Path
from typing import Any

import pytest
import yaml

from tests.test_docs import ROOT, parse

WORKFLOW = yaml.safe_load((ROOT / ".github/workflows/ci.yml").read_text("utf-8"))
JOBS: dict[str, Any] = WORKFLOW["jobs"]
PSEUDO_TERMINAL = re.compile(r"^(from tests\.(terminal|forked)|import (pexpect|pyte)\b)", re.MULTILINE)


def lines(job: str) -> list[str]:
    """What a job types, a command a line."""
    return [line for step in JOBS[job]["steps"] for line in step.get("run", "").splitlines()]


def portable_files() -> list[Path]:
    """The test files that every system runs."""
    (command,) = [line for line in lines("portable") if "pytest" in line]
    paths = [ROOT / word for word in shlex.split(command) if word.startswith("tests/")]
    assert all(path.exists() for path in paths)
    return [file for path in paths for file in ([path] if path.is_file() else path.glob("**/test_*.py"))]


def test_it_runs_on_three_systems_with_four_versions_of_python() -> None:
    matrix = JOBS["portable"]["strategy"]["matrix"]
    assert [name.split("-")[0] for name in matrix["os"]] == ["ubuntu", "macos", "windows"]
    assert matrix["python"] == ["3.11", "3.12", "3.13", "3.14"]


def test_every_version_of_python_that_is_tested_is_named_in_the_package() -> None:
    text = (ROOT / "pyproject.toml").read_text("utf-8")
    assert re.findall(r"Python :: (3\.\d+)", text) == JOBS["portable"]["strategy"]["matrix"]["python"]


def test_the_whole_of_what_ci_does_runs_once() -> None:
    assert lines("ci") == [".ci/run"]


@pytest.mark.parametrize("job", JOBS)
def test_every_job_has_a_limit_and_names_the_versions_of_its_actions(job: str) -> None:
    assert 0 < JOBS[job]["timeout-minutes"] <= 60
    assert all(re.search(r"@v\d+$", step["uses"]) for step in JOBS[job]["steps"] if "uses" in step)


def test_what_every_system_runs_needs_no_pseudo_terminal() -> None:
    files = portable_files()
    assert len(files) > 20
    assert [file.name for file in files if PSEUDO_TERMINAL.search(file.read_text("utf-8"))] == []


@pytest.mark.parametrize(
    "command", [one for one in lines("portable") if one.startswith("remediate reconnect")]
)
def test_the_commands_that_it_types_parse(command: str) -> None:
    assert parse(shlex.split(command)[1:]).info_name == "reconnect"
