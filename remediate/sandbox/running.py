"""The files by which a sandbox that serves can be found: its own ready file, and the one of this user."""

from __future__ import annotations

import json
import os
import tempfile
from pathlib import Path
from typing import Any

import platformdirs

ENDPOINT = "REMEDIATE_ARM_ENDPOINT"
"""The variable that every environment of a sandbox has."""
STATE_FOLDER = "REMEDIATE_STATE"
"""The variable that names another state folder."""


def state_file(folder: str | None = None) -> Path:
    """Where a serving sandbox notes its address and process id: in this folder, or the user's own.

    A sandbox is on this machine, so where the state is kept elsewhere its note is in the user's own folder.
    """
    named = folder or os.environ.get(STATE_FOLDER)
    if not named or "://" in named:
        named = platformdirs.user_state_dir("remediate", appauthor=False)
    return Path(named) / "sandbox.json"


def write(file: Path, content: dict[str, Any]) -> None:
    """Write a file as a whole or not at all, readable by its owner only. Raises OSError."""
    file.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    handle, name = tempfile.mkstemp(dir=file.parent, prefix=f".{file.name}-")  # made with mode 0600
    with os.fdopen(handle, "w", encoding="utf-8") as temporary:
        json.dump(content, temporary, indent=2)
        temporary.write("\n")
    Path(name).replace(file)


def remove(file: Path, content: dict[str, Any]) -> None:
    """Remove a file that `write` made, unless another sandbox has put its own in its place since."""
    try:
        if json.loads(file.read_text(encoding="utf-8")) == content:
            file.unlink()
    except FileNotFoundError:
        return


def environment(ready_file: Path | None, folder: str | None = None) -> dict[str, str] | None:
    """The variables of the sandbox that a ready file, or else the state file in a folder, names.

    None where no sandbox is running. Raises ValueError for a file that is not one of ours.
    """
    file = ready_file or state_file(folder)
    try:
        content = json.loads(file.read_text(encoding="utf-8"))
    except FileNotFoundError:
        return None
    if ready_file is not None:
        return _checked(content)
    note = content if isinstance(content, dict) else {}
    found = _checked(note.get("environment"))
    return found if _alive(int(note.get("pid", ""))) else None


def _checked(content: Any) -> dict[str, str]:
    if not (isinstance(content, dict) and ENDPOINT in content):
        raise ValueError("the environment is missing")
    return {str(name): str(value) for name, value in content.items()}


def _alive(pid: int) -> bool:
    if os.name == "nt":  # signal 0 would end the process there
        return True
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return True
