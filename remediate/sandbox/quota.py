"""The request quotas of Azure, as its answers tell what is left of them (azure-facts.md, 3)."""

from __future__ import annotations

import math
import re
from collections.abc import Callable
from dataclasses import dataclass

SITE = re.compile(r"/providers/Microsoft\.Web/sites/[^/]+(/slots/[^/]+)?/?$", re.IGNORECASE)
"""The paths whose writes are counted by Microsoft.Web itself."""


@dataclass
class Bucket:
    """A quota of `size` requests, of which `rate` come back every second. What is left is `left` at `at`."""

    size: float
    rate: float
    left: float = 0.0
    at: float = 0.0

    def __post_init__(self) -> None:
        self.left = self.size

    def take(self, now: float) -> int:
        """Take one request at a second; returns how many are left, never less than none."""
        refilled = min(self.size, self.left + (now - self.at) * self.rate)
        self.left, self.at = max(0.0, refilled - 1), now
        return int(self.left)


def _buckets() -> dict[str, Bucket]:
    """Sizes as recorded in July 2025; how fast they fill again is documented for the older ones only [?]."""
    return {
        "global-reads": Bucket(16500, 25),
        "resource-requests": Bucket(201, 10),
        "writes": Bucket(800, 10),
        "global-writes": Bucket(12000, 10),
        "deletes": Bucket(800, 10),
        "global-deletes": Bucket(12000, 10),
    }


class RateLimits:
    """What is left to the caller; nothing is refused for it. `now` is the simulated time in seconds."""

    def __init__(self, now: Callable[[], float]) -> None:
        self._now = now
        self._buckets = _buckets()

    def reset(self) -> None:
        """All of it is there again."""
        self._buckets = _buckets()

    def headers(self, method: str, path: str, mutating: bool) -> dict[str, str]:
        """Count a request, and say what is left; nothing for one that is about no subscription."""
        if not path.casefold().startswith("/subscriptions"):
            return {}
        now, names = self._now(), _counted(method, path, mutating)
        return {
            f"x-ms-ratelimit-remaining-subscription-{name}": str(self._buckets[name].take(now))
            for name in names
        }


def _counted(method: str, path: str, mutating: bool) -> tuple[str, ...]:
    if not mutating:
        return ("global-reads",)
    if method == "DELETE":
        return ("deletes", "global-deletes")
    return ("resource-requests",) if SITE.search(path) else ("writes", "global-writes")


class GraphQuota:
    """Queries to Resource Graph: so many within a window, which the first of them opens.

    15 in 5 seconds for each user (azure-facts.md, 3); `now` is the simulated time in seconds.
    """

    SIZE = 15
    WINDOW = 5.0

    def __init__(self, now: Callable[[], float]) -> None:
        self._now = now
        self.reset()

    def reset(self) -> None:
        """Nobody has asked anything yet."""
        self._began, self._used = -math.inf, 0

    def take(self) -> tuple[bool, dict[str, str]]:
        """Whether a query is let through, and the headers that its answer has in any case."""
        now = self._now()
        if now - self._began >= self.WINDOW:
            self._began, self._used = now, 0
        granted = self._used < self.SIZE
        self._used += granted
        left, resets = self.SIZE - self._used, math.ceil(self._began + self.WINDOW - now)
        headers = {
            "x-ms-user-quota-remaining": str(left),
            "x-ms-user-quota-resets-after": f"00:00:{resets:02}",
            "x-ms-ratelimit-remaining-tenant-resource-requests": str(left),
        }
        return granted, headers if granted else {**headers, "Retry-After": str(resets)}
