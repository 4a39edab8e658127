"""The names of apps that were seen last, for the completion of the command line: a file in the state folder.

They belong to one sign-in. The file is not used after another one, nor when `az login` or `az account set`
wrote its profile later. This module imports only the standard library: completion has to be quick.
"""

from __future__ import annotations

import hashlib
import json
import os
import time
from collections.abc import Iterable
from contextlib import suppress
from pathlib import Path

LONGEST = 24 * 3600
"""Seconds after which the names are not used any more."""
_FILE = "app-names.json"
_SIGN_IN = (
    "AZURE_CLIENT_ID",
    "AZURE_TENANT_ID",
    "AZURE_SUBSCRIPTION_ID",
    "AZURE_CONFIG_DIR",
    "REMEDIATE_ARM_ENDPOINT",
)
"""The variables that decide who is signed in, and to what."""


def read_names(folder: Path) -> list[str]:
    """The names that were kept for this sign-in; none if there is any doubt."""
    path = folder / _FILE
    with suppress(OSError, ValueError, TypeError, KeyError):
        written = path.stat().st_mtime
        kept = json.loads(path.read_bytes())
        if kept["sign_in"] == _sign_in() and _signed_in_at() < written and time.time() - written < LONGEST:
            return [str(one) for one in kept["names"]]
    return []


def keep_names(folder: Path, names: Iterable[str], *, complete: bool) -> None:
    """Keep the names, and those from before unless these are complete. A folder that fails is no error."""
    before = [] if complete else read_names(folder)
    content = {"sign_in": _sign_in(), "names": sorted({*before, *names})}
    with suppress(OSError):
        for missing in [one for one in (*reversed(folder.parents), folder) if not one.exists()]:
            missing.mkdir(mode=0o700)
        fresh = folder / f"{_FILE}.{os.getpid()}"
        with os.fdopen(os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w") as file:
            json.dump(content, file)
        fresh.replace(folder / _FILE)


def _sign_in() -> str:
    """A digest of what decides who is signed in: the file holds no id of an account."""
    said = json.dumps([os.environ.get(name, "") for name in _SIGN_IN])
    return hashlib.sha256(said.encode()).hexdigest()


def _signed_in_at() -> float:
    """When `az` wrote its profile, in seconds since the epoch; 0 where it never did."""
    profile = Path(os.environ.get("AZURE_CONFIG_DIR") or Path.home() / ".azure") / "azureProfile.json"
    try:
        return profile.stat().st_mtime
    except OSError:
        return 0
