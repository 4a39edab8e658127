"""The manual pages: one for each command, and well-formed."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path

import pytest

from tests.cli.test_help import PATHS

ROOT = Path(__file__).parents[1]
PAGES = ROOT / "docs" / "man"
NAMES = sorted("-".join(["remediate", *path.split()]) + ".1" for path in PATHS)


def test_every_command_has_a_page_and_no_page_is_left_over() -> None:
    assert sorted(one.name for one in PAGES.iterdir()) == NAMES


def test_groff_has_nothing_against_any_page() -> None:
    if shutil.which("groff") is None:
        pytest.skip("groff is not here")
    for page in sorted(PAGES.iterdir()):
        told = subprocess.run(
            ["groff", "-man", "-ww", "-z", str(page)], capture_output=True, text=True, check=False
        )
        assert (told.returncode, told.stderr) == (0, ""), page.name
