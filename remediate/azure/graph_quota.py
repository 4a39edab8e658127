"""Resource Graph's quota for each user: its answers say what is left, and no query is sent without.

15 queries in 5 seconds; `x-ms-user-quota-remaining` and `x-ms-user-quota-resets-after` (azure-facts.md, 3).
"""

from __future__ import annotations

import threading
from collections.abc import Mapping
from typing import Any
from urllib.parse import urlsplit

from azure.core.pipeline import PipelineRequest, PipelineResponse, policies

from remediate.azure.clock import Clock
from remediate.azure.deadline import current_deadline

QUERY_PATH = "/providers/microsoft.resourcegraph/resources"
LEFT, RESETS_AFTER = "x-ms-user-quota-remaining", "x-ms-user-quota-resets-after"
WINDOW = 5.0
"""Seconds, where the answer does not say after how many the quota is there again."""
LONGEST = 60.0
"""Seconds that are waited at the most, whatever the answer says."""


def is_query(request: Any) -> bool:
    """Whether a request asks Resource Graph."""
    path: str = urlsplit(request.url).path
    return bool(request.method == "POST" and path.casefold() == QUERY_PATH)


class WithinGraphQuota(policies.SansIOHTTPPolicy[Any, Any]):
    """Lets a query wait until the quota is there again, where the last answer said that none is left.

    Queries side by side can still be too many: they are answered 429, and are retried like every read.
    """

    def __init__(self, clock: Clock) -> None:
        super().__init__()
        self._clock = clock
        self._lock = threading.Lock()
        self._free_from = 0.0

    def on_request(self, request: PipelineRequest[Any]) -> None:
        """Let a query wait until the quota is there again, or the deadline is near."""
        if is_query(request.http_request):
            self._wait()

    def on_response(self, request: PipelineRequest[Any], response: PipelineResponse[Any, Any]) -> None:
        """Keep what the answer to a query says about the quota."""
        if is_query(request.http_request):
            self._note(response.http_response.headers)

    def _wait(self) -> None:
        with self._lock:
            pause = self._free_from - self._clock.monotonic()
        deadline = current_deadline()
        if pause > 0:
            self._clock.sleep(pause if deadline is None else min(pause, deadline.left))

    def _note(self, headers: Mapping[str, str]) -> None:
        if headers.get(LEFT) == "0":
            with self._lock:
                self._free_from = self._clock.monotonic() + _seconds(headers.get(RESETS_AFTER, ""))


def _seconds(text: str) -> float:
    """`00:00:05` as seconds."""
    try:
        hours, minutes, seconds = (float(part) for part in text.split(":"))
    except ValueError:
        return WINDOW
    return min(max(hours * 3600 + minutes * 60 + seconds, 0.0), LONGEST)
