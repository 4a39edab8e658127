"""What sends a request once: its time limits, and the name of whatever keeps the answer away."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlsplit

from azure.core.exceptions import ClientAuthenticationError, ServiceRequestError, ServiceResponseError
from azure.core.pipeline.transport import RequestsTransport

from remediate.azure.clock import Clock, SystemClock
from remediate.azure.deadline import current_deadline, current_silence
from remediate.azure.network_failure import FINAL, NetworkFailure, diagnose, page
from remediate.errors import RemediateError

CONNECT_TIMEOUT = 15.0
READ_TIMEOUT = 120.0
"""Seconds; disconnects of 53 s were recorded, and ARM's own gateway gives up after 60 (azure-facts.md, 2)."""
LEAST_TIMEOUT = 1.0
"""Real seconds that a request which may begin is given: less would take a busy machine for a silent Azure."""
LONGEST_SLEEP = 120.0
"""Seconds; a Retry-After of a day must not keep an app without its network for a day."""
SILENT_AGAIN = 3.0
"""Real seconds for a host that did not answer for a whole read just before, while nothing is changed."""
IMDS = "169.254.169.254"
"""Where a machine in Azure asks for its identity: an address of the machine, which no proxy leads to."""
IMDS_TIMEOUT = 5.0


class NoToken(ClientAuthenticationError):
    """No token was given. `why` is a NotSignedIn, or the RequestFailed of a network that is broken."""

    def __init__(self, why: RemediateError) -> None:
        super().__init__(str(why))
        self.why = why


class NotReached(ServiceRequestError):
    """A request that nobody answered, perhaps because it did not arrive. `again` is whether to repeat it."""

    def __init__(self, failure: NetworkFailure, error: Exception, *, again: bool = True) -> None:
        super().__init__(failure.summary, error=error)
        self.failure = failure
        self.again = again and failure.reason not in FINAL


class AnswerLost(ServiceResponseError):
    """A request that arrived, and whose answer did not come, or not whole."""

    def __init__(self, failure: NetworkFailure, error: Exception, *, again: bool = True) -> None:
        super().__init__(failure.summary, error=error)
        self.failure = failure
        self.again = again and failure.reason not in FINAL


def is_final(error: Exception) -> bool:
    """Whether the same request would meet the same again."""
    return isinstance(error, NotReached | AnswerLost) and not error.again


def _named(error: ServiceRequestError | ServiceResponseError, url: str, *, again: bool) -> Exception:
    kind = NotReached if isinstance(error, ServiceRequestError) else AnswerLost
    return kind(diagnose(error, url), error, again=again)


class BoundedTransport(RequestsTransport):  # type: ignore[misc]
    """Sends with socket timeouts that end with the deadline in force."""

    def __init__(self) -> None:
        super().__init__(connection_timeout=CONNECT_TIMEOUT, read_timeout=READ_TIMEOUT)
        self._given_up: set[str] = set()

    def send(self, request: Any, **options: Any) -> Any:
        """Send one request once. Raises NotReached and AnswerLost, which name what kept the answer away."""
        deadline, silence, host = current_deadline(), current_silence(), urlsplit(request.url).netloc
        if deadline is not None:
            _limit(options, max(deadline.real_seconds_left, LEAST_TIMEOUT))
        if silence is not None:
            patience = SILENT_AGAIN if host in self._given_up else silence.real_seconds_left
            _limit(options, max(patience, LEAST_TIMEOUT))
        try:
            answer = super().send(request, **options)
        except (ServiceRequestError, ServiceResponseError) as error:
            given_up = silence is not None and host in self._given_up
            if silence is not None:
                silence.unheard()
                if silence.passed:
                    self._given_up.add(host)
            raise _named(error, request.url, again=not given_up) from error
        self._given_up.discard(host)
        if silence is not None:
            silence.heard()
        return answer


class ClockedTransport(BoundedTransport):
    """The same, for Resource Manager; azure-core's pauses use the clock."""

    def __init__(self, clock: Clock) -> None:
        super().__init__()
        self._clock = clock

    def sleep(self, duration: float) -> None:
        """Let seconds pass, but none after the deadline."""
        deadline = current_deadline()
        longest = LONGEST_SLEEP if deadline is None else min(LONGEST_SLEEP, deadline.left)
        self._clock.sleep(min(duration, longest))
        if (silence := current_silence()) is not None:
            silence.paused()


class SignInTransport(RequestsTransport):  # type: ignore[misc]
    """Sends what signs us in, within the deadline in force, and keeps what was wrong on the way.

    With `only`, for an authority that an ARM endpoint named, no secret goes anywhere else, wherever its own
    discovery document may point. Managed identities are asked by GET or without TLS, on this machine, and are
    sent no secret.
    """

    def __init__(self, authority: str, *, only: bool) -> None:
        super().__init__(connection_timeout=CONNECT_TIMEOUT, read_timeout=READ_TIMEOUT)
        self._authority = urlsplit(authority).netloc.casefold()
        self._only = only
        self.failure: NetworkFailure | None = None
        """What kept the last answer of the authority away; None after one that came."""

    def send(self, request: Any, **options: Any) -> Any:
        """Send a request. Raises ClientAuthenticationError for one that would take a secret elsewhere."""
        url = urlsplit(request.url)
        host = url.netloc.casefold()
        if self._only and request.method == "POST" and url.scheme == "https" and host != self._authority:
            elsewhere = f"https://{url.netloc}"
            raise ClientAuthenticationError(f"a token endpoint at {elsewhere} was not asked for a token")
        deadline = current_deadline()
        if deadline is not None:
            _limit(options, max(deadline.real_seconds_left, LEAST_TIMEOUT))
        if url.hostname == IMDS:
            _limit(options, IMDS_TIMEOUT)
            return super().send(request, proxies={"http": None, "https": None}, **options)
        return self._send(request, **options)

    def _send(self, request: Any, **options: Any) -> Any:
        deadline = current_deadline()
        if self.failure is not None and deadline is not None and deadline.passed:
            raise ServiceRequestError(self.failure.summary)
        try:
            answer = super().send(request, **options)
        except (ServiceRequestError, ServiceResponseError) as error:
            self.failure = diagnose(error, request.url)
            raise ServiceRequestError(self.failure.summary, error=error) from error
        is_page = "html" in answer.headers.get("Content-Type", "")
        self.failure = page(answer.text(), request.url) if is_page else None
        return answer

    def sleep(self, duration: float) -> None:
        """Pause between two tries, but not for what the next one would meet again."""
        deadline = current_deadline()
        if self.failure is not None and self.failure.reason in FINAL:
            return
        SystemClock().sleep(duration if deadline is None else min(duration, deadline.left))


def _limit(options: dict[str, Any], seconds: float) -> None:
    """Let neither the connection nor the answer take longer than so many real seconds."""
    for name, limit in (("connection_timeout", CONNECT_TIMEOUT), ("read_timeout", READ_TIMEOUT)):
        options[name] = min(options.get(name, limit), seconds)
