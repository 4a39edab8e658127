"""What the wheel holds beside the package; to build it takes a package index."""

from __future__ import annotations

import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

from tests.test_man import NAMES, ROOT


@pytest.mark.conformance
def test_the_wheel_brings_the_pages_the_playbooks_and_the_explanations(tmp_path: Path) -> None:
    build = [sys.executable, "-m", "pip", "wheel", "--quiet", "--no-deps", "--wheel-dir", str(tmp_path), "."]
    subprocess.run(build, cwd=ROOT, check=True, timeout=300)
    (wheel,) = tmp_path.glob("*.whl")
    held = zipfile.ZipFile(wheel).namelist()
    shared = [Path(one) for one in held if ".data/data/share/man/man1/" in one]
    assert sorted(one.name for one in shared) == NAMES
    assert "remediate/playbooks/rebuild-link.yaml" in held
    assert "remediate/explanations.json" in held
