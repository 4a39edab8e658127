"""The log of requests that GET /_sandbox/requests shows."""

from __future__ import annotations

import re
import time
from dataclasses import asdict, dataclass
from typing import Any

READING_POSTS = re.compile(
    r"/(resources|validateMoveResources|tcpPingCheck|token|list|listkeys|publishxml)/?$",
    re.IGNORECASE,
)
"""Ends of the paths whose POST changes nothing."""
GRAPH = re.compile(r"^/providers/Microsoft\.ResourceGraph/resources/?$", re.IGNORECASE)
"""The path of queries: reads whose body says what is asked."""
COMMAND = re.compile(r"/extensions/api/command/?$", re.IGNORECASE)
READING_COMMANDS = re.compile(r"(echo|tcpping) [A-Za-z0-9%_.: -]+")
"""What Kudu may be told that changes nothing; whatever else it is told may."""


@dataclass
class Entry:
    """One request. `at` is its arrival and `seconds` its length, by the clock on the wall.

    `status` is None while it is under way, and for good where the connection was dropped; `body` is what
    a write or a posted question carries.
    """

    n: int
    at: float
    method: str
    path: str
    mutating: bool
    status: int | None = None
    body: Any = None
    seconds: float | None = None


class RequestLog:
    """Every request so far, in the order of arrival."""

    def __init__(self) -> None:
        self.entries: list[Entry] = []

    def open(self, method: str, path: str, body: Any) -> Entry:
        """Note a request that has arrived; `path` includes the query string."""
        mutating = is_mutating(method, path.partition("?")[0], body)
        kept = body if mutating or isinstance(body, dict) else None  # a form holds a secret
        entry = Entry(len(self.entries) + 1, time.time(), method, path, mutating, body=kept)
        self.entries.append(entry)
        return entry

    def close(self, entry: Entry, status: int | None) -> None:
        """Note how a request ended."""
        entry.status = status
        entry.seconds = time.time() - entry.at

    def as_json(self) -> list[dict[str, Any]]:
        """The log as plain data; a read that carries nothing has no `body`."""
        return [_plain(one) for one in self.entries]


def _plain(entry: Entry) -> dict[str, Any]:
    shown = entry.mutating or entry.body is not None
    return {name: value for name, value in asdict(entry).items() if name != "body" or shown}


def is_mutating(method: str, path: str, body: Any = None) -> bool:
    """Whether a request changes anything: reads that go through POST do not."""
    if method == "POST" and COMMAND.search(path):
        command = body.get("command") if isinstance(body, dict) else None
        return not (isinstance(command, str) and READING_COMMANDS.fullmatch(command))
    if method == "POST":
        return READING_POSTS.search(path) is None
    return method in ("PUT", "PATCH", "DELETE")
