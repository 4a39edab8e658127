"""A world as the commands see it, to compare it with its capture."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

from tests.conftest import APP, PLAN, SUBNET, Ran

Remediate = Callable[..., Ran]
COMMANDS: tuple[tuple[str, ...], ...] = (
    ("verify", APP),
    ("guard", APP),
    ("guard", PLAN),
    ("guard", SUBNET),
    ("reconnect", APP, "--dry-run"),
)
WITH_SUBNET: tuple[tuple[str, ...], ...] = (
    ("verify", APP, "--subnet", SUBNET),
    ("reconnect", APP, "--dry-run", "--subnet", SUBNET),
    ("purge", SUBNET, "--dry-run"),
)


def seen(remediate: Remediate, source: str, commands: tuple[tuple[str, ...], ...]) -> list[Any]:
    """What each command says and would do in the world of a scenario or a file."""
    return [_said(command, remediate(*command, "--sandbox", source, "-o", "json")) for command in commands]


def _said(command: tuple[str, ...], ran: Ran) -> Any:
    """Exit code, findings by code and title, who holds what, and the planned writes."""
    document = ran.document
    findings = document.get("findings", document.get("findings_before", []))
    return {
        "command": command,
        "exit": ran.code,
        "error": document.get("code"),
        "findings": sorted((one["code"], one["severity"], one["title"]) for one in findings),
        "safe": document.get("safe"),
        "healthy": document.get("healthy"),
        "holders": [(one["id"].casefold(), one["kind"]) for one in document.get("holders", [])],
        "writes": [(one["do"], _request(one["request"])) for one in document.get("steps", [])],
    }


def _request(request: Any) -> Any:
    """A planned write but for the etag, which is another one in every world."""
    if request is None:
        return None
    return {name: value for name, value in request.items() if name != "headers"}


def captured(remediate: Remediate, source: str, file: Path, *arguments: str) -> Path:
    """The world of a scenario or a file, captured into another file."""
    ran = remediate("sandbox", "capture", APP, "--sandbox", source, "--file", str(file), *arguments)
    assert ran.code == 0, ran.err
    return file
