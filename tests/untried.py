"""The shipped playbooks without their trial: for tests of what is sent once an app is disconnected."""

from __future__ import annotations

import atexit
import shutil
import tempfile
from functools import cache
from pathlib import Path

SHIPPED = Path(__file__).parents[1] / "playbooks"
STEP = "  - do: trial\n    tell: Trying the request that connects again\n"


@cache
def _folder() -> Path:
    folder = Path(tempfile.mkdtemp(prefix="untried-"))
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    return folder


def without_trial(name: str) -> str:
    """The text of a shipped playbook, less its trial."""
    text = (SHIPPED / f"{name}.yaml").read_text(encoding="utf-8")
    assert STEP in text
    return text.replace(STEP, "")


def untried(name: str = "reconnect-app") -> tuple[str, str]:
    """The option that has a run follow a shipped playbook, less its trial."""
    path = _folder() / f"{name}.yaml"
    path.write_text(without_trial(name), encoding="utf-8")
    return "--playbook", str(path)
