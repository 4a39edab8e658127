"""The request quotas of Azure, as its answers tell what is left of them (azure-facts.md, 3)."""

from __future__ import annotations

import math
import re
from collections.abc import Callable
from dataclasses import dataclass

from remediate.sandbox.refusal import Refusal, arm

LEFT = "x-ms-ratelimit-remaining-subscription-"
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

    def take(self, now: float) -> bool:
        """Take one request at a second; False where there is none."""
        self.left, self.at = min(self.size, self.left + (now - self.at) * self.rate), now
        granted = self.left >= 1
        self.left -= granted
        return granted

    @property
    def wait(self) -> int:
        """In how many seconds there is a request again."""
        return max(1, math.ceil((1 - self.left) / self.rate))


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
    """What is left to the caller in a subscription. `now` is the simulated time in seconds."""

    def __init__(self, now: Callable[[], float], buckets: dict[str, Bucket] | None = None) -> None:
        self._now = now
        self._buckets = buckets or _buckets()

    def reset(self) -> None:
        """All of it is there again."""
        for bucket in self._buckets.values():
            bucket.left = bucket.size

    def take(self, method: str, path: str, mutating: bool) -> tuple[Refusal | None, dict[str, str]]:
        """Count a request: the 429 if a quota is used up, and the headers that say what is left.

        A request that is about no subscription counts for nothing and gets no headers.
        """
        if not path.casefold().startswith("/subscriptions"):
            return None, {}
        names, now = _counted(method, path, mutating), self._now()
        spent = [name for name in names if not self._buckets[name].take(now)]
        left = {f"{LEFT}{one}": str(int(self._buckets[one].left)) for one in names}
        refused = _throttled(path, spent[0], self._buckets[spent[0]].wait) if spent else None
        return refused, left


def _throttled(path: str, bucket: str, seconds: int) -> Refusal:
    """429 of Resource Manager, or of Microsoft.Web for the writes that it counts itself."""
    subscription = path.strip("/").partition("/")[2].partition("/")[0]
    return arm(
        429,
        "ResourceRequestsThrottled" if bucket == "resource-requests" else "SubscriptionRequestsThrottled",
        f"Number of '{bucket}' requests for subscription '{subscription}' exceeded. Please try "
        f"again after '{seconds}' seconds after additional tokens are available.",
        {"Retry-After": str(seconds)},
    )


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
