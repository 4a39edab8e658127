"""An unmodified `az` on a simulated Azure, signed in as an operator would be, configured by nobody else."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[2]
INSTALLED = ROOT / ".venv-az" / ("Scripts/az.bat" if sys.platform == "win32" else "bin/az")
FOREIGN = ("AZURE_", "REMEDIATE_", "REQUESTS_CA_BUNDLE")
"""What the environment of whoever runs this must not lend to `az`."""
QUIET = {
    "AZURE_CORE_COLLECT_TELEMETRY": "false",
    "AZURE_CORE_NO_COLOR": "true",
    "AZURE_CORE_ONLY_SHOW_ERRORS": "true",
    "AZURE_CORE_OUTPUT": "json",
    "AZURE_CORE_SURVEY_MESSAGE": "false",
    "NO_PROXY": "localhost,127.0.0.1",
}
LIMIT = 60
"""Seconds after which a command of `az` has failed."""


def find() -> Path | None:
    """The `az` that $REMEDIATE_AZ names, else the one that `make conformance` installs, else None."""
    path = Path(os.environ.get("REMEDIATE_AZ") or INSTALLED)
    return path if path.exists() else None


class Az:
    """`az` with a configuration folder of its own, pointed at what `remediate sandbox env` prints."""

    def __init__(self, executable: Path, folder: Path, environment: Mapping[str, str]) -> None:
        own = {name: value for name, value in os.environ.items() if not name.startswith(FOREIGN)}
        trust = {"REQUESTS_CA_BUNDLE": environment["REQUESTS_CA_BUNDLE"]}
        self._environment = own | QUIET | trust | {"AZURE_CONFIG_DIR": str(folder)}
        self._executable = str(executable)
        self._sandbox = environment

    def sign_in(self) -> None:
        """Register the cloud, choose it, and log in as a service principal (azure-facts.md, 5)."""
        endpoint = self._sandbox["REMEDIATE_ARM_ENDPOINT"]
        client, secret = self._sandbox["AZURE_CLIENT_ID"], self._sandbox["AZURE_CLIENT_SECRET"]
        self("cloud", "register", "-n", "Sandbox", "--endpoint-resource-manager", endpoint)
        self("cloud", "set", "-n", "Sandbox")
        # With `=`, because a random secret may begin with a dash.
        self("login", "--service-principal", "-u", client, f"-p={secret}", "--tenant", "adfs")

    def __call__(self, *arguments: str) -> Any:
        """Run a command; its JSON, or None where it prints nothing. Raises AssertionError if it fails."""
        text = self.printed(*arguments)
        return json.loads(text) if text.strip() else None

    def printed(self, *arguments: str) -> str:
        """Run a command; what it prints. Raises AssertionError if it fails."""
        ran = self._run(arguments)
        assert ran.returncode == 0, f"az {' '.join(arguments)}\n{ran.stderr}"
        return ran.stdout

    def refused(self, *arguments: str) -> str:
        """Run a command that must fail; what it says. Raises AssertionError if it does not fail."""
        ran = self._run(arguments)
        assert ran.returncode != 0, f"az {' '.join(arguments)}\n{ran.stdout}"
        return ran.stderr

    def _run(self, arguments: tuple[str, ...]) -> subprocess.CompletedProcess[str]:
        command = [self._executable, *arguments]
        return subprocess.run(
            command, env=self._environment, capture_output=True, text=True, timeout=LIMIT, check=False
        )
