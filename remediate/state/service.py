"""One call to the blob service: how long it may take, how often it is tried, how its errors are told."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any, TypeVar

from azure.core.exceptions import (
    AzureError,
    ClientAuthenticationError,
    HttpResponseError,
    ServiceRequestError,
    ServiceResponseError,
)
from azure.storage.blob import BlobClient
from tenacity import Retrying, retry_if_exception, stop_after_attempt, stop_after_delay, wait_exponential

from remediate.state.store import LockHeld, StoreError

Result = TypeVar("Result")

CALL_LIMIT = 8.0
"""Seconds that one call may take with its repetitions: an app may be without its network meanwhile.
Like every time in this room they are the machine's own, for the service is real beside a sandbox too."""
ANSWER_LIMIT = 4.0
"""Seconds to wait for one answer."""
SHORT_LIMIT = 2.0
"""The same while the service is not answering: then each call is tried once, and the run goes on without."""
_ROLE = "the role Storage Blob Data Contributor on the container is needed, or with a key the right key"


class Service:
    """The calls of one process, which remember whether the service answered last."""

    def __init__(self) -> None:
        self._failing = False

    def call(self, request: Callable[..., Result]) -> Result:
        """Call until there is an answer, and return it. Raises the AzureError that was last.

        `request` is an SDK method that takes the options of a call; the SDK's own retries are off.
        A request may be carried out twice, where its first answer got lost.
        """
        seconds = SHORT_LIMIT if self._failing else ANSWER_LIMIT
        stop = stop_after_attempt(1) if self._failing else stop_after_delay(CALL_LIMIT)
        wait = wait_exponential(multiplier=0.2, max=2)
        retrying = Retrying(stop=stop, wait=wait, retry=retry_if_exception(is_transient), reraise=True)
        try:
            result = retrying(lambda: request(**_limits(seconds)))
        except AzureError as error:
            self._failing = is_transient(error)
            raise
        self._failing = False
        return result

    def content(self, blob: BlobClient, start: int | None = None) -> bytes:
        """The bytes of a blob, from a place on. Raises AzureError."""

        def download(**limits: Any) -> bytes:
            content: bytes = blob.download_blob(offset=start, **limits).readall()
            return content

        return self.call(download)

    def once(self, request: Callable[..., Result]) -> Result:
        """The same, tried once, and without consequence for other calls."""
        return request(**_limits(SHORT_LIMIT))


def _limits(seconds: float) -> dict[str, Any]:
    return {"connection_timeout": seconds, "read_timeout": seconds, "retry_total": 0}


def is_transient(error: BaseException) -> bool:
    """Whether the same request may go through a moment later: no answer, a busy or a broken service."""
    if isinstance(error, ServiceRequestError | ServiceResponseError):
        return True
    status = error.status_code if isinstance(error, HttpResponseError) else None
    return status is not None and (status >= 500 or status in (408, 429))


def error_code(error: Exception) -> str:
    """The service's own word for an error, such as BlobNotFound; nothing where there was no answer."""
    word = getattr(error, "error_code", None)
    return str(getattr(word, "value", word) or "")  # the SDK has an enumeration of those that it knows


@contextmanager
def store_errors(what: str) -> Iterator[None]:
    """Within, whatever goes wrong is a StoreError that says what could not be done, and why.

    Whatever: an app may be without its network, and no answer of the service may end the run.
    """
    try:
        yield
    except (StoreError, LockHeld):
        raise
    except Exception as error:
        raise StoreError(f"{what}: {_reason(error)}") from error


def _reason(error: Exception) -> str:
    first = (str(error).splitlines() or [type(error).__name__])[0][:300]
    status = error.status_code if isinstance(error, HttpResponseError) else None
    if error_code(error) == "ContainerNotFound":
        return "there is no such container; it has to be created first"
    if isinstance(error, ClientAuthenticationError) and status is None:
        return f"not signed in: {first}"
    if status is None:
        return f"no answer: {first}" if is_transient(error) else f"an answer that cannot be read: {first}"
    answer = " ".join(part for part in (str(status), error_code(error)) if part)
    return f"{answer}: {_ROLE}" if status in (401, 403) else f"{answer}: {first}"
