"""Which command adds an optional library, for each way in which the command may be installed."""

from __future__ import annotations

import importlib.util
import shlex
import sys
from pathlib import Path

import pytest

from remediate.jobs import extras

PYTHON = "/opt/a b/bin/python"
EXTRAS = {"sandbox": ["h11", "jsonschema", "trustme"], "azblob": ["azure-storage-blob"]}


@pytest.mark.parametrize("extra", EXTRAS)
@pytest.mark.parametrize(
    ("left_behind", "has_pip", "begins"),
    [
        ("pipx_metadata.json", True, ["pipx", "inject", "vnet-remediate"]),
        ("uv-receipt.toml", False, ["uv", "pip", "install", "--python", PYTHON]),
        (None, True, [PYTHON, "-m", "pip", "install"]),
        (None, False, ["uv", "pip", "install", "--python", PYTHON]),
    ],
)
def test_the_command_is_that_of_whatever_installed_it(
    monkeypatch: pytest.MonkeyPatch,
    tmp_path: Path,
    extra: str,
    left_behind: str | None,
    has_pip: bool,
    begins: list[str],
) -> None:
    monkeypatch.setattr(sys, "prefix", str(tmp_path))
    monkeypatch.setattr(sys, "executable", PYTHON)
    found = importlib.util.find_spec("sys") if has_pip else None
    monkeypatch.setattr(extras, "find_spec", lambda name: found if name == "pip" else 1 / 0)
    if left_behind:
        (tmp_path / left_behind).write_text("")
    assert shlex.split(extras.install_command(extra)) == [*begins, *EXTRAS[extra]]
