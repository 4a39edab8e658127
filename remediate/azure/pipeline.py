"""The path of every request: what may go out, to whom, and how often it is tried.

The list of policies is our own, and shorter than the SDK's: nothing registers resource providers or
follows redirects behind the operator's back.
"""

from __future__ import annotations

import json
import logging
import threading
from typing import Any
from urllib.parse import urlsplit

from azure.core.credentials import TokenCredential
from azure.core.exceptions import ServiceRequestTimeoutError
from azure.core.pipeline import PipelineRequest, PipelineResponse, policies
from azure.mgmt.core.policies import ARMChallengeAuthenticationPolicy, ARMHttpLoggingPolicy

from remediate import __version__
from remediate.azure.clock import Clock
from remediate.azure.cloud import Cloud
from remediate.azure.deadline import bounded_by, current_deadline, listening, read_deadline
from remediate.azure.graph_quota import WithinGraphQuota, is_query
from remediate.azure.kudu import changes_nothing
from remediate.azure.network_failure import called
from remediate.azure.outstanding import OUTSTANDING
from remediate.azure.read_retries import ReadRetries
from remediate.model import Request, Requests
from remediate.model.failure import RequestFailed

_LOG = logging.getLogger("remediate.requests")
_READS = ("GET", "HEAD", "OPTIONS")


class UnplannedWrite(RequestFailed):
    """A write was about to go out that no plan announced. Nothing was sent."""

    def __init__(self, what: str) -> None:
        super().__init__("refused", f"{what} was not planned, and was not sent")


class Meter(policies.SansIOHTTPPolicy[Any, Any]):
    """Counts what really goes out, retries included."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._reads = self._writes = 0

    def on_request(self, request: PipelineRequest[Any]) -> None:
        """Count one."""
        with self._lock:
            if is_read(request.http_request):
                self._reads += 1
            else:
                self._writes += 1

    def on_response(self, request: PipelineRequest[Any], response: PipelineResponse[Any, Any]) -> None:
        """Name the request for `-v`; ids and api-versions are all that a path holds."""
        asked, status = request.http_request, response.http_response.status_code
        _LOG.info("%s %s -> %s", asked.method, urlsplit(asked.url).path, status)

    @property
    def count(self) -> Requests:
        """How many went out so far."""
        with self._lock:
            return Requests(self._reads, self._writes)


class OnlyPlannedWrites(policies.SansIOHTTPPolicy[Any, Any]):
    """Lets a write pass only with the planned request that it is, to the letter."""

    def on_request(self, request: PipelineRequest[Any]) -> None:
        """Compare method, path and body. Raises UnplannedWrite."""
        planned: Request | None = request.context.options.pop("planned", None)
        if is_read(request.http_request):
            return
        if planned is None or not _same(request.http_request, planned):
            method, path = request.http_request.method, urlsplit(request.http_request.url).path
            raise UnplannedWrite(f"{method} {path}")


class OnlyThisHost(policies.SansIOHTTPPolicy[Any, Any]):
    """Keeps the token at home: a nextLink or polling address that leads elsewhere is an error."""

    def __init__(self, cloud: Cloud) -> None:
        self._host = cloud.host

    def on_request(self, request: PipelineRequest[Any]) -> None:
        """Refuse any other host or scheme, before the token is attached. Raises RequestFailed."""
        url = urlsplit(request.http_request.url)
        if url.scheme != "https" or url.netloc.casefold() != self._host:
            elsewhere = f"{url.scheme}://{url.netloc}"
            raise RequestFailed("unreadable", f"an address that leads to {elsewhere} was not followed")


class WithinDeadline(policies.HTTPPolicy[Any, Any]):
    """Lets no request begin after the deadline in force, and gives each read a deadline of its own."""

    def __init__(self, clock: Clock) -> None:
        super().__init__()
        self._clock = clock

    def send(self, request: PipelineRequest[Any]) -> PipelineResponse[Any, Any]:
        """Send a request with all its retries. Raises ServiceRequestTimeoutError for one that is too late."""
        deadline = current_deadline()
        if deadline is not None and deadline.passed:
            raise ServiceRequestTimeoutError("the time for this wait was over; the request was not sent")
        if not is_read(request.http_request):
            return self.next.send(request)
        whom = called(request.http_request.url)
        with OUTSTANDING.waiting(whom), bounded_by(read_deadline(self._clock)), listening(self._clock):
            return self.next.send(request)


def build(cloud: Cloud, credential: TokenCredential, meter: Meter, clock: Clock) -> list[Any]:
    """The policies of one client, outermost first. Retries are for reads; a write passes once."""
    return [
        policies.RequestIdPolicy(),
        policies.HeadersPolicy(),
        policies.UserAgentPolicy(base_user_agent=f"vnet-remediate/{__version__}"),
        policies.ProxyPolicy(),
        policies.ContentDecodePolicy(),
        OnlyPlannedWrites(),
        WithinDeadline(clock),
        ReadRetries(
            retry_total=6,
            retry_status=6,
            retry_backoff_factor=0.8,
            retry_backoff_max=30,
            retry_on_methods=_READS,
        ),
        WithinGraphQuota(clock),
        OnlyThisHost(cloud),
        ARMChallengeAuthenticationPolicy(credential, f"{cloud.audience}/.default"),
        meter,
        policies.CustomHookPolicy(),
        ARMHttpLoggingPolicy(),
    ]


def is_read(request: Any) -> bool:
    """Whether a request changes nothing: GET and the like, and questions that are posted."""
    if request.method in _READS:
        return True
    if request.method != "POST":
        return False
    path = urlsplit(request.url).path
    return is_query(request) or changes_nothing(path, _sent(request))


def _same(request: Any, planned: Request) -> bool:
    url = urlsplit(request.url)
    path = f"{url.path}?{url.query}" if url.query else url.path
    return bool(request.method == planned.method and path == planned.path and _sent(request) == planned.body)


def _sent(request: Any) -> Any:
    """The JSON that a request carries."""
    body = request.content if hasattr(request, "content") else request.data
    return json.loads(body) if body else None
