"""A sandbox in a process of its own, and the commands that are run against it."""

from __future__ import annotations

import contextlib
import json
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import requests

REMEDIATE = (sys.executable, "-m", "remediate")
START_LIMIT = 15.0
"""Seconds after which a sandbox that is not ready has failed."""


class Server:
    """A sandbox in a process of its own."""

    def __init__(self, environment: Mapping[str, str]) -> None:
        self.environment = environment
        self._url = f"{environment['REMEDIATE_ARM_ENDPOINT']}/_sandbox"
        self._bundle = environment["REQUESTS_CA_BUNDLE"]

    def reset(self) -> None:
        """The world as in the beginning, and an empty log."""
        requests.post(f"{self._url}/reset", verify=self._bundle, timeout=30).raise_for_status()

    def log(self) -> list[dict[str, Any]]:
        """Every request since the reset."""
        answer = requests.get(f"{self._url}/requests", verify=self._bundle, timeout=30)
        entries: list[dict[str, Any]] = answer.json()
        return entries


@contextlib.contextmanager
def served(folder: Path, scenario: str, speed: int) -> Iterator[Server]:
    """A served sandbox. Raises TimeoutError if it does not get ready."""
    ready = folder / f"ready-{scenario}-{speed}.json"
    command = [*REMEDIATE, "sandbox", "serve", scenario, "--speed", str(speed), "--ready-file", str(ready)]
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        deadline = time.monotonic() + START_LIMIT
        while not ready.exists():
            if process.poll() is not None or time.monotonic() > deadline:
                raise TimeoutError("the sandbox did not get ready")
            time.sleep(0.05)
        yield Server(json.loads(ready.read_text(encoding="utf-8")))
    finally:
        process.terminate()
        process.wait()


def run(command: Sequence[str], environment: Mapping[str, str] | None = None) -> str:
    """Run a command to its end, and return its stdout. Raises CalledProcessError if it fails."""
    return subprocess.run(command, env=environment, capture_output=True, check=True, text=True).stdout
